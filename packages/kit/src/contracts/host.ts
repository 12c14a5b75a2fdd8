import type { Capability, Grant, Limits } from '../capability.ts';
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
}

/** What a host may use. */
export interface HostContext {
  clock: Clock;
  log: Logger;
  /** True once approved; a wall may be thinner (just-in-time compilation) only then. */
  trusted: boolean;
  /** Opens the connection of a data module under its grants. */
  connect(description: Interface): Promise<Connection>;
  /** Carries out a host call of a code module: `capability` is the kind it imported. @throws {BurgeonError} CAPABILITY_DENIED */
  hostCall(capability: string, method: string, args: JsonValue[]): Promise<JsonValue>;
}

/** A running module: the seven calls of its life. */
export interface Instance extends Callable {
  init(): Promise<void>;
  message(topic: string, body: JsonValue): Promise<void>;
  capabilities(): Capability[];
  /** State as JSON, or `null` when the module keeps none. */
  snapshot(): Promise<JsonValue>;
  restore(state: JsonValue): Promise<void>;
  /** Frees everything. Calls still running end with CANCELLED. */
  dispose(): Promise<void>;
}

/** What runs modules of one kind. */
export interface Host {
  readonly name: string;
  start(module: VerifiedModule, grants: Grant[], limits: Limits, context: HostContext): Promise<Instance>;
}
