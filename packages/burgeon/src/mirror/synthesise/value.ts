import type { JsonObject, JsonSchema, JsonValue } from '@burgeon/kit';
import { define, isObject } from '../../base/json.ts';
import { writeArray } from './arrays.ts';
import { formatRange } from './gather.ts';
import { rangeByName } from './names.ts';
import { numberFits, writeNumber } from './numbers.ts';
import { writeObject } from './objects.ts';
import { type Shape, anyKind, kindOf, kinds } from './shape.ts';
import { isTooLarge } from './size.ts';
import { stringFits, writeString } from './strings.ts';
import { type Writing, deepest, likelyKinds, nodeBudget, reaches, shortestOption, within } from './writing.ts';

/** Objects and arrays within each other: beyond `lean` only what must be there, beyond `most` nothing. */
const depths = { lean: 7, most: 64 } as const;

/** Writes one value of a shape. */
export const writeValue = (writing: Writing, shape: Shape, name: string): JsonValue => {
  writing.nodes--;
  if (writing.nodes === 0) writing.tooLarge = isTooLarge(writing.shapes, writing.open[0] ?? shape);
  const crowded = writing.nodes <= 0 || writing.depth >= depths.lean || writing.open.includes(shape);
  if (crowded && !writing.lean) return within(writing, { lean: true }, () => writeValue(writing, shape, name));
  if (writing.depth >= depths.most || writing.nodes < -nodeBudget.lean || writing.tooLarge) {
    writing.broken = true;
    return null;
  }
  const example = writing.examples && !writing.lean ? pickExample(writing, shape) : undefined;
  if (example !== undefined) return copied(example);
  writing.depth++;
  writing.open.push(shape);
  const value = shape.tricky && writing.checks > 0 ? writeChecked(writing, shape, name) : writePlain(writing, shape, name);
  writing.open.pop();
  writing.depth--;
  return value;
};

/** Tries until a check is content, while checks may be spent. */
const writeChecked = (writing: Writing, shape: Shape, name: string): JsonValue => {
  let value = writePlain(writing, shape, name);
  const spend = (candidate: JsonValue): boolean => --writing.checks >= 0 && writing.check(shape.schema, candidate);
  for (let attempt = 0; attempt < 12 && writing.checks > 0; attempt++) {
    if (spend(value)) return value;
    const lean = attempt % 3 === 1 || writing.lean;
    value = within(writing, { lean }, () => writePlain(writing, shape, name, attempt));
    const apart = isObject(value) ? setApart(writing, shape, { value: value as JsonObject, option: attempt }) : undefined;
    if (apart && spend(apart)) return apart;
  }
  return value;
};

const wrong: readonly JsonValue[] = [null, 0, '', false, [], {}];

/**
 * Where exactly one of several objects is allowed and the others are open: adds for each other option a property of a kind it forbids.
 * Undefined when there is nothing to add.
 */
const setApart = (
  { shapes }: Writing,
  shape: Shape,
  { value, option }: { value: JsonObject; option: number },
): JsonObject | undefined => {
  const choice = shape.choices[0];
  if (!choice?.exclusive) return undefined;
  const chosen = option % choice.options.length;
  const own = shapes.variant(shape, chosen);
  const result = { ...value };
  for (const [index, schema] of choice.options.slice(0, 64).entries()) {
    if (index === chosen) continue;
    const other = shapes.of([schema]);
    for (const name of other.properties.keys()) {
      const member = shapes.member(other, name);
      const value =
        own.properties.has(name) || Object.hasOwn(result, name)
          ? undefined
          : wrong.find((each) => (kindOf(each) & member.kinds) === 0);
      if (value === undefined || shapes.member(own, name).impossible) continue;
      define(result, name, structuredClone(value));
      break;
    }
  }
  return Object.keys(result).length > Object.keys(value).length ? result : undefined;
};

/** Takes options until no choice is open. `turn` walks through the options of a choice in order. */
const settle = (writing: Writing, shape: Shape, turn?: number): Shape => {
  let settled = shape;
  // Each variant has one choice fewer, unless the option brings new ones; a type that chooses itself would never end.
  for (let round = 0; round < 32 && settled.choices.length > 0; round++) {
    settled = writing.shapes.variant(settled, chooseOption(writing, settled, turn));
  }
  return settled;
};

const chooseOption = ({ shapes, random, lean }: Writing, shape: Shape, turn: number | undefined): number => {
  const count = shape.choices[0]?.options.length ?? 0;
  if (turn !== undefined) return turn % count;
  if (lean) return shortestOption(shapes, shape);
  const start = random.below(count);
  for (let offset = 0; offset < Math.min(count, 16); offset++) {
    const option = (start + offset) % count;
    const variant = shapes.variant(shape, option);
    if (!variant.impossible && variant.kinds !== kinds.null && reaches(shapes, variant, deepest)) return option;
  }
  return start;
};

