/** Counted repetitions beyond this are slow to judge as they stand. */
const manyTimes = 8;

/** An expression that takes at least as long as another, in words that are judged quickly; and the ones that stood inside it. */
export interface Relaxed {
  source: string;
  inner: string[];
}

/** A stand-in for a look around: it may hold or fail, which is all that counts for the time. */
const standIn = String.raw`\x00`;

/** Where a group ends that begins at an offset; undefined when it does not. */
const endOfGroup = (source: string, start: number): number | undefined => {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    const sign = source[at];
    if (sign === '\\') at += 1;
    else if (sign === '[') at = endOfClass(source, at);
    else if (sign === '(') depth += 1;
    else if (sign === ')' && --depth === 0) return at + 1;
  }
  return undefined;
};

const endOfClass = (source: string, start: number): number => {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === ']') return at;
  }
  return source.length;
};

/**
 * Without looks around, and with repetitions that are counted up to many taken as endless. Undefined when nothing of that is there, or when it cannot be
 * told: an expression that refers back to a group stays as it is.
 */
export const relax = (source: string): Relaxed | undefined => {
  if (/\\[1-9]|\\k</.test(source)) return undefined;
  const inner: string[] = [];
  let written = '';
  let changed = false;
  for (let at = 0; at < source.length;) {
    const look = /^\(\?(?:<?[=!])/.exec(source.slice(at, at + 4))?.[0];
    const count = /^\{(\d{1,6}),(\d{1,6})\}/.exec(source.slice(at, at + 20));
    if (look !== undefined) {
      const end = endOfGroup(source, at);
      if (end === undefined) return undefined;
      inner.push(source.slice(at + look.length, end - 1));
      written += standIn;
      at = end;
      changed = true;
    } else if (count && Number(count[2]) > manyTimes) {
      written += count[1] === '0' ? '*' : '+';
      at += count[0].length;
      changed = true;
    } else {
      const length = source[at] === '\\' ? 2 : source[at] === '[' ? endOfClass(source, at) + 1 - at : 1;
      written += source.slice(at, at + length);
      at += length;
    }
  }
  return changed ? { source: written, inner } : undefined;
};
