/** What passes between the host and its engine, and the part of `WebAssembly` that is used: it has no types without those of a browser. */

/** A module as the engine takes it: judged, within its bounds. */
export interface WasmProgram {
  /** The binary, base64. */
  code: string;
  /** Its path, for places. */
  entry: string;
  /** Every import, in order; those with a `kind` are power. */
  imports: WasmProgramImport[];
  /** The maximum of its memory, bytes. */
  memoryBytes: number;
  /** After this many milliseconds nobody waits for a call any more. */
  wallMs: number;
  /** Bytes of a result at most. */
  resultBytes: number;
  /** True: it may be called while a call of it waits for the host. */
  reentrant: boolean;
  /** There when it is a plug-in for Extism. */
  extism?: {
    /** Bytes of what lies between it and us at most. */
    arenaBytes: number;
    /** Exports that are operations. */
    callable: string[];
    /** Operations that take the text of their property `input` instead of JSON. */
    plain: string[];
  };
}

/** One import. Of the empty kind is what waits and needs no grant. */
export interface WasmProgramImport {
  module: string;
  name: string;
  kind?: string;
  method?: string;
}

/** A function of a guest: numbers of 32 bits, bigints of 64. */
export type WasmFunction = (...values: (number | bigint)[]) => unknown;

/** The memory of a guest. Its buffer is another one after it grew. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What a guest exports, by name. */
export type WasmExports = Readonly<Record<string, unknown>>;

/** Functions for a guest, by module and name. */
export type WasmImports = Record<string, Record<string, object>>;

/** The compiler and what it makes. @see https://webassembly.github.io/spec/js-api/ and https://github.com/WebAssembly/js-promise-integration */
export interface WasmLibrary {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: WasmImports) => { readonly exports: WasmExports };
  /** Makes a function that gives a promise look as if it answered at once. */
  Suspending: new (work: (...values: never[]) => unknown) => object;
  /** The other end: the guest's function gives a promise. */
  promising(work: WasmFunction): WasmFunction;
}

/** The one of this process. */
export const wasm: WasmLibrary = (globalThis as unknown as { WebAssembly: WasmLibrary }).WebAssembly;

/** What came of an order: JSON, an error as JSON, that the guest has nothing for it, or that it is larger than it may be. */
export type Outcome = { kind: 'done' | 'failed'; json: string } | { kind: 'unknown' | 'large' };

/** How a guest reaches the world. */
export interface World {
  /** Asks the host; `json` is a list of arguments. The answer is JSON; the guest stands still until it comes. */
  ask(kind: string, method: string, json: string): Promise<{ ok: boolean; json: string }>;
  log(text: string): void;
  /** A number from 0 to 1. */
  chance(): number;
}

/** A loaded module, whatever it is written for. It handles one order at a time. What it throws ends it. */
export interface Guest {
  run(order: number, head: string, body: string): Outcome | Promise<Outcome>;
  /** Bytes of its memory. */
  memoryBytes(): number;
}
