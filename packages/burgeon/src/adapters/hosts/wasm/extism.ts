/** Plug-ins that were written for Extism: an operation is an export, its input and output are texts. @see https://extism.org/docs/concepts/pdk */
import { orders } from '../../../walls/frames.ts';
import { harmless } from './abi.ts';
import { GuestMemory, Misbehaviour } from './guest-memory.ts';
import { Kernel } from './kernel.ts';
import {
  type Guest,
  type Outcome,
  type WasmFunction,
  type WasmImports,
  type WasmMemory,
  type WasmProgram,
  type World,
  wasm,
} from './library.ts';

/** What the level of `info` is called; lower ones are not written. */
const infoLevel = 2;

/** Loads a plug-in. */
export const openPlugIn = (module: object, program: WasmProgram, world: World): Guest => {
  const { arenaBytes = 0, callable = [], plain = [] } = program.extism ?? {};
  const kernel = new Kernel(arenaBytes);
  const reach: Reach = { kernel, world, memory: undefined, running: false };
  const { exports } = new wasm.Instance(module, importsOf(program, reach));
  const memory = exports['memory'] as WasmMemory | undefined;
  if (memory) reach.memory = new GuestMemory(memory, () => 0);
  const waits = program.imports.some(({ kind }) => kind !== undefined);
  (exports['_initialize'] as WasmFunction | undefined)?.();
  const call = (name: string, body: string): Outcome | Promise<Outcome> => {
    if (!callable.includes(name)) return { kind: 'unknown' };
    kernel.begin(plain.includes(name) ? textOf((JSON.parse(body) as { input?: unknown }).input) : body);
    reach.running = true;
    const work = exports[name] as WasmFunction;
    const code = waits ? wasm.promising(work)() : work();
    const outcome = (value: unknown): Outcome => outcomeOf(kernel, value, program.resultBytes);
    return code instanceof Promise ? code.then(outcome) : outcome(code);
  };
  return {
    run: (order, head, body) => (order === orders.call ? call(head, body) : keepOf(kernel, order, body)),
    memoryBytes: () => memory?.buffer.byteLength ?? 0,
  };
};

const outcomeOf = (kernel: Kernel, code: unknown, resultBytes: number): Outcome => {
  const error = kernel.failure();
  if (error !== undefined || (code !== 0 && code !== undefined)) {
    const message = error ?? `It ended with ${String(code)}.`;
    return { kind: 'failed', json: JSON.stringify({ message, data: { returned: code ?? null } }) };
  }
  const output = kernel.output();
  if (output.length > resultBytes) return { kind: 'large' };
  const text = output.toString('utf8');
  if (Buffer.byteLength(text) !== output.length) throw new Misbehaviour('It gave an output that is no UTF-8.');
  return { kind: 'done', json: jsonOf(text) };
};

/** A text that is no JSON becomes a JSON string. */
const jsonOf = (text: string): string => {
  if (text === '') return 'null';
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
};

/** The state of a plug-in is its variables. */
const keepOf = (kernel: Kernel, order: number, body: string): Outcome => {
  const variables = kernel.allVariables();
  if (order === orders.snapshot && Object.keys(variables).length > 0) return { kind: 'done', json: JSON.stringify(variables) };
  if (order !== orders.restore) return { kind: 'unknown' };
  const state: unknown = JSON.parse(body);
  for (const name of Object.keys(variables)) kernel.keep(name, undefined);
  for (const [name, value] of Object.entries(state ?? {}))
    if (!kernel.keep(name, Buffer.from(String(value), 'base64'))) throw new Misbehaviour('The state is too large.');
  return { kind: 'done', json: 'null' };
};

