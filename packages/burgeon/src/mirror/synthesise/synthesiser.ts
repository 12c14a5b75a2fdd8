import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { pointerOf, pointerPath } from '../../base/json.ts';
import type { Issue, Validator } from '../../interface/validate.ts';
import { createGather } from './gather.ts';
import { createRandom } from './random.ts';
import { repair } from './repair.ts';
import { type Resolve, type Shape, type Shapes, createShapes, kinds, resolver } from './shape.ts';
import { isTooLarge } from './size.ts';
import { isSound } from './sound.ts';
import { writeValue } from './value.ts';
import { type Writing, likelyKinds, nodeBudget } from './writing.ts';

/** How one value is to be made. */
export interface SynthesisOptions {
  /** The same seed and salt give the same value. */
  salt: string;
  /** `readOnly` properties stay out of requests, `writeOnly` ones out of responses. */
  direction: 'request' | 'response';
  /** Use the examples and defaults of the schema where they satisfy it. Default: true. */
  preferExamples?: boolean;
  /** JSON pointer of the schema, for the list of skipped examples. */
  path?: string;
}

/** An example that was not used, and why. */
export interface SkippedExample {
  /** Where it would have stood: the path given in the options, then the path inside the value. */
  path: string;
  reason: string;
}

/** What is known of a declared property. */
export interface Member {
  required: boolean;
  readOnly: boolean;
  writeOnly: boolean;
}

/** Makes values that satisfy schemas. */
export interface Synthesiser {
  /** A value of the schema; where no value satisfies it, one that comes near. Never throws, takes bounded time. */
  value(schema: JsonSchema, options: SynthesisOptions): JsonValue;
  /** True when even the smallest value of the schema is too large to be made; {@link Synthesiser.value} gives an empty one for it. */
  isTooLarge(schema: JsonSchema): boolean;
  /** The properties a schema declares, references and conjunctions followed, choices left open; in order of declaration. */
  members(schema: JsonSchema): ReadonlyMap<string, Member>;
  /** The schema of what a JSON pointer names inside values of a schema; undefined when nothing is declared there. */
  at(schema: JsonSchema, pointer: string): JsonSchema | undefined;
  /** Examples that contradict their schema, met so far; at most 1,000. */
  readonly skipped: readonly SkippedExample[];
}

/** What a synthesiser works with. */
export interface SynthesiserOptions {
  /** Named types that `#/types/Name` refers to. */
  types: Record<string, JsonSchema>;
  seed: number;
  validator: Pick<Validator, 'check'>;
}

/** One way to try, from the richest to the leanest; the first valid value is taken. */
interface Manner {
  examples: boolean;
  lean: boolean;
  omission: number;
  checks: number;
  anyway: number;
  marked: boolean;
}

const plain: Manner = { examples: false, lean: false, omission: 0, checks: 0, anyway: 0, marked: false };
const manners: readonly Manner[] = [
  plain,
  { ...plain, omission: 0.5 },
  { ...plain, lean: true },
  { ...plain, checks: 60 },
  { ...plain, lean: true, checks: 60 },
  { ...plain, lean: true, checks: 60, marked: true },
  { ...plain, omission: 0.5, checks: 120 },
  { ...plain, anyway: kinds.string },
  { ...plain, anyway: kinds.object, checks: 20 },
  { ...plain, anyway: kinds.integer },
  { ...plain, anyway: kinds.null },
];

const mostSkipped = 1_000;

