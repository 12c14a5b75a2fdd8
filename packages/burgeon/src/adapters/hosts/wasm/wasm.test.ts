import { type BurgeonError, type Instance, type Limits, type VerifiedModule, manifestExtension } from '@burgeon/kit';
import { afterEach, describe, expect, it } from 'vitest';
import { type Recipe, assemble, op } from '../../../base/fixtures/assemble.ts';
import { granted, hostContext, limited } from '../../../walls/fixtures/script-module.ts';
import { type GuestParts, at, guest } from './fixtures/guests.ts';
import { clockGrants, suiteBinary, wasmModule } from './fixtures/wasm-module.ts';
import { createWasm, runnerKind } from './index.ts';
import { programOf } from './program.ts';

const host = createWasm();
const open: Instance[] = [];
afterEach(async () => {
  for (const instance of open.splice(0)) await instance.dispose();
});

interface Started {
  limits?: Partial<Limits>;
  trusted?: boolean;
  state?: number;
}
const start = async (bytes: Uint8Array, { limits, trusted = false, state }: Started = {}) => {
  const context = hostContext({ trusted });
  const module = wasmModule(bytes, state === undefined ? {} : { card: { state: { version: state } } });
  const instance = await host.start(module, clockGrants, limited({ memoryBytes: 8 * 1024 * 1024, ...limits }), context);
  open.push(instance);
  return { instance, ends: context.ends };
};
const errorOf = (work: Promise<unknown>): Promise<Partial<BurgeonError>> =>
  work.then(
    () => ({}),
    (error: BurgeonError) => error,
  );

const sound = guest({});
const imported = (...imports: NonNullable<Recipe['imports']>): Buffer => guest({ imports });

describe('what is refused before anything compiles it', () => {
  const judge = (module: VerifiedModule, limits: Partial<Limits> = {}): unknown => {
    try {
      return programOf(module, granted({ kind: 'clock', scope: {} }), limited(limits));
    } catch (error) {
      return error;
    }
  };

  it('is nothing of a sound one', () => {
    expect(judge(wasmModule(sound))).toMatchObject({ entry: 'module.wasm', imports: [], reentrant: false });
    expect(judge(wasmModule(suiteBinary))).toMatchObject({ reentrant: true });
  });

  it.each([
    ['no WebAssembly', Buffer.from('#!/bin/sh'), 'it is no WebAssembly module'],
    ['nothing', Buffer.alloc(0), 'cut off'],
    ['a module that is cut off', sound.subarray(0, 60), 'cut off'],
    ['an unknown import', imported({ module: 'env', name: 'system', signature: 'i32->i32' }), '"env" "system"'],
    ['an inherited name', imported({ module: 'burgeon', name: 'constructor', signature: '->' }), '"burgeon" "constructor"'],
    [
      'an unknown power',
      imported({ module: 'burgeon:cap/root', name: 'take', signature: 'i32,i32->i64' }),
      '"burgeon:cap/root" "take"',
    ],
    [
      'a name that breaks lines',
      imported({ module: 'burgeon:cap/clock', name: 'now\nfs', signature: 'i32,i32->i64' }),
      String.raw`"now\nfs"`,
    ],
    [
      'power of another form',
      imported({ module: 'burgeon:cap/clock', name: 'now', signature: '->f64' }),
      'it is a function i32,i32->i64',
    ],
    ['power that is no function', imported({ module: 'burgeon:cap/clock', name: 'now', global: 'i32' }), 'not a global'],
    [
      'a reference into our heap',
      imported({ module: 'burgeon', name: 'log', signature: 'externref,externref->' }),
      'it is a function i32,i32->',
    ],
    [
      'WASI',
      imported({ module: 'wasi_snapshot_preview1', name: 'fd_write', signature: 'i32,i32,i32,i32->i32' }),
      'there is no WASI here',
    ],
    [
      'an imported memory',
      guest({ imports: [{ module: 'env', name: 'memory', memory: [1] }], memories: [] }),
      'the memory imported?',
    ],
    ['an imported table', imported({ module: 'env', name: 'table', table: [1] }), '"env" "table"'],
    ['no memory', assemble({ functions: [{ name: 'invoke', signature: '->', code: [] }] }), 'exports no memory'],
    ['two memories', guest({ memories: [[1], [1]] }), 'more than one memory'],
    ['a memory of another name', guest({ exports: [{ name: 'mem', kind: 'memory', index: 0 }] }), 'exports no memory'],
    [
      'no way in',
      assemble({ memories: [[1]], exports: [{ name: 'memory', kind: 'memory', index: 0 }] }),
      'exports no function "alloc" i32->i32',
    ],
    [
      'another way in',
      assemble({
        memories: [[1]],
        exports: [{ name: 'memory', kind: 'memory', index: 0 }],
        functions: [
          { name: 'alloc', signature: 'i32->i32', code: op.i32(8) },
          { name: 'invoke', signature: '->i64', code: op.i64(0n) },
        ],
      }),
      'exports no function "invoke"',
    ],
    ['tables that are too large', guest({ tables: [[200_000]] }), 'tables have too many entries'],
    [
      'both interfaces',
      imported(
        { module: 'extism:host/env', name: 'alloc', signature: 'i64->i64' },
        { module: 'burgeon', name: 'sleep', signature: 'f64->' },
      ),
      'imports both from',
    ],
  ])('%s', (_name, bytes, message) => {
    expect(judge(wasmModule(bytes))).toMatchObject({
      code: 'MODULE_FAILED',
      message: expect.stringContaining(message) as string,
    });
  });

  it('power that was not granted, by its name', () => {
    const bytes = imported({ module: 'burgeon:cap/http', name: 'fetch', signature: 'i32,i32->i64' });
    expect(judge(wasmModule(bytes))).toMatchObject({
      code: 'CAPABILITY_DENIED',
      message: 'skill/binary imports "burgeon:cap/http" "fetch", but was not granted "net.http".',
    });
  });

  it('a memory that begins larger than it may become', () => {
    expect(judge(wasmModule(guest({ memories: [[17, 18]] })), { memoryBytes: 1024 * 1024 })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      data: { limit: 'memoryBytes' },
    });
  });

  it('a file that is not there, no binary, or no base64', () => {
    const module = wasmModule(sound);
    const card = module.manifest.extensions[manifestExtension];
    const withEntry = (entry: string): VerifiedModule => ({
      ...module,
      manifest: { ...module.manifest, extensions: { [manifestExtension]: { ...card, entry } } },
    });
    expect(judge(withEntry('gone.wasm'))).toMatchObject({ message: expect.stringContaining('there is no such file') as string });
    expect(judge(withEntry('index.ts'))).toMatchObject({ message: expect.stringContaining('ends with .wasm') as string });
    expect(judge({ ...module, file: () => 'AGFzbQ' })).toMatchObject({ message: expect.stringContaining('base64') as string });
  });
});

