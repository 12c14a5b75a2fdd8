import { BurgeonError, type Entity, type JsonObject, type JsonValue } from '@burgeon/kit';
import { define, isObject } from '../../base/json.ts';

/** Facts by which a record is found: property -> value, for its own key and for its parents' keys. */
export type Facts = Record<string, JsonValue>;

/** One remembered record. `facts` also holds keys that the record itself does not show. */
export interface Entry {
  facts: Facts;
  record: JsonObject;
}

/** The remembered records of one entity, in the order in which they came to be. */
export interface Collection {
  readonly entity: Entity;
  /** Properties that identify a record. */
  readonly identity: readonly string[];
  /** Grows whenever something is remembered or forgotten. */
  readonly version: number;
  /** The entry that has all these facts; keys compare by their text, so `"5"` finds `5`. */
  find(facts: Facts): Entry | undefined;
  /** All entries with these facts. */
  all(facts: Facts): Entry[];
  /** Adds an entry, or puts it in the place of the one with the same identity. */
  put(entry: Entry): void;
  remove(entry: Entry): void;
  /** True when a record with these facts was deleted and not made again. */
  isGone(facts: Facts): boolean;
  /** Remembers that there is no such record. */
  bury(facts: Facts): void;
  /** True the first time it is asked for these facts. */
  enter(facts: Facts): boolean;
  /** Counts up; never gives the same number twice. */
  next(): number;
  /** The largest whole number a key property holds. */
  largest(property: string): number;
  snapshot(): JsonObject;
  restore(state: JsonValue | undefined): void;
}

/** Records and traces of deleted ones kept per entity; the oldest trace gives way. */
const most = { entries: 20_000, gone: 20_000 } as const;

/** Which properties identify a record: the key, or what only single-record operations ask for. */
const identityOf = ({ key, operations }: Entity): string[] => {
  if (key.length > 0) return key;
  const one = operations.get ?? operations.update ?? operations.replace ?? operations.delete;
  const around = new Set(Object.values((operations.list ?? operations.create)?.key ?? {}));
  return Object.values(one?.key ?? {}).filter((property) => !around.has(property));
};

const textOf = (value: JsonValue | undefined): string =>
  value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** True when two keys are the same in writing: `"5"` and `5`, `true` and `"true"`. */
export const sameKey = (a: JsonValue | undefined, b: JsonValue | undefined): boolean => textOf(a) === textOf(b);

/** A fact of an entry, or what its record shows in its place. */
const factOf = ({ facts, record }: Entry, property: string): JsonValue | undefined =>
  Object.hasOwn(facts, property) ? facts[property] : Object.hasOwn(record, property) ? record[property] : undefined;

const has = (entry: Entry, facts: Facts): boolean =>
  Object.keys(facts).every((property) => sameKey(factOf(entry, property), facts[property]));

/** True when nothing that both sides know differs. */
const agree = (a: Facts, b: Facts): boolean =>
  Object.keys(a).every((property) => !Object.hasOwn(b, property) || sameKey(a[property], b[property]));

const labelOf = (facts: Facts): string =>
  JSON.stringify(
    Object.keys(facts)
      .sort()
      .map((property) => [property, textOf(facts[property])]),
  );

/** Values under their identity: the way to one record does not lead past all the others. */
const createIndex = <T>(identity: readonly string[]) => {
  const buckets = new Map<string, Set<T>>();
  const keyOf = (facts: Facts): string => JSON.stringify(identity.map((property) => textOf(facts[property])));
  return {
    add: (facts: Facts, value: T): void => {
      const key = keyOf(facts);
      const bucket = buckets.get(key) ?? new Set();
      buckets.set(key, bucket.add(value));
    },
    remove: (facts: Facts, value: T): void => {
      const key = keyOf(facts);
      const bucket = buckets.get(key);
      bucket?.delete(value);
      if (bucket?.size === 0) buckets.delete(key);
    },
    /** What may belong to these facts; undefined when they do not name the whole identity. */
    at: (facts: Facts): Iterable<T> | undefined =>
      identity.every((property) => Object.hasOwn(facts, property)) ? (buckets.get(keyOf(facts)) ?? []) : undefined,
    clear: (): void => buckets.clear(),
  };
};

/** The entries that are there, in order, with their index. */
const createShelf = (identity: readonly string[]) => {
  const entries = new Map<string, Entry>();
  const byIdentity = createIndex<Entry>(identity);
  const remove = ({ facts }: Entry): void => {
    const entry = entries.get(labelOf(facts));
    if (!entry) return;
    entries.delete(labelOf(facts));
    byIdentity.remove(entry.facts, entry);
  };
  return {
    entries,
    remove,
    find: (facts: Facts): Entry | undefined => {
      for (const entry of byIdentity.at(facts) ?? entries.values()) if (has(entry, facts)) return entry;
      return undefined;
    },
    /** Puts an entry where the one with the same facts stood, or last. */
    add: (entry: Entry): void => {
      const before = entries.get(labelOf(entry.facts));
      if (before) byIdentity.remove(before.facts, before);
      entries.set(labelOf(entry.facts), entry);
      byIdentity.add(entry.facts, entry);
    },
    clear: (): void => {
      entries.clear();
      byIdentity.clear();
    },
  };
};

