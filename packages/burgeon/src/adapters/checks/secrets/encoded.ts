import type { FoundSecret } from './found.ts';
import { shapesIn } from './shapes.ts';

/** Runs that are looked into in one file. */
const mostRuns = 5_000;

const base64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,8192}={0,2}/g;
const hex = /(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}){20,4096}(?![0-9a-fA-F])/g;

/** Text that is the bytes of text: nothing but printable characters and line breaks. */
const asPrintable = (bytes: Buffer): string | undefined => {
  const text = bytes.toString('latin1');
  return /^[\t\n\r\x20-\x7e]+$/.test(text) ? text : undefined;
};

const runsOf = (text: string, pattern: RegExp, encoding: 'base64' | 'hex'): FoundSecret[] => {
  const found: FoundSecret[] = [];
  let runs = 0;
  for (const match of text.matchAll(pattern)) {
    if (++runs > mostRuns) break;
    const inner = asPrintable(Buffer.from(match[0], encoding));
    for (const each of inner === undefined ? [] : shapesIn(inner))
      found.push({ ...each, what: `${each.what} in ${encoding}`, offset: match.index });
  }
  return found;
};

/** Secrets of a known shape that were written in base64 or hexadecimal. */
export const encodedIn = (text: string): FoundSecret[] => [...runsOf(text, base64, 'base64'), ...runsOf(text, hex, 'hex')];

/** Secrets of a known shape that were cut in pieces, which the code puts together: `'ghp_' + '...'`. */
export const splitIn = (text: string): FoundSecret[] => {
  const seam = /(["'`])\s{0,20}\+\s{0,20}["'`]/g;
  if (!seam.test(text)) return [];
  const whole = text.replaceAll(seam, '');
  return shapesIn(whole)
    .filter(({ value }) => !text.includes(value))
    .map((each) => ({ ...each, what: `${each.what} in pieces`, offset: Math.max(0, text.indexOf(each.value.slice(0, 4))) }));
};
