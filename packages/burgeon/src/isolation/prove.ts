import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Stage, type Trial, type Harm, attackerId, runAttack } from './attack.ts';
import { layBait } from './bait.ts';
import type { Case, Group } from './case.ts';
import { meetNeighbours } from './neighbours.ts';
import { whyNot } from './reasons.ts';
import type { Subject, World } from './subject.ts';

/** How one case went on one host. */
export interface Verdict {
  number: number;
  title: string;
  group: Group;
  host: string;
  verdict: 'contained' | 'not-applicable' | Harm;
  /** In words: what ended the programs, why the host is not attacked this way, or what went wrong. */
  detail: string;
  /** The hostile programs that were run: how each ended, what it answered or failed with, and after how many milliseconds. */
  programs: Pick<Trial, 'name' | 'end' | 'said' | 'tookMs'>[];
  figures: Figures;
}

/** What was measured; none of it decides a verdict but the memory, and that only when it is far beyond its limit. */
export interface Figures {
  /** Wall clock of the whole case, milliseconds. */
  tookMs: number;
  /** The longest that a program went on past the limit that ended it, milliseconds. */
  overMs: number;
  /** The longest that the control plane could not answer, milliseconds. */
  stallMs: number;
  /** 99th percentile of what the control plane was late by, over all attempts so far, milliseconds. */
  stallP99Ms: number;
  /** Most memory of all runners together, beyond what they had before, bytes. */
  peakBytes: number;
  neighbourCalls: number;
  neighbourSlowestMs: number;
}

/** A host under attack. Its owner closes it. */
export interface Proof {
  /** Runs every hostile program of a case, one after another. */
  attempt(each: Case): Promise<Verdict>;
  close(): Promise<void>;
}

const resolutionMs = 5;

const lateness = (nanoseconds: number): number => Math.max(0, Math.round((nanoseconds / 1e6 - resolutionMs) * 10) / 10);

const delays = (): ReturnType<typeof monitorEventLoopDelay> => {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return histogram;
};

/** What ends a process in which nobody listens. */
const strayEvents = ['unhandledRejection', 'uncaughtException'] as const;

const none: Figures = { tookMs: 0, overMs: 0, stallMs: 0, stallP99Ms: 0, peakBytes: 0, neighbourCalls: 0, neighbourSlowestMs: 0 };

const most = (trials: readonly Trial[], name: 'overMs' | 'peakBytes' | 'neighbourSlowestMs'): number =>
  Math.max(0, ...trials.map((trial) => trial[name]));

const worst: readonly Harm[] = ['escaped', 'died', 'hurt-neighbour'];

const wordsOf = (trials: readonly Trial[]): string => {
  const counts = new Map<string, number>();
  for (const { end } of trials) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].map(([end, count]) => (count === 1 ? end : `${end} x${count}`)).join(', ');
};

/** Opens a host for attacks: lays the bait out and lets two innocents work on it. @throws {BurgeonError} when the host cannot run a module */
export const openProof = async (subject: Subject, world: World): Promise<Proof> => {
  const strays: string[] = [];
  const stray = (error: unknown): void => void strays.push(`nobody caught ${String(error).slice(0, 300)}`);
  const bait = await layBait();
  const neighbours = await meetNeighbours(subject, world, [attackerId, 'skill/innocent'], bait.bait).catch(
    async (error: unknown) => {
      await bait.close();
      throw error;
    },
  );
  const stage: Stage = { subject, world, bait, neighbours, strays };
  for (const event of strayEvents) process.on(event, stray);
  const [all, now] = [delays(), delays()];
  return {
    attempt: async (each) => {
      const { number, title, group } = each;
      const fixed = { number, title, group, host: subject.name };
      const attacks = each.attacks.filter(({ language }) => subject.speaks.includes(language));
      if (attacks.length === 0)
        return { ...fixed, verdict: 'not-applicable', detail: whyNot(each, subject.kind), programs: [], figures: none };
      now.reset();
      const begun = performance.now();
      const trials: Trial[] = [];
      for (const attack of attacks) trials.push(await runAttack(stage, attack, group));
      const harms = trials.flatMap(({ harm }) => (harm ? [harm] : []));
      const verdict = worst.find((harm) => harms.some((each) => each.verdict === harm));
      return {
        ...fixed,
        verdict: verdict ?? 'contained',
        detail: verdict === undefined ? wordsOf(trials) : harms.map(({ detail }) => detail).join(' | '),
        programs: trials.map(({ name, end, said, tookMs }) => ({ name, end, said, tookMs })),
        figures: {
          tookMs: Math.round(performance.now() - begun),
          overMs: most(trials, 'overMs'),
          stallMs: lateness(now.max),
          stallP99Ms: lateness(all.percentile(99)),
          peakBytes: most(trials, 'peakBytes'),
          neighbourCalls: trials.reduce((sum, trial) => sum + trial.neighbourCalls, 0),
          neighbourSlowestMs: most(trials, 'neighbourSlowestMs'),
        },
      };
    },
    close: async () => {
      all.disable();
      now.disable();
      await neighbours.close();
      await bait.close();
      for (const event of strayEvents) process.off(event, stray);
    },
  };
};

/** Attacks a host with all cases, one after another. @throws {BurgeonError} when the host cannot run a module at all */
export async function* prove(subject: Subject, cases: readonly Case[], world: World): AsyncIterable<Verdict> {
  const proof = await openProof(subject, world);
  try {
    for (const each of cases) yield await proof.attempt(each);
  } finally {
    await proof.close();
  }
}
