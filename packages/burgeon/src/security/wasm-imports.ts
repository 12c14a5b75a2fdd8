import type { BundleFile } from '@burgeon/kit';
import { bytesOf } from '../base/binary-file.ts';
import { type WasmImport, type WasmShape, readWasm } from '../base/wasm-shape.ts';
import { capabilityKind } from './capability-imports.ts';

/** Where an Extism plug-in imports from. @see https://extism.org/docs/concepts/pdk */
export const extismModule = 'extism:host/env';

/** What takes or gives text: arguments as JSON, the answer as a text that begins with its status. */
const powerSignature = 'i32,i32->i64';

/** What any module may import: it reaches nothing. */
const harmless: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  burgeon: { log: 'i32,i32->', sleep: 'f64->' },
  // AssemblyScript imports these two by itself.
  env: { abort: 'i32,i32,i32,i32->', seed: '->f64' },
  [extismModule]: {
    alloc: 'i64->i64',
    config_get: 'i64->i64',
    error_set: 'i64->',
    free: 'i64->',
    get_log_level: '->i32',
    input_length: '->i64',
    input_load_u64: 'i64->i64',
    input_load_u8: 'i64->i32',
    input_offset: '->i64',
    length: 'i64->i64',
    length_unsafe: 'i64->i64',
    load_u64: 'i64->i64',
    load_u8: 'i64->i32',
    log_debug: 'i64->',
    log_error: 'i64->',
    log_info: 'i64->',
    log_trace: 'i64->',
    log_warn: 'i64->',
    output_set: 'i64,i64->',
    store_u64: 'i64,i64->',
    store_u8: 'i64,i32->',
    var_get: 'i64->i64',
    var_set: 'i64,i64->',
    http_headers: '->i64',
    http_status_code: '->i32',
  },
};

/** Imports of others that are power of ours. */
const foreign: Readonly<Record<string, { kind: string; method: string; signature: string }>> = {
  [`${extismModule} http_request`]: { kind: 'net.http', method: 'fetch', signature: 'i64,i64->i64' },
};

/** An import that is a request for power. */
export interface WasmPower {
  module: string;
  name: string;
  /** Kind of capability that must be granted. */
  kind: string;
  method: string;
}

/** What a module asks of whoever runs it; `refused` says of each import that nothing offers what is wrong with it. */
export interface WasmNeeds {
  powers: WasmPower[];
  refused: string[];
}

/** Reads the import section: it is the module's declaration of what it wants. */
export const needsOf = ({ imports }: Pick<WasmShape, 'imports'>): WasmNeeds => {
  const needs: WasmNeeds = { powers: [], refused: [] };
  for (const each of imports) {
    const judged = judge(each);
    if (typeof judged === 'string') needs.refused.push(judged);
    else if (judged) needs.powers.push({ module: each.module, name: each.name, ...judged });
  }
  return needs;
};

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Power, undefined for what is harmless, or why it is refused. */
const judge = ({ module, name, kind, signature }: WasmImport): Pick<WasmPower, 'kind' | 'method'> | string | undefined => {
  const called = `"${shown(module)}" "${shown(name)}"`;
  const power = own(foreign, `${module} ${name}`) ?? powerOf(module, name);
  const wanted = power?.signature ?? own(own(harmless, module) ?? {}, name);
  if (wanted === undefined) return `${called}: ${adviceFor(module)}`;
  if (kind !== 'function') return `${called}: it is a function, not a ${kind}`;
  if (signature !== wanted) return `${called}: it is a function ${wanted}, not ${signature ?? ''}`;
  return power && { kind: power.kind, method: power.method };
};

const powerOf = (module: string, name: string): { kind: string; method: string; signature: string } | undefined => {
  const kind = capabilityKind(module);
  return kind === undefined || !/^[a-z][A-Za-z]{0,39}$/.test(name)
    ? undefined
    : { kind, method: name, signature: powerSignature };
};

const shown = (text: string): string => JSON.stringify(text.slice(0, 80)).slice(1, -1);

const adviceFor = (module: string): string => {
  if (module.startsWith('wasi')) return 'there is no WASI here; build without it';
  if (module === 'env') return 'nothing offers it; was an import left unresolved, or the memory imported?';
  return 'nothing offers it';
};

/** True for the path of a WebAssembly binary. */
export const isWasm = (path: string): boolean => path.endsWith('.wasm');

/** The binary that a module consists of, read; or why it cannot be. */
export type WasmEntry = { bytes: Buffer; shape: WasmShape; fault?: never } | { bytes?: never; shape?: never; fault: string };

/** Finds and reads the entry of a WebAssembly module by its path. */
export const readEntry = (text: string | undefined, entry: string): WasmEntry => {
  if (!isWasm(entry)) return { fault: 'the entry of a WebAssembly module ends with .wasm' };
  if (text === undefined) return { fault: 'there is no such file' };
  const bytes = bytesOf(text);
  if (!bytes) return { fault: 'the file is not carried as base64' };
  const read = readWasm(bytes);
  return read.fault === undefined ? { bytes, shape: read.shape } : { fault: read.fault };
};

/** What the entry of a WebAssembly module asks for; `fault` when it cannot be read. */
export const readWasmNeeds = (files: readonly BundleFile[], entry: string): WasmNeeds & { fault?: string } => {
  const read = readEntry(files.find(({ path }) => path === entry)?.text, entry);
  return read.fault === undefined ? needsOf(read.shape) : { powers: [], refused: [], fault: read.fault };
};
