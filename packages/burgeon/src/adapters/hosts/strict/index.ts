import { type Host, defineHost } from '@burgeon/kit';
import { powerImports } from '../../../security/capability-imports.ts';
import { startInstance } from '../../../walls/instance.ts';
import type { JailOptions } from '../../../walls/jail/jail.ts';
import { scriptOf } from '../../../walls/javascript/script.ts';
import type { RunnerPool } from '../../../walls/pool.ts';
import type { StrictProgram } from './inside.ts';
import { strictPool } from './pool.ts';

/** The host over a pool that somebody else looks into. */
export const strictOver = (pool: RunnerPool): Host =>
  defineHost({
    name: 'strict',
    start: async (module, grants, limits, context) => {
      const program: StrictProgram = { ...(await scriptOf(module, grants, powerImports())), digest: module.digest };
      return startInstance({ pool, module, grants, limits, context, program });
    },
  });

/** Makes the host. `jail` chooses the jail, for tests that leave a wall out. */
export const createStrict = (jail?: JailOptions): Host => strictOver(strictPool(jail));

/**
 * Runs code modules where no machine code is ever made of them: one interpreter in one WebAssembly memory each, in jailed processes. They are
 * written as for the isolate host. One that exports no `snapshot` is handed over as the image of its memory, with promises and timers that are
 * under way; only the same version of it takes that back.
 */
export const strict: Host = createStrict();
