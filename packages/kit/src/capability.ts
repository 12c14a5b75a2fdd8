import type { JsonObject } from './json.ts';

/** Something a module wants to be able to do. `kind` is a word of the vocabulary (`clock`, `db`, `secret.use`, ...), `scope` narrows it. */
export interface Capability {
  kind: string;
  scope: JsonObject;
}

/** A capability that was approved: what the host really hands out. */
export interface Grant extends Capability {
  /** Approval request that granted it. */
  request: string;
}

/** Bounds of one instance. Raising any is a capability change. */
export interface Limits {
  /** Wall clock per call, milliseconds. */
  wallMs: number;
  /** CPU time per call, milliseconds. */
  cpuMs: number;
  /** Heap of the instance, bytes. */
  memoryBytes: number;
  /** All memory of the instance, also outside its heap, bytes. */
  hardMemoryBytes: number;
  /** Serialised argument, bytes. */
  argumentBytes: number;
  /** Serialised result, bytes. */
  resultBytes: number;
  /** Lines it logs, bytes per minute; what is more is left out and counted. */
  logBytes: number;
  /** Host calls in flight. */
  pendingCalls: number;
  /** Host calls within one second. */
  hostCallsPerSecond: number;
  /** Bytes that cross the wall in host calls, both ways together, per call. */
  ioBytes: number;
}

/** The limits an instance gets when its manifest names none. */
export const defaultLimits: Limits = {
  wallMs: 5_000,
  cpuMs: 5_000,
  memoryBytes: 128 * 1024 * 1024,
  hardMemoryBytes: 256 * 1024 * 1024,
  argumentBytes: 4 * 1024 * 1024,
  resultBytes: 16 * 1024 * 1024,
  logBytes: 256 * 1024,
  pendingCalls: 64,
  hostCallsPerSecond: 1_000,
  ioBytes: 64 * 1024 * 1024,
};
