import { formatWriter } from './formats.ts';
import { type Shape, type Shapes, kinds } from './shape.ts';
import { deepest, reaches } from './writing.ts';

/** Shapes looked at before a schema counts as too wide to be judged. */
const mostShapes = 20_000;

/** Choices one after the other that are followed: a type that chooses itself would go on for ever. */
const mostTaken = 6;

/**
 * Whether every value that is written for a shape is valid by construction, so that no check is needed: nothing in reach needs luck.
 * Says no where it is not sure.
 */
export const isSound = (shapes: Shapes, root: Shape, direction: 'request' | 'response'): boolean => {
  const known = root.memory.sound[direction];
  if (known !== undefined) return known;
  const seen = new Set<Shape>([root]);
  let sound = reaches(shapes, root, deepest);
  // A Set visits what is added while it is being walked: this is a breadth-first search.
  for (const shape of seen) {
    if (!sound) break;
    const needed =
      shape.memory.sound[direction] === true ? [] : seen.size > mostShapes ? undefined : partsOf(shapes, shape, direction);
    sound = needed !== undefined;
    for (const part of needed ?? []) seen.add(part);
  }
  if (sound) for (const shape of seen) shape.memory.sound[direction] = true;
  root.memory.sound[direction] = sound;
  return sound;
};

/** The shapes a sound shape rests on; undefined when it is not sound itself. */
const partsOf = (shapes: Shapes, shape: Shape, direction: 'request' | 'response'): Shape[] | undefined => {
  if (shape.impossible || shape.tricky || shape.excluded.length > 0) return undefined;
  if (shape.memory.taken > mostTaken) return undefined;
  if (shape.choices.length > 0) return shape.choices[0]?.options.map((_, index) => shapes.variant(shape, index));
  if (shape.values) return shape.values.every(isScalar) && isOpenScalar(shape) ? [] : undefined;
  const parts: Shape[] = [];
  if ((shape.kinds & kinds.number) !== 0 && !isSoundNumber(shape)) return undefined;
  if ((shape.kinds & kinds.string) !== 0 && !isSoundString(shape)) return undefined;
  if ((shape.kinds & kinds.array) !== 0) {
    if (!isSoundArray(shape)) return undefined;
    const longest = Math.max(0, ...shape.sequences.map(({ prefix }) => prefix.length));
    for (let index = 0; index <= Math.max(longest, shape.minItems) && index < 64; index++) parts.push(shapes.item(shape, index));
  }
  if ((shape.kinds & kinds.object) === 0) return parts;
  const members = isSoundObject(shape) ? membersOf(shapes, shape, direction) : undefined;
  return members && [...parts, ...members];
};

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object';

/** Nothing but the list of values restricts them. */
const isOpenScalar = (shape: Shape): boolean =>
  shape.formats.length + shape.patterns.length + shape.steps.length === 0 &&
  shape.minLength === 0 &&
  shape.maxLength === Infinity &&
  shape.low === -Infinity &&
  shape.high === Infinity &&
  !shape.base64;

const isSoundNumber = (shape: Shape): boolean => {
  if (shape.steps.length > 0 || shape.lowExclusive || shape.highExclusive) return false;
  if ((shape.kinds & kinds.number) === (kinds.number & ~kinds.integer)) return false;
  const safe = (bound: number): boolean => !Number.isFinite(bound) || Math.abs(bound) < 2 ** 31 - 1;
  return safe(shape.low) && safe(shape.high) && Math.ceil(shape.low) <= Math.floor(shape.high) && !isOddFormat(shape);
};

/** Formats of unsigned or short integers together with bounds may leave nothing. */
const isOddFormat = (shape: Shape): boolean =>
  shape.formats.some((format) => /^u?int(?:8|16)$|^uint/.test(format)) && (shape.low !== -Infinity || shape.high !== Infinity);

const isSoundString = (shape: Shape): boolean => {
  if (shape.patterns.length > 0 || shape.minLength > shape.maxLength || shape.minLength > 10_000) return false;
  const bounded = shape.minLength > 0 || shape.maxLength < Infinity;
  const formatted = shape.base64 || shape.formats.some((format) => formatWriter(format) !== undefined);
  return !formatted || (!bounded && shape.formats.length <= 1);
};

const isSoundArray = (shape: Shape): boolean =>
  shape.contains.length + shape.unevaluatedItems.length === 0 &&
  !shape.uniqueItems &&
  shape.minItems <= Math.min(shape.maxItems, 50);

const isSoundObject = (shape: Shape): boolean =>
  shape.patternProperties.length +
    shape.unevaluated.length +
    shape.propertyNames.length +
    shape.forbidden.size +
    shape.dependentRequired.length +
    shape.dependentSchemas.length +
    shape.discriminators.length +
    shape.implied.length ===
    0 &&
  shape.minProperties <= shape.required.size &&
  shape.maxProperties === Infinity;

const membersOf = (shapes: Shapes, shape: Shape, direction: 'request' | 'response'): Shape[] | undefined => {
  const parts: Shape[] = [];
  for (const name of new Set([...shape.properties.keys(), ...shape.required])) {
    const member = shapes.member(shape, name);
    const marked = direction === 'request' ? member.readOnly : member.writeOnly;
    const required = shape.required.has(name);
    // What must be there and may not travel is for the check to decide.
    if (required && (marked || member.impossible)) return undefined;
    if (!marked && (required || (!member.impossible && reaches(shapes, member, deepest)))) parts.push(member);
  }
  for (const closure of shape.closures) if (closure.schema !== false) parts.push(shapes.of([closure.schema]));
  return parts;
};
