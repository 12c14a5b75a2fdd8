import { formatWriter } from './formats.ts';
import { type Shape, type Shapes, kinds } from './shape.ts';
import { deepest, reaches } from './writing.ts';

/** Shapes looked at before a schema counts as too wide to be judged. */
const mostShapes = 5_000;

/** Shapes within each other that are followed. */
const mostDepth = 200;

/** Choices one after the other that are followed: a type that chooses itself would go on for ever. */
const mostTaken = 6;

/**
 * Whether every value that is written for a shape is valid by construction, so that no check is needed: nothing in reach needs luck.
 * Says no where it is not sure.
 */
export const isSound = (shapes: Shapes, root: Shape, direction: 'request' | 'response'): boolean => {
  const known = root.memory.sound[direction];
  if (known !== undefined) return known;
  const look: Look = { shapes, direction, seen: new Set(), depth: 0 };
  const sound = reaches(shapes, root, deepest) && looksSound(look, root);
  if (sound) for (const shape of look.seen) shape.memory.sound[direction] = true;
  root.memory.sound[direction] = sound;
  return sound;
};

interface Look {
  shapes: Shapes;
  direction: 'request' | 'response';
  /** Shapes that are sound if all that are still open are. */
  seen: Set<Shape>;
  depth: number;
}

/** A no is final and remembered; a yes holds only once the whole look has ended with one. */
const looksSound = (look: Look, shape: Shape): boolean => {
  const known = shape.memory.sound[look.direction];
  if (known !== undefined) return known;
  if (look.seen.has(shape)) return true;
  if (look.seen.size >= mostShapes || look.depth >= mostDepth) return false;
  look.seen.add(shape);
  look.depth++;
  const parts = partsOf(look.shapes, shape, look.direction);
  const sound = parts?.every((part) => looksSound(look, part)) ?? false;
  look.depth--;
  if (!sound) shape.memory.sound[look.direction] = false;
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
