/** The part of `quickjs.wasm` of quickjs-wasi that is used. Numbers are addresses in its memory unless said otherwise. @see https://github.com/vercel-labs/quickjs-wasi */
export interface MachineExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  _initialize(): void;
  /** `intrinsics` is a mask of {@link intrinsics}. 0 when it worked. */
  qjs_init2(intrinsics: number): number;
  /** The interpreter allocates no more than this many bytes for the guest. */
  qjs_set_memory_limit(bytes: number): void;
  qjs_set_max_stack_size(bytes: number): void;
  qjs_set_interrupt_handler(enable: number): void;
  qjs_set_module_loader(enable: number): void;
  qjs_run_gc(): void;
  /** Code and name of the file as zero-terminated UTF-8. The result is the caller's, as every value that a function gives. */
  qjs_eval(code: number, length: number, file: number, flags: number): number;
  qjs_call(callee: number, receiver: number, count: number, values: number): number;
  qjs_new_string(text: number, length: number): number;
  qjs_new_number(value: number): number;
  qjs_new_error(): number;
  qjs_new_host_function(name: number, nameLength: number, parameters: number): number;
  qjs_get_undefined(): number;
  qjs_get_prop_string(object: number, name: number): number;
  qjs_set_prop_string(object: number, name: number, value: number): number;
  qjs_is_exception(value: number): number;
  qjs_is_string(value: number): number;
  qjs_is_number(value: number): number;
  qjs_get_float64(value: number): number;
  qjs_get_bool(value: number): number;
  /** Text as UTF-8, to be freed; its length is written to `length`. 0 when there is no room. */
  qjs_get_string_len(value: number, length: number): number;
  qjs_free_cstring(text: number): void;
  qjs_free_value(value: number): void;
  qjs_dup_value(value: number): number;
  /** The error that is under way, which is then no longer. */
  qjs_get_exception(): number;
  /** Makes a value the error that is under way. */
  qjs_throw(value: number): number;
  qjs_is_job_pending(): number;
  /** Runs one reaction of a promise. Below 0 when it failed. */
  qjs_execute_pending_job(): number;
  /** Memory that does not count against the guest. 0 when there is none. */
  wasm_malloc(bytes: number): number;
  wasm_free(address: number): void;
}

/** A compiled WebAssembly program. */
export interface Program {
  readonly [compiled]: true;
}
declare const compiled: unique symbol;

/** The part of WebAssembly that is used: Node's types do not have it. @see https://webassembly.github.io/spec/js-api/ */
export const webAssembly: {
  Module: new (bytes: Uint8Array) => Program;
  Instance: new (
    program: Program,
    imports: Record<string, Record<string, (...values: never[]) => number>>,
  ) => { exports: unknown };
} = (globalThis as unknown as { WebAssembly: typeof webAssembly }).WebAssembly;

/** Parts of the language that are there; clocks that tell more than milliseconds, weak references and what the glue brings are left out. */
export const intrinsics: number = [
  1 << 0, // Date
  1 << 1, // what compiles; the glue takes eval and the makers of functions away
  1 << 2, // RegExp
  1 << 3, // JSON
  1 << 4, // Proxy and Reflect, for the glue
  1 << 5, // Map, Set and their weak kin
  1 << 6, // typed arrays
  1 << 7, // Promise
  1 << 8, // BigInt
].reduce((mask, bit) => mask | bit);

/** Flags of an evaluation: what the text is. */
export const evaluation = { script: 0, module: 1 } as const;
