import type { JsonValue, Logger } from '@burgeon/kit';

/** A logger that says nothing. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {} };

/** A logger that writes one JSON line per message through `write`; `debug` lines only when `verbose`. */
export const lineLogger = (write: (line: string) => void, now: () => number, verbose = false): Logger => {
  const emit =
    (level: string) =>
    (message: string, data?: JsonValue): void =>
      write(JSON.stringify({ at: new Date(now()).toISOString(), level, message, ...(data === undefined ? {} : { data }) }));
  return { debug: verbose ? emit('debug') : () => {}, info: emit('info'), warn: emit('warn') };
};
