import { type Clock, type EntityOperation, type JsonObject, type JsonSchema, type JsonValue, type Operation } from '@burgeon/kit';
import { isoNow } from '../../base/clock.ts';
import { define, isObject, pointerPath, valueAt } from '../../base/json.ts';
import type { Validator } from '../../interface/validate.ts';
import type { Member, Synthesiser } from '../synthesise/synthesiser.ts';
import { type Collection, type Entry, type Facts, sameKey } from './collection.ts';
import { reconcile } from './reconcile.ts';

/** What records are made with. */
export interface Workshop {
  synthesiser: Synthesiser;
  validator: Pick<Validator, 'check'>;
  clock: Clock;
}

/** One record to be born. */
export interface Birth {
  collection: Collection;
  /** Facts the call gave: parts of the key, keys of parents. */
  facts: Facts;
  /** What the client sent; undefined for a record nobody sent. */
  sent?: JsonObject;
  /** Schema of what a client may send, when there is one. */
  sendable?: JsonSchema;
  /** Use the examples of the schema. */
  examples?: boolean;
}

/** Names of properties that say when a record was made or changed. */
const bornAt = /^(?:created|inserted|date_?created)(?:_?(?:at|on|date|time))?$/i;
const changedAt = /^(?:updated|modified|last_?(?:updated|modified)|date_?(?:updated|modified))(?:_?(?:at|on|date|time))?$/i;

/** Makes a record: what the client sent, completed as a server would - keys, times and what only the server may set. */
export const bear = (workshop: Workshop, birth: Birth): Entry => {
  const { collection, facts, sent } = birth;
  const { entity } = collection;
  const number = collection.next();
  // A record nobody made and nobody changed depends on its key alone, so that the same request finds the same record in any order.
  const asked = sent === undefined && collection.identity.some((property) => Object.hasOwn(facts, property));
  const salt = `${entity.name}/${asked ? JSON.stringify(facts) : number}`;
  const synthesise = (more = ''): JsonValue =>
    workshop.synthesiser.value(entity.type, {
      salt: salt + more,
      direction: 'response',
      preferExamples: birth.examples ?? false,
    });
  const made = synthesise();
  const template: JsonObject = isObject(made) ? (made as JsonObject) : {};
  const members = workshop.synthesiser.members(entity.type);
  const record = sent === undefined ? structuredClone(template) : completed(workshop, { template, members, birth, sent });
  const known: Facts = { ...facts };
  for (const property of collection.identity) {
    if (Object.hasOwn(known, property)) continue;
    const own = sent !== undefined && Object.hasOwn(record, property) && !sameKey(record[property], template[property]);
    const key = own ? (record[property] as JsonValue) : freshKey(collection, property, { template, synthesise });
    // A key that the record has no property for is remembered beside it.
    if (members.has(property)) define(record, property, key);
    define(known, property, key);
  }
  for (const [property, value] of Object.entries(facts)) if (members.has(property)) define(record, property, value);
  return fitted(workshop, collection, { facts: known, record });
};

/** Makes an entry's record satisfy the entity's own schema and its facts say what the record shows. */
export const fitted = (
  { synthesiser, validator }: Workshop,
  { entity, identity }: Collection,
  { facts, record }: Entry,
): Entry => {
  const template = (): JsonValue => {
    const value = synthesiser.value(entity.type, {
      salt: `${entity.name}/${JSON.stringify(facts)}`,
      direction: 'response',
      preferExamples: false,
    });
    for (const property of identity)
      if (isObject(value) && Object.hasOwn(value, property)) define(value as JsonObject, property, facts[property] as JsonValue);
    return value;
  };
  const fit = reconcile(record, { schema: entity.type, direction: 'response', validator, template });
  const shown = isObject(fit) ? (fit as JsonObject) : record;
  const known: Facts = { ...facts };
  for (const property of identity) {
    // The way a key was written in a path stays good as long as it means the same.
    if (Object.hasOwn(shown, property) && !sameKey(shown[property], known[property]))
      define(known, property, shown[property] as JsonValue);
  }
  return { facts: known, record: shown };
};

interface Completion {
  template: JsonObject;
  members: ReadonlyMap<string, Member>;
  birth: Birth;
  sent: JsonObject;
}

const completed = ({ synthesiser, clock }: Workshop, { template, members, birth, sent }: Completion): JsonObject => {
  const sendable = birth.sendable === undefined ? undefined : synthesiser.members(birth.sendable);
  const record: JsonObject = {};
  for (const [name, value] of Object.entries(template)) {
    const member = members.get(name);
    const serverSide = member?.readOnly === true || member?.required === true || (sendable !== undefined && !sendable.has(name));
    if (Object.hasOwn(sent, name) || !serverSide) continue;
    define(record, name, timed(name, value, clock));
  }
  return { ...record, ...accepted(sent, { members, sendable, identity: birth.collection.identity }) };
};

