import type { Contender, LoadedModule, Stage } from './contender.ts';
import { type Figure, bestOf, timed } from './figures.ts';
import { moduleText } from './module-text.ts';
import { type Listener, loadAndAsk, takeTurns } from './turns.ts';

/** How thoroughly to measure. */
export interface Effort {
  /** Rounds, in which the contenders take turns. */
  rounds: number;
  /** Calls in each round. */
  calls: number;
  /** Loads in all. */
  loads: number;
  /** Idle modules at once. */
  modules: number;
  /** Then as many at once as this in the default host; 0 for no more. */
  mostModules: number;
  /** Of the attacks, every so many-th. */
  attackStep: number;
}

/** Milliseconds until a spare process stands behind those at work. */
export const settleMs = 1_500;

/** Reaches are for code that was approved, in the default host; the others stand beside it. */
const reachOf = ({ name }: Contender, reach: number): { reach?: number } => (name === 'isolate' ? { reach } : {});

/** From the code to the first answer, where the process that runs it stands. */
export const measureLoad = async (
  contenders: readonly Contender[],
  { loads, rounds }: Effort,
  listener: Listener,
): Promise<Figure[]> => {
  const measured = await takeTurns(
    {
      name: 'load',
      contenders,
      rounds,
      prepare: async (stage) => {
        await loadAndAsk(stage, 'skill/warm');
        return { stage, taken: [] as number[][] };
      },
      turn: async ({ stage, taken }, { mostModules = loads }) => {
        const share = Math.max(1, Math.round(Math.min(loads, mostModules) / rounds));
        const round: number[] = [];
        while (round.length < share) round.push(await timedLoad(stage, `skill/load-${taken.length}-${round.length}`));
        taken.push(round);
      },
    },
    listener,
  );
  return measured.flatMap(({ contender, prepared: { taken } }): Figure[] => {
    const base = { name: 'load', contender: contender.name, unit: 'ms' } as const;
    return [
      { ...base, what: 'from code to the first answer, p50', value: bestOf(taken, 0.5), ...reachOf(contender, 3) },
      { ...base, what: 'from code to the first answer, p99', value: bestOf(taken, 0.99), ...reachOf(contender, 10) },
    ];
  });
};

const timedLoad = async (stage: Stage, id: string): Promise<number> => {
  const begun = performance.now();
  const module = await loadAndAsk(stage, id);
  const taken = performance.now() - begun;
  await module.close();
  return taken;
};

/** Calls in flight where they are many. */
const width = 64;

/** Calls a second. */
const pipelined = async (module: LoadedModule, calls: number): Promise<number> => {
  const begun = performance.now();
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await module.call('tiny', { a: 1 });
  };
  await Promise.all(Array.from({ length: width }, worker));
  return (calls / (performance.now() - begun)) * 1_000;
};

/** What the rounds of one contender gave. */
interface Rounds {
  module: LoadedModule;
  tiny: number[][];
  host: number[][];
  rates: number[];
  /** Milliseconds of the work for the processor, here and in plain Node. */
  work: number[];
  plainWork: number[];
}

/** One call, with and without a question to the host; many at once; and work for the processor against plain Node. */
export const measureCall = async (
  contenders: readonly Contender[],
  { rounds, calls }: Effort,
  listener: Listener,
): Promise<Figure[]> => {
  const plain = await plainKernel();
  const measured = await takeTurns<Rounds>(
    {
      name: 'call',
      contenders,
      rounds,
      prepare: async (stage, { program }) => {
        const module = await loadAndAsk(stage, 'skill/call');
        await timed(calls, () => module.call('tiny', { a: 1 }));
        await timed(Math.ceil(calls / 4), () => module.call('host', {}));
        if (program === undefined) await module.call('kernel', { rounds: kernelRounds });
        return { module, tiny: [], host: [], rates: [], work: [], plainWork: [] };
      },
      turn: async ({ module, tiny, host, rates, work, plainWork }, { program }) => {
        tiny.push(await timed(calls, () => module.call('tiny', { a: 1 })));
        host.push(await timed(calls, () => module.call('host', {})));
        rates.push(await pipelined(module, calls * 10));
        for (let at = 0; program === undefined && at < kernelsInTurn; at += 1) {
          work.push(...(await timed(1, () => module.call('kernel', { rounds: kernelRounds }))));
          plainWork.push(await plain());
        }
      },
    },
    listener,
  );
  return measured.flatMap(({ contender, prepared }) => figuresOf(contender, prepared));
};

