import { randomUUID } from 'node:crypto';
import type { Logger, ModuleBus } from '@burgeon/kit';
import { randomIds } from '../base/ids.ts';
import type { Bus } from '../runtime/bus/bus.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Foundation } from './foundation.ts';

/** The bus hands messages to a runtime that is made after it, because modules send by it. */
export const openBus = async (
  { store, audit, clock, registry }: Foundation,
  log: Logger,
  runtime: () => Runtime,
): Promise<Bus> => {
  const [{ createBus }, { membersOf }] = await Promise.all([
    import('../runtime/bus/bus.ts'),
    import('../runtime/bus/members.ts'),
  ]);
  return createBus({
    members: membersOf({ registry, log }),
    deliver: (id, topic, body, options) => runtime().message(id, topic, body, options),
    inFlight: (id) => runtime().inFlight(id),
    store,
    audit,
    clock,
    log,
    ids: randomIds,
    newTrace: () => randomUUID().replaceAll('-', ''),
  });
};

/** A bus that is made when somebody first sends or looks: most modules never do. */
export const deferredBus = (open: () => Promise<Bus>): Bus => {
  let made: Bus | undefined;
  let opening: Promise<Bus> | undefined;
  const bus = (): Promise<Bus> => (opening ??= open().then((each) => (made = each)));
  return {
    open: (member) => {
      let mine: Promise<ModuleBus> | undefined;
      const own = (): Promise<ModuleBus> => (mine ??= bus().then((each) => each.open(member)));
      return {
        publish: async (...message) => (await own()).publish(...message),
        request: async (...message) => (await own()).request(...message),
      };
    },
    accept: async (envelope) => (await bus()).accept(envelope),
    parked: async (query) => (await bus()).parked(query),
    redeliver: async (id) => (await bus()).redeliver(id),
    discard: async (id) => (await bus()).discard(id),
    changed: (id) => made?.changed(id),
    metrics: () => made?.metrics() ?? '',
    close: async () => (await opening)?.close(),
  };
};
