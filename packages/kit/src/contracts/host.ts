import type { Capability, Grant, Limits } from '../capability.ts';
import type { BurgeonError } from '../errors.ts';
import type { Interface } from '../interface.ts';
import type { JsonValue } from '../json.ts';
import type { Manifest } from '../manifest.ts';
import type { Callable, Connection } from './call.ts';
import type { Clock, Logger } from './context.ts';

/** A module whose signature was verified, ready to be started. */
export interface VerifiedModule {
  manifest: Manifest;
  interface: Interface;
  digest: string;
  /** Text of one file of the bundle; undefined when there is none. */
  file(path: string): string | undefined;
  /** Paths of all its files, for hosts that need the whole of it. */
  readonly paths?: readonly string[];
}

/** What a host may use. */
export interface HostContext {
  clock: Clock;
  log: Logger;
  /** True once approved; a wall may be thinner (just-in-time compilation) only then. */
  trusted: boolean;
  /** Makes chance repeatable; given in trials. */
  seed?: number;
  /** Told when the module asked for a power that it was not granted, which the host refused by itself. */
  denied?(capability: string): void;
  /** Told when the running module was lost (it crashed, or a limit ended it): its state is gone, and the next call starts it anew. */
  ended(reason: BurgeonError): void;
  /** Opens the connection of a data module under its grants. */
  connect(description: Interface): Promise<Connection>;
  /** Carries out a host call of a code module: `capability` is the kind it imported. @throws {BurgeonError} CAPABILITY_DENIED */
  hostCall(capability: string, method: string, args: JsonValue[]): Promise<JsonValue>;
}

/** What an instance took so far. Where a process is shared, its memory is divided among those inside as well as can be told. */
export interface Usage {
  cpuMs: number;
  memoryBytes: number;
}

/** A running module: the seven calls of its life. */
export interface Instance extends Callable {
  init(): Promise<void>;
  /** Hands a message over; gives the reply, `null` when the module has none. */
  message(topic: string, body: JsonValue): Promise<JsonValue>;
  capabilities(): Capability[];
  /** State as JSON, or `null` when the module keeps none. */
  snapshot(): Promise<JsonValue>;
  /**
   * Takes a state over. `version` is the version of the state it was made with; another than the module's own goes through its `migrate`.
   * @throws {BurgeonError} MODULE_FAILED when the module refuses it; the instance is then of no more use
   */
  restore(state: JsonValue, version?: number): Promise<void>;
  /** Frees everything. Calls still running end with CANCELLED. */
  dispose(): Promise<void>;
  /** What it takes; absent where the module has nothing of its own. */
  usage?(): Usage;
}

/** What runs modules of one kind. */
export interface Host {
  readonly name: string;
  start(module: VerifiedModule, grants: Grant[], limits: Limits, context: HostContext): Promise<Instance>;
}
