import { describe, expect, it } from 'vitest';
import { type Recipe, assemble } from '../base/fixtures/assemble.ts';
import { isWasm, readEntry, readWasmNeeds } from './wasm-imports.ts';

const needs = (...imports: NonNullable<Recipe['imports']>) =>
  readWasmNeeds([{ path: 'a.wasm', text: assemble({ imports }).toString('base64') }], 'a.wasm');
const power = (module: string, name = 'fetch', signature = 'i32,i32->i64') => ({ module, name, signature });

describe('what a WebAssembly module imports', () => {
  it('is power by the kind of its module, under both names', () => {
    expect(needs(power('burgeon:cap/http'), power('burgeon:cap/net.http'), power('burgeon:cap/clock', 'now'))).toEqual({
      refused: [],
      powers: [
        { module: 'burgeon:cap/http', name: 'fetch', kind: 'net.http', method: 'fetch' },
        { module: 'burgeon:cap/net.http', name: 'fetch', kind: 'net.http', method: 'fetch' },
        { module: 'burgeon:cap/clock', name: 'now', kind: 'clock', method: 'now' },
      ],
    });
  });

  it('is power of ours where another system calls it so', () => {
    expect(needs(power('extism:host/env', 'http_request', 'i64,i64->i64')).powers).toEqual([
      { module: 'extism:host/env', name: 'http_request', kind: 'net.http', method: 'fetch' },
    ]);
  });

  it('is harmless when it reaches nothing', () => {
    const harmless = [
      power('burgeon', 'log', 'i32,i32->'),
      power('burgeon', 'sleep', 'f64->'),
      power('env', 'abort', 'i32,i32,i32,i32->'),
      power('env', 'seed', '->f64'),
      power('extism:host/env', 'store_u8', 'i64,i32->'),
    ];
    expect(needs(...harmless)).toEqual({ powers: [], refused: [] });
  });

  it.each([
    ['a module nobody knows', power('host', 'call'), '"host" "call": nothing offers it'],
    ['a kind nobody knows', power('burgeon:cap/root'), '"burgeon:cap/root" "fetch": nothing offers it'],
    ['a method that is no name', power('burgeon:cap/http', '__proto__'), '"burgeon:cap/http" "__proto__": nothing offers it'],
    ['an inherited module', power('constructor', 'name'), '"constructor" "name": nothing offers it'],
    [
      'an inherited name',
      power('env', 'toString'),
      '"env" "toString": nothing offers it; was an import left unresolved, or the memory imported?',
    ],
    [
      'another signature',
      power('burgeon:cap/http', 'fetch', 'i32->i64'),
      '"burgeon:cap/http" "fetch": it is a function i32,i32->i64, not i32->i64',
    ],
    ['no function', { module: 'env', name: 'abort', global: 'i32' as const }, '"env" "abort": it is a function, not a global'],
    [
      'what belongs to another host',
      power('extism:host/user', 'kv_read', 'i64->i64'),
      '"extism:host/user" "kv_read": nothing offers it',
    ],
    [
      'WASI',
      power('wasi_snapshot_preview1', 'proc_exit', 'i32->'),
      '"wasi_snapshot_preview1" "proc_exit": there is no WASI here; build without it',
    ],
    ['a name full of controls', power('a\n"\u0007', 'b'), String.raw`"a\n\"\u0007" "b": nothing offers it`],
  ])('is refused when it is %s', (_name, wanted, refused) => {
    expect(needs(wanted)).toEqual({ powers: [], refused: [refused] });
  });
});

describe('the entry of a WebAssembly module', () => {
  it('is read, or it is said why it cannot be', () => {
    expect([isWasm('a/b.wasm'), isWasm('a.wasm.ts')]).toEqual([true, false]);
    expect(readEntry('AGFzbQEAAAA=', 'a.wasm').shape?.imports).toEqual([]);
    expect(readEntry('AGFzbQEAAAA', 'a.wasm').fault).toBe('the file is not carried as base64');
    expect(readEntry(undefined, 'a.wasm').fault).toBe('there is no such file');
    expect(readEntry('', 'a.ts').fault).toBe('the entry of a WebAssembly module ends with .wasm');
    expect(readWasmNeeds([], 'a.wasm')).toEqual({ powers: [], refused: [], fault: 'there is no such file' });
  });
});
