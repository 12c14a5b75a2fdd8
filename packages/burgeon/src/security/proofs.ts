import { createHash, randomBytes } from 'node:crypto';

/**
 * Proofs that a channel makes out for an answer it has judged itself. One lives from the moment the channel hands it on until it is judged,
 * in this process and nowhere else: nothing that anybody types can be one.
 */
export interface Proofs {
  /** Makes one (256 bits) for what `binding` names, lends it for a piece of work, and takes it back after it. */
  lend<T>(binding: readonly string[], work: (proof: string) => Promise<T>): Promise<T>;
  /** True, once, for a proof that is on loan for exactly this. */
  spend(binding: readonly string[], proof: string): boolean;
}

/** Makes an empty set of proofs. */
export const createProofs = (): Proofs => {
  // Found by a hash, so that how long the search takes tells nothing about a proof.
  const lent = new Map<string, string>();
  return {
    lend: async (binding, work) => {
      const proof = randomBytes(32).toString('base64url');
      lent.set(hashOf(proof), JSON.stringify(binding));
      try {
        return await work(proof);
      } finally {
        lent.delete(hashOf(proof));
      }
    },
    spend: (binding, proof) => lent.get(hashOf(proof)) === JSON.stringify(binding) && lent.delete(hashOf(proof)),
  };
};

const hashOf = (proof: string): string => createHash('sha256').update(proof).digest('hex');
