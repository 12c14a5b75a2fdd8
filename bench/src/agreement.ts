import type { Entity, Interface, JsonObject, JsonValue } from '@burgeon/kit';
import { valueAt } from '../../packages/burgeon/src/base/json.ts';
import { createValidator, type Validator } from '../../packages/burgeon/src/interface/validate.ts';
import { createSynthesiser, type Synthesiser } from '../../packages/burgeon/src/mirror/synthesise/synthesiser.ts';

/** How many pairs of operations on one resource were tried, and how many told the same story. */
export interface Agreement {
  pairs: number;
  agreeing: number;
  failures: string[];
}

/** A way to call the mirror. */
export type Call = (operation: string, input: JsonObject) => Promise<{ output: JsonValue }>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** True when a value holds another: equal, or an object with everything the other has (a change merges, RFC 7396). */
const holds = (value: JsonValue | undefined, part: JsonValue): boolean =>
  isObject(value) && isObject(part)
    ? Object.entries(part).every(([key, each]) => holds(value[key], each))
    : JSON.stringify(value) === JSON.stringify(part);

/** True when everything of `part` that `whole` has a word for, and that its schema lets it say, is the same there. */
const carries = ({ entity, validator }: Scene, whole: JsonObject, part: JsonObject): boolean =>
  Object.entries(part).every(([key, value]) => {
    if (!Object.hasOwn(whole, key) || holds(whole[key], value)) return true;
    return validator.check(entity.type, { ...whole, [key]: value }, { direction: 'response' }).length > 0;
  });

/** What one entity is tried with. */
interface Scene {
  entity: Entity;
  description: Interface;
  synthesiser: Synthesiser;
  validator: Validator;
  call: Call;
}

/** Input of an operation: synthesised for writes; for reads only what is required, since every further parameter may narrow what is found. */
const inputOf = ({ description, synthesiser, validator }: Scene, id: string, known: JsonObject): JsonObject | undefined => {
  const operation = description.operations.find((each) => each.id === id);
  if (!operation) return undefined;
  const made = synthesiser.value(operation.input, { salt: `agree/${id}`, direction: 'request' }) as JsonObject;
  const needed = Object.fromEntries(
    Object.entries(made).filter(([name]) => operation.effect === 'write' || operation.input.required?.includes(name)),
  );
  const input = { ...needed, ...known };
  return validator.check(operation.input, input, { direction: 'request' }).length === 0 ? input : undefined;
};

/** The key of a record as inputs of another operation take it. */
const keyFor = (record: JsonObject, key: Record<string, string>): JsonObject | undefined => {
  const found: JsonObject = {};
  for (const [property, field] of Object.entries(key)) {
    const value = record[field];
    if (value === undefined || value === null || typeof value === 'object') return undefined;
    found[property] = value;
  }
  return found;
};

const at = (output: JsonValue, pointer: string | undefined): unknown => valueAt(output, pointer ?? '');

/** One resource while it is tried. */
interface Story {
  scene: Scene;
  /** The operation that made the record. */
  creation: string;
  /** The record, as far as it is known. */
  record: JsonObject;
  result: Agreement;
}

const judge = (
  { scene, creation, result }: Story,
  what: string,
  { agrees, detail = '' }: { agrees: boolean; detail?: string },
): void => {
  result.pairs += 1;
  if (agrees) result.agreeing += 1;
  else result.failures.push(`${scene.entity.name}: ${creation} and ${what} disagree ${detail.slice(0, 300)}`);
};

/** The record as it is read; empty when the answer holds none, nothing when it cannot be asked for. */
const readRecord = async ({ scene, record }: Story): Promise<JsonObject | undefined> => {
  const { get } = scene.entity.operations;
  const key = get && keyFor(record, get.key);
  const input = get && key && inputOf(scene, get.operation, key);
  if (!get || !input) return undefined;
  const answer = await scene.call(get.operation, input).catch(() => undefined);
  const found = answer && at(answer.output, get.result);
  return isObject(found) ? found : {};
};

