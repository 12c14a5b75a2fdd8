import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * On whose behalf something is done. `owner`: the person at this machine; `key`: whoever holds that API key; `channel`: whoever answers
 * over that approval channel; `model`: a language model's call; `system`: nobody asked, a timer or a start did it.
 */
export interface Actor {
  kind: 'owner' | 'key' | 'channel' | 'model' | 'module' | 'system';
  /** Which one: the id of the key, of the module, the name of the channel. */
  id: string;
}

const owner: Actor = { kind: 'owner', id: 'local' };

const storage = new AsyncLocalStorage<Actor>();

/** Whoever is being served at the moment; the owner outside {@link runAs}. */
export const currentActor = (): Actor => storage.getStore() ?? owner;

/** Does a piece of work on somebody's behalf; what it starts and awaits counts too. */
export const runAs = <T>(actor: Actor, work: () => T): T => storage.run(actor, work);
