import {
  BurgeonError,
  type Clock,
  type EntityOperation,
  type EntityRole,
  type Interface,
  type JsonObject,
  type JsonValue,
  type Operation,
} from '@burgeon/kit';
import { canonicalJson, define, isObject, pointerOf, pointerPath, valueAt } from '../../base/json.ts';
import type { Validator } from '../../interface/validate.ts';
import type { Synthesiser } from '../synthesise/synthesiser.ts';
import { type Collection, type Entry, type Facts, createCollection, factsIn, sameKey } from './collection.ts';
import { type Slice, filterRecords, sliceRecords, steering } from './query.ts';
import { reconcile } from './reconcile.ts';
import { type Workshop, bear, changed, fitted, sendableIn, sentRecords } from './records.ts';

/** What a state is made with. */
export interface StateOptions {
  synthesiser: Synthesiser;
  validator: Pick<Validator, 'check'>;
  clock: Clock;
  /** Records that are there before anybody wrote, per entity and per parent. Default: 3. */
  seedRecords?: number;
  /** True: only records that were seeded or created exist. Default: any key not deleted has a record. */
  strict?: boolean;
}

/** What remembering gives for one call: an output, or the news that there is no such record. */
export type StateAnswer = { output: JsonValue } | { missing: true };

/** The memory of a mirror, derived from the description alone. */
export interface State {
  /** The answer of an operation that reaches an entity; undefined for all other operations. */
  answer(operation: Operation, input: JsonObject): StateAnswer | undefined;
  /** Everything remembered, as JSON; the same sequence of calls gives the same bytes. */
  snapshot(): JsonObject;
  /** @throws {BurgeonError} INPUT_INVALID when the value is not a snapshot. */
  restore(state: JsonValue): void;
  /** Back to the beginning. */
  reset(): void;
}

interface Place {
  collection: Collection;
  role: EntityRole;
  mapping: EntityOperation;
}

/** One call at work. */
interface Visit extends Place {
  operation: Operation;
  input: JsonObject;
  facts: Facts;
}

interface Memory extends Workshop {
  seedRecords: number;
  strict: boolean;
}

/** Answers kept at most; they are cheap to make again. */
const mostAnswers = 2_000;

/** Opens the memory of one interface: what was created can be got, listed, changed and deleted, and everything answered fits its schema. */
export const createState = (description: Interface, options: StateOptions): State => {
  const memory: Memory = { ...options, seedRecords: options.seedRecords ?? 3, strict: options.strict ?? false };
  const collections = new Map(description.entities.map((entity) => [entity.name, createCollection(entity)]));
  const places = new Map<string, Place>();
  for (const entity of description.entities) {
    const collection = collections.get(entity.name) as Collection;
    for (const [role, mapping] of Object.entries(entity.operations)) {
      if (!places.has(mapping.operation)) places.set(mapping.operation, { collection, role: role as EntityRole, mapping });
    }
  }
  const answers = new Map<string, { version: number; text: string }>();
  const restore = (state: JsonValue): void => {
    const entities = isObject(state) ? state['entities'] : undefined;
    if (!isObject(entities)) throw notASnapshot();
    for (const [name, collection] of collections) {
      collection.restore(Object.hasOwn(entities, name) ? (entities[name] as JsonValue) : undefined);
    }
  };
  return {
    answer: (operation, input) => {
      const place = places.get(operation.id);
      if (!place) return undefined;
      const call: Visit = { ...place, operation, input, facts: factsIn(place.mapping.key, input) };
      return place.role === 'get' || place.role === 'list' ? look(memory, call, answers) : visit(memory, call);
    },
    snapshot: () => {
      const entities: JsonObject = {};
      for (const [name, collection] of collections) define<JsonValue>(entities, name, collection.snapshot());
      return { entities };
    },
    restore,
    reset: () => restore({ entities: {} }),
  };
};

const notASnapshot = (): BurgeonError =>
  new BurgeonError('INPUT_INVALID', {
    message: 'The state is not one that a mirror wrote.',
    hint: 'Restore what an earlier snapshot of the same interface gave.',
    data: { issues: [{ pointer: '', message: 'must be an object with "entities"' }] },
  });

/** Answers a call that only looks from what was answered before, as long as nothing was written since. */
const look = (memory: Memory, call: Visit, answers: Map<string, { version: number; text: string }>): StateAnswer => {
  const { collection, operation, input } = call;
  const key = `${operation.id}\u0000${canonicalJson(input)}`;
  const known = answers.get(key);
  if (known?.version === collection.version) return { output: JSON.parse(known.text) as JsonValue };
  const answer = visit(memory, call);
  if ('missing' in answer) return answer;
  if (answers.size >= mostAnswers) answers.clear();
  const text = JSON.stringify(answer.output);
  if (text.length <= 65_536) answers.set(key, { version: collection.version, text });
  return answer;
};

