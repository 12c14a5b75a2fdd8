import { randomUUID } from 'node:crypto';
import {
  BurgeonError,
  defaultBudget,
  type ApprovalChannel,
  type Clock,
  type Exposure,
  type Logger,
  type ModuleBus,
  type SourceBudget,
  type Store,
  type StoreAdapter,
} from '@burgeon/kit';
import { approvalChannels } from './adapters/approval-channels/index.ts';
import { checks } from './adapters/checks/index.ts';
import { hosts } from './adapters/hosts/index.ts';
import { protocols } from './adapters/protocols/index.ts';
import { sources } from './adapters/sources/index.ts';
import { stores } from './adapters/stores/index.ts';
import { targets } from './adapters/targets/index.ts';
import { openGateway, type Gateway } from './approval/gateway.ts';
import { readPolicy, writePolicy, type Policy, type PolicyMode } from './approval/policy.ts';
import { systemClock } from './base/clock.ts';
import { openHome, type Home } from './base/home.ts';
import { randomIds } from './base/ids.ts';
import { silentLogger } from './base/log.ts';
import { approvalOperations } from './management/approvals.ts';
import { growingOperations } from './management/growing.ts';
import { inspectingOperations } from './management/inspecting.ts';
import { createManagement, type Management } from './management/management.ts';
import { judgingOperations } from './management/judging.ts';
import { livingOperations } from './management/living.ts';
import { messageOperations } from './management/messages.ts';
import { recordOperations } from './management/record.ts';
import { runningOperations } from './management/running.ts';
import { secretOperations } from './management/secrets.ts';
import { statusOperations } from './management/status.ts';
import type { PipelineContext } from './pipeline/context.ts';
import { createWorkbench } from './pipeline/workbench.ts';
import { writeImports } from './pipeline/imports.ts';
import { standUp, type StandUpRequest } from './pipeline/mirror.ts';
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts';
import { openBlobs } from './registry/blobs.ts';
import { openRegistry, type Registry } from './registry/registry.ts';
import type { Bus } from './runtime/bus/bus.ts';
import { createCatalogue, type Catalogue } from './runtime/catalogue.ts';
import { createMetrics, type Metrics } from './runtime/metrics.ts';
import { createRuntime, type Runtime } from './runtime/runtime.ts';
import { createTraceIds } from './runtime/trace-ids.ts';
import { openAudit, type Audit } from './security/audit.ts';
import { createEgress } from './security/egress.ts';
import { createOwnerKey, hasOwnerKey, openOwnerKey, type OwnerKey } from './security/keys.ts';
import { deriveKey, openMasterKey } from './security/master-key.ts';
import { createSerial } from './security/serial.ts';
import { openVault, type Vault } from './security/vault.ts';
import { version } from './base/version.ts';

/** How to open Burgeon. */
export interface BurgeonOptions {
  /** Data directory; made on first use with the policy `two-channels`. */
  home: string;
  /** How long to wait while another process owns the directory, milliseconds. Default: 10,000. */
  waitMs?: number;
  clock?: Clock;
  log?: Logger;
  /** Language of disclosures. Default: `en`. */
  locale?: 'en' | 'pl';
  /** Where the terminal approval channel speaks. Default: nowhere. */
  write?(text: string): void;
  /** Passphrase of the vault; absent = a key file in the data directory. */
  passphrase?: string;
  budget?: Partial<SourceBudget>;
  /** False: read, check and try on the calling thread instead of in worker threads. Default: true. */
  threads?: boolean;
}

/** What `init` made. `totp` is there when an authenticator was asked for. */
export interface Initialised {
  home: string;
  policy: PolicyMode;
  keyId: string;
  totp?: { secret: string; url: string };
}

/** Burgeon, opened over one data directory. Its owner closes it. */
export interface Burgeon {
  readonly home: Home;
  /** Burgeon's own operations. */
  readonly management: Management;
  /** All active modules, and those of Burgeon's own operations that a model may call. */
  readonly catalogue: Catalogue;
  readonly policy: PolicyMode;
  /** Signs a new policy; with `totp`, makes a new authenticator secret. */
  init(options: { policy: PolicyMode; totp: boolean }): Promise<Initialised>;
  /** Stands a module, or whatever can be pointed at, up as a server that behaves like it. */
  standUp(request: StandUpRequest): Promise<Exposure & { protocol: string; operations: number }>;
  close(): Promise<void>;
}

/**
 * The composition root: opens the data directory and puts everything together.
 * @throws {BurgeonError} HOME_BUSY, HOME_UNWRITABLE, HOME_DAMAGED, SIGNATURE_INVALID
 */
