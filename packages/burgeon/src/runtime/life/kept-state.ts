import type { JsonObject, JsonValue, Store, StoreWrite } from '@burgeon/kit';
import { major } from 'semver';

/** A state as it is stored. */
export interface KeptState {
  /** Version of the state, as the manifest that made it says. */
  version: number;
  state: JsonValue;
  /** Version of the module that made it. */
  module: string;
  /** ISO 8601 UTC. */
  takenAt: string;
}

/** The states of modules: that of the line that follows the active version under `namespace/name`, others under `namespace/name@version`. */
export interface KeptStates {
  get(key: string): Promise<KeptState | undefined>;
  put(key: string, state: KeptState): Promise<void>;
  /**
   * The state of a line that follows the active version, for `version` of its module. One that another major version made stays behind as
   * well, under that version's own key: whoever still needs that version goes on with it.
   */
  adopt(id: string, version: string): Promise<KeptState | undefined>;
  /** Forgets every state of a module. */
  forget(id: string): Promise<void>;
}

const table = 'states';

/** Opens the states of a store. */
export const openStates = (store: Store): KeptStates => {
  const get = async (key: string): Promise<KeptState | undefined> =>
    (await store.get(table, key))?.value as unknown as KeptState | undefined;
  const put = (key: string, state: KeptState): Promise<void> => store.transact([write(key, state)]);
  return {
    get,
    put,
    adopt: async (id, version) => {
      const kept = await get(id);
      if (kept && major(kept.module) !== major(version)) await put(`${id}@${kept.module}`, kept);
      return kept;
    },
    forget: async (id) => {
      const pinned = await store.list(table, { prefix: `${id}@` });
      const known = (await store.get(table, id)) ? [id] : [];
      const names = [...known, ...pinned.map((record) => record.id)];
      if (names.length > 0) await store.transact(names.map((name): StoreWrite => ({ kind: 'delete', table, id: name })));
    },
  };
};

const write = (id: string, state: KeptState): StoreWrite => ({ kind: 'put', table, id, value: state as unknown as JsonObject });
