import type { Interface } from '../interface.ts';
import type { Connection, Provider } from './call.ts';
import type { Clock, Credential, Egress, Logger } from './context.ts';

/** What a protocol may use to connect outward. */
export interface ConnectContext {
  egress: Egress;
  clock: Clock;
  log: Logger;
  /** Base address to use instead of the interface's own. */
  location?: string;
  /** The credential stored for one auth scheme (by key of `Interface.auth`); undefined when there is none. */
  credential(scheme: string): Promise<Credential | undefined>;
  /** Checks answers against the description; REMOTE_INVALID when they differ. Default: false. */
  validateOutput?: boolean;
}

/** How to stand up. */
export interface ExposeOptions {
  /** 0 or absent = any free port. */
  port?: number;
  /** Address to bind. Default: 127.0.0.1. */
  address?: string;
  /** What to do with requests that do not match the description. Default: enforce. */
  validation?: 'off' | 'report' | 'enforce';
  /** Added delay per answer. */
  latencyMs?: number;
  /** Share of answers replaced by a fault, 0..1, drawn from `seed`. */
  errorRate?: number;
  seed?: number;
  clock: Clock;
  log: Logger;
  /** Options of one protocol only. */
  extra?: Record<string, unknown>;
}

/** Something that stands and answers until closed. */
export interface Exposure {
  /** Where clients reach it. */
  url: string;
  close(): Promise<void>;
}

/** A two-faced adapter between an interface and one way of talking. */
export interface Protocol {
  readonly name: string;
  /** URL schemes it answers to, without the colon. */
  readonly schemes: readonly string[];
  /** Opens a way to call. @throws {BurgeonError} DEPENDENCY_MISSING, SECRET_MISSING, REMOTE_UNREACHABLE */
  connect?(description: Interface, context: ConnectContext): Promise<Connection>;
  /** Stands the provider up so that stock clients of this protocol can use it. @throws {BurgeonError} PORT_IN_USE */
  expose?(provider: Provider, options: ExposeOptions): Promise<Exposure>;
  /** Asks a live thing for its description. */
  introspect?(location: string, context: ConnectContext): Promise<Interface>;
}
