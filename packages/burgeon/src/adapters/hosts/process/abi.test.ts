import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instance } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { granted, hostContext, limited } from '../../../walls/fixtures/script-module.ts';
import { orders, reports } from '../../../walls/frames.ts';
import { pathOf } from '../../../walls/jail/program.ts';
import { programModule } from './fixtures/program-module.ts';
import { createProcess } from './index.ts';

const page = readFileSync(new URL('../../../../../../docs/abi.md', import.meta.url), 'utf8');

describe('the page on frames', () => {
  it('tells the kinds as they are', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)].map(([, name, kind]) => [name, Number(kind)]);
    expect(Object.fromEntries(rows)).toEqual({ ...orders, ...reports });
  });
});

const compiler = pathOf('cc');
if (compiler === undefined) process.stderr.write('SKIPPED: there is no C compiler, so the example of docs/abi.md is not run.\n');

describe.skipIf(compiler === undefined)('the example of the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-abi-'));
  let binary = '';
  beforeAll(() => {
    const [, source = ''] = /```c\n([\s\S]*?)```/.exec(page) ?? [];
    writeFileSync(join(folder, 'counter.c'), source);
    execFileSync(compiler ?? '', ['-O2', '-Wall', '-Werror', '-o', 'counter.bin', 'counter.c'], { cwd: folder });
    binary = readFileSync(join(folder, 'counter.bin')).toString('base64');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const using = async (work: (instance: Instance) => Promise<void>): Promise<void> => {
    const context = hostContext({ hostCall: async (kind, method, args) => [kind, method, args] });
    const module = programModule('counter.bin', binary);
    const instance = await createProcess().start(module, granted({ kind: 'clock', scope: {} }), limited(), context);
    try {
      await instance.init();
      await work(instance);
    } finally {
      await instance.dispose();
    }
    expect(context.ends).toEqual([]);
  };

  it('counts, asks, and keeps its state', () =>
    using(async (instance) => {
      const outputs = await Promise.all([1, 2, 3].map(async () => (await instance.call('count', {})).output));
      expect(outputs).toEqual([1, 2, 3]);
      expect((await instance.call('time', {})).output).toEqual(['clock', 'now', []]);
      expect(await instance.snapshot()).toBe(3);
      expect(await instance.message('a', 'b')).toBeNull();
      await expect(instance.call('other', {})).rejects.toMatchObject({ code: 'OPERATION_NOT_FOUND' });
      await using(async (next) => {
        await next.restore(await instance.snapshot());
        expect((await next.call('count', {})).output).toBe(4);
      });
      expect((await instance.call('count', {})).output).toBe(4);
    }));

  it('is refused when it is not the bytes it says', async () => {
    const instance = await createProcess().start(
      programModule('counter.bin', 'bm90IGFuIGV4ZWN1dGFibGU='),
      [],
      limited(),
      hostContext(),
    );
    await expect(instance.init()).rejects.toMatchObject({ code: 'MODULE_CRASHED' });
    await instance.dispose();
  });
});
