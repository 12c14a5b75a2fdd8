import {
  BurgeonError,
  defaultLimits,
  manifestExtension,
  type Candidate,
  type Capability,
  type Example,
  type Host,
  type HostContext,
  type Instance,
  type JsonObject,
  type Limits,
  type ModuleManifest,
  type Operation,
} from '@burgeon/kit';
import { canonicalJson, isObject } from '../base/json.ts';
import { outputIssue } from '../interface/output.ts';
import { createValidator, type Validator } from '../interface/validate.ts';
import { createSynthesiser, type Synthesiser } from '../mirror/synthesise/synthesiser.ts';
import { createHostCalls } from '../runtime/host-calls.ts';
import { type Observation, neverObserved, observe } from '../security/observed.ts';
import type { PipelineContext } from './context.ts';
import { documented, summary, trialSeed, type Trial, type TrialResult } from './trial-result.ts';

/** Wall clock of a whole trial, milliseconds; operations that are not reached are told as skipped. */
const trialMs = 30_000;

/** Nothing that is tried needs long. */
const longest = { wallMs: 3_000, cpuMs: 2_000 } as const;

/** Examples of one operation that are played. */
const mostExamples = 10;

/** Powers that reach nobody, so that a trial can give them. */
const harmless: ReadonlySet<string> = new Set(['clock', 'random']);

/**
 * The trial of code: behind the walls for what is not approved, with no way out but time and chance. Each operation is called with its
 * examples, whose outputs must come out, and with synthesised input; answers must be what the interface describes, errors among those it
 * names (as `data.code` of what is thrown). An operation that fails for want of a power it was refused counts as skipped. All of them fail
 * when the code asked for something that was never declared.
 * @throws {BurgeonError} DEPENDENCY_MISSING when there are no walls to try it behind
 */
export const tryCode = async (
  context: Pick<PipelineContext, 'hosts' | 'clock' | 'log'>,
  candidate: Candidate,
): Promise<Trial> => {
  const card = candidate.manifest.extensions[manifestExtension];
  const { operations, types } = candidate.interface;
  const host = Object.hasOwn(context.hosts, card.host) ? await context.hosts[card.host]?.() : undefined;
  const all = (outcome: TrialResult['outcome'], reason: string): Trial =>
    summary(operations.map(({ id }) => ({ operation: id, outcome, reason })));
  if (!host) return all('skipped', `there is no host "${card.host}" to try it in`);
  const refused = new Set<string>();
  const observation = observe(card.capabilities);
  const { instance, close } = await open(context, { host, candidate, refused, observation });
  const told = (trial: Trial): Trial => {
    const [observed, outside] = [observation.observed(), observation.outside()];
    const seen = { observed, unobserved: neverObserved(card.capabilities, observed) };
    if (outside.length === 0) return { ...trial, ...seen };
    const reason = `it asked for ${listOf(outside)}, which it does not declare`;
    const failures = operations.length > 0 ? all('failed', reason) : summary([{ operation: 'init', outcome: 'failed', reason }]);
    return { ...failures, ...seen, outside };
  };
  try {
    await instance.init();
  } catch (error) {
    await close();
    const { code, message } = BurgeonError.from(error);
    if (code === 'DEPENDENCY_MISSING') throw error;
    return told(all('failed', message));
  }
  const validator = createValidator(types);
  const stage: Stage = { instance, refused, validator, synthesiser: createSynthesiser({ types, seed: trialSeed, validator }) };
  const begun = performance.now();
  const results: TrialResult[] = [];
  try {
    for (const operation of operations) {
      const late = performance.now() - begun > trialMs;
      results.push(
        late
          ? { operation: operation.id, outcome: 'skipped', reason: `the trial ended after ${trialMs / 1_000} s` }
          : await tryOperation(stage, operation),
      );
    }
  } finally {
    await close();
  }
  return told(summary(results));
};

const listOf = (capabilities: readonly Capability[]): string =>
  capabilities
    .map(({ kind, scope }) => `${kind} ${JSON.stringify(scope)}`)
    .join(', ')
    .slice(0, 400);

/** What a trial plays on. `refused`: kinds of power that were asked for and not given since it was last emptied. */
interface Stage {
  instance: Instance;
  refused: Set<string>;
  validator: Validator;
  synthesiser: Synthesiser;
}

