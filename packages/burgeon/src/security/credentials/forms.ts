/** Every form in which an answer may repeat a secret. A host that turns it into something else on purpose cannot be stopped by looking. */
import type { Letter } from './scrub.ts';

/** Shorter texts would be found in any answer. */
const shortest = 4;
/** The middle of a longer base64 text says less a character. */
const shortestInside = 8;

const named: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;', '\\"'],
  "'": ['&apos;', "\\'", "''", "'\\''"],
  '/': ['\\/'],
  '\\': ['\\\\'],
  ' ': ['+', '%2B', '%2b'],
};

const cases = (text: string): string[] => [text.toLowerCase(), text.toUpperCase()];

/** In addresses and forms, once or twice encoded. @see RFC 3986 section 2.1 */
const percent = (letter: string): string[] => {
  const encoded = Buffer.from(letter, 'utf8').toString('hex').replace(/../g, '%$&');
  return cases(encoded).flatMap((once) => [once, once.replaceAll('%', '%25')]);
};

/** In HTML and XML. */
const entities = (point: number): string[] => [
  `&#${point};`,
  `&#0${point};`,
  ...cases(point.toString(16)).flatMap((hex) => [`&#x${hex};`, `&#X${hex};`]),
];

/** In JSON and the strings of programs. */
const escapes = (letter: string, point: number): string[] => {
  const units = Array.from({ length: letter.length }, (_, at) => letter.charCodeAt(at).toString(16).padStart(4, '0'));
  const lower = units.map((unit) => `\\u${unit}`).join('');
  const upper = units.map((unit) => `\\u${unit.toUpperCase()}`).join('');
  const short = point < 0x80 ? cases(point.toString(16).padStart(2, '0')).map((hex) => `\\x${hex}`) : [];
  const control = JSON.stringify(letter).slice(1, -1);
  return [lower, upper, ...short, control];
};

/** JSON within JSON. */
const again = (way: string): string[] => (way.includes('\\') ? [way, JSON.stringify(way).slice(1, -1)] : [way]);

const known = new Map<string, Letter>();

/** The ways to write one letter, the longest first. Each is chosen for itself: hosts differ on what they leave as it is. */
const letterOf = (letter: string): Letter => {
  const before = known.get(letter);
  if (before) return before;
  const point = letter.codePointAt(0) ?? 0;
  const own = Object.hasOwn(named, letter) ? (named[letter] ?? []) : [];
  const ways = [letter, ...own, ...percent(letter), ...entities(point), ...escapes(letter, point)].flatMap(again);
  const made = waysOf(ways);
  if (point < 0x80) known.set(letter, made);
  return made;
};

const waysOf = (ways: readonly string[]): Letter =>
  [...new Set(ways)].map((way) => Buffer.from(way, 'utf8')).sort((a, b) => b.length - a.length);

const spelt = (text: string): Letter[] => Array.from(text, letterOf);

/** Base64 of the value alone, and of its middle when other bytes stand before and behind it, for each of the three places it can begin at. */
const base64 = (value: string): string[] => {
  const bytes = Buffer.from(value, 'utf8');
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // Characters that also hold bits of what stands around are left away: 6 bits each, of 8 a byte.
    const first = Math.ceil((before * 8) / 6);
    return text.slice(first, Math.floor(((before + bytes.length) * 8) / 6));
  });
  const all = [bytes.toString('base64'), ...inside.filter(({ length }) => length >= shortestInside)];
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))];
};

const lines = new Map<string, Letter>();

/** Base64, broken into lines anywhere. @see RFC 2045 section 6.8 */
const inLines = (text: string): Letter[] =>
  Array.from(text, (letter, at) => {
    if (at === 0) return letterOf(letter);
    const before = lines.get(letter);
    if (before) return before;
    const ways = ['\n', '\r\n', '\\n', '\\r\\n'].map((end) => Buffer.from(`${end}${letter}`));
    const made = [...letterOf(letter), ...ways].sort((a, b) => b.length - a.length);
    lines.set(letter, made);
    return made;
  });

const hex = (value: string): Letter[] => Array.from(Buffer.from(value, 'utf8').toString('hex'), (digit) => waysOf(cases(digit)));

/** The forms of a value, letter by letter; none when it is too short to be told from other text. */
export const echoForms = (text: string): Letter[][] => {
  const value = text.toWellFormed();
  if (value.length < shortest) return [];
  const packed = [...new Set(base64(value))].filter(({ length }) => length >= shortest).map(inLines);
  return [spelt(value), ...packed, hex(value)].filter(({ length }) => length >= shortest);
};
