/** A set of characters as patterns write it: ranges of code points, properties of Unicode, and whether all of it is turned round. */
export interface CharacterSet {
  ranges: [low: number, high: number][];
  /** Each tests one character; built here only, so no pattern text reaches the engine. */
  properties: { test(character: string): boolean }[];
  negated: boolean;
}

const digits: [number, number][] = [[48, 57]];
const words: [number, number][] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const spaces: [number, number][] = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

const set = (ranges: [number, number][], negated = false): CharacterSet => ({ ranges, properties: [], negated });

/** The sets that a backslash and one letter name: `d`, `D`, `w`, `W`, `s`, `S`. */
export const classes: Readonly<Record<string, CharacterSet>> = {
  d: set(digits),
  D: set(digits, true),
  w: set(words),
  W: set(words, true),
  s: set(spaces),
  S: set(spaces, true),
};

/** What the dot stands for: everything but the ends of lines. */
export const dot: CharacterSet = set(
  [
    [10, 10],
    [13, 13],
    [0x2028, 0x2029],
  ],
  true,
);

/** The set of one code point. */
export const single = (codePoint: number): CharacterSet => set([[codePoint, codePoint]]);

/** The set of a Unicode property, `L` or `Script=Greek`; undefined when there is no such property. */
export const property = (name: string, negated: boolean): CharacterSet | undefined => {
  if (!/^[A-Za-z_0-9]{1,40}(?:=[A-Za-z_0-9]{1,40})?$/.test(name)) return undefined;
  try {
    return { ranges: [], properties: [new RegExp(`^\\p{${name}}$`, 'u')], negated };
  } catch {
    return undefined;
  }
};

/** True when the set holds the code point. */
export const holds = (characters: CharacterSet, codePoint: number): boolean => {
  const inside =
    characters.ranges.some(([low, high]) => codePoint >= low && codePoint <= high) ||
    (characters.properties.length > 0 && characters.properties.some((each) => each.test(String.fromCodePoint(codePoint))));
  return inside !== characters.negated;
};

const printable = Array.from({ length: 95 }, (_, index) => 32 + index);
const isAlphanumeric = (codePoint: number): boolean => holds(classes['w'] as CharacterSet, codePoint) && codePoint !== 95;
/** Where letters, marks and signs of many scripts begin: tried when no ASCII character will do. */
const further = [
  ...Array.from({ length: 0x600 }, (_, index) => 0xa0 + index),
  ...Array.from({ length: 64 }, (_, index) => 0x1f600 + index),
]
  .concat([0x905, 0x0e01, 0x2014, 0x20ac, 0x2192, 0x3042, 0x30a2, 0x4e2d, 0xac00, 0xfffd])
  .concat([9, 10, 13, 0, 1, 127]);

const memory = new WeakMap<CharacterSet, readonly number[]>();

/** Some characters of a set to draw from, pleasant ones when there are any; empty when none was found. */
export const sample = (characters: CharacterSet): readonly number[] => {
  const known = memory.get(characters);
  if (known) return known;
  let found = printable.filter((codePoint) => holds(characters, codePoint));
  const pleasant = found.filter(isAlphanumeric);
  // A broad set (the dot, a negated class) reads best as letters and digits; a narrow one must show all it has.
  if (pleasant.length >= 60) found = pleasant;
  if (found.length === 0 && !characters.negated) {
    found = characters.ranges.flatMap(([low, high]) =>
      Array.from({ length: Math.min(16, high - low + 1) }, (_, index) => low + index),
    );
    found = found.filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff);
  }
  if (found.length === 0) found = further.filter((codePoint) => holds(characters, codePoint)).slice(0, 64);
  memory.set(characters, found);
  return found;
};

/** Length of a text in characters, as schemas count it. */
export const characterCount = (text: string): number => {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    const pair = (text.charCodeAt(index - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(index) & 0xfc00) === 0xdc00;
    if (pair) count--;
  }
  return count;
};
