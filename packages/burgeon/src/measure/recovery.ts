import type { Instance } from '@burgeon/kit';
import { isolateOver } from '../adapters/hosts/isolate/index.ts';
import { isolatePool } from '../adapters/hosts/isolate/pool.ts';
import { systemClock } from '../base/clock.ts';
import { killGroup } from '../base/disposable.ts';
import type { Runner } from '../walls/runner.ts';
import { type Figure, quantile } from './figures.ts';
import { contextOf, measuringLimits, powers, script, verified } from './host-contender.ts';
import { type Effort, settleMs } from './hosts.ts';

const neighbours = 50;

/**
 * The process of many modules is killed: how long until the first of them answers again, and until all have. Each time modules stand in one
 * process, with a warm spare beside it.
 */
export const measureRecovery = async ({ rounds }: Effort): Promise<Figure[]> => {
  const [first, all]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const { toFirst, toAll } = await fall();
    first.push(toFirst);
    all.push(toAll);
  }
  const base = { name: 'recovery', contender: 'isolate', unit: 'ms' } as const;
  return [
    { ...base, what: 'first answer after SIGKILL, with a spare', value: quantile(first, 0.5), reach: 10 },
    { ...base, what: `${neighbours} modules answer again`, value: quantile(all, 0.5), reach: 400 },
  ];
};

const fall = async (): Promise<{ toFirst: number; toAll: number }> => {
  const pool = isolatePool(undefined, { comfortable: neighbours });
  const host = isolateOver(pool);
  const grants = powers.map((each) => ({ ...each, request: 'measure' }));
  const modules: Instance[] = [];
  for (let at = 0; at < neighbours; at += 1) {
    const instance = await host.start(verified(`skill/n-${at}`, 'index.js', script), grants, measuringLimits, contextOf(true));
    await instance.call('tiny', { a: at });
    modules.push(instance);
  }
  await systemClock.sleep(settleMs);
  const [runner] = pool.runners() as [Runner];
  const killed = performance.now();
  killGroup(runner.pid);
  // What it still answered with its last breath would not be an answer after its end.
  while (runner.alive) await new Promise((resolve) => setImmediate(resolve));
  const times = await Promise.all(
    modules.map(async (each) => {
      await each.call('tiny', { a: 1 });
      return performance.now() - killed;
    }),
  );
  for (const each of modules) await each.dispose();
  return { toFirst: Math.min(...times), toAll: Math.max(...times) };
};
