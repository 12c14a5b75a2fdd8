import type { Need } from './need.ts';
import { identifier, list, object, type Outline, type ProposedOperation, removal, text, time } from './proposal.ts';
import type { Family } from './vocabulary.ts';
import type { Locale } from './words.ts';

/** What an outline of one family is made of. */
export interface Material {
  locale: Locale;
  /** What it is about, in the words of the locale. */
  label: string;
  /** End of the names of amounts: `Ml`; empty where there is no unit. */
  unit: string;
  need: Need;
}

/** What a family adds to an outline. */
export type Parts = Pick<Outline, 'title' | 'summary' | 'operations' | 'capabilities' | 'questions'>;

/** The words of the locale. */
const say = ({ locale }: Material, en: string, pl: string): string => (locale === 'pl' ? pl : en);

const period = { from: time, to: time };

const operation = (
  id: string,
  summary: string,
  facts: Pick<ProposedOperation, 'effect' | 'output'> & { takes?: ProposedOperation['input']['properties']; optional?: string[] },
): ProposedOperation => {
  const { takes = {}, optional = [], effect, output } = facts;
  const required = Object.keys(takes).filter((name) => !optional.includes(name));
  return { id, summary, effect, input: { properties: takes, ...(required.length === 0 ? {} : { required }) }, output };
};

const clock = (material: Material): Outline['capabilities'][number] => ({
  kind: 'clock',
  scope: {},
  reason: say(material, 'To know what time it is', 'Żeby znać godzinę'),
});

const tracker = (material: Material): Parts => {
  const { label, unit, need } = material;
  const name = `amount${unit}`;
  const amount = { [name]: { type: 'number', exclusiveMinimum: 0 } };
  const entry = object({ id: identifier, at: time, ...amount });
  return {
    title: say(material, `Tracker: ${label}`, `Śledzenie: ${label}`),
    summary: say(material, `Keeps track of amounts: ${label}.`, `Śledzi ilość: ${label}.`),
    operations: [
      operation('log', say(material, `Records an amount: ${label}.`, `Zapisuje ilość: ${label}.`), {
        effect: 'write',
        takes: { ...amount, at: time },
        optional: ['at'],
        output: entry,
      }),
      operation('entries', say(material, 'Lists what was recorded, newest first.', 'Podaje zapisy, najnowsze najpierw.'), {
        effect: 'read',
        takes: period,
        optional: ['from', 'to'],
        output: list(entry),
      }),
      operation('total', say(material, 'Adds a day up.', 'Sumuje dzień.'), {
        effect: 'read',
        takes: { day: { type: 'string', format: 'date' } },
        optional: ['day'],
        output: object({ [name]: { type: 'number', minimum: 0 }, entries: { type: 'integer', minimum: 0 } }),
      }),
      removal(say(material, 'Takes an entry back.', 'Usuwa zapis.')),
    ],
    capabilities: [clock(material)],
    questions: [
      ...(need.subject?.unit === undefined
        ? [{ id: 'unit', text: say(material, 'In which unit is it counted?', 'W jakiej jednostce to liczyć?') }]
        : []),
      { id: 'goal', text: say(material, 'Is there a goal for each day?', 'Czy jest dzienny cel?'), default: 0 },
    ],
  };
};

const counter = (material: Material): Parts => {
  const count = object({ count: { type: 'integer', minimum: 0 } });
  return {
    title: say(material, `Counter: ${material.label}`, `Licznik: ${material.label}`),
    summary: say(material, `Counts how often: ${material.label}.`, `Liczy, ile razy: ${material.label}.`),
    operations: [
      operation('increment', say(material, 'Counts once more, or several times.', 'Dolicza jeden raz albo kilka.'), {
        effect: 'write',
        takes: { by: { type: 'integer', minimum: 1, maximum: 1_000_000, default: 1 } },
        optional: ['by'],
        output: count,
      }),
      operation('value', say(material, 'Tells the count.', 'Podaje stan licznika.'), { effect: 'read', output: count }),
      operation('reset', say(material, 'Begins again at zero.', 'Zeruje licznik.'), { effect: 'write', output: count }),
    ],
    capabilities: [],
    questions: [
      {
        id: 'restart',
        text: say(material, 'When does it begin again?', 'Kiedy ma zaczynać od zera?'),
        choices: say(material, 'never,every day,every week', 'nigdy,codziennie,co tydzień').split(','),
        default: say(material, 'never', 'nigdy'),
      },
    ],
  };
};

