import { randomBytes } from 'node:crypto';
import {
  BurgeonError,
  type Grant,
  type HostContext,
  type Instance,
  type JsonObject,
  type JsonValue,
  type Limits,
  defaultLimits,
} from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import type { LaidBait } from './bait.ts';
import { type Program, bundleOf } from './bundle.ts';
import { capturedRunner } from './captured.ts';
import { type Attack, type Bait, type Group, type Outcome, type Scene, type SeenCall, shown } from './case.ts';
import type { Neighbours } from './neighbours.ts';
import { bytesBelow, fallsQuiet, left } from './remains.ts';
import type { Subject, World } from './subject.ts';

/** The name of the attacker. */
export const attackerId = 'skill/attack';

/** Where attacks take place. */
export interface Stage {
  subject: Subject;
  world: World;
  bait: LaidBait;
  neighbours: Neighbours;
  /** Rejections and exceptions that nobody caught: each would have ended the control plane. */
  strays: string[];
}

/** What an attack that was not contained did. */
export type Harm = 'escaped' | 'died' | 'hurt-neighbour';

/** How one attack went. */
export interface Trial {
  name: string;
  harm?: { verdict: Harm; detail: string };
  /** The limit that ended it, `answered`, or an error code. */
  end: string;
  /** What it answered or failed with, shortened. */
  said: string;
  tookMs: number;
  /** Past the limit that ended it, milliseconds; 0 where none did. */
  overMs: number;
  peakBytes: number;
  neighbourCalls: number;
  neighbourSlowestMs: number;
}

const mebibyte = 1024 * 1024;

/** Attackers of time have little of it, those of space a little more, and the others time to finish, so that their answer can be judged. */
const bounds: Readonly<Record<Group, Pick<Limits, 'wallMs' | 'cpuMs'>>> = {
  cpu: { wallMs: 120, cpuMs: 70 },
  memory: { wallMs: 400, cpuMs: 300 },
  escape: { wallMs: 3_000, cpuMs: 1_500 },
  'host-side': { wallMs: 3_000, cpuMs: 1_500 },
  system: { wallMs: 3_000, cpuMs: 1_500 },
};

const limitsOf = (group: Group): Limits => ({
  ...defaultLimits,
  ...bounds[group],
  memoryBytes: 16 * mebibyte,
  hardMemoryBytes: 64 * mebibyte,
  resultBytes: mebibyte,
  logBytes: 64 * 1024,
});

const usualPatienceMs = 12_000;

const patienceOf = ({ world }: Stage): number => world.patienceMs ?? usualPatienceMs;

/** Memory that runners take for themselves. */
const runnersBytes = 256 * mebibyte;

const samplingMs = 15;

const heldCalls = 1_000;

/** Everything the attacker did that can be seen from outside. */
interface Watch {
  seen: SeenCall[];
  calls: number;
  pending: number;
  inFlight: number;
  asked: string[];
  lines: string[];
  logged: number;
}

const grantsOf = (attack: Attack, bait: Bait): Grant[] =>
  (attack.grants?.(bait) ?? []).map((each) => ({ ...each, request: 'attack' }));

const startModule = async (
  stage: Stage,
  program: Program,
  facts: { grants: Grant[]; limits: Limits; watch: Watch },
): Promise<{ instance: Instance; close(): Promise<void> }> => {
  const { subject, world, bait } = stage;
  const { grants, limits, watch } = facts;
  const way = world.openWay({ id: attackerId, grants, limits, bait: bait.bait });
  const hear = (line: string): void => {
    watch.logged += line.length;
    if (watch.lines.length < heldCalls) watch.lines.push(line.slice(0, 4_000));
  };
  const hostCall: HostContext['hostCall'] = async (kind, method, args) => {
    watch.calls += 1;
    watch.pending += 1;
    watch.inFlight = Math.max(watch.inFlight, watch.pending);
    if (watch.seen.length < heldCalls) watch.seen.push({ kind, method, args });
    try {
      return await way.call(kind, method, args);
    } finally {
      watch.pending -= 1;
    }
  };
  const module = bundleOf(program, { id: attackerId, host: subject.kind, asked: watch.asked });
  const host = program.language === 'runner' ? capturedRunner : subject.host;
  const instance = await host.start(module, grants, limits, {
    clock: world.clock,
    log: { debug: hear, info: hear, warn: hear },
    trusted: subject.trusted,
    ended: () => {},
    connect: () => Promise.reject(new BurgeonError('UNSUPPORTED', { message: 'There is nothing to connect to.' })),
    hostCall,
  });
  return {
    instance,
    close: async () => {
      await instance.dispose();
      await way.close();
    },
  };
};

