import {
  BurgeonError,
  type CallResult,
  type Clock,
  type Grant,
  type HostContext,
  type Instance,
  type JsonValue,
  type Limits,
  type VerifiedModule,
  manifestExtension,
} from '@burgeon/kit';
import { orders } from './frames.ts';
import type { CellPlan } from './inside/cell.ts';
import { Meter } from './inside/meter.ts';
import type { Group, RunnerPool } from './pool.ts';
import { Tenant } from './tenant.ts';

/** What a host was given to start, and where it starts it. */
export interface InstanceOptions {
  pool: RunnerPool;
  module: VerifiedModule;
  grants: Grant[];
  limits: Limits;
  context: HostContext;
  /** For the engine of this host. */
  program: unknown;
}

/** Milliseconds that a module has for its farewell. */
const farewellMs = 1_000;

/** The part of a plan that is the same for every engine. */
export const planOf = (limits: Limits, more: Pick<CellPlan, 'program' | 'stateVersion' | 'seed'>): CellPlan => ({
  memoryBytes: limits.memoryBytes,
  hardMemoryBytes: limits.hardMemoryBytes,
  cpuMs: Math.min(limits.cpuMs, limits.wallMs),
  resultLength: limits.resultBytes,
  pendingCalls: limits.pendingCalls,
  hostCallsPerSecond: limits.hostCallsPerSecond,
  ...more,
});

/** Kinds of power that reach a secret, directly or by what the host puts into requests. */
const reachesSecrets = (grants: readonly Grant[]): boolean => grants.some(({ kind }) => kind === 'secret.use' || kind === 'db');

/** What is not approved is alone; of the rest, those that may use a secret keep to themselves. */
const groupOf = (id: string, grants: readonly Grant[], { trusted }: HostContext): Group => ({
  trusted,
  label: trusted ? (reachesSecrets(grants) ? 'secrets' : '') : id,
});

/** A module of a runner as an instance: the seven calls, the limits of what crosses the wall, and the way out under its grants. */
export const startInstance = ({ pool, module, grants, limits, context, program }: InstanceOptions): Instance => {
  const card = module.manifest.extensions[manifestExtension];
  const { id } = card;
  const state = card.state === undefined ? {} : { stateVersion: card.state.version };
  const seed = context.seed === undefined ? {} : { seed: context.seed };
  const rate = new Meter(limits.hostCallsPerSecond * 2, 1_000);
  const traffic = trafficOf(limits, () => tenant);
  const tenant: Tenant = new Tenant(pool, {
    name: id,
    group: groupOf(id, grants, context),
    limits,
    own: card.limits,
    plan: planOf(limits, { program, ...state, ...seed }),
    host: (kind, method, args) => askHost({ id, grants, limits, context, tenant, traffic, rate }, [kind, method, args]),
    log: logOf(limits, context, id),
    ended: (reason) => context.ended(reason),
  });
  const repeatable = new Set(
    (module.interface.operations ?? []).flatMap((each) => (each.idempotent || each.effect === 'read' ? [each.id] : [])),
  );

  const run = async (kind: number, head: string, value: JsonValue | undefined): Promise<JsonValue> => {
    const body = value === undefined ? '' : JSON.stringify(value);
    if (body.length * 3 > limits.argumentBytes && Buffer.byteLength(body) > limits.argumentBytes)
      throw tenant.exceeded('argumentBytes');
    const output = await tenant.run({ kind, head, body, repeatable: repeatable.has(head) });
    if (output.length * 3 > limits.resultBytes && Buffer.byteLength(output) > limits.resultBytes)
      throw tenant.exceeded('resultBytes');
    return parsed(output, id);
  };
  return {
    init: async () => {
      await tenant.ready();
    },
    call: async (operation, input, options): Promise<CallResult> => {
      const answer = run(orders.call, operation, input);
      return { output: await (options?.signal ? unlessAborted(answer, options.signal) : answer) };
    },
    message: (topic, body) => run(orders.message, topic, body),
    capabilities: () => grants.map(({ kind, scope }) => ({ kind, scope })),
    snapshot: () => run(orders.snapshot, '', undefined),
    restore: async (value, version) => {
      await run(orders.restore, String(version ?? 0), value);
    },
    usage: () => tenant.usage(),
    dispose: async () => {
      const farewell = tenant.loaded ? run(orders.dispose, '', undefined).catch(() => null) : undefined;
      if (farewell) await withinPatience(farewell, context.clock);
      await tenant.close();
    },
  };
};