const writePlain = (writing: Writing, open: Shape, name: string, turn?: number): JsonValue => {
  const shape = settle(writing, open, turn);
  if (shape.values) return copied(pickValue(writing, shape));
  switch (pickKind(writing, shape)) {
    case kinds.null:
      return null;
    case kinds.boolean:
      return pickBoolean(writing, shape);
    case kinds.string:
      return pickString(writing, shape, name);
    case kinds.array:
      return writeArray(writing, shape, name);
    case kinds.object:
      return writeObject(writing, shape);
    default:
      return pickNumber(writing, shape, name);
  }
};

const copied = (value: JsonValue): JsonValue => (typeof value === 'object' && value !== null ? structuredClone(value) : value);

/** One of the listed values that keeps the other rules too; null only where nothing else is listed. */
const pickValue = (writing: Writing, shape: Shape): JsonValue => {
  const fitting = (shape.values ?? []).filter((value) => fits(shape, value));
  const solid = fitting.filter((value) => value !== null);
  if (solid.length > 0) return writing.random.pick(solid);
  return fitting[0] ?? shape.values?.[0] ?? null;
};

const order = [kinds.object, kinds.array, kinds.string, kinds.integer, 8, kinds.boolean, kinds.null] as const;
const leanOrder = [kinds.null, kinds.string, kinds.integer, 8, kinds.boolean, kinds.array, kinds.object] as const;

const pickKind = ({ lean, random, shapes, anyway }: Writing, shape: Shape): number => {
  const likely = shape.kinds === anyKind && anyway !== 0 ? anyway : likelyKinds(shape);
  const kind = (lean ? leanOrder : order).find((each) => (likely & each) !== 0) ?? kinds.null;
  if (lean || kind === kinds.null) return kind;
  // Of several kinds the richest comes most often, but each has its turn.
  const solid = order.filter((each) => (likely & each) !== 0 && each !== kinds.null);
  const picked = solid.length > 1 && random.below(3) === 0 ? random.pick(solid) : kind;
  const endless = picked >= kinds.array && solid.length > 1 && !reaches(shapes, shape, deepest);
  return endless ? (solid.at(-1) as number) : picked;
};

const pickBoolean = ({ random }: Writing, { excluded }: Shape): boolean => {
  const value = random.below(2) === 1;
  return excluded.includes(value) ? !value : value;
};

const tryOften = <T extends JsonValue>({ excluded }: Shape, write: () => T): T => {
  let value = write();
  for (let attempt = 0; attempt < 8 && excluded.includes(value); attempt++) value = write();
  return value;
};

const pickString = (writing: Writing, shape: Shape, name: string): string =>
  tryOften(shape, () => writeString(shape, name, writing.random));

const pickNumber = (writing: Writing, shape: Shape, name: string): number => {
  const whole = (shape.kinds & 8) === 0;
  const [least, most] = formatRange(shape.formats) ?? [-Infinity, Infinity];
  const rule = {
    ...shape,
    whole,
    low: shape.high < least ? shape.low : Math.max(shape.low, least),
    high: shape.low > most ? shape.high : Math.min(shape.high, most),
  };
  const open = shape.low === -Infinity && shape.high === Infinity;
  const range = open && shape.steps.length === 0 ? rangeByName(name) : undefined;
  if (range) Object.assign(rule, { low: Math.max(least, range[0]), high: Math.min(most, range[1]) });
  else if (open && rule.low < 0) Object.assign(rule, { low: 1, high: Math.min(most, 1_000) });
  return tryOften(shape, () => writeNumber(rule, writing.random));
};

/** Whether a value keeps the rules of a shape that can be seen without a check: kind, list, range, length, pattern. */
const fits = (shape: Shape, value: JsonValue): boolean => {
  if ((kindOf(value) & shape.kinds) === 0) return false;
  if (typeof value === 'number') return numberFits(shape, value);
  if (typeof value === 'string') return stringFits(shape, value);
  return true;
};

/** One of the schema's own examples that satisfies it; undefined when there is none. */
const pickExample = (writing: Writing, shape: Shape): JsonValue | undefined => {
  if (shape.examples.length === 0) return undefined;
  const { memory } = shape;
  memory.examples ??= shape.examples.filter((example) => {
    const valid = fits(shape, example) && (isSimple(shape, example) || writing.check(checkedSchema(shape, example), example));
    if (!valid) writing.skip(`the example ${JSON.stringify(example).slice(0, 80)} does not fit its schema`);
    return valid;
  });
  // The first example is the author's choice; further ones and the default show in other values.
  return memory.examples[0];
};

const formatSchemas = new Map<string, JsonSchema>();

/** The schema to check an example with: all texts of one format share one. */
const checkedSchema = (shape: Shape, example: JsonValue): JsonSchema => {
  const format = shape.formats[0];
  const plain = typeof example === 'string' && !shape.values && !shape.tricky && !shape.base64 && shape.choices.length === 0;
  if (!plain || format === undefined || shape.formats.length > 1) return shape.schema;
  const known = formatSchemas.get(format) ?? { type: 'string', format };
  if (formatSchemas.size < 256) formatSchemas.set(format, known);
  return known;
};

const isSimple = (shape: Shape, example: JsonValue): boolean =>
  (example === null || typeof example !== 'object') &&
  !shape.values &&
  !shape.tricky &&
  shape.formats.length === 0 &&
  shape.choices.length === 0;
