import type { BurgeonError } from '../errors.ts';
import type { Interface } from '../interface.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/** Asks for a particular answer; honoured by mirrors. */
export interface Variant {
  /** Result code to answer with: `"404"`. */
  code?: string;
  /** Name of the example to answer with. */
  example?: string;
  /** True: always synthesise, even where examples exist. */
  dynamic?: boolean;
}

/** Per-call options. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Joins the audit records of one chain of calls. */
  traceId?: string;
  variant?: Variant;
  /** Told of progress while a long call runs. */
  progress?(event: JsonObject): void;
}

/** What a call gives. */
export interface CallResult {
  output: JsonValue;
  /** Code of the result in its protocol's words when it is not the ordinary one. */
  code?: string;
  /** Items as they arrive, for operations with `stream`; `output` is then `null`. Must be drained or returned. */
  stream?: AsyncIterable<JsonValue>;
  /** Facts beside the output (status line, counters, positions), lower-case names. */
  attributes?: Record<string, string>;
}

/** Anything whose operations can be called: a connection, an instance, a mirror, Burgeon itself. */
export interface Callable {
  /**
   * Calls one operation.
   * @throws {BurgeonError} OPERATION_NOT_FOUND, INPUT_INVALID (data.issues: pointer + message each), REMOTE_ERROR (data: {code, body}), ...
   */
  call(operation: string, input: JsonObject, options?: CallOptions): Promise<CallResult>;
}

/** A callable together with its description: what a protocol can expose. */
export interface Provider extends Callable {
  /** The description now; it may change between reads when `subscribe` is there. */
  readonly interface: Interface;
  /** Tells when the description changed. Returns the way to stop listening. */
  subscribe?(listener: () => void): () => void;
  /** Why an operation that is not in the description cannot be called (its module waits for approval, ...); undefined: there is none. */
  explain?(operation: string): Promise<BurgeonError | undefined>;
}

/** A live way to call; its owner closes it. */
export interface Connection extends Callable {
  close(): Promise<void>;
}
