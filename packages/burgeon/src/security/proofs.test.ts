import { describe, expect, it } from 'vitest';
import { createProofs } from './proofs.ts';

describe('proofs', () => {
  it('count once, for what they were made out for, while they are lent', async () => {
    const proofs = createProofs();
    const kept = await proofs.lend(['a', 'b'], async (proof) => {
      expect(proofs.spend(['a'], proof)).toBe(false);
      expect(proofs.spend(['a', 'b'], 'guess')).toBe(false);
      expect(createProofs().spend(['a', 'b'], proof)).toBe(false);
      expect(proofs.spend(['a', 'b'], proof)).toBe(true);
      expect(proofs.spend(['a', 'b'], proof)).toBe(false);
      return proof;
    });
    expect(kept).toMatch(/^[\w-]{43}$/);
  });

  it('end with the loan, also one that failed', async () => {
    const proofs = createProofs();
    const unspent = await proofs.lend(['a'], async (proof) => proof);
    expect(proofs.spend(['a'], unspent)).toBe(false);
    let failed = '';
    await expect(proofs.lend(['a'], async (proof) => Promise.reject(new RangeError((failed = proof))))).rejects.toThrow(
      RangeError,
    );
    expect(proofs.spend(['a'], failed)).toBe(false);
  });

  it('may be lent to two at once', async () => {
    const proofs = createProofs();
    await proofs.lend(['a'], (one) =>
      proofs.lend(['a'], async (two) => expect([proofs.spend(['a'], one), proofs.spend(['a'], two)]).toEqual([true, true])),
    );
  });
});
