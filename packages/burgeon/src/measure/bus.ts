import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { systemClock } from '../base/clock.ts';
import { type Effort, settleMs } from './hosts.ts';
import { type Figure, bestOf, timed } from './figures.ts';
import { at, openMeasuredHome } from './home.ts';
import { moduleText } from './module-text.ts';
import { descendantsOf, processorMs } from './processes.ts';

const loose = (effect: string): JsonObject => ({ effect, input: { additionalProperties: true }, output: {} });
const channel = (direction: string): JsonObject => ({ direction, message: { type: 'object' }, reply: {} });

/** Requests are what is measured: they may come as fast as they can. */
const limits = { hostCallsPerSecond: 100_000 };

/** Modules that may use a secret never share a process with those that may not: so these two stand in two. */
const sender = `import { bus } from 'burgeon:cap/bus' with { topics: 'measure.echo', verbs: 'request' };
export const operations = { nothing: async (input) => ({ n: input.n }), ask: async (input) => bus.request('measure.echo', { n: input.n }) };`;
const receiver = `import { bus } from 'burgeon:cap/bus' with { topics: 'measure.echo', verbs: 'subscribe' };
import { secret } from 'burgeon:cap/secret' with { names: 'skill/receiver/token' };
export const operations = { idle: async () => typeof secret + typeof bus };
export const message = async (topic, body) => ({ n: body.n });`;

/** Module to module across two processes: what a request adds to a call that asks nothing. */
export const measureBus = async ({ rounds, calls }: Effort): Promise<Figure[]> => {
  const home = await openMeasuredHome();
  try {
    const [nothing, ask, idle] = [loose('read'), loose('read'), loose('read')];
    await home.add('skill/receiver', { limits, operations: { idle }, channels: { 'measure.echo': channel('in') } }, receiver);
    await home.add(
      'skill/sender',
      { limits, operations: { nothing, ask }, channels: { 'measure.echo': channel('out') } },
      sender,
    );
    const send =
      (operation: string): ((n: number) => Promise<unknown>) =>
      (n) =>
        home.call('skill/sender', operation, { n });
    await timed(calls, send('ask'));
    // By then whoever is kept warm beside the two stands, and takes nothing any more.
    await systemClock.sleep(settleMs);
    const before = processorTimes();
    const [bare, full]: [number[][], number[][]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await timed(calls, send('nothing')));
      full.push(await timed(calls, send('ask')));
    }
    requireTwo(before);
    const base = { name: 'bus', contender: 'isolate', unit: 'us' } as const;
    const added = (bestOf(full, 0.5) - bestOf(bare, 0.5)) * 1_000;
    return [
      { ...base, what: 'module to module and back across processes, p50', value: added, reach: 70 },
      { ...base, what: 'the whole call with its request, p50', value: bestOf(full, 0.5) * 1_000 },
      { ...base, what: 'the whole call with its request, p99', value: bestOf(full, 0.99) * 1_000, reach: 1_000 },
    ];
  } finally {
    await home.close();
  }
};

const processorTimes = (): Map<number, number> => new Map(descendantsOf().map((pid) => [pid, processorMs(pid)]));

/** Processes of which each did at least this share of the work count as having worked. */
const leastShare = 0.1;

/** A request within one process would be another figure. @throws {BurgeonError} INTERNAL when not exactly two worked since then */
const requireTwo = (before: ReadonlyMap<number, number>): void => {
  const times = [...processorTimes()].map(([pid, ms]) => ms - (before.get(pid) ?? 0));
  const total = times.reduce((sum, ms) => sum + ms, 0);
  // Where nobody tells, or nothing took long enough to be seen.
  if (total === 0) return;
  const busy = times.filter((ms) => ms > total * leastShare).length;
  if (busy !== 2)
    throw new BurgeonError('INTERNAL', { message: `The two modules were to stand in two processes, but ${busy} worked.` });
};

/** A signed module of 20 KB through registry, verification and host to its first answer. */
export const measureSignedLoad = async ({ loads, rounds }: Effort): Promise<Figure[]> => {
  const home = await openMeasuredHome();
  try {
    const code = moduleText('const host = { number: async () => 0.5 };', 'export { operations };');
    const operations = { tiny: loose('read') };
    await home.add('skill/neighbour', { operations }, code);
    await home.add('skill/measured', { operations }, code);
    // A runner stands while anybody is in it.
    await home.call('skill/neighbour', 'tiny', { a: 1 });
    await home.call('skill/measured', 'tiny', { a: 1 });
    const load = async (): Promise<number[]> => {
      await home.manage('unloadModule', at('skill/measured'));
      return timed(1, () => home.call('skill/measured', 'tiny', { a: 1 }));
    };
    const taken: number[][] = [];
    for (let round = 0; round < rounds; round += 1) {
      const times: number[] = [];
      for (let count = 0; count < loads / rounds; count += 1) times.push(...(await load()));
      taken.push(times);
    }
    const base = { name: 'load', contender: 'isolate', unit: 'ms' } as const;
    return [
      { ...base, what: 'signed, 20 KB, verified, to the first answer, p50', value: bestOf(taken, 0.5), reach: 3 },
      { ...base, what: 'signed, 20 KB, verified, to the first answer, p99', value: bestOf(taken, 0.99), reach: 10 },
    ];
  } finally {
    await home.close();
  }
};