/** Opens an empty collection. */
export const createCollection = (entity: Entity): Collection => {
  const identity = identityOf(entity);
  const shelf = createShelf(identity);
  const gone = createGraves(identity);
  const entered = new Set<string>();
  let count = 0;
  let version = 0;
  const { entries } = shelf;
  return {
    entity,
    identity,
    get version() {
      return version;
    },
    find: shelf.find,
    all: (facts) => [...entries.values()].filter((entry) => has(entry, facts)),
    put: (entry) => {
      if (entries.size >= most.entries && !entries.has(labelOf(entry.facts))) throw full(entity);
      version++;
      shelf.add(entry);
      gone.open(entry.facts);
    },
    remove: (entry) => {
      version++;
      shelf.remove(entry);
    },
    isGone: gone.holds,
    bury: (facts) => {
      version++;
      gone.bury(facts);
    },
    enter: (facts) => {
      const label = labelOf(facts);
      if (entered.has(label) || entered.size >= most.entries) return false;
      entered.add(label);
      return true;
    },
    next: () => ++count,
    largest: (property) => largestOf(entries.values(), property),
    snapshot: () => ({
      count,
      entries: [...entries.values()].map(({ facts, record }) => structuredClone({ facts, record })),
      gone: gone.all(),
      entered: [...entered],
    }),
    restore: (state) => {
      const read = readState(entity.name, state);
      version++;
      for (const memory of [shelf, gone, entered]) memory.clear();
      count = read.count;
      read.entries.forEach(shelf.add);
      read.gone.forEach(gone.bury);
      for (const label of read.entered) entered.add(label);
    },
  };
};

/** What was deleted: its facts, the oldest forgotten first. */
const createGraves = (identity: readonly string[]) => {
  const graves = new Set<Facts>();
  const byIdentity = createIndex<Facts>(identity);
  const matching = (facts: Facts): Facts[] => [...(byIdentity.at(facts) ?? graves)].filter((grave) => agree(facts, grave));
  const remove = (grave: Facts): void => {
    graves.delete(grave);
    byIdentity.remove(grave, grave);
  };
  return {
    holds: (facts: Facts): boolean => matching(facts).length > 0,
    bury: (facts: Facts): void => {
      if (graves.size >= most.gone) remove(graves.values().next().value as Facts);
      graves.add(facts);
      byIdentity.add(facts, facts);
    },
    open: (facts: Facts): void => matching(facts).forEach(remove),
    all: (): JsonObject[] => [...graves].map((grave) => structuredClone(grave)),
    clear: (): void => {
      graves.clear();
      byIdentity.clear();
    },
  };
};

const full = (entity: Entity): BurgeonError =>
  new BurgeonError('LIMIT_EXCEEDED', {
    message: `The mirror holds ${most.entries} records of "${entity.name}" and takes no more.`,
    hint: 'Delete some, or reset the mirror.',
  });

const largestOf = (entries: Iterable<Entry>, property: string): number => {
  let largest = 0;
  for (const entry of entries) {
    const value = Number(factOf(entry, property));
    if (Number.isSafeInteger(value) && value > largest) largest = value;
  }
  return largest;
};

interface State {
  count: number;
  entries: Entry[];
  gone: Facts[];
  entered: string[];
}

/** Reads what {@link Collection.snapshot} wrote; nothing at all is the empty collection. */
const readState = (name: string, state: JsonValue | undefined): State => {
  if (state === undefined) return { count: 0, entries: [], gone: [], entered: [] };
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (isObject(state) && typeof state['count'] === 'number') {
    const [entries, gone, entered] = [state['entries'], state['gone'], state['entered']];
    const isEntry = (value: unknown): boolean => isObject(value) && isObject(value['facts']) && isObject(value['record']);
    if (
      Array.isArray(entries) &&
      entries.every(isEntry) &&
      Array.isArray(gone) &&
      gone.every(isObject) &&
      Array.isArray(entered) &&
      entered.every(isText)
    ) {
      return structuredClone({ count: state['count'], entries: entries as unknown as Entry[], gone: gone as Facts[], entered });
    }
  }
  throw new BurgeonError('INPUT_INVALID', {
    message: `The state of "${name}" is not one that a mirror wrote.`,
    hint: 'Restore what an earlier snapshot of the same interface gave.',
    data: { issues: [{ pointer: `/entities/${name}`, message: 'is not the state of an entity' }] },
  });
};

/** The facts an operation's input gives, by its key mapping; what is not there is left out. */
export const factsIn = (mapping: Record<string, string>, input: JsonObject): Facts => {
  const facts: Facts = {};
  for (const [from, property] of Object.entries(mapping)) {
    if (Object.hasOwn(input, from)) define(facts, property, input[from] as JsonValue);
  }
  return facts;
};
