import { hasRight } from '../security/access.ts';
import type { ApiKeys } from '../security/api-keys.ts';

/** The person a token belongs to, when that person may approve. */
export const approverOf = async (access: ApiKeys, token: string): Promise<{ id: string } | undefined> => {
  const holder = await access.holderOf(token);
  if (holder.kind === 'owner') return { id: 'owner' };
  if (holder.kind === 'nobody') return undefined;
  // A channel shows every question, so a key for some modules only answers over the API, which knows its limits.
  const { id, modules } = holder.key;
  return hasRight(holder.key, 'approve') && modules === undefined ? { id } : undefined;
};
