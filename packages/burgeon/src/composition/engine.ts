import { existsSync } from 'node:fs';
import { BurgeonError, defaultBudget } from '@burgeon/kit';
import { checks } from '../adapters/checks/index.ts';
import { hosts } from '../adapters/hosts/index.ts';
import { protocols } from '../adapters/protocols/index.ts';
import { sources } from '../adapters/sources/index.ts';
import { targets } from '../adapters/targets/index.ts';
import type { ChannelSet } from '../approval/channels.ts';
import type { Gateway } from '../approval/gateway.ts';
import { currentActor } from '../base/actor.ts';
import { randomIds } from '../base/ids.ts';
import { silentLogger } from '../base/log.ts';
import { type Answers, createAnswers } from '../pipeline/answers.ts';
import type { PipelineContext } from '../pipeline/context.ts';
import { mendImports, writeImports } from '../pipeline/imports.ts';
import { createUpkeep } from '../pipeline/upkeep.ts';
import { openWorkbench } from '../pipeline/open-workbench.ts';
import { type Pipeline, createPipeline } from '../pipeline/pipeline.ts';
import type { Bus } from '../runtime/bus/bus.ts';
import { type Metrics, createMetrics } from '../runtime/metrics.ts';
import { type Runtime, createRuntime } from '../runtime/runtime.ts';
import { createTraceIds } from '../runtime/trace-ids.ts';
import { createEgress } from '../security/egress.ts';
import { openHomeKey } from '../security/home-key.ts';
import { deriveKey } from '../security/master-key.ts';
import { createSerial } from '../security/serial.ts';
import { openAsking } from './asking.ts';
import { deferredBus, openBus } from './bus.ts';
import type { Foundation } from './foundation.ts';
import type { BurgeonOptions } from './options.ts';

/** What moves: calls, growth, approval. */
export interface Engine {
  runtime: Runtime;
  bus: Bus;
  gateway: Gateway;
  channels: ChannelSet;
  answers: Answers;
  sweepWhenDue(): Promise<void>;
  pipeline: Pipeline;
  context: PipelineContext;
  metrics: Metrics;
  /** Where the vulnerability data are. */
  advisories: string;
  /** Called after every change to what is active. */
  onChange(listener: () => Promise<void>): void;
  /** True when what is derived from the record could not be written. */
  isBehind(): boolean;
  close(): Promise<void>;
}

/** Puts together what moves, over what is kept. Its owner closes it before the foundation. */
export const openEngine = async (foundation: Foundation, options: BurgeonOptions): Promise<Engine> => {
  const { home, clock, store, audit, vault, registry } = foundation;
  const log = options.log ?? silentLogger;
  const metrics = createMetrics();
  const nextTrace = createTraceIds();
  const bus = deferredBus(() => openBus(foundation, log, () => runtime));
  const kept = { home: home.dir, store, registry, vault, audit, clock };
  const runtime = createRuntime({ ...kept, hosts, protocols, log, metrics, nextTrace, bus });
  const homeKey = await openHomeKey(home);
  const { channels, gateway } = openAsking(foundation, options, homeKey);
  const advisories = options.advisories ?? home.path('advisories');
  const verdicts = { folder: home.path('cache', 'verdicts'), secret: deriveKey(homeKey, 'verdicts') };
  const workbench = await openWorkbench({ ...options, ...verdicts, advisories, clock, log });
  const context = contextOf({ ...foundation, workbench, gateway, log }, options);
  const imports = { registry, folder: home.path('imports'), typesFile: home.path('types.d.ts') };
  const listeners: (() => Promise<void>)[] = [];
  const inTurn = createSerial();
  let behind = false;
  // Derived from the record: it may be behind after a crash, and that keeps nobody from anything else.
  if (home.interrupted || !existsSync(home.path('imports', 'index.json'))) {
    await mendImports(imports).catch((error: unknown) =>
      log.warn('the files for import are behind', { message: BurgeonError.from(error).message }),
    );
  }
  const pipeline = createPipeline(context, async (id) => {
    // A version that could not take over was put back: what everybody else goes by is then as it was.
    const [taken] = await Promise.allSettled([runtime.changed(id)]);
    bus.changed(id);
    await inTurn(async () => {
      const due = behind;
      behind = true;
      if (due) await mendImports(imports);
      await writeImports(imports, id);
      behind = false;
    });
    for (const listener of listeners) await listener();
    if (taken.status === 'rejected') throw taken.reason;
  });
  const { sweep, sweepWhenDue } = createUpkeep(
    async () => {
      await pipeline.sweep();
      await foundation.checkpoints.exportDue();
    },
    { ...foundation, log },
  );
  const answers = createAnswers({ gateway, pipeline, channels, log, sweep });
  const parts = { runtime, bus, gateway, channels, answers, sweepWhenDue, pipeline, context, metrics, advisories };
  return {
    ...parts,
    onChange: (listener) => void listeners.push(listener),
    isBehind: () => behind,
    close: async () => {
      await bus.close();
      await runtime.close();
      await workbench.close();
    },
  };
};

const contextOf = (
  {
    home,
    clock,
    log,
    workbench,
    registry,
    ring,
    gateway,
    vault,
    audit,
  }: Foundation & Pick<PipelineContext, 'workbench' | 'gateway' | 'log'>,
  options: BurgeonOptions,
): PipelineContext => ({
  sources,
  targets,
  protocols,
  hosts,
  checks,
  workbench,
  registry,
  ring,
  gateway,
  vault,
  audit,
  clock,
  log,
  ids: randomIds,
  home: home.dir,
  budget: { ...defaultBudget, ...options.budget },
  egressTo: (allowed) => {
    // Only a person at this machine knows what in its network may be asked for.
    const inPerson = currentActor().kind === 'owner';
    return createEgress({ allow: allowed.map((host) => ({ host, private: inPerson })), clock, log });
  },
  locale: options.locale ?? 'en',
});
