import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';

/** Letters and digits that nobody mistakes for one another: without I, L, O, 0 and 1. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** A code for a person to give back: six characters, 29.7 bits, from the system's generator. */
export const newCode = (): string => Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('');

/** A code for the keys of a telephone: six digits, 19.9 bits; the gateway's five tries are what makes it enough. */
export const newDigits = (): string => String(randomInt(1_000_000)).padStart(6, '0');

/** What a person typed, in the form codes have: upper case, no spaces or hyphens. */
export const normaliseCode = (typed: string): string => typed.slice(0, 64).replace(/[\s-]/g, '').toUpperCase();

/** Keyed hash of a code with what it is bound to: what is stored instead of the code. */
export const hashCode = (secret: Uint8Array, binding: readonly string[], code: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify([...binding, code]))
    .digest('hex');

/** Compares two texts in a time that does not tell where they differ. */
export const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};