const journal = (material: Material): Parts => {
  const entry = object({ id: identifier, at: time, text });
  return {
    title: say(material, `Journal: ${material.label}`, `Dziennik: ${material.label}`),
    summary: say(material, `Keeps what you write down: ${material.label}.`, `Przechowuje zapiski: ${material.label}.`),
    operations: [
      operation('write', say(material, 'Writes an entry.', 'Dodaje wpis.'), {
        effect: 'write',
        takes: { text, at: time },
        optional: ['at'],
        output: entry,
      }),
      operation('entries', say(material, 'Lists entries, newest first.', 'Podaje wpisy, najnowsze najpierw.'), {
        effect: 'read',
        takes: { ...period, limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } },
        optional: ['from', 'to', 'limit'],
        output: list(entry),
      }),
      operation('search', say(material, 'Finds entries by their words.', 'Szuka wpisów po słowach.'), {
        effect: 'read',
        takes: { words: text },
        output: list(entry),
      }),
      removal(say(material, 'Removes an entry.', 'Usuwa wpis.')),
    ],
    capabilities: [clock(material)],
    questions: [
      { id: 'keep', text: say(material, 'For how many days are entries kept?', 'Ile dni przechowywać wpisy?'), default: 365 },
    ],
  };
};

const checklist = (material: Material): Parts => {
  const item = object({ id: identifier, text, isDone: { type: 'boolean' } });
  return {
    title: say(material, `Checklist: ${material.label}`, `Lista: ${material.label}`),
    summary: say(material, `A list to tick off: ${material.label}.`, `Lista do odhaczania: ${material.label}.`),
    operations: [
      operation('add', say(material, 'Adds an item.', 'Dodaje pozycję.'), { effect: 'write', takes: { text }, output: item }),
      operation('check', say(material, 'Ticks an item off, or opens it again.', 'Odhacza pozycję albo ją przywraca.'), {
        effect: 'write',
        takes: { id: identifier, isDone: { type: 'boolean', default: true } },
        optional: ['isDone'],
        output: item,
      }),
      operation('items', say(material, 'Lists the items.', 'Podaje pozycje.'), {
        effect: 'read',
        takes: { isDone: { type: 'boolean' } },
        optional: ['isDone'],
        output: list(item),
      }),
      removal(say(material, 'Removes an item.', 'Usuwa pozycję.')),
    ],
    capabilities: [],
    questions: [
      {
        id: 'shared',
        text: say(material, 'Do several people use the list?', 'Czy z listy korzysta kilka osób?'),
        choices: say(material, 'no,yes', 'nie,tak').split(','),
        default: say(material, 'no', 'nie'),
      },
    ],
  };
};

const reminder = (material: Material): Parts => {
  const { when } = material.need;
  const every = { enum: ['hour', 'day', 'week'], ...(when.every === undefined ? {} : { default: when.every }) };
  const reminded = object({ id: identifier, text, at: time, every }, ['every']);
  return {
    title: say(material, `Reminder: ${material.label}`, `Przypomnienie: ${material.label}`),
    summary: say(material, `Reminds you: ${material.label}.`, `Przypomina: ${material.label}.`),
    operations: [
      operation('schedule', say(material, 'Sets a reminder.', 'Ustawia przypomnienie.'), {
        effect: 'write',
        takes: { text, at: time, every },
        optional: ['every'],
        output: reminded,
      }),
      operation('due', say(material, 'Lists what is due now.', 'Podaje, o czym teraz przypomnieć.'), {
        effect: 'read',
        output: list(reminded),
      }),
      operation('dismiss', say(material, 'Ends a reminder, or puts it off.', 'Kończy przypomnienie albo je odkłada.'), {
        effect: 'write',
        takes: { id: identifier, until: time },
        optional: ['until'],
        output: reminded,
      }),
    ],
    capabilities: [
      clock(material),
      {
        kind: 'bus',
        scope: { topics: ['reminders.*'] },
        reason: say(material, 'To say that something is due', 'Żeby przypominać'),
      },
    ],
    questions: [
      ...(when.every === undefined
        ? [{ id: 'every', text: say(material, 'How often?', 'Jak często?'), choices: ['hour', 'day', 'week'], default: 'day' }]
        : []),
      ...(when.at === undefined && when.every !== 'hour'
        ? [{ id: 'at', text: say(material, 'At what time?', 'O której?'), default: '09:00' }]
        : []),
    ],
  };
};

