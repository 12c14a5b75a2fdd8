import { type Host, defineHost } from '@burgeon/kit';
import { powerImports } from '../../../security/capability-imports.ts';
import { startInstance } from '../../../walls/instance.ts';
import type { JailOptions } from '../../../walls/jail/jail.ts';
import { scriptOf } from '../../../walls/javascript/script.ts';
import type { RunnerPool } from '../../../walls/pool.ts';
import { isolatePool } from './pool.ts';

export { type Evaluator, createEvaluator } from './evaluator.ts';

/** The host over a pool that somebody else looks into. */
export const isolateOver = (pool: RunnerPool): Host =>
  defineHost({
    name: 'isolate',
    start: async (module, grants, limits, context) =>
      startInstance({ pool, module, grants, limits, context, program: await scriptOf(module, grants, powerImports()) }),
  });

/** Makes the host. `jail` chooses the jail, for tests that leave a wall out. */
export const createIsolate = (jail?: JailOptions): Host => isolateOver(isolatePool(jail));

/**
 * Runs code modules: one V8 heap each, in jailed processes by trust, never in the control plane. The entry exports
 * `operations = { name: async (input) => output }`, and what it wants of `init`, `message`, `snapshot`, `restore`, `migrate` and `dispose`.
 */
export const isolate: Host = createIsolate();