const playList = async (story: Story): Promise<void> => {
  const { scene, record } = story;
  const { list } = scene.entity.operations;
  const key = list && keyFor(record, list.key);
  const input = list && key && inputOf(scene, list.operation, key);
  if (!list || !input) return;
  const answer = await scene.call(list.operation, input).catch(() => undefined);
  const items = answer && at(answer.output, list.result);
  judge(story, list.operation, { agrees: Array.isArray(items) && items.length > 0 });
};

/** The fields of a record that tell it from others. */
const named = ({ scene, record }: Story): JsonObject =>
  Object.fromEntries(scene.entity.key.flatMap((field) => (record[field] === undefined ? [] : [[field, record[field]]])));

const playChanges = async (story: Story): Promise<void> => {
  const { scene, record } = story;
  const { update, replace } = scene.entity.operations;
  for (const change of [update, replace]) {
    const key = change && keyFor(record, change.key);
    const input = change && key && inputOf(scene, change.operation, key);
    if (!change || !input) continue;
    const wanted = at(input, change.record);
    // Where nothing beside it says which record is meant, the record itself does.
    if (isObject(wanted) && Object.keys(change.key).length === 0) Object.assign(wanted, named(story));
    const answer = await scene.call(change.operation, input).catch(() => undefined);
    const now = await readRecord(story);
    if (!now) continue;
    // The key stays what it is, whatever the change says.
    const kept = Object.fromEntries(scene.entity.key.map((field) => [field, now[field] ?? null]));
    const agrees = answer !== undefined && isObject(wanted) && carries(scene, now, { ...wanted, ...kept });
    judge(story, change.operation, { agrees, detail: JSON.stringify({ wanted, now }) });
  }
};

const playRemoval = async (story: Story): Promise<void> => {
  const { scene, record } = story;
  const { get, delete: remove } = scene.entity.operations;
  const last = remove && keyFor(record, remove.key);
  const input = remove && last && inputOf(scene, remove.operation, last);
  if (!remove || !input || !get) return;
  await scene.call(remove.operation, input).catch(() => undefined);
  const key = keyFor(record, get.key) ?? {};
  const agrees = await scene.call(get.operation, inputOf(scene, get.operation, key) ?? key).then(
    () => false,
    (error: unknown) => /^4\d\d/.test(String((error as { status?: number }).status)),
  );
  judge(story, remove.operation, { agrees });
};

/** Creates a record, then asks every other operation on the same resource about it. */
const play = async (scene: Scene, result: Agreement): Promise<void> => {
  const { create, get } = scene.entity.operations;
  const creation = create && inputOf(scene, create.operation, {});
  if (!create || !creation) return;
  const made = await scene.call(create.operation, creation).catch(() => undefined);
  const sent = at(creation, create.record);
  const created = made && at(made.output, create.result);
  const known = Object.entries(create.key).filter(([property]) => creation[property] !== undefined);
  const parents = Object.fromEntries(known.map(([property, field]) => [field, creation[property] as JsonValue]));
  const record: JsonObject = { ...(isObject(sent) ? sent : {}), ...(isObject(created) ? created : {}), ...parents };
  const story: Story = { scene, creation: create.operation, record, result };
  const expected = isObject(created) ? created : isObject(sent) ? sent : {};
  const first = await readRecord(story);
  if (get && first) judge(story, get.operation, { agrees: Object.keys(first).length > 0 && carries(scene, first, expected) });
  await playList(story);
  await playChanges(story);
  if (first) await playRemoval(story);
};

/** Tries every resource of an interface against a mirror with state. */
export const agreement = async (description: Interface, call: Call): Promise<Agreement> => {
  const result: Agreement = { pairs: 0, agreeing: 0, failures: [] };
  const validator = createValidator(description.types);
  const synthesiser = createSynthesiser({ types: description.types, seed: 11, validator });
  for (const entity of description.entities) await play({ entity, description, synthesiser, validator, call }, result);
  return result;
};
