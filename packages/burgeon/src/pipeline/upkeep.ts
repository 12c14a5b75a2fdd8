import { unusedModules } from '../registry/unused.ts';
import type { PipelineContext } from './context.ts';
import { withdraw } from './release.ts';

/** Tells everybody that what is active of a module may be another now. */
type Changed = (id: string) => Promise<void>;

/** What time does: closes requests that nobody answered, with what they asked for, and archives what nobody called for 30 days. */
export const sweep = async (context: PipelineContext, changed: Changed): Promise<void> => {
  const { gateway, registry, clock } = context;
  for (const request of await gateway.list()) {
    if (request.state !== 'expired') continue;
    const version = await registry.show({ id: request.module, version: request.version }).catch(() => undefined);
    if (version?.state !== 'pending' || version.request !== request.id) continue;
    await withdraw(context, request);
    await changed(version.id);
  }
  for (const id of await unusedModules(registry, clock.now())) {
    await registry.archive(id, 'nobody called it for 30 days');
    await changed(id);
  }
};

/** What a revoked key does: ends the modules that no longer count. Gives their ids. */
export const review = async ({ registry }: PipelineContext, changed: Changed): Promise<string[]> => {
  const ids = await registry.refused();
  for (const id of ids) await changed(id);
  return ids;
};