export const createBurgeon = async (options: BurgeonOptions): Promise<Burgeon> => {
  const clock = options.clock ?? systemClock;
  const home = await openHome(options.home, { clock, waitMs: options.waitMs ?? 10_000 });
  try {
    return await assemble(home, clock, options);
  } catch (error) {
    await home.close();
    throw error;
  }
};

/** What is kept in the data directory, opened. */
interface Foundation {
  home: Home;
  clock: Clock;
  key: OwnerKey;
  policy: Policy;
  store: Store;
  masterKey: Uint8Array;
  audit: Audit;
  vault: Vault;
  registry: Registry;
}

const openFoundation = async (home: Home, clock: Clock, options: BurgeonOptions): Promise<Foundation> => {
  const key = (await hasOwnerKey(home)) ? await openOwnerKey(home) : await createOwnerKey(home);
  const store = await (await sqliteStore()).open(home.path('burgeon.db'), { clock });
  try {
    const audit = openAudit({ store, clock, key });
    const known = await readPolicy(home, [key]).catch(unlessMissing);
    // The record is older than the policy file: a policy without a record is what is left when the record was taken away.
    if (known && (await store.lastLog('audit')) === undefined) throw recordGone(home);
    const policy = known ?? (await setPolicy({ home, key, clock, audit }, 'two-channels'));
    const masterKey = await openMasterKey(home, options.passphrase);
    const vault = openVault({ store, masterKey, clock, audit });
    const blobs = await openBlobs(home.path('blobs'));
    const registry = openRegistry({ store, blobs, audit, clock, signer: key, trusted: [key] });
    return { home, clock, key, policy, store, masterKey, audit, vault, registry };
  } catch (error) {
    await store.close();
    throw error;
  }
};

const unlessMissing = (error: unknown): undefined => {
  if (BurgeonError.from(error).code !== 'RECORD_NOT_FOUND') throw error;
};

const recordGone = (home: Home): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `The record of ${home.dir} is gone: burgeon.db holds nothing of what the policy file says was decided.`,
    hint: 'Put a copy of the data directory back, or start a new one with --home.',
  });

/** Signs a policy. The record comes first: what was decided is known even if the file was never written. */
const setPolicy = async (
  { home, key, clock, audit }: Pick<Foundation, 'home' | 'key' | 'clock' | 'audit'>,
  mode: PolicyMode,
): Promise<Policy> => {
  await audit.commit([{ kind: 'policy.set', data: { mode, key: key.id } }]);
  return writePolicy(home, key, { mode, clock });
};

/** The embedded default; a home always has it. */
const sqliteStore = async (): Promise<StoreAdapter> => {
  const adapter = await stores['sqlite']?.();
  if (adapter) return adapter;
  throw new BurgeonError('INTERNAL', {
    message: 'The sqlite store is missing from this installation.',
    hint: 'Install Burgeon again.',
  });
};

const openChannels = async (foundation: Foundation, options: BurgeonOptions): Promise<ApprovalChannel[]> =>
  Promise.all(
    Object.values(approvalChannels).map(async (load) =>
      (await load()).open({
        clock: foundation.clock,
        store: foundation.store,
        write: options.write ?? (() => {}),
        secret: (name) => foundation.vault.read(name),
        locale: options.locale ?? 'en',
      }),
    ),
  );

/** What moves: calls, growth, approval. */
interface Engine {
  runtime: Runtime;
  bus: Bus;
  gateway: Gateway;
  pipeline: Pipeline;
  context: PipelineContext;
  metrics: Metrics;
  /** Called after every change to what is active. */
  onChange(listener: () => Promise<void>): void;
  close(): Promise<void>;
}

