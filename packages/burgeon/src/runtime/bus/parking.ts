import { BurgeonError, type Clock, type ErrorJson, type JsonObject, type MessageEnvelope, type Store } from '@burgeon/kit';
import { isoNow } from '../../base/clock.ts';
import { envelopeOf, messageIn, readEnvelope } from './envelope.ts';
import type { Message } from './message.ts';

/** A message that its receiver could not work on. */
export interface Parked {
  id: string;
  /** Who should have taken it. */
  module: string;
  message: Message;
  reason: ErrorJson;
  /** How often it was handed over. */
  attempts: number;
  /** ISO 8601 UTC. */
  parkedAt: string;
}

/** How people see one; the envelope is of the version they asked for. */
export type ParkedView = Omit<Parked, 'message'> & { envelope: MessageEnvelope };

/** The bounded list of messages that nobody could work on, kept in the store. */
export interface Parking {
  /** Puts one away; the oldest of the module with the most gives way where there is no room. What cannot be written is still in memory. */
  put(parked: Omit<Parked, 'id' | 'parkedAt'> & { id?: string }): Promise<void>;
  /** The oldest first. */
  list(module?: string): Promise<Parked[]>;
  /** @throws {BurgeonError} RECORD_NOT_FOUND */
  get(id: string): Promise<Parked>;
  remove(id: string): Promise<void>;
}

/** How much is kept of all modules together. */
export interface ParkingBounds {
  messages: number;
  bytes: number;
}

const table = 'parked';

/** Opens the list of a store; it is read at first use. */
export const openParking = (
  { store, clock, warn }: { store: Store; clock: Clock; warn(text: string): void },
  bounds: ParkingBounds,
): Parking => {
  let reading: Promise<Map<string, Parked>> | undefined;
  let sequence = 0;
  const all = (): Promise<Map<string, Parked>> =>
    (reading ??= readAll(store).catch((error: unknown) => {
      reading = undefined;
      throw error;
    }));
  /** In the order of time, also across processes. */
  const nextId = (): string => `${clock.now().toString(36).padStart(9, '0')}-${(++sequence).toString(36).padStart(5, '0')}`;
  const write = async (id: string, value: JsonObject | undefined, gone: readonly string[]): Promise<void> => {
    const kept = value === undefined ? [] : [{ kind: 'put' as const, table, id, value }];
    const writes = [...kept, ...gone.map((each) => ({ kind: 'delete' as const, table, id: each }))];
    await store.transact(writes).catch((error: unknown) => warn(`The list of parked messages was not written: ${String(error)}`));
  };
  return {
    put: async ({ id = nextId(), ...rest }) => {
      const list = await all();
      const entry: Parked = { ...rest, id, parkedAt: isoNow(clock) };
      list.set(id, entry);
      const gone = surplus(list, bounds);
      for (const each of gone) list.delete(each);
      await write(id, list.has(id) ? recordOf(entry) : undefined, gone);
    },
    list: async (module) => [...(await all()).values()].filter((one) => module === undefined || one.module === module),
    get: async (id) => {
      const found = (await all()).get(id);
      if (found) return found;
      throw new BurgeonError('RECORD_NOT_FOUND', { message: `There is no parked message "${id.slice(0, 100)}".` });
    },
    remove: async (id) => {
      (await all()).delete(id);
      await write(id, undefined, [id]);
    },
  };
};

/** Which have to go: the oldest of whoever has the most, until the rest fits. */
const surplus = (list: ReadonlyMap<string, Parked>, bounds: ParkingBounds): string[] => {
  const held = Map.groupBy(list.values(), ({ module }) => module);
  let [count, bytes] = [list.size, list.values().reduce((sum, { message }) => sum + message.bytes, 0)];
  const gone: string[] = [];
  while (count > bounds.messages || bytes > bounds.bytes) {
    const most = [...held.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    const oldest = most.shift();
    if (!oldest) break;
    gone.push(oldest.id);
    count -= 1;
    bytes -= oldest.message.bytes;
  }
  return gone;
};

const recordOf = ({ message, module, reason, attempts, parkedAt }: Parked): JsonObject =>
  ({ envelope: envelopeOf(message), module, reason, attempts, parkedAt }) as unknown as JsonObject;

/** What an earlier version of this program parked reads as well; what nothing can read is passed over. */
const readAll = async (store: Store): Promise<Map<string, Parked>> => {
  const list = new Map<string, Parked>();
  for (let after = ''; ;) {
    const records = await store.list(table, { after });
    for (const { id, value } of records) {
      const { envelope, ...rest } = value as unknown as Omit<Parked, 'id' | 'message'> & { envelope: unknown };
      try {
        list.set(id, { ...rest, id, message: messageIn(readEnvelope(envelope, unknown)) });
      } catch {
        continue;
      }
    }
    const last = records.at(-1);
    if (last === undefined || records.length < 1_000) return list;
    after = last.id;
  }
};

const unknown = { id: 'unknown', source: 'unknown', time: new Date(0).toISOString(), traceparent: 'unknown' };

/** One as people see it. */
export const parkedView = ({ message, ...rest }: Parked, version: 1 | 2): ParkedView => ({
  ...rest,
  envelope: envelopeOf(message, version),
});
