import { BurgeonError, type Instance, type Limits, defaultLimits } from '@burgeon/kit';
import { bundleOf } from './bundle.ts';
import { type Bait, shown } from './case.ts';
import type { Subject, World } from './subject.ts';

/** Two innocents on the attacked host, called all the time. */
export interface Neighbours {
  /** What went wrong since the last time this was asked, in words, and how it went otherwise. */
  heard(): { errors: string[]; calls: number; slowestMs: number };
  /** Runs something while nobody calls. */
  resting<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Between two calls of one innocent, milliseconds. */
const pauseMs = 4;

const limits: Limits = { ...defaultLimits, memoryBytes: 32 * 1024 * 1024, hardMemoryBytes: 64 * 1024 * 1024 };

/** One call; gives what is wrong with it. */
const ask = async ({ reply }: Subject, instance: Instance, n: number): Promise<string | undefined> => {
  try {
    const { output } = await instance.call('run', { n });
    return shown(output) === shown(reply(n)) ? undefined : `a neighbour answered ${shown(output).slice(0, 100)} to ${n}`;
  } catch (error) {
    const { code, message } = BurgeonError.from(error);
    return `a neighbour failed with ${code}: ${message.slice(0, 200)}`;
  }
};

/**
 * Starts them: one as close to the attacker as the host lets it come, with the attacker's own name, and one under another name.
 * @throws {BurgeonError} whatever starting a module of that host throws
 */
export const meetNeighbours = async (subject: Subject, world: World, ids: readonly string[], bait: Bait): Promise<Neighbours> => {
  const start = async (id: string): Promise<Instance> => {
    const way = world.openWay({ id, grants: [], limits, bait });
    const module = bundleOf(subject.innocent, { id, host: subject.kind, asked: [] });
    const { clock, log } = world;
    const instance = await subject.host.start(module, [], limits, {
      clock,
      log,
      trusted: subject.trusted,
      ended: () => {},
      connect: () => Promise.reject(new BurgeonError('UNSUPPORTED', { message: 'There is nothing to connect to.' })),
      hostCall: (...call) => way.call(...call),
    });
    await instance.init();
    return instance;
  };
  const instances = await Promise.all(ids.map(start));
  let [errors, calls, slowestMs, n] = [[] as string[], 0, 0, 0];
  let [open, resting] = [true, 0];
  const live = async (instance: Instance): Promise<void> => {
    while (open) {
      if (resting === 0) {
        const begun = performance.now();
        const fault = await ask(subject, instance, (n += 1));
        if (!open) return;
        calls += 1;
        slowestMs = Math.max(slowestMs, performance.now() - begun);
        if (fault !== undefined) errors.push(fault);
      }
      await world.clock.sleep(pauseMs);
    }
  };
  const lives = instances.map(live);
  return {
    heard: () => {
      const told = { errors, calls, slowestMs };
      [errors, calls, slowestMs] = [[], 0, 0];
      return told;
    },
    resting: async (work) => {
      resting += 1;
      try {
        return await work();
      } finally {
        resting -= 1;
      }
    },
    close: async () => {
      open = false;
      await Promise.all(instances.map((instance) => instance.dispose().catch(() => {})));
      await Promise.all(lives);
    },
  };
};