const openEngine = async (foundation: Foundation, options: BurgeonOptions): Promise<Engine> => {
  const { home, clock, store, audit, vault, registry, masterKey } = foundation;
  const log = options.log ?? silentLogger;
  const metrics = createMetrics();
  const nextTrace = createTraceIds();
  const bus = deferredBus(() => openBus(foundation, log, () => runtime));
  const runtime = createRuntime({ store, registry, hosts, protocols, vault, audit, clock, log, metrics, nextTrace, bus });
  const gateway = deferredGateway(async () =>
    openGateway({
      ...foundation,
      ids: randomIds,
      channels: await openChannels(foundation, options),
      secret: deriveKey(masterKey, 'approval'),
      current: (id, number) => registry.show({ id, version: number }).catch(() => undefined),
    }),
  );
  const workbench = options.threads === false ? (await import('./pipeline/work.ts')).localWorkbench : createWorkbench();
  const families = { sources, targets, protocols, hosts, checks };
  const services = { workbench, registry, gateway, vault, audit, clock, log };
  const context: PipelineContext = {
    ...families,
    ...services,
    budget: { ...defaultBudget, ...options.budget },
    egressTo: (allowed) => createEgress({ allow: allowed.map((host) => ({ host, private: true })), clock, log }),
    locale: options.locale ?? 'en',
  };
  const imports = { registry, folder: home.path('imports'), typesFile: home.path('types.d.ts') };
  const listeners: (() => Promise<void>)[] = [];
  const inTurn = createSerial();
  const pipeline = createPipeline(context, async (id) => {
    // A version that could not take over was put back: what everybody else goes by is then as it was.
    const [taken] = await Promise.allSettled([runtime.changed(id)]);
    bus.changed(id);
    await inTurn(() => writeImports(imports, id));
    for (const listener of listeners) await listener();
    if (taken.status === 'rejected') throw taken.reason;
  });
  const parts = { runtime, bus, gateway, pipeline, context, metrics };
  return {
    ...parts,
    onChange: (listener) => void listeners.push(listener),
    close: async () => {
      await bus.close();
      await runtime.close();
      await workbench.close();
    },
  };
};

/** The bus hands messages to a runtime that is made after it, because modules send by it. */
const openBus = async ({ store, audit, clock, registry }: Foundation, log: Logger, runtime: () => Runtime): Promise<Bus> => {
  const [{ createBus }, { membersOf }] = await Promise.all([import('./runtime/bus/bus.ts'), import('./runtime/bus/members.ts')]);
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
const deferredBus = (open: () => Promise<Bus>): Bus => {
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

/** A gateway that opens its channels when it is first asked something: most commands never do. */
const deferredGateway = (open: () => Promise<Gateway>): Gateway => {
  let opening: Promise<Gateway> | undefined;
  const gateway = (): Promise<Gateway> => (opening ??= open());
  return {
    open: async (subject) => (await gateway()).open(subject),
    answer: async (id, answer) => (await gateway()).answer(id, answer),
    reject: async (id, why) => (await gateway()).reject(id, why),
    list: async () => (await gateway()).list(),
    get: async (id) => (await gateway()).get(id),
  };
};

const assemble = async (home: Home, clock: Clock, options: BurgeonOptions): Promise<Burgeon> => {
  const foundation = await openFoundation(home, clock, options);
  const engine = await openEngine(foundation, options);
  const { registry, store } = foundation;
  const management = manage(foundation, engine);
  const extra = { prefix: 'burgeon', provider: management.through('model') };
  const catalogue = createCatalogue({ registry, runtime: engine.runtime, version, extra });
  engine.onChange(() => catalogue.refresh());
  const doors = { home, management, catalogue };
  return {
    ...doors,
    policy: foundation.policy.mode,
    init: (wanted) => initialise(foundation, wanted),
    standUp: (request) => standUp(engine.context, request),
    close: async () => {
      await engine.close();
      await registry.close();
      await store.close();
      await home.close();
    },
  };
};

const manage = (
  { store, vault, audit, registry, clock }: Foundation,
  { pipeline, runtime, bus, gateway, metrics }: Engine,
): Management => {
  const management: Management = createManagement(
    [
      ...growingOperations({ pipeline }),
      ...inspectingOperations({ registry }),
      ...livingOperations({ pipeline, runtime }),
      ...runningOperations({ registry, runtime, clock }),
      ...messageOperations(bus),
      ...judgingOperations({ pipeline, registry, targets }),
      ...approvalOperations({ gateway, pipeline }),
      ...secretOperations(vault),
      ...recordOperations(audit),
      ...statusOperations({
        metrics: { text: () => metrics.text() + bus.metrics() },
        ready: async () => void (await store.lastLog('audit')),
        self: () => management.through('web').interface,
        documentTarget: async () => (await import('./adapters/targets/openapi.ts')).openapi,
      }),
    ],
    version,
  );
  return management;
};

const initialise = async (foundation: Foundation, wanted: { policy: PolicyMode; totp: boolean }): Promise<Initialised> => {
  const { home, key, vault } = foundation;
  await setPolicy(foundation, wanted.policy);
  const made = { home: home.dir, policy: wanted.policy, keyId: key.id };
  if (!wanted.totp) return made;
  const { newTotpSecret, totpSecretName } = await import('./adapters/approval-channels/totp.ts');
  const totp = newTotpSecret(home.dir);
  await vault.set(totpSecretName, totp.secret);
  return { ...made, totp };
};