const figuresOf = (contender: Contender, { tiny, host, rates, work, plainWork }: Rounds): Figure[] => {
  const base = { name: 'call', contender: contender.name, unit: 'us' } as const;
  const reach = contender.name === 'isolate, not approved' ? { reach: 3.6 } : reachOf(contender, 1.15);
  // The quickest run of each: what else the machine does makes one slower, never faster.
  const ratio = Math.min(...work) / Math.min(...plainWork);
  const processor = { ...base, unit: 'x' as const, what: 'processor work against plain Node', value: ratio, ...reach };
  return [
    { ...base, what: 'JSON in and out, p50', value: bestOf(tiny, 0.5) * 1_000, ...reachOf(contender, 20) },
    { ...base, what: 'JSON in and out, p99', value: bestOf(tiny, 0.99) * 1_000, ...reachOf(contender, 100) },
    { ...base, what: 'with one host call, p50', value: bestOf(host, 0.5) * 1_000, ...reachOf(contender, 40) },
    { ...base, unit: '/s', what: `${width} in flight`, value: Math.max(...rates), ...reachOf(contender, 100_000) },
    ...(work.length === 0 ? [] : [processor]),
  ];
};

/** Runs of `kernel` in each turn. */
const kernelsInTurn = 2;

/** Rounds of `kernel`: some 30 ms of plain Node. */
const kernelRounds = 1_000;

/** The same work in this process: milliseconds of one run, after one to warm up. */
const plainKernel = async (): Promise<() => Promise<number>> => {
  const text = moduleText('const host = {};', 'export { operations };');
  const { operations } = (await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)) as {
    operations: { kernel(input: { rounds: number }): Promise<unknown> };
  };
  const run = async (): Promise<number> => (await timed(1, () => operations.kernel({ rounds: kernelRounds })))[0] ?? 0;
  await run();
  return run;
};

/** Processes that will hold modules stand before the first of them counts. */
const warming = 33;

/** What idle modules cost, each having answered once. One contender after the other: what else stands would count. */
export const measureMemory = async (contenders: readonly Contender[], effort: Effort, listener: Listener): Promise<Figure[]> => {
  const all: Figure[] = [];
  for (const contender of contenders) {
    const one = { name: 'memory', contenders: [contender], rounds: 1, prepare: async (stage: Stage) => stage };
    await takeTurns({ ...one, turn: async (stage) => void all.push(...(await memoryOf(stage, contender, effort))) }, listener);
  }
  return all;
};

const memoryOf = async (stage: Stage, contender: Contender, effort: Effort): Promise<Figure[]> => {
  const count = Math.min(effort.modules, contender.mostModules ?? effort.modules);
  const modules: LoadedModule[] = [];
  const fill = async (until: number): Promise<void> => {
    while (modules.length < until) modules.push(await loadAndAsk(stage, `skill/idle-${modules.length}`));
  };
  const first = Math.min(warming, Math.floor(count / 2));
  await fill(first);
  const before = stage.memoryBytes();
  await fill(count);
  const base = { name: 'memory', contender: contender.name, unit: 'MB' } as const;
  const full = stage.memoryBytes();
  const figures: Figure[] = [
    { ...base, what: 'an idle module', value: megabytes(full - before) / (count - first), ...reachOf(contender, 1.25) },
    { ...base, what: `${count} modules and what runs them`, value: megabytes(full), ...reachOf(contender, 720) },
  ];
  if (contender.name !== 'isolate' || effort.mostModules <= count) return figures;
  await fill(effort.mostModules);
  const silent = (await Promise.allSettled(modules.map((each) => each.call('tiny', { a: 1 })))).filter(
    ({ status }) => status === 'rejected',
  );
  const many = `${effort.mostModules.toLocaleString('en')} modules`;
  return [
    ...figures,
    { ...base, what: `${many} and what runs them`, value: megabytes(stage.memoryBytes()) },
    { ...base, unit: '', what: `of ${many} at once do not answer`, value: silent.length, reach: 0 },
  ];
};

const megabytes = (bytes: number): number => bytes / 1024 ** 2;
