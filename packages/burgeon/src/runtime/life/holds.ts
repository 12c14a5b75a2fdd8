import { BurgeonError, type JsonObject, type Store } from '@burgeon/kit';
import { createSerial } from '../../security/serial.ts';

/** Why a version is not started: it outlives the process, until somebody loads the module or another version takes its place. */
export interface Hold {
  state: 'quarantined' | 'suspended';
  version: string;
  /** What happened, in words. */
  reason: string;
  /** ISO 8601 UTC. */
  since: string;
}

/** Holds by key of the line. */
export interface Holds {
  get(key: string): Promise<Hold | undefined>;
  put(key: string, hold: Hold): Promise<void>;
  /** Nothing happens when there is none. */
  remove(key: string): Promise<void>;
}

const table = 'holds';

/** Opens the holds of a store. What was asked first is done first: a hold that is let go while it is being written is gone. */
export const openHolds = (store: Store): Holds => {
  const inTurn = createSerial();
  return {
    get: (key) => inTurn(async () => (await store.get(table, key))?.value as unknown as Hold | undefined),
    put: (key, hold) => inTurn(() => store.transact([{ kind: 'put', table, id: key, value: hold as unknown as JsonObject }])),
    remove: (key) =>
      inTurn(async () => {
        if (await store.get(table, key)) await store.transact([{ kind: 'delete', table, id: key }]);
      }),
  };
};

/** What a call of a held module is told. */
export const heldError = (key: string, hold: Hold): BurgeonError => {
  const { state, version, reason, since } = hold;
  return new BurgeonError(state === 'quarantined' ? 'MODULE_QUARANTINED' : 'MODULE_SUSPENDED', {
    message: `${key} is ${state}: ${reason}`,
    hint:
      state === 'quarantined'
        ? `To try it again: burgeon modules load ${key}`
        : `See what it asked for, then let it go on: burgeon modules load ${key}`,
    data: { module: key, version, since },
  });
};