const visit = (memory: Memory, call: Visit): StateAnswer => {
  switch (call.role) {
    case 'list':
      return list(memory, call);
    case 'create':
      return create(memory, call);
    case 'get': {
      const entry = findOrBear(memory, call);
      return entry ? { output: shown(memory, call, [entry]) } : { missing: true };
    }
    case 'update':
    case 'replace':
      return change(memory, call);
    case 'delete':
      return remove(memory, call);
  }
};

/** Facts about the parents only: the scope a list belongs to. */
const scopeOf = ({ collection }: Visit, facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([property]) => !collection.identity.includes(property)));

const seed = (memory: Memory, call: Visit): void => {
  const { collection, facts } = call;
  const scope = scopeOf(call, facts);
  if (!collection.enter(scope)) return;
  // A list whose own inputs name whole keys has nothing to seed beyond what is asked for.
  const there = collection.all(scope).length;
  for (let count = there; count < memory.seedRecords; count++) {
    const born = bear(memory, { collection, facts: scope, examples: count === 0 });
    if (!collection.find(born.facts)) collection.put(born);
  }
};

const findOrBear = (memory: Memory, call: Visit): Entry | undefined => {
  const { collection, facts } = call;
  if (collection.isGone(facts)) return undefined;
  seed(memory, call);
  const found = collection.find(facts) ?? findByAlias(memory, call);
  if (found || memory.strict) return found;
  const entry = bear(memory, { collection, facts, examples: true });
  collection.put(entry);
  return entry;
};

/** Where the record does not show its key under the name the operation uses (`projectIdOrKey`), the words of that name are tried. */
const findByAlias = ({ synthesiser }: Memory, call: Visit): Entry | undefined => {
  const { collection, facts } = call;
  const [property, ...more] = collection.identity;
  if (property === undefined || more.length > 0 || !Object.hasOwn(facts, property)) return undefined;
  const members = synthesiser.members(collection.entity.type);
  if (members.has(property)) return undefined;
  const words = new Set(wordsOf(property));
  const names = [...members.keys()].filter((name) => wordsOf(name).every((word) => words.has(word)));
  if (names.length === 0) return undefined;
  return collection.all(scopeOf(call, facts)).find(({ record }) => names.some((name) => sameKey(record[name], facts[property])));
};

/** The words of a name in lower case, whichever way they are joined. */
const wordsOf = (name: string): string[] => name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());

const list = (memory: Memory, call: Visit): StateAnswer => {
  const { collection, operation, input, facts, mapping } = call;
  seed(memory, call);
  const members = memory.synthesiser.members(collection.entity.type);
  const all = collection.all(facts).map(({ record }) => record);
  const fitting = filterRecords(all, input, (name) => members.has(name), steering(operation, mapping));
  const slice = sliceRecords(fitting, operation, input);
  return { output: listed(memory, call, slice) };
};

const create = (memory: Memory, call: Visit): StateAnswer => {
  const { collection, facts, input, mapping, operation } = call;
  seed(memory, call);
  const sendable = sendableIn(memory.synthesiser, operation, mapping);
  const sent = sentRecords(mapping, input);
  const entries = (sent.length > 0 ? sent : [{}]).map((each) => {
    const entry = bear(memory, { collection, facts, sent: each, ...(sendable === undefined ? {} : { sendable }) });
    collection.put(entry);
    return entry;
  });
  const output = shown(memory, call, entries);
  if (entries.length === 1) adopt(memory, call, { entry: entries[0] as Entry, output });
  return { output };
};

/** What was answered is what is remembered: where the answer had to differ from the record, the record follows. */
const adopt = (memory: Memory, { collection, mapping }: Visit, { entry, output }: { entry: Entry; output: JsonValue }): void => {
  const told = mapping.result === undefined ? undefined : valueAt({ output }, `/output${mapping.result}`);
  if (!isObject(told)) return;
  const members = memory.synthesiser.members(collection.entity.type);
  const differs = ([name, value]: [string, unknown]): boolean =>
    members.has(name) && (!Object.hasOwn(entry.record, name) || canonicalJson(entry.record[name]) !== canonicalJson(value));
  const different = Object.entries(told).filter(differs) as [string, JsonValue][];
  if (different.length === 0) return;
  const record = { ...entry.record, ...Object.fromEntries(different) };
  collection.remove(entry);
  collection.put(fitted(memory, collection, { facts: entry.facts, record: structuredClone(record) }));
};

const change = (memory: Memory, call: Visit): StateAnswer => {
  const { collection, input, mapping, role, operation } = call;
  const sent = sentRecords(mapping, input)[0] ?? {};
  const facts = { ...keysIn(collection, sent), ...call.facts };
  const entry = findOrBear(memory, { ...call, facts });
  if (!entry) return { missing: true };
  const sendable = sendableIn(memory.synthesiser, operation, mapping);
  const order = { entry, sent, whole: role === 'replace', ...(sendable === undefined ? {} : { sendable }) };
  const after = changed(memory, collection, order);
  collection.remove(entry);
  collection.put(after);
  return { output: shown(memory, call, [after]) };
};

