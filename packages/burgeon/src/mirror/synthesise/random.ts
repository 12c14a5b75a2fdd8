/** A stream of reproducible draws: the same seed and salt give the same draws on every machine. */
export interface Random {
  /** The next draw, 0 <= draw < 1. */
  next(): number;
  /** A whole number, 0 <= n < `count`; 0 when `count` is below 1. */
  below(count: number): number;
  /** One item of a list that is not empty. */
  pick<T>(items: readonly T[]): T;
}

/** Four 32-bit words out of a text: enough to seed the generator, not meant to keep secrets. */
const hashWords = (text: string): [number, number, number, number] => {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ unit, 0x239b961b);
    b = c ^ Math.imul(b ^ unit, 0xab0e9789);
    c = d ^ Math.imul(c ^ unit, 0x38b34ae5);
    d = a ^ Math.imul(d ^ unit, 0xa1e38b93);
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
};

/**
 * Opens the stream of draws that belongs to a seed and a salt (sfc32: 128 bits of state, passes PractRand).
 * @see https://pracrand.sourceforge.net/RNG_engines.txt
 */
export const createRandom = (seed: number, salt: string): Random => {
  let [a, b, c, counter] = hashWords(`${seed}\u0000${salt}`);
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  // sfc32 needs a dozen rounds before close seeds part.
  for (let round = 0; round < 12; round++) next();
  const below = (count: number): number => (count <= 1 ? 0 : Math.floor(next() * count));
  return { next, below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T };
};