const open = async (
  context: Pick<PipelineContext, 'clock' | 'log'>,
  { host, candidate, refused, observation }: { host: Host; candidate: Candidate; refused: Set<string>; observation: Observation },
): Promise<{ instance: Instance; close(): Promise<void> }> => {
  const { manifest, interface: description, digest } = candidate;
  const card = manifest.extensions[manifestExtension];
  const files = new Map(candidate.files.map(({ path, text }) => [path, text]));
  const grants = card.capabilities.map((capability) => ({ ...capability, request: 'trial' }));
  const limits = trialLimits(card);
  const outside = async (kind: string): Promise<never> => {
    refused.add(kind);
    throw new BurgeonError('CAPABILITY_DENIED', { message: `A trial gives no ${kind.slice(0, 64)}.` });
  };
  const inside = createHostCalls({
    id: card.id,
    description,
    grants,
    limits,
    // Nothing that is not approved sees a secret.
    parts: { ...context, vault: { read: async () => undefined } },
    call: () => outside('module.call'),
  });
  const hostCall: HostContext['hostCall'] = (kind, method, args) => {
    observation.take(kind, method, args);
    return harmless.has(kind) ? inside.call(kind, method, args) : outside(kind);
  };
  const instance = await host.start(
    { manifest, interface: description, digest, paths: [...files.keys()], file: (path) => files.get(path) },
    grants,
    limits,
    {
      clock: context.clock,
      log: context.log,
      trusted: false,
      seed: trialSeed,
      // The call that lost it says so.
      ended: () => {},
      connect: () => outside('connection'),
      hostCall,
    },
  );
  const close = async (): Promise<void> => {
    await instance.dispose();
    await inside.close();
  };
  return { instance, close };
};

const trialLimits = ({ limits }: ModuleManifest): Limits => {
  const own = { ...defaultLimits, ...limits };
  return { ...own, wallMs: Math.min(own.wallMs, longest.wallMs), cpuMs: Math.min(own.cpuMs, longest.cpuMs) };
};

/** One call that is to be made: the input, and what is known of its outcome. */
type Play = Pick<Example, 'code' | 'output'> & { name: string; input: JsonObject };

const playsOf = ({ synthesiser }: Stage, operation: Operation): Play[] => {
  const examples = operation.examples.flatMap(({ input, name, ...rest }) =>
    input === undefined ? [] : [{ ...rest, input, name: `the example "${name.slice(0, 80)}"` }],
  );
  const made = synthesiser.value(operation.input, { salt: operation.id, direction: 'request' }) as JsonObject;
  return [...examples.slice(0, mostExamples), { name: 'synthesised input', input: made }];
};

const tryOperation = async (stage: Stage, operation: Operation): Promise<TrialResult> => {
  const outcomes: Outcome[] = [];
  for (const play of playsOf(stage, operation)) {
    const outcome = await perform(stage, operation, play);
    if (outcome.outcome === 'failed') return { operation: operation.id, ...outcome };
    outcomes.push(outcome);
  }
  const best = outcomes.find(({ outcome }) => outcome === 'passed') ?? outcomes[0];
  return { operation: operation.id, outcome: 'skipped', ...best };
};

type Outcome = Omit<TrialResult, 'operation'>;

const failed = (reason: string): Outcome => ({ outcome: 'failed', reason });

const perform = async ({ instance, refused, validator }: Stage, operation: Operation, play: Play): Promise<Outcome> => {
  const [wrong] = validator.check(operation.input, play.input, { direction: 'request' });
  if (wrong) return { outcome: 'skipped', reason: `${play.name} is no input at ${wrong.path || 'the top'}: ${wrong.message}` };
  refused.clear();
  try {
    const { output } = await instance.call(operation.id, play.input);
    if (play.code !== undefined) return failed(`${play.name} should have ended with ${play.code}`);
    const issue = outputIssue(validator, operation, output);
    if (issue)
      return failed(`with ${play.name} it answers what it does not describe at ${issue.path || 'the top'}: ${issue.message}`);
    if (play.output !== undefined && canonicalJson(play.output) !== canonicalJson(output))
      return failed(`with ${play.name} it answers something else: ${JSON.stringify(output).slice(0, 200)}`);
    return { outcome: 'passed' };
  } catch (error) {
    const { message, data } = BurgeonError.from(error);
    const code = codeIn(data);
    const expected = code !== undefined && (play.code === undefined || play.code === code) && documented(operation, code);
    if (expected) return { outcome: 'passed' };
    if (refused.size > 0)
      return { outcome: 'skipped', reason: `it needs ${[...refused].join(', ')}, which a trial does not give` };
    return failed(`with ${play.name}: ${message}`);
  }
};

/** Code that thrown errors carry in `data.code`: the code of one of the operation's errors. */
const codeIn = (data: unknown): string | undefined => {
  const thrown = isObject(data) ? data['data'] : undefined;
  const code = isObject(thrown) ? thrown['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
};
