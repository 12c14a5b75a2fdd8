import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@burgeon/kit';
import type { Home } from '../base/home.ts';
import type { Audit } from '../security/audit.ts';
import type { OwnerKey } from '../security/keys.ts';
import { type Policy, writePolicy } from './policy.ts';

/** The policy that holds now, and the only way to another. */
export interface PolicyKeeper {
  current(): Policy;
  /** Signs the policy with these parts changed; a part that is given as undefined is taken out. What says the same is not signed anew. */
  change(parts: { [Part in keyof Omit<Policy, 'createdAt'>]?: Policy[Part] | undefined }): Promise<Policy>;
}

/** Keeps the policy of a home. Settings of channels are told in the record by name only: where people are reached is nobody else's. */
export const keepPolicy = (
  { home, key, clock, audit }: { home: Home; key: OwnerKey; clock: Clock; audit: Audit },
  known: Policy,
): PolicyKeeper => {
  let current = known;
  return {
    current: () => current,
    change: async (parts) => {
      const { createdAt: _createdAt, ...before } = current;
      const entries = Object.entries({ ...before, ...parts }).filter(([, value]) => value !== undefined);
      const next = Object.fromEntries(entries) as Omit<Policy, 'createdAt'>;
      if (current.createdAt !== '' && isDeepStrictEqual(next, before)) return current;
      const { channels = {}, ...told } = next;
      // The record comes first: what was decided is known even if the file was never written.
      await audit.commit([{ kind: 'policy.set', data: { ...toldOf(told), channels: Object.keys(channels), key: key.id } }]);
      current = await writePolicy(home, key, { ...next, clock });
      return current;
    },
  };
};

const toldOf = ({ mode, unchanged, grave }: Omit<Policy, 'createdAt'>): Record<string, string | string[]> => ({
  mode,
  ...(unchanged === undefined ? {} : { unchanged }),
  ...(grave === undefined ? {} : { grave: [...grave] }),
});
