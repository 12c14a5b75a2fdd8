import { type ApprovalChannelContext, BurgeonError, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';

/** A passkey that may confirm, as people see it. */
export interface Passkey {
  /** The credential id, base64url. */
  id: string;
  /** What its owner calls it. */
  name: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  /** Name of the server it was made for: it confirms nowhere else. */
  party: string;
}

/** A passkey as it is kept. */
export interface KeptPasskey extends Passkey {
  /** COSE key, base64url. @see RFC 9052 section 7 */
  publicKey: string;
  /** How often the authenticator has signed by its own count; 0 for those that do not count. */
  counter: number;
  /** Ways to reach the authenticator. */
  transports: string[];
}

const table = 'approval-passkey-keys';

/** The passkeys that may confirm, by id. */
export const listPasskeys = async (store: Store): Promise<Passkey[]> =>
  (await store.list(table)).map(({ value }) => {
    const { id, name, createdAt, party } = value as unknown as KeptPasskey;
    return { id, name, createdAt, party };
  });

/** Takes a passkey away: from now on it confirms nothing. @throws {BurgeonError} RECORD_NOT_FOUND */
export const removePasskey = async (context: Recorded, id: string): Promise<Passkey> => {
  const found = await findKey(context.store, id);
  if (!found) {
    throw new BurgeonError('RECORD_NOT_FOUND', {
      message: `There is no passkey ${JSON.stringify(id.slice(0, 100))}.`,
      hint: 'Run burgeon channels passkey to see them.',
    });
  }
  const { name, createdAt, party } = found.key;
  await recordChange(context, { kind: 'passkey.removed', data: { passkey: id, name } }, [
    { kind: 'delete', table, id, rev: found.rev },
  ]);
  return { id, name, createdAt, party };
};

/** Where a change of who may confirm is kept, and recorded. */
export type Recorded = Pick<ApprovalChannelContext, 'store' | 'record'>;

/** Makes a change together with the line of the record that tells it. */
export const recordChange = (
  { store, record }: Recorded,
  event: { kind: string; data: JsonObject },
  writes: StoreWrite[],
): Promise<void> => (record ? record(event, writes) : store.transact(writes));

/** The keys of one party. */
export const keysOf = async (store: Store, party: string): Promise<KeptPasskey[]> =>
  (await store.list(table)).map(({ value }) => value as unknown as KeptPasskey).filter((key) => key.party === party);

/** One key with the revision that was read. */
export const findKey = async (store: Store, id: string): Promise<{ key: KeptPasskey; rev: number } | undefined> => {
  const record = await store.get(table, id);
  return record && { key: record.value as unknown as KeptPasskey, rev: record.rev };
};

/** The write that keeps a key, if it was not changed since `rev`. */
export const keyWrite = (key: KeptPasskey, rev: number): StoreWrite => ({
  kind: 'put',
  table,
  id: key.id,
  rev,
  value: { ...key } as unknown as JsonObject,
});
