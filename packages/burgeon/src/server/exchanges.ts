import type { ServerResponse } from 'node:http';

/** The requests that are being answered. */
export interface Exchanges {
  /** Counts one until it is answered; `key`: whose it is, `until`: when that key ends (ISO 8601 UTC). */
  begin(response: ServerResponse, owner?: { key: string; until?: string }): void;
  readonly size: number;
  /** Resolves when none is left. */
  idle(): Promise<void>;
  /** Cuts those of a key that is good for nothing any more, streams above all. */
  cut(key: string): void;
}

/** Longest wait of a timer, milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** Starts counting. */
export const createExchanges = (): Exchanges => {
  const open = new Map<ServerResponse, string | undefined>();
  let waiting: (() => void)[] = [];
  return {
    begin: (response, owner) => {
      open.set(response, owner?.key);
      const left = owner?.until === undefined ? longestTimer : Date.parse(owner.until) - Date.now();
      const end = left < longestTimer ? setTimeout(() => response.destroy(), left).unref() : undefined;
      response.once('close', () => {
        clearTimeout(end);
        open.delete(response);
        if (open.size > 0) return;
        for (const resolve of waiting) resolve();
        waiting = [];
      });
    },
    get size() {
      return open.size;
    },
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    cut: (key) => {
      for (const [response, owner] of open) if (owner === key) response.destroy();
    },
  };
};
