import type { JsonValue } from '../json.ts';

/** Time, injected so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds since the machine started, which nobody can set, and which start that was. Absent where the machine does not say. */
  uptime?(): { start: string; ms: number };
}

/** Where progress and oddities are told. Never given a secret. */
export interface Logger {
  debug(message: string, data?: JsonValue): void;
  info(message: string, data?: JsonValue): void;
  warn(message: string, data?: JsonValue): void;
}

/** The one gate through which everything outward leaves. It enforces the allow-list of whoever holds it. */
export interface Egress {
  /**
   * Sends one request. Redirects are followed only inside the allow-list; the body is capped. `auth` names schemes, with their scopes, whose
   * credentials a gate that `holds` them puts in once the address was allowed; no answer of such a gate repeats a credential.
   * @throws {BurgeonError} CAPABILITY_DENIED when the address is not allowed, REMOTE_UNREACHABLE, TIMEOUT, LIMIT_EXCEEDED, SECRET_MISSING
   */
  fetch(url: string, init?: RequestInit & { auth?: Record<string, string[]> }): Promise<Response>;
  /** Whether there is a credential for a scheme; why nothing may go without it, where it was taken away. Absent where the gate puts none in. */
  holds?(scheme: string): Promise<boolean | Error>;
  /**
   * Checks a host and port for a driver that opens its own socket and gives the address to connect to.
   * @throws {BurgeonError} CAPABILITY_DENIED
   */
  resolve(host: string, port: number): Promise<{ address: string; port: number }>;
}

/** A credential as the vault hands it to a protocol: `value` is the key, token or connection string, or `user:password`. */
export interface Credential {
  value: string;
}
