import type { JsonSchema, JsonValue } from '@burgeon/kit';
import type { Random } from './random.ts';
import { type Shape, type Shapes, anyKind, kinds } from './shape.ts';

/** Nodes of one value: all that is wanted up to `rich`, about a millisecond's work (measured 2026-11); then only what must be there, `lean` more. */
export const nodeBudget = { rich: 600, lean: 20_000 } as const;

/** One value being written: what every writer shares. */
export interface Writing {
  shapes: Shapes;
  random: Random;
  direction: 'request' | 'response';
  /** Nodes that may still be written before only what must be there is. */
  nodes: number;
  depth: number;
  /** Shapes that are open above; a second turn of the same shape is lean. */
  open: Shape[];
  /** Only what must be there. */
  lean: boolean;
  /** Share of optional properties that are left out, 0..1. */
  omission: number;
  /** Kinds to write where no `type` is given, in place of those the keywords speak of; 0 leaves it to them. */
  anyway: number;
  /** Also write properties that belong to the other direction. */
  marked: boolean;
  examples: boolean;
  /** Checks that may still be spent on values inside; 0 trusts the construction. */
  checks: number;
  /** Set when the value had to be cut off where something must be. */
  broken: boolean;
  /** Set when even the smallest value has more nodes than there may be. */
  tooLarge: boolean;
  /** Judges a value; true when it is valid. */
  check(schema: JsonSchema, value: JsonValue): boolean;
  /** Where the value stands, as reference tokens. */
  path: (string | number)[];
  /** Tells that an example was passed over. */
  skip(reason: string): void;
  /** Writes a value of a shape; `name` is the property it goes to. */
  write(writing: Writing, shape: Shape, name: string): JsonValue;
}

/** Runs `write` with changed settings and puts the old ones back. */
export const within = <T>(writing: Writing, changes: Partial<Pick<Writing, 'lean' | 'examples'>>, write: () => T): T => {
  const { lean, examples } = writing;
  Object.assign(writing, changes);
  const result = write();
  writing.lean = lean;
  writing.examples = examples;
  return result;
};

/** The kinds to choose from: what is allowed, narrowed by what the keywords speak of. */
export const likelyKinds = (shape: Shape): number => {
  if (shape.kinds !== anyKind) return shape.kinds;
  return shape.hinted === 0 ? kinds.string : shape.hinted;
};

/** Bits of the kinds that hold nothing inside. */
export const scalars: number = kinds.null | kinds.boolean | kinds.number | kinds.string;

/** Questions one look ahead may ask: what is more entangled counts as finite. */
const mostQuestions = 600;

/** Whether a finite value of the shape exists with at most `levels` levels of objects and arrays that must be there. */
export const reaches = (shapes: Shapes, shape: Shape, levels: number): boolean =>
  looksFinite({ shapes, questions: mostQuestions }, shape, levels);

interface Look {
  shapes: Shapes;
  questions: number;
}

const looksFinite = (look: Look, shape: Shape, levels: number): boolean => {
  const { memory } = shape;
  if (levels >= memory.reachable) return true;
  if (levels <= memory.unreachable || shape.impossible) return false;
  const found = --look.questions < 0 || looksInto(look, shape, levels);
  if (found) memory.reachable = Math.min(memory.reachable, levels);
  else memory.unreachable = Math.max(memory.unreachable, levels);
  return found;
};

const looksInto = (look: Look, shape: Shape, levels: number): boolean => {
  const { shapes } = look;
  const choice = shape.choices[0];
  if (choice) return choice.options.some((_, index) => looksFinite(look, shapes.variant(shape, index), levels));
  if (shape.values) return true;
  const likely = likelyKinds(shape);
  if ((likely & scalars) !== 0) return true;
  if (
    (likely & kinds.array) !== 0 &&
    (shape.minItems <= 0 || (levels > 0 && looksFinite(look, shapes.item(shape, 0), levels - 1)))
  )
    return true;
  if ((likely & kinds.object) === 0) return false;
  const ends = (name: string): boolean => levels > 0 && looksFinite(look, shapes.member(shape, name), levels - 1);
  if (![...shape.required].every(ends)) return false;
  // Where names are closed and more are asked for than must be there, enough of the declared ones have to end.
  const closed = shape.closures.some(({ schema, patterns }) => schema === false && patterns.length === 0);
  const missing = closed ? Math.min(shape.minProperties - shape.required.size, 64) : 0;
  return (
    missing <= 0 ||
    countUpTo(missing, [...shape.properties.keys()], (name) => !shape.required.has(name) && ends(name)) === missing
  );
};

const countUpTo = (most: number, names: readonly string[], counts: (name: string) => boolean): number => {
  let count = 0;
  for (const name of names) {
    if (count === most) break;
    if (counts(name)) count++;
  }
  return count;
};

/** Levels looked ahead at most; what needs more counts as endless. */
export const deepest = 24;

const depthSteps = [0, 1, 2, 4, 8, deepest] as const;

/** Some of the names, those whose properties end soonest first. */
export const soonestFirst = (shapes: Shapes, shape: Shape, names: readonly string[]): string[] => {
  const steps = new Map(
    names.map((name) => [name, depthSteps.findIndex((levels) => reaches(shapes, shapes.member(shape, name), levels))]),
  );
  return names.filter((name) => steps.get(name) !== -1).sort((a, b) => (steps.get(a) as number) - (steps.get(b) as number));
};

/** The option of the first choice that ends soonest; the first one when none ends. */
export const shortestOption = (shapes: Shapes, shape: Shape): number => {
  const count = shape.choices[0]?.options.length ?? 0;
  for (const levels of depthSteps) {
    for (let index = 0; index < count; index++) if (reaches(shapes, shapes.variant(shape, index), levels)) return index;
  }
  return 0;
};
