import { type Phrase, phrasesOf } from './words.ts';

/** The kinds of modules that are known here, in the order in which they are preferred when nothing else decides. */
export const families = ['tracker', 'reminder', 'checklist', 'counter', 'monitor', 'converter', 'journal'] as const;

/** One of {@link families}. */
export type Family = (typeof families)[number];

/** A phrase that speaks for a family, and how loudly. */
export interface Hint {
  family: Family;
  phrase: Phrase;
  weight: number;
}

const hintsOf = (family: Family, weight: number, phrases: string): Hint[] =>
  phrasesOf(phrases).map((phrase) => ({ family, phrase, weight }));

/** What speaks for which family, in both languages; Polish is written without its marks. */
export const hints: readonly Hint[] = [
  ...hintsOf('tracker', 3, 'track*, tracker, keep track, sledz*, sledzic, mierz*, measure*'),
  ...hintsOf('tracker', 2, 'how much, intake, log how, ile, zuzyci*, spozyci*, record my, log my, loguj*'),
  ...hintsOf('reminder', 4, 'remind*, przypomn*, przypomin*, nie zapomn*, not forget, t forget, never forget'),
  ...hintsOf('reminder', 1, 'every day at, every morning, every evening, codziennie o, co rano, due, schedule*'),
  ...hintsOf(
    'checklist',
    3,
    'checklist*, check list, to do, todo*, tick off, odhacz*, do zrobienia, lista, liste, listy, lista kontrolna',
  ),
  ...hintsOf('checklist', 2, 'task*, shopping, groceries, packing, zadan*, zakup*, pakowani*, zrobic, list of'),
  ...hintsOf('counter', 4, 'how many times, ile razy, counter, count, counting, licznik*, zlicz*, policz*, tally, increment*'),
  ...hintsOf('counter', 2, 'how many, liczyc, licze, liczy'),
  ...hintsOf('monitor', 4, 'monitor*, keep an eye, pilnuj*, czuwa*, alert*, ostrzez*, ostrzega*, alarm*, uptime'),
  ...hintsOf('monitor', 3, 'watch*, notify*, goes down, is down, powiadom*, przestanie dzialac, nie dziala'),
  ...hintsOf('monitor', 1, 'health, status'),
  ...hintsOf('converter', 4, 'convert*, przelicz*, konwert*, konwers*, zamien*, exchange rate*, kurs walut'),
  ...hintsOf('converter', 1, 'into, exchange*, kurs*, rate*'),
  ...hintsOf('journal', 4, 'journal*, diary, dziennik*, pamietnik*'),
  ...hintsOf('journal', 3, 'note*, notat*, notow*, write down, zapisk*, mysli, thought*, dream*'),
  ...hintsOf('journal', 1, 'write, wpis*, zapisywac, zapisz, entries, entry'),
];

/** Something that needs are about. */
export interface Subject {
  /** Kebab-case, English. */
  name: string;
  label: { en: string; pl: string };
  /** Unit in which it is counted, as the end of a name: `ml` gives `amountMl`. */
  unit?: string;
  phrases: Phrase[];
}

const subject = (name: string, [en, pl, unit]: [string, string, string?], phrases: string): Subject => ({
  name,
  label: { en, pl },
  ...(unit === undefined ? {} : { unit }),
  phrases: phrasesOf(phrases),
});

/** What is known by name; the first that is mentioned in this order wins, so that watering plants is not about water. */
export const subjects: readonly Subject[] = [
  subject('plants', ['plants', 'rośliny'], 'plant*, flowers, roslin*, kwiat*, podlew*'),
  subject('water', ['water', 'woda', 'ml'], 'water, hydration, woda, wody, wode'),
  subject('coffee', ['coffee', 'kawa', 'cups'], 'coffee*, espresso*, kawa, kawy, kawe, kaw, kawie'),
  subject('sleep', ['sleep', 'sen', 'hours'], 'sleep*, slept, sen, snu, spie, spac, spania, wysypiam'),
  subject('weight', ['weight', 'waga', 'kg'], 'weight, weigh, waga, wage, wagi, waze'),
  subject('steps', ['steps', 'kroki', 'steps'], 'step, steps, krok*'),
  subject('expenses', ['expenses', 'wydatki'], 'expense*, spend*, spent, money, budget*, wydat*, wydaje, pieniadz*, budzet*'),
  subject('mood', ['mood', 'nastrój', 'points'], 'mood*, feel, feeling*, nastroj*, humor*, samopoczuci*'),
  subject('calories', ['calories', 'kalorie', 'kcal'], 'calori*, kalori*, kcal'),
  subject('reading', ['reading', 'czytanie', 'pages'], 'reading, read, book*, pages, czyta*, ksiazk*, lektur*'),
  subject('running', ['running', 'bieganie', 'km'], 'running, run, jog*, biega*, biegu, biegi'),
  subject(
    'medicine',
    ['medicine', 'leki', 'doses'],
    'medicin*, medication*, pill*, vitamin*, lek, leki, lekow, lekach, lekami, lekom, tabletk*, witamin*',
  ),
  subject('cigarettes', ['cigarettes', 'papierosy', 'pieces'], 'cigarette*, smok*, papieros*, pale, palenie'),
  subject('push-ups', ['push-ups', 'pompki', 'pieces'], 'push ups, pushup*, pompk*, pompek'),
  subject('dreams', ['dreams', 'sny'], 'dream*, sny, snow, snach'),
  subject('shopping', ['shopping', 'zakupy'], 'shopping, groceries, zakup*'),
  subject('packing', ['packing', 'pakowanie'], 'pack*, pakowa*, spakowa*'),
  subject('tasks', ['tasks', 'zadania'], 'task*, to do, todo*, zadan*, do zrobienia'),
  subject('website', ['website', 'strona internetowa'], 'website*, site*, homepage, web page, strona, strone, strony, witryn*'),
  subject('server', ['server', 'serwer'], 'server*, serwer*, service, services, usluga, uslugi'),
  subject(
    'length',
    ['length', 'długość'],
    'mile*, kilomet*, km, metre*, meter*, feet, foot, inch*, mil, mila, metr*, stop, cal, cali, cale',
  ),
  subject('mass', ['mass', 'masa'], 'pound*, kilogram*, kilo, kg, ounce*, funt*, uncj*'),
  subject('temperature', ['temperature', 'temperatura', 'celsius'], 'temperature*, celsius*, fahrenheit*, temperatur*'),
  subject('currency', ['currencies', 'waluty'], 'currenc*, euro*, eur, dollar*, usd, zloty, pln, walut*, dolar*, zlot*'),
];

/** Units that are told apart in a wish to convert: phrase -> how the unit is written. */
export const units: readonly { phrase: Phrase; unit: string }[] = (
  [
    ['mile*, mil, mila', 'mi'],
    ['kilomet*, km', 'km'],
    ['feet, foot, stop, stopy', 'ft'],
    ['inch*, cal, cale, cali', 'in'],
    ['metre*, meter*, metr*', 'm'],
    ['pound*, funt*', 'lb'],
    ['kilogram*, kilo, kg', 'kg'],
    ['ounce*, uncj*', 'oz'],
    ['celsius*', 'C'],
    ['fahrenheit*', 'F'],
    ['euro*, eur', 'EUR'],
    ['dollar*, dolar*, usd', 'USD'],
    ['zloty, zlot*, pln', 'PLN'],
  ] as const
).flatMap(([phrases, unit]) => phrasesOf(phrases).map((phrase) => ({ phrase, unit })));