/** What the functions of a plug-in reach. */
interface Reach {
  kernel: Kernel;
  world: World;
  memory: GuestMemory | undefined;
  /** False while it is being started: then nothing can be waited for. */
  running: boolean;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const importsOf = (program: WasmProgram, reach: Reach): WasmImports => {
  const memory = (): GuestMemory => {
    if (!reach.memory) throw new Misbehaviour('It ended itself.');
    return reach.memory;
  };
  const offered: Record<string, object> = { ...blocksOf(reach), ...wordsOf(reach), ...requestsOf(reach) };
  const imports: WasmImports = {};
  for (const { module, name } of program.imports)
    (imports[module] ??= {})[name] = module === 'env' ? harmless(name, reach.world, memory) : (offered[name] ?? {});
  return imports;
};

/** Numbers of 64 bits that are no offset become one that is none either. */
const numberOf = (value: bigint): number => {
  const unsigned = BigInt.asUintN(64, value);
  return unsigned > 0xffff_ffffn ? Number.MAX_SAFE_INTEGER : Number(unsigned);
};

const blocksOf = ({ kernel }: Reach): Record<string, object> => {
  const length = (at: bigint): bigint => BigInt(kernel.length(numberOf(at)));
  const inInput = (offset: bigint, eight: boolean): bigint => {
    const { at, length: bytes } = kernel.input();
    const from = numberOf(offset);
    return from + (eight ? 8 : 1) > bytes ? 0n : kernel.read(at + from, eight);
  };
  return {
    alloc: (bytes: bigint) => BigInt(kernel.allocate(numberOf(bytes))),
    free: (at: bigint) => kernel.free(numberOf(at)),
    length,
    length_unsafe: length,
    load_u8: (at: bigint) => Number(kernel.read(numberOf(at), false)),
    load_u64: (at: bigint) => kernel.read(numberOf(at), true),
    store_u8: (at: bigint, value: number) => kernel.write(numberOf(at), BigInt(value), false),
    store_u64: (at: bigint, value: bigint) => kernel.write(numberOf(at), value, true),
    input_offset: () => BigInt(kernel.input().at),
    input_length: () => BigInt(kernel.input().length),
    input_load_u8: (offset: bigint) => Number(inInput(offset, false)),
    input_load_u64: (offset: bigint) => inInput(offset, true),
    output_set: (at: bigint, bytes: bigint) => {
      if (!kernel.giveOut(numberOf(at), numberOf(bytes)))
        throw new Misbehaviour('It gave an output outside of what it allocated.');
    },
    error_set: (at: bigint) => kernel.complain(numberOf(at)),
  };
};

const wordsOf = ({ kernel, world }: Reach): Record<string, object> => {
  const log = (at: bigint): void => world.log(kernel.text(numberOf(at)));
  return {
    log_error: log,
    log_warn: log,
    log_info: log,
    log_debug: () => {},
    log_trace: () => {},
    get_log_level: () => infoLevel,
    // Nobody configures a module here.
    config_get: () => 0n,
    var_get: (name: bigint) => {
      const value = kernel.variable(kernel.text(numberOf(name)));
      return value ? BigInt(kernel.store(value)) : 0n;
    },
    var_set: (name: bigint, value: bigint) => {
      const kept = value === 0n ? undefined : kernel.bytes(numberOf(value));
      if (!kernel.keep(kernel.text(numberOf(name)), kept)) throw new Misbehaviour('Its variables are too large.');
    },
  };
};

/** What a plug-in writes of a request. */
interface PlugInRequest {
  url?: unknown;
  method?: unknown;
  headers?: unknown;
  header?: unknown;
}

const requestsOf = (reach: Reach): Record<string, object> => {
  const { kernel, world } = reach;
  let last: { status: number; headers: unknown } = { status: 0, headers: {} };
  const request = (at: bigint, bodyAt: bigint): Promise<bigint> => {
    // It throws at once: nobody would hear of a promise.
    if (!reach.running) throw new Misbehaviour('It asked the host for something while it was being started.');
    last = { status: 0, headers: {} };
    const args = argumentsOf(kernel.text(numberOf(at)), kernel.bytes(numberOf(bodyAt)));
    return world.ask('net.http', 'fetch', args).then(taken);
  };
  const taken = ({ ok, json }: { ok: boolean; json: string }): bigint => {
    const answer = JSON.parse(json) as { message?: string; status?: number; headers?: unknown; body?: string };
    if (!ok) throw new Misbehaviour(answer.message ?? 'The request failed.', { data: json });
    last = { status: Number(answer.status) || 0, headers: answer.headers ?? {} };
    return BigInt(kernel.store(Buffer.from(textOf(answer.body), 'base64')));
  };
  return {
    http_request: new wasm.Suspending(request),
    http_status_code: () => last.status,
    http_headers: () => BigInt(kernel.store(Buffer.from(JSON.stringify(last.headers)))),
  };
};

const argumentsOf = (text: string, body: Buffer): string => {
  let wanted: PlugInRequest;
  try {
    wanted = (JSON.parse(text) ?? {}) as PlugInRequest;
  } catch {
    throw new Misbehaviour('It asked for something that is no request.');
  }
  const headers = wanted.headers ?? wanted.header;
  const method = textOf(wanted.method) || 'GET';
  return JSON.stringify([
    wanted.url,
    {
      method,
      as: 'base64',
      ...(headers === undefined || headers === null ? {} : { headers }),
      ...(body.length === 0 || /^(?:GET|HEAD)$/i.test(method) ? {} : { body: { base64: body.toString('base64') } }),
    },
  ]);
};
