import type { Clock, Logger } from './context.ts';

/**
 * Texts by key, any of which may be gone at any time: what is in it can always be made anew. Nothing that goes wrong with it is a fault; it
 * forgets, and tells the log. Whoever uses it does not trust what comes back.
 */
export interface Cache {
  /** The text of a key, at most a few hundred kilobytes; undefined when it is not there any more. `key` is lower-case hex. */
  get(key: string): Promise<string | undefined>;
  /** Remembers a text as a whole or not at all; the one before it gives way. */
  set(key: string, text: string): Promise<void>;
  close(): Promise<void>;
}

/** What a family's list holds: opens a cache at a location. */
export interface CacheAdapter {
  readonly name: string;
  /**
   * Opens what is at `location`: nothing, a folder, or an address. The caller closes it.
   * @throws {BurgeonError} DEPENDENCY_MISSING when its library is not installed, USAGE when the location is none
   */
  open(location: string, context: { clock: Clock; log: Logger }): Promise<Cache>;
}