const monitor = (material: Material): Parts => {
  const reading = object({ target: text, at: time, value: { type: 'number' }, isGood: { type: 'boolean' } }, ['value']);
  return {
    title: say(material, `Monitor: ${material.label}`, `Czuwanie: ${material.label}`),
    summary: say(material, `Keeps an eye on: ${material.label}.`, `Czuwa: ${material.label}.`),
    operations: [
      operation('check', say(material, 'Looks now.', 'Sprawdza teraz.'), {
        effect: 'write',
        takes: { target: text },
        output: reading,
      }),
      operation('status', say(material, 'Tells the latest of each.', 'Podaje ostatni stan.'), {
        effect: 'read',
        output: list(reading),
      }),
      operation('alerts', say(material, 'Lists what was wrong.', 'Podaje, co było nie tak.'), {
        effect: 'read',
        takes: { since: time },
        optional: ['since'],
        output: list(reading),
      }),
    ],
    capabilities: [
      clock(material),
      {
        kind: 'net.http',
        scope: { hosts: [] },
        reason: say(material, 'To look at what is watched', 'Żeby sprawdzać'),
        asks: 'hosts',
      },
    ],
    questions: [
      { id: 'hosts', text: say(material, 'At which address is it?', 'Pod jakim to jest adresem?') },
      { id: 'minutes', text: say(material, 'Every how many minutes?', 'Co ile minut?'), default: 5 },
      { id: 'bounds', text: say(material, 'What is out of order?', 'Co jest nieprawidłowe?') },
    ],
  };
};

const converter = (material: Material): Parts => {
  const { units, subject } = material.need;
  const [from, to] = units;
  const unit = (known: string | undefined): Record<string, unknown> => ({
    type: 'string',
    minLength: 1,
    maxLength: 20,
    ...(known === undefined ? {} : { default: known }),
  });
  const isMoney = subject?.name === 'currency';
  const rates = say(material, 'To learn the rates of exchange', 'Żeby znać kursy');
  return {
    title: say(material, `Converter: ${material.label}`, `Przelicznik: ${material.label}`),
    summary: say(material, `Converts units: ${material.label}.`, `Przelicza jednostki: ${material.label}.`),
    operations: [
      operation('convert', say(material, 'Converts an amount.', 'Przelicza wartość.'), {
        effect: 'read',
        takes: { amount: { type: 'number' }, from: unit(from), to: unit(to) },
        optional: [...(from === undefined ? [] : ['from']), ...(to === undefined ? [] : ['to'])],
        output: object({ amount: { type: 'number' }, unit: { type: 'string' } }),
      }),
      operation('units', say(material, 'Lists the units it knows.', 'Podaje znane jednostki.'), {
        effect: 'read',
        output: list({ type: 'string' }),
      }),
    ],
    capabilities: isMoney ? [{ kind: 'net.http', scope: { hosts: [] }, reason: rates, asks: 'hosts' }] : [],
    questions: [
      ...(units.length < 2 ? [{ id: 'units', text: say(material, 'Between which units?', 'Między jakimi jednostkami?') }] : []),
      ...(isMoney ? [{ id: 'hosts', text: say(material, 'Who gives the rates?', 'Kto podaje kursy?') }] : []),
      { id: 'digits', text: say(material, 'How many digits after the point?', 'Ile miejsc po przecinku?'), default: 2 },
    ],
  };
};

/** How an outline of each family is made. */
export const makers: ReadonlyMap<Family, (material: Material) => Parts> = new Map([
  ['tracker', tracker],
  ['counter', counter],
  ['journal', journal],
  ['checklist', checklist],
  ['reminder', reminder],
  ['monitor', monitor],
  ['converter', converter],
]);
