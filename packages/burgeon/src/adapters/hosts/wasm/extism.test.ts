import { beforeAll, describe, expect, it } from 'vitest';
import { orders } from '../../../walls/frames.ts';
import { granted, hostContext, limited } from '../../../walls/fixtures/script-module.ts';
import type { Failure } from '../../../walls/inside/cell.ts';
import { compileAssembly, hasCompiler } from './fixtures/assembly-script.ts';
import { type CellParts, type Seen, cellOf } from './fixtures/cell.ts';
import { wasmModule } from './fixtures/wasm-module.ts';
import { createWasm } from './index.ts';

const folder = 'packages/burgeon/src/adapters/hosts/wasm/fixtures/plug-in';

describe.skipIf(!hasCompiler)('a plug-in for Extism', () => {
  /** `example.ts` of @extism/as-pdk 1.0.0 (BSD-3-Clause, The Extism Authors), compiled as its own package.json says. */
  let published: Buffer;
  let own: Buffer;
  beforeAll(async () => {
    published = await compileAssembly(['example.ts', '--use', 'abort=example/myAbort'], 'node_modules/@extism/as-pdk');
    own = await compileAssembly(['index.ts', '--path', '../../../../../../../../../node_modules'], folder);
  });

  it('that nobody here wrote runs as it is, behind the walls', async () => {
    const operation = { id: 'count_vowels', input: { type: 'object', properties: { input: { type: 'string' } } } } as const;
    const instance = await createWasm().start(
      wasmModule(published, { operations: [operation] }),
      [],
      limited(),
      hostContext({ trusted: false }),
    );
    await instance.init();
    expect((await instance.call('count_vowels', { input: 'Hello, World!' })).output).toEqual({
      count: 3,
      config: 'null',
      a: 'this is var a',
    });
    await expect(instance.call('memory', {})).rejects.toMatchObject({ code: 'OPERATION_NOT_FOUND' });
    await instance.dispose();
  });

  const used = async (parts: CellParts = {}) => {
    const { cell, seen } = await cellOf(own, parts);
    const call = async (operation: string, input: object): Promise<string | Failure | undefined> => {
      const before = seen.done.length + seen.failed.length;
      await cell.run(orders.call, 1, operation, JSON.stringify(input));
      if (seen.done.length + seen.failed.length === before) return undefined;
      return lastOf(seen);
    };
    return { cell, seen, call };
  };
  const lastOf = (seen: Seen): string | Failure | undefined => seen.failed.pop()?.[1] ?? seen.done.at(-1)?.[1];

  it('takes JSON, or the text of its property "input"', async () => {
    const { call, seen } = await used({ plain: ['shout'] });
    expect(await call('shout', { input: 'loud' })).toBe('"LOUD2"');
    expect(seen.lines).toEqual(['shouting']);
    const { call: plain } = await used();
    expect(await plain('shout', { input: 'loud' })).toBe(String.raw`"{\"INPUT\":\"LOUD\"}2"`);
    expect(await plain('nothing', {})).toBe('null');
  });

  it.each([
    ['complain', { message: 'It was told to: {"a":1}', data: '{"returned":1}' }],
    ['sulk', { message: 'It ended with 7.', data: '{"returned":7}' }],
    ['lie', { message: 'It gave an output outside of what it allocated.' }],
    ['hoard', { message: 'Its variables are too large.' }],
    ['fall', { message: 'It fell.', place: expect.stringMatching(/index\.ts:\d+:\d+$/) as string }],
    ['__new', { kind: 'missing' }],
    ['gone', { kind: 'missing' }],
  ])('%s fails as it should, and it goes on', async (operation, failure) => {
    const { call } = await used();
    expect(await call(operation, { a: 1 })).toMatchObject(failure);
    expect(await call('count', {})).toBe('1');
  });

  it('keeps variables, which are its state', async () => {
    const { cell, call, seen } = await used();
    await cell.run(orders.snapshot, 9, '', '');
    expect(seen.done.at(-1)).toEqual([9, 'null']);
    for (const sum of ['1', '2']) expect(await call('count', {})).toBe(sum);
    await cell.run(orders.snapshot, 9, '', '');
    expect(JSON.parse(seen.done.at(-1)?.[1] ?? '')).toEqual({ count: Buffer.from('2').toString('base64') });
    const other = await used();
    await other.cell.run(orders.restore, 9, '0', JSON.stringify({ count: Buffer.from('41').toString('base64') }));
    expect(await other.call('count', {})).toBe('42');
    await other.cell.run(orders.restore, 9, '0', 'null');
    expect(await other.call('count', {})).toBe('1');
    await other.cell.run(orders.message, 9, 'topic', '{}');
    expect(lastOf(other.seen)).toBe('null');
  });

  it('cannot take more than there is for it', async () => {
    const { call } = await used();
    expect(await call('eat', {})).toBe('"full"');
    expect(await call('count', {})).toBe('1');
  });

  it('requests through the host', async () => {
    const { cell, call, seen } = await used({ plain: ['get', 'post'] });
    const headers = { accept: 'text/plain' };
    const answer = { status: 201, headers: { 'x-a': 'b' }, body: Buffer.from('zażółć').toString('base64') };
    expect(await call('get', { input: 'https://a.example/' })).toBeUndefined();
    await cell.answer(1, true, JSON.stringify(answer));
    expect(JSON.parse(seen.done.at(-1)?.[1] ?? '')).toEqual({ status: 201, headers: { 'x-a': 'b' }, body: 'zażółć' });
    await call('post', { input: 'https://a.example/' });
    await cell.answer(2, false, '{"code":"CAPABILITY_DENIED","message":"Not that host."}');
    expect(lastOf(seen)).toMatchObject({ kind: 'thrown', message: 'Not that host.' });
    expect(seen.asked.map(([, kind, method, args]) => [kind, method, JSON.parse(args ?? '')])).toEqual([
      ['net.http', 'fetch', ['https://a.example/', { method: 'GET', as: 'base64', headers }]],
      ['net.http', 'fetch', ['https://a.example/', { method: 'POST', as: 'base64', headers, body: { base64: 'YSBib2R5' } }]],
    ]);
    expect(await call('get', { input: '"' })).toMatchObject({ message: 'It asked for something that is no request.' });
  });

  it('needs the grant that its import stands for', async () => {
    const start = (...grants: Parameters<typeof granted>) =>
      createWasm().start(wasmModule(own), granted(...grants), limited(), hostContext());
    await expect(start()).rejects.toMatchObject({
      code: 'CAPABILITY_DENIED',
      message: expect.stringContaining('"extism:host/env" "http_request"') as string,
    });
    await (await start({ kind: 'net.http', scope: {} })).dispose();
  });
});
