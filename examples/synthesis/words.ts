/** Languages in which needs are read and outlines are written. */
export type Locale = 'en' | 'pl';

/** A text taken apart: each word as it was written, and folded for comparing. */
export interface Words {
  written: string[];
  folded: string[];
}

/** Small letters without marks: `Śledzę` and `sledze` are one. */
export const fold = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ł', 'l');

/** The words of a text. Parts of camelCase names are words of their own. */
export const wordsOf = (text: string): Words => {
  const written = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').match(/[\p{L}\p{N}]+/gu) ?? [];
  return { written, folded: written.map(fold) };
};

/** A phrase to look for: folded words, of which `x*` stands for everything that begins with `x`. */
export type Phrase = readonly string[];

/** Phrases from a text: words apart by blanks, phrases by commas. */
export const phrasesOf = (text: string): Phrase[] => text.split(',').map((phrase) => phrase.trim().split(' '));

const fits = (wanted: string, word: string | undefined): boolean =>
  word !== undefined && (wanted.endsWith('*') ? word.startsWith(wanted.slice(0, -1)) : word === wanted);

/** Where a phrase stands among words; -1 when it does not. */
export const placeOf = (phrase: Phrase, { folded }: Words): number =>
  folded.findIndex((_, at) => phrase.every((wanted, offset) => fits(wanted, folded.at(at + offset))));

const polishWords = new Set(
  'chce chcialbym chcialabym pilnuj monitoruj przypomnij przypominaj powiadom policz przelicz zamien sledz mierz ile co jak moj moje moja mi mnie sie zeby kiedy gdy jest czy ze na do i w z o kazdego dzien codziennie'.split(
    ' ',
  ),
);
const englishWords = new Set(
  'i a the my me to of how much many want need would like when every day and in at it is do'.split(' '),
);

/** The language of a sentence: Polish when its letters or more of its small words are. */
export const localeOf = (sentence: string): Locale => {
  if (/[ąćęłńóśźż]/i.test(sentence)) return 'pl';
  const { folded } = wordsOf(sentence);
  const count = (known: ReadonlySet<string>): number => folded.filter((word) => known.has(word)).length;
  return count(polishWords) > count(englishWords) ? 'pl' : 'en';
};

/** Words that say nothing about what a need is about. */
export const emptyWords: ReadonlySet<string> = new Set([
  ...polishWords,
  ...englishWords,
  ...(
    'for with from on about that this which so can could please am are was be been have has had get keep make build create let us our your ' +
    'some any all each per time times new app tool module something thing things simple will not don t daily week weekly month hour hours ' +
    'prosze potrzebuje potrzebna mam miec byc jestem moge mozna zrob stworz zbuduj taki taka takie ktory ktora ktore dla od po za przez ' +
    'sobie swoje swoj swoja moich mojej mojego tego tej te ten ta to razy aplikacja narzedzie modul cos nowy nowa prosty co tydzien godzine ' +
    'dnia dziennie czas rano wieczorem nie a oraz lub jesli jezeli'
  ).split(' '),
]);
