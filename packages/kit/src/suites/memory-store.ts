import type { Clock } from '../contracts/context.ts';
import type { LogEntry, Store, StoreQuery, StoreWrite, StoredRecord } from '../contracts/store.ts';
import { BurgeonError } from '../errors.ts';
import type { JsonObject } from '../json.ts';

/** What all tenants' views share; keys are JSON lists, so that no name can run into another. */
interface Shared {
  records: Map<string, StoredRecord>;
  logs: Map<string, LogEntry[]>;
  now: () => number;
  open: boolean;
}

/** A store in memory, for tests: whole in what it promises but for outliving its process. It passes `storeSuite`. */
export const memoryStore = (clock: Pick<Clock, 'now'> = { now: () => Date.now() }): Store =>
  viewOf({ records: new Map(), logs: new Map(), now: () => clock.now(), open: true }, 'local');

const viewOf = (shared: Shared, tenant: string): Store => ({
  get: async (table, id) => copy(shared.records.get(keyOf(tenant, table, id))),
  list: async (table, query) => listRecords(shared, { tenant, table }, query),
  transact: async (writes) => transact(shared, tenant, writes),
  readLog: async (log, { after = 0, limit = 1_000 } = {}) =>
    (shared.logs.get(keyOf(tenant, log)) ?? []).slice(after, after + limit).map((entry) => copy(entry)),
  lastLog: async (log) => copy(shared.logs.get(keyOf(tenant, log))?.at(-1)),
  forTenant: (other) => viewOf(shared, other),
  close: async () => {
    shared.open = false;
  },
});

const keyOf = (...parts: string[]): string => JSON.stringify(parts);

const copy = <T>(value: T): T => structuredClone(value);

const listRecords = (shared: Shared, of: { tenant: string; table: string }, query: StoreQuery = {}): StoredRecord[] => {
  const { prefix = '', after = '', limit = 1_000 } = query;
  return [...shared.records.values()]
    .filter(({ tenant, table, id }) => tenant === of.tenant && table === of.table && id.startsWith(prefix) && id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, limit)
    .map((record) => copy(record));
};

const transact = (shared: Shared, tenant: string, writes: readonly StoreWrite[]): void => {
  if (!shared.open) throw new BurgeonError('INTERNAL', { message: 'The store is closed.' });
  const before = { records: new Map(shared.records), logs: new Map(shared.logs) };
  try {
    for (const write of writes) apply(shared, tenant, write);
  } catch (error) {
    Object.assign(shared, before);
    throw error;
  }
};

const apply = (shared: Shared, tenant: string, write: StoreWrite): void => {
  if (write.kind === 'append') {
    const key = keyOf(tenant, write.log);
    const entries = shared.logs.get(key) ?? [];
    shared.logs.set(key, [...entries, { sequence: entries.length + 1, entry: copy(write.entry) }]);
    return;
  }
  const { table, id } = write;
  const key = keyOf(tenant, table, id);
  const old = shared.records.get(key);
  if (write.rev !== undefined && write.rev !== (old?.rev ?? 0)) {
    const stored = old?.rev ?? 0;
    throw new BurgeonError('CONFLICT', {
      message: `The record ${table}/${id} is at revision ${stored}, not ${write.rev}.`,
      data: { table, id, rev: write.rev, stored },
      retryable: true,
    });
  }
  if (write.kind === 'delete') shared.records.delete(key);
  else shared.records.set(key, recordOf({ tenant, table, id }, copy(write.value), old, new Date(shared.now()).toISOString()));
};

const recordOf = (
  of: Pick<StoredRecord, 'tenant' | 'table' | 'id'>,
  value: JsonObject,
  old: StoredRecord | undefined,
  at: string,
): StoredRecord => ({ ...of, rev: (old?.rev ?? 0) + 1, value, createdAt: old?.createdAt ?? at, updatedAt: at });
