import type { Clock, Usage } from '@burgeon/kit';
import type { LifeState } from './life/states.ts';

/** The rules by which a module is watched. */
export const watchRules = {
  /** So many denied host calls ... */
  denials: 10,
  /** ... within so many milliseconds suspend it. */
  denialsWithinMs: 10_000,
  /** So many ends ... */
  ends: 3,
  /** ... within so many milliseconds quarantine it. */
  endsWithinMs: 60_000,
  /** How long a start waits after the first, second, ... end within that time, milliseconds. */
  backOffMs: [0, 100, 400],
} as const;

/** Span over which calls per second are averaged, seconds. */
const rateSeconds = 10;

/** What is counted of one line since the process started, over reloads and restarts. */
export interface Figures {
  calls: number;
  /** Failed calls by code. */
  errors: Map<string, number>;
  inFlight: number;
  denials: number;
  restarts: number;
  /** Processor time of instances that are gone, milliseconds. */
  pastCpuMs: number;
  /** Times of the last denied calls. */
  recentDenials: number[];
  /** Calls by second, in a ring. */
  ring: { second: number; calls: number }[];
}

/** Figures of a line that nobody called yet. */
export const newFigures = (): Figures => ({
  calls: 0,
  errors: new Map(),
  inFlight: 0,
  denials: 0,
  restarts: 0,
  pastCpuMs: 0,
  recentDenials: [],
  ring: Array.from({ length: rateSeconds + 1 }, () => ({ second: 0, calls: 0 })),
});

/** Counts one finished call; `code` is that of its error, or undefined. */
export const countCall = (figures: Figures, nowMs: number, code: string | undefined): void => {
  figures.calls += 1;
  const second = Math.floor(nowMs / 1_000);
  const slot = figures.ring[second % figures.ring.length];
  if (slot?.second === second) slot.calls += 1;
  else if (slot) Object.assign(slot, { second, calls: 1 });
  if (code !== undefined) figures.errors.set(code, (figures.errors.get(code) ?? 0) + 1);
};

/** Counts one denied host call. True when there were too many of late; the count of those begins anew then. */
export const countDenial = (figures: Figures, nowMs: number): boolean => {
  figures.denials += 1;
  const from = nowMs - watchRules.denialsWithinMs;
  figures.recentDenials = [...figures.recentDenials.filter((at) => at > from), nowMs];
  if (figures.recentDenials.length < watchRules.denials) return false;
  figures.recentDenials = [];
  return true;
};

/** What a person sees of one running module. */
export interface RunningModule {
  /** `namespace/name`; with `@version` where it is bound to one beside the active one. */
  module: string;
  version: string;
  state: LifeState;
  host: string;
  replicas: number;
  /** Finished calls and messages. */
  calls: number;
  /** Mean of the last ten seconds. */
  callsPerSecond: number;
  errors: Record<string, number>;
  inFlight: number;
  /** Host calls that were denied. */
  denials: number;
  /** Times it was started again after it had fallen over. */
  restarts: number;
  cpuMs: number;
  memoryBytes: number;
  /** Modules it needs, `namespace/name@version`. */
  needs: string[];
  /** Why it is refused, where it is. */
  reason?: string;
}

/** The figures as a person sees them. `usages`: what the instances that run took. */
export const readFigures = (
  figures: Figures,
  usages: readonly Usage[],
  clock: Clock,
): Pick<
  RunningModule,
  'calls' | 'callsPerSecond' | 'errors' | 'inFlight' | 'denials' | 'restarts' | 'cpuMs' | 'memoryBytes'
> => ({
  calls: figures.calls,
  callsPerSecond: rateOf(figures, clock.now()),
  errors: Object.fromEntries(figures.errors),
  inFlight: figures.inFlight,
  denials: figures.denials,
  restarts: figures.restarts,
  cpuMs: Math.round((figures.pastCpuMs + sum(usages.map(({ cpuMs }) => cpuMs))) * 1_000) / 1_000,
  memoryBytes: sum(usages.map(({ memoryBytes }) => memoryBytes)),
});

const rateOf = ({ ring }: Figures, nowMs: number): number => {
  const now = Math.floor(nowMs / 1_000);
  const recent = ring.filter(({ second }) => second >= now - rateSeconds && second < now);
  return sum(recent.map(({ calls }) => calls)) / rateSeconds;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