/**
 * Makes a synthesiser over the types of one interface. Everything it learns about a schema is remembered by the schema's identity.
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */
export const createSynthesiser = ({ types, seed, validator }: SynthesiserOptions): Synthesiser => {
  const skipped: SkippedExample[] = [];
  const told = new Set<string>();
  const skip = (path: string, reason: string): void => {
    const key = `${path}\n${reason}`;
    if (told.has(key) || skipped.length >= mostSkipped) return;
    told.add(key);
    skipped.push({ path, reason });
  };
  const standing: { root: JsonSchema } = { root: true };
  const resolve: Resolve = resolver(types, () => standing.root);
  const shapes = createShapes(createGather(resolve));
  const make: Make = (schema, manner, { salt, direction, path = '' }) => {
    const writing: Writing = {
      ...manner,
      shapes,
      direction,
      random: createRandom(seed, salt),
      nodes: nodeBudget.rich,
      depth: 0,
      open: [],
      path: [],
      broken: false,
      tooLarge: false,
      check: (part, value) => validator.check(part, value, { direction }).length === 0,
      skip: (reason) => skip(path + pointerOf(writing.path), reason),
      write: writeValue,
    };
    const shape = shapes.of([schema]);
    const value = writeValue(writing, shape, '');
    if (writing.tooLarge) return { value: emptyOf(shape), final: true, exhausted: false };
    const exhausted = writing.nodes < -nodeBudget.lean;
    return { value, final: !writing.broken && isSound(shapes, shape, direction), exhausted };
  };
  const look = (schema: JsonSchema): Shape => {
    standing.root = schema;
    return shapes.of([schema]);
  };
  return {
    skipped,
    members: (schema) => membersOf(shapes, look(schema)),
    at: (schema, pointer) => {
      let shape = look(schema);
      for (const name of pointerPath(pointer)) {
        if (shape.properties.has(name)) shape = shapes.member(shape, name);
        else if (shape.sequences.length > 0 && /^\d{1,9}$/.test(name)) shape = shapes.item(shape, Number(name));
        else return undefined;
      }
      return shape.schema;
    },
    isTooLarge: (schema) => isTooLarge(shapes, look(schema)),
    value: (schema, options) => {
      standing.root = schema;
      return best({ schema, options, make, validator, skip });
    },
  };
};

const membersOf = (shapes: Shapes, shape: Shape): Map<string, Member> =>
  new Map(
    [...shape.properties.keys()].map((name) => {
      const { readOnly, writeOnly } = shapes.member(shape, name);
      return [name, { required: shape.required.has(name), readOnly, writeOnly }];
    }),
  );

/** The least there is of the kind a shape asks for. */
const emptyOf = (shape: Shape): JsonValue => {
  const likely = likelyKinds(shape);
  return (likely & kinds.object) !== 0 ? {} : (likely & kinds.array) !== 0 ? [] : null;
};

/** One attempt at a value. */
interface Made {
  value: JsonValue;
  /** A check would change nothing: it is sound, or too large to be made. */
  final: boolean;
  /** It was cut off for its nodes: there is no use in checking it. */
  exhausted: boolean;
}

type Make = (schema: JsonSchema, manner: Manner, options: SynthesisOptions) => Made;

interface Search {
  schema: JsonSchema;
  options: SynthesisOptions;
  make: Make;
  validator: Pick<Validator, 'check'>;
  skip: (path: string, reason: string) => void;
}

/** The value is too large or too entangled to be judged: a lean one is the best there is. */
const isBeyondChecks = ({ keyword }: Issue): boolean => keyword === 'complexity' || keyword === 'depth';

const best = ({ schema, options, make, validator, skip }: Search): JsonValue => {
  const { direction, preferExamples = true, salt, path = '' } = options;
  const check = (value: JsonValue): Issue[] => validator.check(schema, value, { direction });
  const judge = ({ value, final }: Made): Issue | undefined => (final ? undefined : check(value)[0]);
  const leanest = (): JsonValue => make(schema, { ...plain, lean: true }, options).value;
  const first = preferExamples ? make(schema, { ...plain, examples: true }, options) : undefined;
  // What was cut off for its nodes once would be again: then only lean manners are tried.
  let crowded = first?.exhausted ?? false;
  if (first && !crowded) {
    const issue = judge(first);
    if (!issue) return first.value;
    if (isBeyondChecks(issue)) return leanest();
    const other = make(schema, plain, options);
    if (!judge(other)) {
      // The same draws succeed without examples: one of them was to blame.
      skip(path + issue.path, `the example there does not fit: ${issue.message}`);
      return other.value;
    }
  }
  for (const [index, manner] of manners.entries()) {
    if (crowded && !manner.lean) continue;
    const made = make(schema, manner, index === 0 ? options : { ...options, salt: `${salt}\u0000${index}` });
    if (made.exhausted) {
      crowded = true;
      continue;
    }
    const issue = judge(made);
    if (!issue) return made.value;
    if (isBeyondChecks(issue)) return leanest();
    const repaired = manner.checks === 0 ? repair(made.value, check) : undefined;
    if (repaired !== undefined) return repaired;
  }
  return crowded ? leanest() : make(schema, plain, options).value;
};
