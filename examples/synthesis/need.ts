import { families, type Family, hints, type Subject, subjects, units } from './vocabulary.ts';
import { emptyWords, fold, type Locale, localeOf, placeOf, type Words, wordsOf } from './words.ts';

/** What was understood of a wish. */
export interface Need {
  locale: Locale;
  /** Families that something speaks for, the loudest first; families that are equally loud in the order of {@link families}. */
  scores: { family: Family; score: number }[];
  /** The phrases that told, as they stand in the text. */
  evidence: string[];
  /** Undefined when the wish does not say what it is about. */
  subject: Omit<Subject, 'phrases'> | undefined;
  /** Units to convert from and to, as far as they were named. */
  units: string[];
  /** When to be reminded, as far as it was said. */
  when: { every?: 'hour' | 'day' | 'week'; at?: string };
}

/** An interface that a module is to be made for. */
export interface InterfaceSummary {
  name: string;
  title?: string;
  operations: { id: string; summary?: string; effect?: 'read' | 'write' | 'delete' }[];
}

/** Words of an unknown subject that become its name. */
const mostSubjectWords = 3;

interface Found {
  family: Family;
  weight: number;
  at: number;
  text: string;
}

/** What speaks for families, where the same words speak only once for each. */
const foundIn = (words: Words): Found[] =>
  families.flatMap((family) => {
    const taken = new Set<number>();
    const own = hints.filter((hint) => hint.family === family).toSorted((a, b) => b.weight - a.weight);
    return own.flatMap(({ phrase, weight }) => {
      const at = placeOf(phrase, words);
      const places = phrase.map((_, offset) => at + offset);
      if (at < 0 || places.some((place) => taken.has(place))) return [];
      for (const place of places) taken.add(place);
      return [{ family, weight, at, text: words.written.slice(at, at + phrase.length).join(' ') }];
    });
  });

const scoresOf = (found: readonly Found[]): Need['scores'] =>
  families
    .map((family) => ({
      family,
      score: found.filter((each) => each.family === family).reduce((sum, { weight }) => sum + weight, 0),
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);

/** The words behind what told the family that mean something, as a subject. */
const unknownSubject = (words: Words, found: readonly Found[]): Need['subject'] => {
  const told = new Set(found.flatMap(({ at, text }) => text.split(' ').map((_, offset) => at + offset)));
  const rest = words.written.filter((_, at) => !told.has(at) && !emptyWords.has(words.folded.at(at) ?? ''));
  const label = rest.slice(0, mostSubjectWords).join(' ').toLowerCase();
  const name = fold(label)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-$/g, '');
  return name === '' ? undefined : { name: name.slice(0, 40), label: { en: label, pl: label } };
};

const knownSubject = (words: Words): Need['subject'] => {
  const known = subjects.find(({ phrases }) => phrases.some((phrase) => placeOf(phrase, words) >= 0));
  if (!known) return undefined;
  const { phrases: _, ...subject } = known;
  return subject;
};

const unitsIn = (words: Words): string[] => {
  const placed = units.flatMap(({ phrase, unit }) => {
    const at = placeOf(phrase, words);
    return at < 0 ? [] : [{ at, unit }];
  });
  return [...new Set(placed.toSorted((a, b) => a.at - b.at).map(({ unit }) => unit))].slice(0, 2);
};

const whenIn = (sentence: string): Need['when'] => {
  const text = fold(sentence);
  const rhythms = [
    ['hour', /\bevery hour\b|\bhourly\b|\bco godzine\b/],
    ['week', /\bevery week\b|\bweekly\b|\bco tydzien\b|\bevery (?:mon|tues|wednes|thurs|fri|satur|sun)day\b/],
    ['day', /\bevery (?:day|morning|evening|night)\b|\bdaily\b|\bcodziennie\b|\bco(?: dzien| rano| wieczor)|\bkazdego dnia\b/],
  ] as const;
  const every = rhythms.find(([, expression]) => expression.test(text))?.[0];
  const [, hours, minutes = '00', half] = /\b(?:at|o)\s+(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\b/.exec(text) ?? [];
  const hour = (Number(hours) % (half === undefined ? 24 : 12)) + (half === 'pm' ? 12 : 0);
  const at =
    hours === undefined || Number(hours) > 24 || Number(minutes) > 59 ? undefined : `${String(hour).padStart(2, '0')}:${minutes}`;
  return { ...(every === undefined ? {} : { every }), ...(at === undefined ? {} : { at }) };
};

/** Understands a sentence. The same wish in either language gives the same family, subject and units. */
export const needOfSentence = (sentence: string, locale: Locale = localeOf(sentence)): Need => {
  const words = wordsOf(sentence);
  const found = foundIn(words);
  return {
    locale,
    scores: scoresOf(found),
    evidence: [...new Set(found.map(({ text }) => text))],
    subject: knownSubject(words) ?? unknownSubject(words, found),
    units: unitsIn(words),
    when: whenIn(sentence),
  };
};

/** Understands an interface by the words in it; where they say nothing, by what can be done with it. */
export const needOfInterface = ({ name, title, operations }: InterfaceSummary, locale: Locale = 'en'): Need => {
  const text = operations.map(({ id, summary = '' }) => `${id} ${summary}`).join(' ');
  const need = needOfSentence(`${name} ${title ?? ''} ${text}`, locale);
  const writes = operations.some(({ effect }) => effect === 'write');
  const fallback: Family = writes ? 'tracker' : 'monitor';
  const own = wordsOf(name);
  return {
    ...need,
    scores: need.scores.length > 0 || operations.length === 0 ? need.scores : [{ family: fallback, score: 1 }],
    subject: knownSubject(own) ?? unknownSubject(own, []),
  };
};
