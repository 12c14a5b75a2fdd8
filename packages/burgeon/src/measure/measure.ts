import { BurgeonError } from '@burgeon/kit';
import { keptAwake } from './awake.ts';
import type { Contender } from './contender.ts';
import type { Figure } from './figures.ts';
import { type Effort, measureCall, measureLoad, measureMemory } from './hosts.ts';
import type { Listener } from './turns.ts';

/** What can be measured, in the order in which it is. */
export const measurements = ['load', 'call', 'bus', 'memory', 'abuse', 'recovery'] as const;

/** One of {@link measurements}. */
export type Measurement = (typeof measurements)[number];

/** What takes a few minutes. */
export const ordinaryEffort: Effort = { rounds: 8, calls: 3_000, loads: 240, modules: 500, mostModules: 1_000, attackStep: 1 };

/** What takes less than a minute and is worth less. */
export const quickEffort: Effort = { rounds: 2, calls: 300, loads: 20, modules: 40, mostModules: 0, attackStep: 6 };

/** What to measure on whom. */
export interface MeasureRequest extends Listener {
  names: readonly Measurement[];
  contenders: readonly Contender[];
  effort: Effort;
}

type Over = (contenders: readonly Contender[], effort: Effort, listener: Listener) => Promise<Figure[]>;

/** Measurements of hosts side by side. */
const sideBySide: Partial<Record<Measurement, Over>> = { load: measureLoad, call: measureCall, memory: measureMemory };

/** Measurements of the whole, or of the default host alone. */
const alone: Partial<Record<Measurement, (effort: Effort) => Promise<Figure[]>>> = {
  load: async (effort) => (await import('./bus.ts')).measureSignedLoad(effort),
  bus: async (effort) => (await import('./bus.ts')).measureBus(effort),
  abuse: async (effort) => (await import('./abuse.ts')).measureAbuse(effort),
  recovery: async (effort) => (await import('./recovery.ts')).measureRecovery(effort),
};

/** Takes figures, one measurement after the other. What fails is told to the listener and left out. */
export async function* measure(request: MeasureRequest): AsyncIterable<Figure> {
  const { names, contenders, effort } = request;
  for (const name of measurements.filter((each) => names.includes(each))) {
    request.progress(name);
    // Microseconds between processes are measured with a processor awake; memory and attacks on the machine as it is.
    const around = name === 'call' || name === 'bus' ? keptAwake : <T>(work: () => Promise<T>): Promise<T> => work();
    yield* await attempt(name, request, () => around(async () => alone[name]?.(effort)));
    yield* await attempt(name, request, () => around(async () => sideBySide[name]?.(contenders, effort, request)));
  }
}

const attempt = async (name: string, listener: Listener, work: () => Promise<Figure[] | undefined>): Promise<Figure[]> => {
  try {
    return (await work()) ?? [];
  } catch (error) {
    listener.failed(name, BurgeonError.from(error));
    return [];
  }
};
