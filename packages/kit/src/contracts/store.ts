import type { JsonObject } from '../json.ts';
import type { Clock } from './context.ts';

/** One stored record. `rev` grows by one with each write. */
export interface StoredRecord<T = JsonObject> {
  tenant: string;
  table: string;
  id: string;
  rev: number;
  value: T;
  /** ISO 8601 UTC. */
  createdAt: string;
  updatedAt: string;
}

/** One write of a transaction. `rev` is the revision the writer saw: 0 = must not exist; absent = whatever is there. */
export type StoreWrite =
  | { kind: 'put'; table: string; id: string; value: JsonObject; rev?: number }
  | { kind: 'delete'; table: string; id: string; rev?: number }
  | { kind: 'append'; log: string; entry: JsonObject };

/** One entry of an append-only log; `sequence` starts at 1 and has no gaps. */
export interface LogEntry {
  sequence: number;
  entry: JsonObject;
}

/** What to list: ids that start with `prefix`, in id order, after `after`. */
export interface StoreQuery {
  prefix?: string;
  after?: string;
  /** Default: 1,000. */
  limit?: number;
}

/** Durable records of one tenant. An acknowledged write survives a crash of the process and of the machine. */
export interface Store {
  get(table: string, id: string): Promise<StoredRecord | undefined>;
  list(table: string, query?: StoreQuery): Promise<StoredRecord[]>;
  /**
   * All or nothing.
   * @throws {BurgeonError} CONFLICT when a `rev` is not the one that is stored
   */
  transact(writes: StoreWrite[]): Promise<void>;
  /** Entries of a log in order, from `after` (exclusive), at most `limit` (default 1,000). */
  readLog(log: string, query?: { after?: number; limit?: number }): Promise<LogEntry[]>;
  /** The last entry of a log. */
  lastLog(log: string): Promise<LogEntry | undefined>;
  /** The same store seen by another tenant; shares the connection. */
  forTenant(tenant: string): Store;
  close(): Promise<void>;
}

/** What a family's list holds: opens a store at a location. */
export interface StoreAdapter {
  readonly name: string;
  /**
   * Opens, makes or brings up to date what is at `location` (a file, or an address), seen by tenant `local`. The caller closes it.
   * @throws {BurgeonError} HOME_DAMAGED, HOME_UNWRITABLE
   */
  open(location: string, context: { clock: Clock }): Promise<Store>;
}
