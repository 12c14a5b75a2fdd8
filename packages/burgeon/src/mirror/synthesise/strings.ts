import { type LengthBounds, formatWriter, writeBytes } from './formats.ts';
import { writeWord, writerByName } from './names.ts';
import { characterCount } from './pattern/characters.ts';
import { patternOf } from './pattern/generate.ts';
import type { Random } from './random.ts';
import type { Shape } from './shape.ts';

/** Strings longer than this are not written, whatever is asked. */
const longest = 100_000;

const lengthFits = (text: string, { minLength, maxLength }: LengthBounds): boolean => {
  if (text.length <= maxLength && text.length >= minLength * 2) return true;
  const count = characterCount(text);
  return count >= minLength && count <= maxLength;
};

/** True when the text keeps the length and the patterns of a shape; formats are left to checks. */
export const stringFits = (shape: Shape, text: string): boolean =>
  lengthFits(text, shape) && shape.patterns.every((pattern) => patternOf(pattern)?.test(text) !== false);

const letters = 'abcdefghijklmnopqrstuvwxyz';

const stretch = (text: string, { minLength, maxLength }: LengthBounds, random: Random): string => {
  let result = text.length > maxLength ? text.slice(0, Math.max(0, Math.floor(maxLength))) : text;
  const wanted = Math.min(minLength, longest);
  while (result.length < wanted) result += letters[random.below(letters.length)];
  return result;
};

/** A string of a shape, in the words of the property it goes to where nothing else is asked. */
export const writeString = (shape: Shape, name: string, random: Random): string => {
  const write = shape.base64 ? writeBytes : shape.formats.map(formatWriter).find((each) => each !== undefined);
  if (shape.patterns.length > 0) return writePatterned(shape, random, write ? () => write(random, shape) : undefined);
  if (write) return write(random, shape);
  const byName = name === '' ? undefined : writerByName(name);
  const text = byName ? byName(random, shape) : writeWord(random);
  if (lengthFits(text, shape)) return text;
  // A word of many may be short enough where this one is not.
  const again = byName ? byName(random, shape) : random.pick(letters.split(''));
  return lengthFits(again, shape) ? again : stretch(text, shape, random);
};

const writePatterned = (shape: Shape, random: Random, formatted: (() => string) | undefined): string => {
  for (let attempt = 0; formatted && attempt < 4; attempt++) {
    const text = formatted();
    if (stringFits(shape, text)) return text;
  }
  let nearest: string | undefined;
  for (let attempt = 0; attempt < 4; attempt++) {
    for (const source of shape.patterns) {
      const text = patternOf(source)?.generate(random, shape);
      if (text !== undefined && stringFits(shape, text)) return text;
      nearest ??= text;
    }
  }
  return nearest ?? formatted?.() ?? stretch(writeWord(random), shape, random);
};