const outcomeOf = (error: unknown): Outcome => {
  const { code, message, data } = BurgeonError.from(error);
  const limit = isObject(data) && typeof data['limit'] === 'string' ? data['limit'] : undefined;
  return { kind: 'failed', code, limit, message };
};

/** Sets the attack off in the way it asks for. */
const setOff = async (instance: Instance, attack: Attack, input: JsonObject): Promise<JsonValue> => {
  switch (attack.by) {
    case 'load':
      return null;
    case 'message':
      return instance.message('topic', input);
    case 'snapshot':
      return instance.snapshot();
    case 'restore':
      await instance.restore(attack.input ?? {});
      break;
    default:
  }
  return (await instance.call(attack.operation ?? 'run', input)).output;
};

/** Gives `late` when a step does not end. */
const within = async <T>(stage: Stage, work: Promise<T>): Promise<T | 'late'> => {
  const stop = new AbortController();
  const late = stage.world.clock.sleep(patienceOf(stage), stop.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
};

interface Course {
  outcome: Outcome | 'late';
  tookMs: number;
  /** It ended before it was loaded. */
  loading: boolean;
  close(): Promise<void>;
}

const carryOut = async (stage: Stage, attack: Attack, facts: { limits: Limits; watch: Watch; mark: string }): Promise<Course> => {
  const { canary: _canary, ...known } = stage.bait.bait;
  const input = { ...known, mark: facts.mark, ...attack.input } as JsonObject;
  const grants = grantsOf(attack, stage.bait.bait);
  const open: { close(): Promise<void> }[] = [];
  let begun = performance.now();
  let loading = true;
  const one = async (program: Program, trigger: Attack): Promise<JsonValue> => {
    const started = await startModule(stage, program, { ...facts, grants });
    open.push(started);
    if (trigger.by === 'load') begun = performance.now();
    loading = true;
    await started.instance.init();
    loading = false;
    if (trigger.by !== 'load') begun = performance.now();
    return setOff(started.instance, trigger, input);
  };
  const work = async (): Promise<Outcome> => {
    try {
      let value = await one(attack, attack);
      if (attack.accomplice !== undefined)
        value = await one({ language: attack.language, source: attack.accomplice }, { ...attack, by: 'call' });
      return { kind: 'answered', value };
    } catch (error) {
      return outcomeOf(error);
    }
  };
  const outcome = await within(stage, work());
  return {
    outcome,
    tookMs: performance.now() - begun,
    loading,
    close: async () => void (await Promise.all(open.map((each) => each.close()))),
  };
};

/** Samples memory while work goes on, where an attack is about memory. */
const measured = async <T>(group: Group, work: () => Promise<T>): Promise<{ value: T; peakBytes: number }> => {
  if (group !== 'memory') return { value: await work(), peakBytes: 0 };
  const base = bytesBelow();
  let peakBytes = 0;
  const timer = setInterval(() => (peakBytes = Math.max(peakBytes, bytesBelow() - base)), samplingMs);
  try {
    return { value: await work(), peakBytes };
  } finally {
    clearInterval(timer);
  }
};

/** True when a text somewhere in a value holds a word; also where the value is too deep for recursion. */
const holds = (value: unknown, word: string): boolean => {
  const waiting = [value];
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (typeof each === 'string' && each.includes(word)) return true;
    if (typeof each !== 'object' || each === null) continue;
    for (const [key, part] of Object.entries(each)) {
      if (key.includes(word)) return true;
      waiting.push(part);
    }
  }
  return false;
};

