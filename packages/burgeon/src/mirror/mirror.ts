import {
  BurgeonError,
  type CallOptions,
  type CallResult,
  type Clock,
  type Interface,
  type JsonObject,
  type JsonValue,
  type Operation,
  type Provider,
  type Variant,
} from '@burgeon/kit';
import { canonicalJson } from '../base/json.ts';
import { type Validator, createValidator } from '../interface/validate.ts';
import { type State, createState, withNext } from './state/state.ts';
import { type SkippedExample, type Synthesiser, createSynthesiser } from './synthesise/synthesiser.ts';
import { type Wanted, missing, remoteError, wantedOf } from './results.ts';

/** How a mirror behaves. */
export interface MirrorOptions {
  /** Default: 1. The same seed and the same sequence of calls give the same bytes. */
  seed?: number;
  clock: Clock;
  /** Remember what is written. Default: true. */
  stateful?: boolean;
  /** Records of each entity that are there from the beginning. Default: 3. */
  seedRecords?: number;
  /** True: only seeded and created records exist; any other key is not found. Default: false. */
  strict?: boolean;
  /** A checker over the same types to share compiled schemas with; the mirror makes its own otherwise. */
  validator?: Pick<Validator, 'check'>;
}

/** An interface that answers by itself: no other side, no network. Inputs are taken as valid; the face in front checks them. */
export interface Mirror extends Provider {
  /** Forgets everything that was written. */
  reset(): void;
  /** What is remembered, as JSON. */
  snapshot(): JsonValue;
  /** @throws {BurgeonError} INPUT_INVALID when the value is not a snapshot of a mirror. */
  restore(state: JsonValue): void;
  /** Examples of the description that contradict their schemas, met so far. */
  readonly skippedExamples: readonly SkippedExample[];
}

/** Answers remembered at most; they are cheap to make again. */
const mostAnswers = 2_000;

/** Items of a simulated stream. */
const streamItems = 3;

/** An operation with its place in the description. */
type IndexedOperation = Operation & { index: number };

interface Workings {
  operations: ReadonlyMap<string, IndexedOperation>;
  synthesiser: Synthesiser;
  validator: Pick<Validator, 'check'>;
  state: State | undefined;
  /** Texts of answers that depend on operation and input alone. */
  answers: Map<string, string>;
  /** Examples of operations that were passed over, by their path. */
  skipped: Map<string, SkippedExample>;
}

/** Stands an interface up as its own simulation. Everything is derived from the description. */
export const createMirror = (description: Interface, options: MirrorOptions): Mirror => {
  const { seed = 1, clock, stateful = true, seedRecords, strict } = options;
  const validator = options.validator ?? createValidator(description.types);
  const synthesiser = createSynthesiser({ types: description.types, seed, validator });
  const remembering = {
    synthesiser,
    validator,
    clock,
    ...(seedRecords === undefined ? {} : { seedRecords }),
    ...(strict === undefined ? {} : { strict }),
  };
  const state = stateful ? createState(description, remembering) : undefined;
  const operations = new Map(description.operations.map((operation, index) => [operation.id, { ...operation, index }]));
  const workings: Workings = { operations, synthesiser, validator, state, answers: new Map(), skipped: new Map() };
  return {
    interface: description,
    call: async (operation, input, callOptions = {}) =>
      call(workings, operationOf(workings, operation), { input, options: callOptions }),
    reset: () => state?.reset(),
    snapshot: () => state?.snapshot() ?? null,
    restore: (value) => (value === null ? state?.reset() : state?.restore(value)),
    get skippedExamples() {
      return [...workings.skipped.values(), ...synthesiser.skipped];
    },
  };
};

const operationOf = ({ operations }: Workings, id: string): IndexedOperation => {
  const operation = operations.get(id);
  if (operation) return operation;
  throw new BurgeonError('OPERATION_NOT_FOUND', {
    message: `The mirror has no operation "${id}".`,
    hint: 'List the operations of the interface.',
  });
};

interface Call {
  input: JsonObject;
  options: CallOptions;
}

