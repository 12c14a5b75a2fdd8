import { BurgeonError, type Interface } from '@burgeon/kit';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { createHostCalls } from '../runtime/host-calls.ts';
import { grantedSecret } from './cases/host-side.ts';
import type { World } from './subject.ts';

const description = { operations: [], channels: [], entities: [], types: {}, auth: [], security: [] } as unknown as Interface;

/** The world of hostile modules: host calls are carried out as for any module, with a vault of one secret, the bait. */
export const attackWorld: World = {
  clock: systemClock,
  log: silentLogger,
  openWay: ({ id, grants, limits, bait }) =>
    createHostCalls({
      id,
      description,
      grants,
      limits,
      parts: {
        clock: systemClock,
        log: silentLogger,
        vault: { read: async (name) => (name === grantedSecret ? bait.canary : undefined) },
      },
      call: async (module) => {
        throw new BurgeonError('MODULE_NOT_FOUND', { message: `There is no module ${module}.` });
      },
    }),
};
