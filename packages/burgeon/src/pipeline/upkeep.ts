import { BurgeonError, type Clock, type Logger, type Store } from '@burgeon/kit';
import { type ApprovalRequest, isOpen } from '../approval/request.ts';
import { type Actor, runAs } from '../base/actor.ts';
import { unusedModules } from '../registry/unused.ts';
import type { PipelineContext } from './context.ts';
import { withdraw } from './release.ts';

/** Tells everybody that what is active of a module may be another now. */
type Changed = (id: string) => Promise<void>;

/** A request that closed without an approval takes the version with it that waited for it. */
export const settle = async (context: PipelineContext, request: ApprovalRequest, changed: Changed): Promise<void> => {
  if (isOpen(request) || request.state === 'approved') return;
  const version = await context.registry.show({ id: request.module, version: request.version }).catch(() => undefined);
  if (version?.state !== 'pending' || version.request !== request.id) return;
  await withdraw(context, request);
  await changed(version.id);
};

/** What time does: closes requests that nobody answered, with what they asked for, and archives what nobody called for 30 days. */
export const sweep = async (context: PipelineContext, changed: Changed): Promise<void> => {
  const { gateway, registry, clock } = context;
  for (const request of await gateway.list()) await settle(context, request, changed);
  for (const id of await unusedModules(registry, clock.now())) {
    await registry.archive(id, 'nobody called it for 30 days');
    await changed(id);
  }
};

/** What time does, done in nobody's name; what goes wrong is only told. */
export interface Upkeep {
  /** Does it now. */
  sweep(): Promise<void>;
  /** Does it when it was not done for an hour: for homes without a server, by whoever comes by. */
  sweepWhenDue(): Promise<void>;
}

const dueMs = 60 * 60 * 1_000;
const place = { table: 'upkeep', id: 'sweep' } as const;
const timer: Actor = { kind: 'system', id: 'timer' };

/** Makes it of the work itself. */
export const createUpkeep = (
  work: () => Promise<void>,
  { store, clock, log }: { store: Store; clock: Clock; log: Logger },
): Upkeep => {
  const quietly = (doing: () => Promise<void>): Promise<void> =>
    runAs(timer, doing).catch((error: unknown) => {
      const { code, message } = BurgeonError.from(error);
      log.warn('a sweep failed', { code, message });
    });
  return {
    sweep: () => quietly(work),
    sweepWhenDue: () =>
      quietly(async () => {
        const at = (await store.get(place.table, place.id))?.value['at'];
        if (typeof at === 'number' && Math.abs(clock.now() - at) < dueMs) return;
        await work();
        await store.transact([{ kind: 'put', ...place, value: { at: clock.now() } }]);
      }),
  };
};

/** What a revoked key does: ends the modules that no longer count. Gives their ids. */
export const review = async ({ registry }: PipelineContext, changed: Changed): Promise<string[]> => {
  const ids = await registry.refused();
  for (const id of ids) await changed(id);
  return ids;
};