const call = (workings: Workings, operation: IndexedOperation, { input, options }: Call): CallResult => {
  if (options.signal?.aborted)
    throw new BurgeonError('CANCELLED', { message: 'The call was cancelled.', cause: options.signal.reason });
  const wanted = wantedOf(operation, options.variant);
  if (wanted.kind === 'error')
    throw remoteError(wanted.code, bodyOf(workings, operation, { input, wanted, variant: options.variant }));
  if (operation.stream && wanted.kind === 'output') return { output: null, stream: streamOf(workings, operation, input) };
  const code = wanted.code === operation.outputCode ? {} : wanted.code === undefined ? {} : { code: wanted.code };
  if (wanted.kind === 'output' && options.variant?.example === undefined && !options.variant?.dynamic) {
    const answer = workings.state?.answer(operation, input);
    if (answer && 'missing' in answer) {
      const absent = missing(operation);
      throw remoteError(absent.code, bodyOf(workings, operation, { input, wanted: absent }));
    }
    if (answer) return { output: answer.output };
  }
  return { output: bodyOf(workings, operation, { input, wanted, variant: options.variant }), ...code };
};

interface BodyOrder {
  input: JsonObject;
  wanted: Wanted;
  variant?: Variant | undefined;
}

/** The body of a result: a fitting example when one is asked for or there is one, otherwise synthesised. */
const bodyOf = (workings: Workings, operation: IndexedOperation, { input, wanted, variant }: BodyOrder): JsonValue => {
  const dynamic = variant?.dynamic ?? false;
  const salt = `${operation.id}/${wanted.code ?? ''}/${dynamic}/${canonicalJson(input)}`;
  const key = `${variant?.example ?? ''}\u0000${salt}`;
  const known = workings.answers.get(key);
  if (known !== undefined) return JSON.parse(known) as JsonValue;
  const example = dynamic ? undefined : exampleOf(workings, operation, { wanted, name: variant?.example });
  const body = example ?? synthesised(workings, operation, { wanted, salt, dynamic });
  if (workings.answers.size >= mostAnswers) workings.answers.clear();
  const text = JSON.stringify(body);
  if (text.length <= 65_536) workings.answers.set(key, text);
  return structuredClone(body);
};

const synthesised = (
  { synthesiser, validator }: Workings,
  operation: IndexedOperation,
  order: { wanted: Wanted; salt: string; dynamic: boolean },
): JsonValue => {
  const { wanted, salt, dynamic } = order;
  const path = `/operations/${operation.index}${wanted.path}`;
  const body = synthesiser.value(wanted.schema, { salt, direction: 'response', preferExamples: !dynamic, path });
  const at = wanted.kind === 'output' ? operation.pagination?.output.next : undefined;
  // Nothing is remembered here, so there is no further part: a client that walks the parts must come to an end.
  return at === undefined ? body : withNext({ validator }, operation, { output: body, at, next: undefined });
};

/** An example of the operation for this result that satisfies its schema: the named one, or the first. Others are listed as skipped. */
const exampleOf = (
  workings: Workings,
  operation: IndexedOperation,
  { wanted, name }: { wanted: Wanted; name: string | undefined },
): JsonValue | undefined => {
  const { validator, skipped } = workings;
  for (const [index, { name: own, output, code }] of operation.examples.entries()) {
    const belongs = code === wanted.code || (wanted.kind === 'output' && code === undefined);
    if (output === undefined || !belongs || (name !== undefined && own !== name)) continue;
    const issue = validator.check(wanted.schema, output, { direction: 'response' })[0];
    if (!issue) return output;
    const path = `/operations/${operation.index}/examples/${index}/output`;
    skipped.set(path, { path: path + issue.path, reason: `the example ${issue.message}` });
  }
  return undefined;
};

async function* streamOf({ synthesiser }: Workings, operation: Operation, input: JsonObject): AsyncGenerator<JsonValue> {
  const schema = operation.stream?.item ?? true;
  for (let index = 0; index < streamItems; index++) {
    yield synthesiser.value(schema, {
      salt: `${operation.id}/item/${index}/${canonicalJson(input)}`,
      direction: 'response',
      preferExamples: index === 0,
    });
  }
}