interface Acceptance {
  /** What the record shows. */
  members: ReadonlyMap<string, Member>;
  /** What the request names. */
  sendable: ReadonlyMap<string, Member> | undefined;
  identity?: readonly string[];
}

/**
 * What a server keeps of what was sent: neither what it alone may set nor what it never shows. The request's own schema has the last word on
 * what a client may set. A key that was sent counts even where only the server may set it: whoever named a record must find it under that name.
 */
const accepted = (sent: JsonObject, { members, sendable, identity = [] }: Acceptance): JsonObject => {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(sent)) {
    const member = members.get(name);
    const isKey = identity.includes(name);
    const refused = member?.readOnly === true && sendable?.get(name)?.readOnly !== false;
    if ((refused && !isKey) || member?.writeOnly || (value === null && isKey)) continue;
    define(kept, name, structuredClone(value));
  }
  return kept;
};

const timed = (name: string, value: JsonValue, clock: Clock): JsonValue => {
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\d(?:T|$)/.test(value);
  if (!isTime || !(bornAt.test(name) || changedAt.test(name))) return value;
  return value.length === 10 ? isoNow(clock).slice(0, 10) : isoNow(clock);
};

interface KeyMaterial {
  template: JsonObject;
  synthesise: (more: string) => JsonValue;
}

/** A key no other record has: counted where keys are whole numbers, drawn where they are texts. */
const freshKey = (collection: Collection, property: string, { template, synthesise }: KeyMaterial): JsonValue => {
  const model = Object.hasOwn(template, property) ? template[property] : undefined;
  if (typeof model === 'number' && Number.isInteger(model)) {
    const next = collection.largest(property) + 1;
    return Number.isSafeInteger(next) ? next : model;
  }
  if (typeof model !== 'string') return model ?? String(collection.largest(property) + 1);
  for (let attempt = 0; attempt < 8; attempt++) {
    const value = attempt === 0 ? template : synthesise(`/key/${attempt}`);
    const key = isObject(value) ? value[property] : undefined;
    if (typeof key === 'string' && !collection.find({ [property]: key })) return key;
  }
  return `${model}-${collection.next()}`;
};

/** Merges a change into a record as JSON merge patch does, except that a null stays where it is a value. @see RFC 7396 section 2 */
const merge = (record: JsonValue, change: JsonValue, depth = 0): JsonValue => {
  if (!isObject(change) || depth > 64) return structuredClone(change as JsonValue);
  const result: JsonObject = isObject(record) ? { ...(record as JsonObject) } : {};
  for (const [name, value] of Object.entries(change as JsonObject)) {
    const before = Object.hasOwn(result, name) ? (result[name] as JsonValue) : null;
    define(result, name, merge(before, value, depth + 1));
  }
  return result;
};

/** One record to be changed. */
export interface Change extends Pick<Birth, 'sendable'> {
  entry: Entry;
  sent: JsonObject;
  /** True: what was sent replaces the record. */
  whole: boolean;
}

/** The entry after a change. A replacement keeps only what the server alone may set. */
export const changed = (workshop: Workshop, collection: Collection, { entry, sent, whole, sendable }: Change): Entry => {
  const { synthesiser } = workshop;
  const members = synthesiser.members(collection.entity.type);
  const kept = accepted(sent, { members, sendable: sendable === undefined ? undefined : synthesiser.members(sendable) });
  for (const property of Object.keys(entry.facts)) delete kept[property];
  const base: JsonObject = {};
  for (const [name, value] of Object.entries(entry.record)) {
    const member = members.get(name);
    const lasting = !whole || Object.hasOwn(entry.facts, name) || member?.readOnly === true || bornAt.test(name);
    if (lasting) define(base, name, changedAt.test(name) ? timed(name, value, workshop.clock) : value);
  }
  const record = whole ? { ...base, ...kept } : (merge(base, kept) as JsonObject);
  return fitted(workshop, collection, { facts: entry.facts, record });
};

/** What a write operation carries: the records it sends, from the place its mapping names, else the input without the keys. */
export const sentRecords = (mapping: EntityOperation, input: JsonObject): JsonObject[] => {
  if (mapping.record !== undefined) {
    const found = valueAt(input, mapping.record);
    const list = Array.isArray(found) ? found : [found];
    return list.filter(isObject) as JsonObject[];
  }
  return [Object.fromEntries(Object.entries(input).filter(([name]) => !Object.hasOwn(mapping.key, name)))];
};

/** The schema of what a client may send in an operation; undefined when the description does not say. */
export const sendableIn = (synthesiser: Synthesiser, operation: Operation, mapping: EntityOperation): JsonSchema | undefined => {
  if (mapping.record === undefined) return operation.input;
  return pointerPath(mapping.record).length === 0 ? operation.input : synthesiser.at(operation.input, mapping.record);
};
