import type { JsonValue } from '../json.ts';

/** Time, injected so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
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
   * Sends one request. Redirects are followed only inside the allow-list; the body is capped.
   * @throws {BurgeonError} CAPABILITY_DENIED when the address is not allowed, REMOTE_UNREACHABLE, TIMEOUT, LIMIT_EXCEEDED
   */
  fetch(url: string, init?: RequestInit): Promise<Response>;
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