/** Keys that a client sends inside the record where the operation takes none beside it. */
const keysIn = (collection: Collection, sent: JsonObject): Facts =>
  Object.fromEntries(
    collection.identity.flatMap((property) => (Object.hasOwn(sent, property) ? [[property, sent[property] as JsonValue]] : [])),
  );

const remove = (memory: Memory, call: Visit): StateAnswer => {
  const { collection, facts } = call;
  const entry = findOrBear(memory, call);
  if (!entry) return { missing: true };
  collection.remove(entry);
  collection.bury({ ...entry.facts, ...facts });
  return { output: shown(memory, call, [entry]) };
};

/** The output around one record, or around the list of those that were written at once. */
const shown = (memory: Memory, call: Visit, entries: Entry[]): JsonValue => {
  const { mapping, operation } = call;
  const template = templateOf(memory, call, entries[0]?.facts ?? {});
  if (mapping.result === undefined) return template();
  const records = entries.map(({ record }) => structuredClone(record));
  const single = records[0] as JsonObject;
  const wrapped = mapping.result !== '' || records.length > 1;
  const asList = wrapped && Array.isArray(valueAt({ output: template() }, `/output${mapping.result}`));
  const output = placed(wrapped ? template() : null, mapping.result, asList ? records : single);
  return reconcile(output, { schema: operation.output, direction: 'response', validator: memory.validator, template });
};

const listed = (memory: Memory, call: Visit, { records, total, next }: Slice): JsonValue => {
  const { mapping, operation } = call;
  const { validator, synthesiser } = memory;
  const template = templateOf(memory, call, call.facts);
  const { next: nextAt, total: totalAt } = operation.pagination?.output ?? {};
  const at = mapping.result ?? '';
  const around = (items: JsonObject[]): JsonValue => {
    const output = placed(at === '' ? null : template(), at, items);
    const counted = totalAt !== undefined && isObject(output) ? placed(output, totalAt, total) : output;
    return nextAt === undefined ? counted : withNext(memory, operation, { output: counted, at: nextAt, next });
  };
  const output = around(structuredClone(records));
  if (validator.check(operation.output, output, { direction: 'response' }).length === 0) return output;
  // The list may show less of a record, or show it otherwise: each is fitted for itself, so that none is lost over another.
  const item = synthesiser.at(operation.output, `${at}/0`);
  const model = (): JsonValue =>
    item === undefined ? null : synthesiser.value(item, { salt: `${operation.id}/item`, direction: 'response' });
  const fit = (record: JsonObject): JsonObject =>
    item === undefined
      ? record
      : (reconcile(record, { schema: item, direction: 'response', validator, template: model }) as JsonObject);
  return reconcile(around(structuredClone(records).map(fit)), {
    schema: operation.output,
    direction: 'response',
    validator,
    template,
  });
};

/** Writes where the next part begins, in the first form the schema takes; a last part must not name another one. */
export const withNext = (
  { validator }: Pick<Memory, 'validator'>,
  operation: Operation,
  { output, at, next }: { output: JsonValue; at: string; next: string | undefined },
): JsonValue => {
  const forms: JsonValue[] = next === undefined ? [null, '', false, 0] : [next, Number(next), true];
  const tries = forms.map((form) => placed(structuredClone(output), at, form));
  if (next === undefined) tries.unshift(withoutValue(structuredClone(output), at));
  return (
    tries.find((value) => validator.check(operation.output, value, { direction: 'response' }).length === 0) ??
    (tries[0] as JsonValue)
  );
};

const withoutValue = (output: JsonValue, pointer: string): JsonValue => {
  const path = pointerPath(pointer);
  const parent = valueAt({ output }, pointerOf(['output', ...path.slice(0, -1)]));
  if (isObject(parent) && path.length > 0) delete parent[path.at(-1) as string];
  return output;
};

/** A synthesised output of the operation for one record, made once at most. */
const templateOf = ({ synthesiser }: Memory, { operation }: Visit, facts: Facts): (() => JsonValue) => {
  let made: JsonValue | undefined;
  return () => {
    made ??= synthesiser.value(operation.output, { salt: `${operation.id}/${JSON.stringify(facts)}`, direction: 'response' });
    return structuredClone(made);
  };
};

/** Puts a value at a pointer inside another one, making the objects on the way. */
const placed = (output: JsonValue, pointer: string, value: JsonValue): JsonValue => {
  const path = pointerPath(pointer);
  if (path.length === 0) return value;
  const root: JsonObject = isObject(output) ? (output as JsonObject) : {};
  let parent = root;
  for (const token of path.slice(0, -1)) {
    const child = Object.hasOwn(parent, token) ? parent[token] : undefined;
    if (!isObject(child)) define<JsonValue>(parent, token, {});
    parent = parent[token] as JsonObject;
  }
  define(parent, path.at(-1) as string, value);
  return root;
};
