import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frontier, appendLeaf, rootOf, sizeOf } from './merkle.ts';

const sha = (...parts: (Buffer | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leaves = (count: number): string[] => Array.from({ length: count }, (_, n) => sha(`leaf ${n}`).toString('hex'));
const grow = (all: readonly string[]): Frontier => all.reduce<Frontier>(appendLeaf, []);

/** The definition as the RFC writes it, over byte strings. */
const defined = (data: readonly Buffer[]): Buffer => {
  if (data.length === 0) return sha('');
  if (data.length === 1) return sha(Buffer.of(0), data[0] ?? '');
  let k = 1;
  while (k * 2 < data.length) k *= 2;
  return sha(Buffer.of(1), defined(data.slice(0, k)), defined(data.slice(k)));
};

describe('a Merkle tree', () => {
  it('has the roots of RFC 9162', () => {
    expect(rootOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (let count = 1; count <= 70; count++) {
      const all = leaves(count);
      const frontier = grow(all);
      expect(sizeOf(frontier)).toBe(count);
      expect(rootOf(frontier)).toBe(defined(all.map((leaf) => Buffer.from(leaf, 'hex'))).toString('hex'));
    }
  });

  it('differs when any leaf does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (size, at) => {
        const all = leaves(size);
        const changed = all.with(at % size, sha('another').toString('hex'));
        expect(rootOf(grow(changed))).not.toBe(rootOf(grow(all)));
      }),
      { numRuns: 50 },
    );
  });
});