/** Waits for a farewell, but not for ever. */
const withinPatience = async (farewell: Promise<unknown>, clock: Clock): Promise<void> => {
  const said = new AbortController();
  await Promise.race([farewell, clock.sleep(farewellMs, said.signal).catch(() => null)]);
  said.abort();
};

/** A result that is no JSON is the fault of whoever speaks for the module. */
const parsed = (text: string, name: string): JsonValue => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new BurgeonError('MODULE_FAILED', { message: `${name} answered something that is no JSON.`, cause });
  }
};

const unlessAborted = <T>(answer: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void =>
      reject(new BurgeonError('CANCELLED', { message: 'The call was cancelled.', cause: signal.reason as unknown }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });

/** Counts what crosses the wall; it begins anew whenever nothing is in flight. */
interface Traffic {
  /** @throws {BurgeonError} LIMIT_EXCEEDED */
  count(bytes: number): void;
}

const trafficOf = (limits: Limits, tenant: () => Tenant): Traffic => {
  let bytes = 0;
  let era = -1;
  return {
    count: (more) => {
      const now = tenant().era;
      if (now !== era) [era, bytes] = [now, 0];
      bytes += more;
      if (bytes > limits.ioBytes) throw tenant().exceeded('ioBytes');
    },
  };
};

interface Asking {
  /** The runner counts too, and refuses earlier; this is for one that was taken over. */
  rate: Meter;
  id: string;
  grants: Grant[];
  limits: Limits;
  context: HostContext;
  tenant: Tenant;
  traffic: Traffic;
}

/** The way out: time for timers, else granted kinds only, and only while a call is running. */
const askHost = async (asking: Asking, [kind, method, text]: [string, string, string]): Promise<string> => {
  const { id, grants, limits, context, tenant, traffic, rate } = asking;
  if (!rate.take(1)) throw tenant.exceeded('hostCallsPerSecond');
  const args: unknown = JSON.parse(text);
  if (kind === '' && method === 'sleep') {
    const [ms] = args as JsonValue[];
    await context.clock.sleep(Math.min(Math.max(Number(ms) || 0, 0), limits.wallMs));
    return 'null';
  }
  if (!grants.some((grant) => grant.kind === kind) || tenant.running === 0) {
    context.denied?.(kind);
    throw new BurgeonError('CAPABILITY_DENIED', { message: `${id} was not granted "${kind.slice(0, 64)}".` });
  }
  if (!Array.isArray(args)) throw new BurgeonError('INPUT_INVALID', { message: 'The arguments are not a list.' });
  traffic.count(text.length);
  const answer = JSON.stringify(await context.hostCall(kind, method, args as JsonValue[])) ?? 'null';
  traffic.count(answer.length);
  return answer;
};

const minuteMs = 60_000;

/** Lines beyond the limit are left out, which is said once a minute. */
const logOf = (limits: Limits, { log }: HostContext, module: string): ((text: string) => void) => {
  const room = new Meter(limits.logBytes, minuteMs);
  const told = new Meter(1, minuteMs);
  return (text) => {
    if (room.take(text.length)) log.info(text, { module });
    else if (told.take(1))
      log.warn(`${module} logs more than ${limits.logBytes} bytes a minute; the rest is left out.`, { module });
  };
};
