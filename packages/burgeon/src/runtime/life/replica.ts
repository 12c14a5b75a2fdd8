import {
  BurgeonError,
  type CallOptions,
  type CallResult,
  type Grant,
  type Host,
  type HostContext,
  type Instance,
  type JsonObject,
  type JsonValue,
  type Usage,
} from '@burgeon/kit';
import { limitExceeded } from '../../base/limit-exceeded.ts';
import { denialText } from '../../security/egress-denial.ts';
import { openConnection } from '../connect.ts';
import { createHostCalls } from '../host-calls.ts';
import type { RuntimeParts } from '../parts.ts';
import { bounded } from './bounded.ts';
import type { PreparedModule } from './prepared.ts';

/** Milliseconds that starting may take at least, however short the calls are. */
const startMs = 30_000;

/** Milliseconds that handing a state over or back may take at least. */
const stateMs = 5_000;

/** How an instance is tied to the rest. */
export interface Ties {
  /** Aborted when everything ends: what has not started by then does not. */
  closing: AbortSignal;
  /** Told when it lost its heap. */
  ended(replica: Replica, reason: BurgeonError): void;
  /** Told of each host call that was denied; the replica is not there yet while it starts. */
  denied(replica: Replica | undefined, what: string): void;
  /** Carries a call of its code to another module. */
  call(reference: string, operation: string, input: JsonObject, options?: CallOptions): Promise<CallResult>;
}

/** One running instance, with what runs on it. Its owner disposes it. */
export class Replica {
  readonly prepared: PreparedModule;
  readonly instance: Instance;
  /** Calls and messages that run. */
  inFlight = 0;
  /** Streams that are being read. */
  streams = 0;
  /** True once its heap is gone. */
  lost = false;
  private readonly closeCalls: () => Promise<void>;
  private waiting: (() => void)[] = [];
  private ending: Promise<void> | undefined;
  private lastUsage: Usage = { cpuMs: 0, memoryBytes: 0 };

  constructor(prepared: PreparedModule, instance: Instance, closeCalls: () => Promise<void>) {
    this.prepared = prepared;
    this.instance = instance;
    this.closeCalls = closeCalls;
  }

  /** One call fewer. */
  leave(): void {
    this.inFlight -= 1;
    this.wake();
  }

  /** One stream fewer. */
  endStream(): void {
    this.streams -= 1;
    this.wake();
  }

  /** Resolves when no call runs; streams may. More may come before the caller goes on: look again. */
  async idle(): Promise<void> {
    while (this.inFlight > 0 && !this.ending) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Resolves when nothing runs, or after the wall clock of a call. */
  async quiet(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, this.prepared.limits.wallMs);
    const rest = async (): Promise<void> => {
      while (!this.ending && (this.inFlight > 0 || this.streams > 0))
        await new Promise<void>((resolve) => this.waiting.push(resolve));
    };
    await Promise.race([rest(), late.promise]);
    clearTimeout(timer);
  }

  /** Its state as JSON; null when it keeps none. @throws {BurgeonError} LIMIT_EXCEEDED, and whatever the module throws */
  snapshot(): Promise<JsonValue> {
    return this.within(this.instance.snapshot(), 'snapshot');
  }

  /** Takes a state over. @throws {BurgeonError} MODULE_FAILED; it is then of no more use */
  restore(state: JsonValue, version: number | undefined): Promise<void> {
    return this.within(this.instance.restore(state, version), 'restore');
  }

  /** What it took so far; what it took last, once it is gone. */
  usage(): Usage {
    if (this.ending) return { ...this.lastUsage, memoryBytes: 0 };
    try {
      this.lastUsage = this.instance.usage?.() ?? this.lastUsage;
    } catch {
      // A host that cannot tell is no reason to fail.
    }
    return this.lastUsage;
  }

  /** Ends it now; what still runs ends with CANCELLED. */
  dispose(): Promise<void> {
    this.usage();
    this.ending ??= this.instance
      .dispose()
      .catch(() => {})
      .then(() => this.closeCalls());
    this.wake();
    return this.ending;
  }

  private within<T>(work: Promise<T>, operation: string): Promise<T> {
    const { id: name, limits, card } = this.prepared;
    return bounded(work, {
      ms: Math.max(limits.wallMs, stateMs),
      late: () => limitExceeded({ name, limits, limit: 'wallMs', own: card.limits, operation }),
    });
  }

  private wake(): void {
    if (this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/**
 * Starts one instance: the host makes it, and it is initialised. What fails on the way leaves nothing behind.
 * @throws {BurgeonError} UNSUPPORTED when there is no such host; whatever the host or the module's `init` throws
 */
export const startReplica = async (parts: RuntimeParts, prepared: PreparedModule, ties: Ties): Promise<Replica> => {
  const { id, version, module, card, description, limits } = prepared;
  const host = await hostOf(parts, prepared);
  const grants: Grant[] = card.capabilities.map((capability) => ({ ...capability, request: `${id}@${version}` }));
  const bus = parts.bus?.open({ id, version, channels: description.channels, types: description.types, grants });
  const hostCalls = createHostCalls({ id, description, grants, limits, parts, call: ties.call, bus });
  const made: { replica?: Replica; lost?: BurgeonError } = {};
  const context: HostContext = {
    clock: parts.clock,
    log: parts.log,
    trusted: true,
    ended: (reason) => {
      made.lost = reason;
      if (made.replica) ties.ended(made.replica, reason);
    },
    denied: (capability) => ties.denied(made.replica, `${capability} is not granted, the wall says.`),
    connect: (wanted) => openConnection(parts, { id, protocol: card.protocol, description: wanted, grants }),
    hostCall: async (capability, method, args) => {
      try {
        return await hostCalls.call(capability, method, args);
      } catch (error) {
        const what = denialText(error);
        if (what !== undefined) ties.denied(made.replica, what);
        throw error;
      }
    },
  };
  const begun: { instance?: Instance } = {};
  const begin = async (): Promise<Instance> => {
    begun.instance = await host.start(module, grants, limits, context);
    await begun.instance.init();
    return begun.instance;
  };
  const beginning = begin();
  try {
    const wait = { ms: Math.max(limits.wallMs, startMs), late: () => tooSlow(prepared), signal: ties.closing };
    const instance = await bounded(beginning, wait);
    made.replica = new Replica(prepared, instance, () => hostCalls.close());
    if (made.lost) throw made.lost;
    return made.replica;
  } catch (error) {
    await begun.instance?.dispose().catch(() => {});
    await hostCalls.close();
    // One that comes too late is not kept either.
    void beginning.then((instance) => instance.dispose()).catch(() => {});
    throw error;
  }
};

const tooSlow = ({ id, version, limits }: PreparedModule): BurgeonError =>
  new BurgeonError('MODULE_FAILED', {
    message: `${id} did not start within ${Math.max(limits.wallMs, startMs)} ms.`,
    hint: 'Its author has to make init() shorter.',
    data: { module: id, version },
  });

const hostOf = async (parts: RuntimeParts, { id, card }: PreparedModule): Promise<Host> => {
  const load = Object.hasOwn(parts.hosts, card.host) ? parts.hosts[card.host] : undefined;
  if (load) return load();
  throw new BurgeonError('UNSUPPORTED', {
    message: `${id} wants host "${card.host}", which this version does not have.`,
    hint: 'Update Burgeon.',
  });
};
