import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The voice of whoever is being served at the moment: while a command of the owner is carried out by a server, what is said to the person
 * in front of the machine is said where that command was typed, not where the server runs. Empty outside such a call.
 */
export const callerVoice: AsyncLocalStorage<(text: string) => void> = new AsyncLocalStorage();
