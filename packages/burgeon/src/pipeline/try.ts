import {
  BurgeonError,
  manifestExtension,
  type Candidate,
  type Connection,
  type Entity,
  type EntityRole,
  type Interface,
  type JsonObject,
  type JsonValue,
  type Operation,
  type Protocol,
} from '@burgeon/kit';
import { isObject, valueAt } from '../base/json.ts';
import { createValidator, type Validator } from '../interface/validate.ts';
import { createMirror } from '../mirror/mirror.ts';
import { createSynthesiser, type Synthesiser } from '../mirror/synthesise/synthesiser.ts';
import type { PipelineContext } from './context.ts';
import { documented, summary, trialSeed, type Trial, type TrialResult } from './trial-result.ts';
import { tryCode } from './try-code.ts';

/** What a trial may use. */
export type TrialContext = Pick<PipelineContext, 'protocols' | 'hosts' | 'clock' | 'log' | 'egressTo'>;

/** In this order the operations of an entity tell whether they agree with one another. */
const roleOrder: EntityRole[] = ['create', 'list', 'get', 'update', 'replace', 'delete'];

/**
 * Fourth stage: stands the candidate's own mirror up, connects to it as a client would, and calls every operation with synthesised input.
 * The mirror enforces the description on requests; answers are validated on our side. Entities are walked create > list > get > update >
 * delete with the keys that the mirror gave. Code has no mirror to talk to: see {@link tryCode}.
 */
export const trial = async (context: TrialContext, candidate: Candidate): Promise<Trial> => {
  const description = candidate.interface;
  const { kind, protocol: name = '' } = candidate.manifest.extensions[manifestExtension];
  if (kind === 'code') return tryCode(context, candidate);
  const protocol = Object.hasOwn(context.protocols, name) ? await context.protocols[name]?.() : undefined;
  if (!protocol?.connect || !protocol.expose || description.operations.length === 0) {
    return summary(
      description.operations.map(({ id }) => ({
        operation: id,
        outcome: 'skipped',
        reason: `"${name}" has no mirror to be tried against`,
      })),
    );
  }
  const stage = await openStage({ connect: protocol.connect, expose: protocol.expose }, description, context);
  try {
    return summary(await walk(stage, description));
  } finally {
    await stage.close();
  }
};

/** What a trial plays on. */
interface Stage {
  connection: Connection;
  synthesiser: Synthesiser;
  validator: Validator;
  close(): Promise<void>;
}

const openStage = async (
  protocol: Required<Pick<Protocol, 'connect' | 'expose'>>,
  description: Interface,
  context: TrialContext,
): Promise<Stage> => {
  const { clock, log } = context;
  const mirror = createMirror(description, { seed: trialSeed, clock });
  const exposure = await protocol.expose(mirror, { clock, log, seed: trialSeed, validation: 'enforce' });
  const host = URL.parse(exposure.url)?.host ?? '';
  const connection = await protocol.connect(description, {
    clock,
    log,
    egress: context.egressTo(host === '' ? [] : [host]),
    location: exposure.url,
    credential: async () => ({ value: 'trial:trial' }),
    validateOutput: true,
  });
  const validator = createValidator(description.types);
  return {
    connection,
    validator,
    synthesiser: createSynthesiser({ types: description.types, seed: trialSeed, validator }),
    close: async () => {
      await connection.close();
      await exposure.close();
    },
  };
};

const walk = async (stage: Stage, description: Interface): Promise<TrialResult[]> => {
  const operations = new Map(description.operations.map((operation) => [operation.id, operation]));
  const results = new Map<string, TrialResult>();
  for (const entity of description.entities) {
    for (const result of await walkEntity(stage, entity, operations)) results.set(result.operation, result);
  }
  const rest = description.operations.filter((operation) => !results.has(operation.id));
  // Eight at a time: enough to keep one loopback server busy without queueing behind its deadline.
  for (let start = 0; start < rest.length; start += 8) {
    const batch = rest.slice(start, start + 8);
    const done = await Promise.all(batch.map(async (operation) => (await callOnce(stage, operation, {})).result));
    for (const result of done) results.set(result.operation, result);
  }
  return [...results.values()];
};

const walkEntity = async (stage: Stage, entity: Entity, operations: ReadonlyMap<string, Operation>): Promise<TrialResult[]> => {
  const results: TrialResult[] = [];
  let record: JsonObject = {};
  for (const role of roleOrder) {
    const use = entity.operations[role];
    const operation = use && operations.get(use.operation);
    if (!use || !operation) continue;
    const known: JsonObject = {};
    for (const [property, field] of Object.entries(use.key)) {
      const value = Object.hasOwn(record, field) ? record[field] : undefined;
      if (value !== undefined) known[property] = value;
    }
    const { result, output } = await callOnce(stage, operation, known);
    results.push(result);
    const found = output === undefined ? undefined : valueAt(output, use.result ?? '');
    const next: unknown = Array.isArray(found) ? found[0] : found;
    if (isObject(next) && (role === 'create' || role === 'list')) record = { ...(next as JsonObject), ...record };
  }
  return results;
};

/** A made-up position is none that a page before gave: the walk begins at its beginning. */
const firstPage = ({ pagination, input }: Operation, made: JsonObject): JsonObject => {
  const position = pagination?.input.position;
  if (position === undefined || input.required?.includes(position)) return made;
  const { [position]: _, ...rest } = made;
  return rest;
};

const tooLarge = (what: 'input' | 'answer'): string => `its ${what} is too large to be made up`;

const callOnce = async (
  stage: Stage,
  operation: Operation,
  known: JsonObject,
): Promise<{ result: TrialResult; output?: JsonValue }> => {
  const done = (outcome: TrialResult['outcome'], reason?: string): TrialResult => ({
    operation: operation.id,
    outcome,
    ...(reason === undefined ? {} : { reason }),
  });
  const made = firstPage(
    operation,
    stage.synthesiser.value(operation.input, { salt: operation.id, direction: 'request' }) as JsonObject,
  );
  const faultOf = (input: JsonObject): { path: string; message: string } | undefined =>
    stage.validator.check(operation.input, input, { direction: 'request' })[0];
  // A key that another operation gave may be one that this operation does not take: then the made input stands alone.
  const input = faultOf({ ...made, ...known }) === undefined ? { ...made, ...known } : made;
  const issue = faultOf(input);
  if (issue && stage.synthesiser.isTooLarge(operation.input)) return { result: done('skipped', tooLarge('input')) };
  if (issue)
    return { result: done('skipped', `no input satisfies its own description at ${issue.path || 'the top'}: ${issue.message}`) };
  try {
    const { output, stream } = await stage.connection.call(operation.id, input);
    if (!stream) return { result: done('passed'), output };
    const items: JsonValue[] = [];
    for await (const item of stream) items.push(item);
    return { result: done('passed'), output: items };
  } catch (error) {
    const { code, message, data } = BurgeonError.from(error);
    const remote = isObject(data) && typeof data['code'] === 'string' ? data['code'] : '';
    if (code === 'REMOTE_ERROR' && documented(operation, remote)) return { result: done('passed') };
    if (stage.synthesiser.isTooLarge(operation.output)) return { result: done('skipped', tooLarge('answer')) };
    return { result: done('failed', message) };
  }
};
