import { defaultLimits } from '@burgeon/kit';
import { orders } from './frames.ts';
import { planOf } from './instance.ts';
import type { CellOwner, Runner } from './runner.ts';

/** Has a runner load a module of nothing and forget it. The first load in a process costs twice what the next ones do. */
export const warm = async (runner: Runner, program: unknown): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ignored = (): void => {};
  const owner: CellOwner = {
    hardMemoryBytes: defaultLimits.hardMemoryBytes,
    done: () => resolve(),
    failed: () => resolve(),
    lost: () => resolve(),
    asked: ignored,
    logged: ignored,
    spent: ignored,
  };
  const cell = runner.admit(owner);
  runner.order(orders.load, cell, JSON.stringify(planOf(defaultLimits, { program })));
  await promise;
  runner.dismiss(cell);
};