describe('what does not stop by itself', () => {
  const limits = { cpuMs: 200, wallMs: 10_000 };
  const sleep = [{ module: 'burgeon', name: 'sleep', signature: 'f64->' }];

  it.each([
    ['a loop', { invoke: op.forever() }],
    ['growing the memory', { invoke: op.forever([...op.i32(1), ...op.grow, op.drop]) }],
    ['growing a table', { tables: [[1]], invoke: op.forever([...op.growTable(1_000), op.drop]) }],
    ['a loop when it is asked for memory', { alloc: op.forever() }],
    ['a loop after an answer', { imports: sleep, invoke: [...op.f64(1), ...op.call(0), ...op.forever()] }],
  ] satisfies [string, GuestParts][])('%s is ended with its process', async (_name, parts) => {
    const { instance, ends } = await start(guest(parts), { limits });
    expect(await errorOf(instance.call('run', {}))).toMatchObject({ code: 'LIMIT_EXCEEDED', data: { limit: 'cpuMs' } });
    expect(ends).toEqual(['LIMIT_EXCEEDED']);
  });

  it('a loop in a start function is ended too', async () => {
    const { instance } = await start(guest({ start: at(0, 'extra'), extra: op.forever() }), { limits: { cpuMs: 100 } });
    expect(await errorOf(instance.init())).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('disturbs no neighbour', async () => {
    const good = await start(suiteBinary, { trusted: true, state: 2 });
    await good.instance.call('add', { by: 1 });
    await good.instance.snapshot();
    const bad = await start(guest({ invoke: op.forever() }), { limits, trusted: true });
    const [failed, fine] = await Promise.all([errorOf(bad.instance.call('run', {})), good.instance.call('echo', { fine: true })]);
    expect([failed.code, fine.output]).toEqual(['LIMIT_EXCEEDED', { fine: true }]);
    expect((await good.instance.call('total', {})).output).toBe(1);
    expect(good.ends).toEqual([]);
  });
});

describe('what falls over', () => {
  it.each([
    ['throw', { code: 'MODULE_FAILED', message: expect.stringMatching(/^No\. \(assembly\/index\.ts:\d+:\d+\)$/) as string }],
    ['trap', { code: 'MODULE_FAILED', message: expect.stringContaining('unreachable (module.wasm:wasm-function[') as string }],
    ['recurse', { code: 'MODULE_FAILED', message: expect.stringContaining('Maximum call stack size exceeded') as string }],
    ['eat', { code: 'LIMIT_EXCEEDED', data: { limit: 'memoryBytes' } }],
  ])('%s is told, and the module is there again', async (operation, expected) => {
    for (const trusted of [true, false]) {
      const { instance } = await start(suiteBinary, { trusted });
      expect(await errorOf(instance.call(operation, { message: 'No.' }))).toMatchObject(expected);
      expect((await instance.call('echo', { well: 1 })).output).toEqual({ well: 1 });
    }
  });

  it('ends a module that keeps a state, and only that', async () => {
    const [without, kept] = [await start(suiteBinary), await start(suiteBinary, { state: 2 })];
    for (const { instance } of [without, kept]) await errorOf(instance.call('trap', {}));
    expect((await kept.instance.call('total', {})).output).toBe(0);
    expect([without.ends, kept.ends]).toEqual([[], ['MODULE_CRASHED']]);
  });
});

describe('a runner', () => {
  it('compiles what is not approved by the simplest compiler only', () => {
    const thin = ['--disable-optimizing-compilers', '--no-sparkplug'];
    expect(runnerKind(false)).toMatchObject({ compiler: 'always', flags: expect.arrayContaining(thin) as string[] });
    expect(thin.some((flag) => runnerKind(true).flags?.includes(flag))).toBe(false);
  });
});