const leakOf = (outcome: Outcome, { seen, lines }: Watch, canary: string): string | undefined => {
  if (holds(outcome, canary)) return 'its answer holds what was hidden';
  if (lines.some((line) => line.includes(canary))) return 'its log holds what was hidden';
  return holds(seen, canary) ? 'it told the host what was hidden' : undefined;
};

const endOf = (outcome: Outcome | 'late'): string => {
  if (outcome === 'late') return 'late';
  return outcome.kind === 'answered' ? 'answered' : (outcome.limit ?? outcome.code);
};

const saidOf = (outcome: Outcome | 'late'): string => {
  if (outcome === 'late') return '';
  return (outcome.kind === 'answered' ? shown(outcome.value) : outcome.message).slice(0, 160);
};

/** Loading has at least this long, whatever a call has, milliseconds. */
const loadMs = 1_000;

const overOf = ({ outcome, tookMs, loading }: Course, limits: Limits): number => {
  if (outcome === 'late' || outcome.kind === 'answered') return 0;
  const limit =
    outcome.limit === 'cpuMs' || outcome.limit === 'wallMs'
      ? limits[outcome.limit]
      : outcome.code === 'MODULE_CRASHED'
        ? limits.wallMs
        : tookMs;
  return Math.max(0, Math.round(tookMs - (loading ? Math.max(limit, loadMs) : limit)));
};

/** Runs one hostile program and says how it went. Never throws for what the program does. */
export const runAttack = async (stage: Stage, attack: Attack, group: Group): Promise<Trial> => {
  const { world, bait, neighbours, strays } = stage;
  const limits = { ...limitsOf(group), ...attack.limits };
  const watch: Watch = { seen: [], calls: 0, pending: 0, inFlight: 0, asked: [], lines: [], logged: 0 };
  const mark = `bg${randomBytes(5).toString('hex')}`;
  neighbours.heard();
  const { value: course, peakBytes } = await measured(group, async () => {
    const ran = await carryOut(stage, attack, { limits, watch, mark });
    if (attack.lingerMs !== undefined) await world.clock.sleep(attack.lingerMs);
    return ran;
  });
  const closed = await within(
    stage,
    course.close().then(
      () => 'closed' as const,
      (error: unknown) => BurgeonError.from(error).message,
    ),
  );
  const quiet = group === 'escape' || (await neighbours.resting(() => fallsQuiet((ms) => world.clock.sleep(ms))));
  const { errors, calls, slowestMs } = neighbours.heard();
  const { outcome, tookMs } = course;
  const scene: Scene = { bait: bait.bait, ...watch, limits, tookMs };
  const stayed = group === 'system' ? await left(mark, (ms) => world.clock.sleep(ms)) : 0;
  const escapes = [
    outcome === 'late' ? `its call did not end within ${patienceOf(stage)} ms` : attack.judge(outcome, scene),
    outcome === 'late' ? undefined : leakOf(outcome, watch, bait.bait.canary),
    ...bait.touched(),
    closed === 'late' ? 'it could not be disposed of' : closed === 'closed' ? undefined : `disposing of it failed: ${closed}`,
    quiet ? undefined : 'it went on working after it was disposed of',
    stayed > 0 ? `${stayed} of its processes are left` : undefined,
    peakBytes > 3 * limits.hardMemoryBytes + runnersBytes ? `it took ${Math.round(peakBytes / mebibyte)} MB` : undefined,
  ].filter((fault) => fault !== undefined);
  const blame = (verdict: Harm, faults: string[]): Pick<Trial, 'harm'> | undefined =>
    faults.length > 0 ? { harm: { verdict, detail: `${attack.name}: ${faults.slice(0, 3).join('; ')}` } } : undefined;
  return {
    ...(blame('escaped', escapes) ?? blame('died', strays.splice(0)) ?? blame('hurt-neighbour', errors)),
    name: attack.name,
    end: endOf(outcome),
    said: saidOf(outcome),
    tookMs: Math.round(tookMs),
    overMs: overOf(course, limits),
    peakBytes,
    neighbourCalls: calls,
    neighbourSlowestMs: Math.round(slowestMs),
  };
};
