import { execFileSync } from 'node:child_process';
import {
  type Capability,
  type HostContext,
  type Instance,
  type JsonValue,
  type Limits,
  type VerifiedModule,
  defaultLimits,
} from '@burgeon/kit';
import { BurgeonError } from '@burgeon/kit';
import { hostSuite } from '@burgeon/kit/suites';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { hostContext, scriptModule } from '../../../walls/fixtures/script-module.ts';
import { platform, unfrozen, waysOut } from '../../../walls/javascript/fixtures/guest-code.ts';
import { scriptTests } from '../../../walls/javascript/fixtures/script-tests.ts';
import { suiteCode } from '../../../walls/javascript/fixtures/suite-code.ts';
import { createEvaluator, isolate } from './index.ts';
import { libraryPath } from './pool.ts';

const installed = (() => {
  try {
    return libraryPath() !== '';
  } catch {
    process.stderr.write(
      'SKIPPED: isolated-vm is not installed, so nothing of the isolate host is tested: npm install isolated-vm@7.0.1\n',
    );
    return false;
  }
})();

const open: Instance[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.dispose();
});

interface Start {
  files?: Record<string, string>;
  limits?: Partial<Limits>;
  capabilities?: Capability[];
  hostCall?: HostContext['hostCall'];
  trusted?: boolean;
  lines?: string[];
  ended?: string[];
}

const moduleOf = (files: Record<string, string>): VerifiedModule => ({
  manifest: {
    extensions: { 'dev.burgeon.module': { id: 'skill/test', entry: 'index.ts' } },
  } as unknown as VerifiedModule['manifest'],
  interface: {} as VerifiedModule['interface'],
  digest: '',
  file: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
});

const start = async (
  code: string,
  { files = {}, limits, capabilities = [], hostCall, trusted = true, lines = [], ended = [] }: Start = {},
): Promise<Instance> => {
  const context: HostContext = {
    clock: systemClock,
    log: { ...silentLogger, info: (text) => void lines.push(text) },
    trusted,
    connect: () => Promise.reject(new BurgeonError('UNSUPPORTED', { message: '' })),
    hostCall: hostCall ?? (async () => null),
    ended: (reason) => void ended.push(reason.code),
  };
  const grants = capabilities.map((capability) => ({ ...capability, request: 'r' }));
  const instance = await isolate.start(
    moduleOf({ 'index.ts': code, ...files }),
    grants,
    { ...defaultLimits, ...limits },
    context,
  );
  open.push(instance);
  return instance;
};

const { operation, run, batch, keepRunner } = scriptTests(start, open);

const http: Capability = { kind: 'net.http', scope: { hosts: ['a.example'] } };
const childrenOfUs = (): number =>
  execFileSync('ps', ['--ppid', String(process.pid), '-o', 'args='])
    .toString()
    .split('\n')
    .filter((line) => line.includes('inside/main.js')).length;

const suiteModule = scriptModule('skill/suite', suiteCode, { read: ['echo', 'total'], state: 2 });
if (installed)
  hostSuite({ describe, it, expect } as never, {
    host: isolate,
    module: suiteModule,
    code: suiteModule,
    context: () => hostContext(),
    operation: 'total',
    input: {},
    write: { operation: 'add', input: { by: 1 } },
  });

describe.skipIf(!installed)('isolate: a life', () => {
  it('loads TypeScript of several files, calls, keeps state, is handed over, is disposed of', async () => {
    const code = `import { add } from './lib/add.ts';\nlet sum = 0;
export const operations = { add: async ({ by }: { by: number }): Promise<number> => (sum = add(sum, by)) };
export const message = async (topic: string) => { sum += topic.length };
export const snapshot = () => ({ sum });\nexport const restore = (state: { sum: number }) => { sum = state.sum };`;
    const files = { 'lib/add.ts': `export const add = (a: number, b: number): number => a + b;` };
    const first = await start(code, { files, capabilities: [{ kind: 'clock', scope: {} }] });
    await first.init();
    expect((await first.call('add', { by: 2 })).output).toBe(2);
    await first.message('four', null);
    const state = await first.snapshot();
    expect(state).toEqual({ sum: 6 });
    const second = await start(code, { files });
    await second.restore(state);
    expect((await second.call('add', { by: 1 })).output).toBe(7);
    expect(first.capabilities()).toEqual([{ kind: 'clock', scope: {} }]);
    await first.dispose();
    await first.dispose();
    await expect(first.call('add', { by: 1 })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await second.call('add', { by: 1 })).output).toBe(8);
  });

  it('frees the child with the last module', async () => {
    const instance = await start(operation('return 1'));
    await instance.init();
    expect(childrenOfUs()).toBe(1);
    await instance.dispose();
    expect(childrenOfUs()).toBe(0);
  });

  it('loads the module again when its process died', async () => {
    const ended: string[] = [];
    const instance = await start(`export const operations = { well: async () => 'well' };`, { ended });
    await instance.init();
    const line = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,args='])
      .toString()
      .split('\n')
      .find((each) => each.includes('inside/main.js'));
    process.kill(Number(line?.trim().split(' ')[0]), 'SIGKILL');
    // It was not the module's doing, so nobody notices.
    expect((await instance.call('well', {})).output).toBe('well');
    expect(ended).toEqual([]);
  });

  it('has no state to hand over when the module keeps none', async () => {
    const instance = await start(operation('return 1'));
    expect(await instance.snapshot()).toBeNull();
    await instance.restore({ a: 1 });
  });

  it('works without just-in-time compilation for what is not approved', async () => {
    expect(await run('return [...Array(10).keys()].reduce((a, b) => a + b)', { trusted: false })).toBe(45);
  });
});

describe.skipIf(!installed)('isolate: failures', () => {
  keepRunner();
  it.each([
    ['an error of the module', operation('\n  throw new Error("broken")'), 'MODULE_FAILED', 'broken (index.ts:2:9)'],
    ['a type error', operation('return input.a.b'), 'MODULE_FAILED', "Cannot read properties of undefined (reading 'b')"],
    ['something thrown that is no error', operation('throw "text"'), 'MODULE_FAILED', 'text'],
    ['an error while loading', 'throw new Error("early"); export const operations = {}', 'MODULE_FAILED', 'early'],
    ['syntax', 'export const operations = {', 'MODULE_FAILED', 'types could not be stripped'],
    ['nothing to call', 'export const a = 1;', 'MODULE_FAILED', 'does not export "operations"'],
    [
      'an import that is not there',
      `import './gone.ts'; export const operations = {};`,
      'MODULE_FAILED',
      'neither in the bundle nor granted',
    ],
    [
      'an import of Node',
      `import fs from 'node:fs'; export const operations = { fs };`,
      'MODULE_FAILED',
      'neither in the bundle nor granted',
    ],
    [
      'a capability that was not granted',
      `import { http } from 'burgeon:cap/http'; export const operations = { http };`,
      'MODULE_FAILED',
      'nor granted',
    ],
    ['a climb', `import '../../etc/passwd'; export const operations = {};`, 'MODULE_FAILED', 'neither in the bundle nor granted'],
    ['an operation that is not there', `export const operations = {};`, 'OPERATION_NOT_FOUND', 'no operation "run"'],
    [
      'an inherited operation',
      `export const operations = Object.create({ run: () => 1 });`,
      'OPERATION_NOT_FOUND',
      'no operation',
    ],
    ['hidden data', operation('throw Object.assign(new Error("with"), { data: { a: 1 } })'), 'MODULE_FAILED', 'with'],
    ['a message that throws', operation('throw { get message() { throw 1 } }'), 'MODULE_FAILED', 'An error without a message.'],
    ['a result that is no JSON', operation('const a: any = {}; a.a = a; return a'), 'MODULE_FAILED', 'circular'],
  ])('%s', async (_name, code, errorCode, message) => {
    const called = start(code).then((instance) => instance.call('run', {}));
    await expect(called).rejects.toMatchObject({ code: errorCode, message: expect.stringContaining(message) as string });
  });
  it('nesting that kills parsers never reaches one', async () => {
    await expect(start(`export const a = ${'('.repeat(5_000)}`)).rejects.toMatchObject({ code: 'MODULE_FAILED' });
  });
});

describe.skipIf(!installed)('isolate: limits', () => {
  keepRunner();
  const limits: Partial<Limits> = {
    wallMs: 1_500,
    cpuMs: 500,
    memoryBytes: 32 * 1024 * 1024,
    resultBytes: 100_000,
    argumentBytes: 10_000,
  };
  // The limit that is meant is the only one in reach, however slow the machine is.
  const far: Partial<Record<string, Partial<Limits>>> = {
    cpuMs: { wallMs: 25_000 },
    memoryBytes: { wallMs: 25_000, cpuMs: 25_000 },
  };
  it.each([
    ['cpuMs', 'for (;;);'],
    ['cpuMs', 'await null; for (;;);'],
    ['cpuMs', 'for (;;) await null'],
    ['wallMs', 'await new Promise(() => {})'],
    ['memoryBytes', 'const a = []; for (;;) a.push(new Array(10_000).fill(1.5))'],
    ['memoryBytes', 'let a = "x"; const all = []; for (;;) { a += a; all.push([...a.slice(0, 1e6)]); }'],
    ['resultBytes', 'return "x".repeat(200_000)'],
  ])('%s ends %s', async (limit, body) => {
    const instance = await start(`export const operations = { run: async () => { ${body} }, well: async () => 'well' };`, {
      limits: { ...limits, ...far[limit] },
    });
    await expect(instance.call('run', {})).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', data: { limit } });
    expect((await instance.call('well', {})).output).toBe('well');
  });
  it('arguments are counted before they are sent', async () => {
    await expect(run('return 1', { limits }, { a: 'x'.repeat(20_000) })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      data: { limit: 'argumentBytes' },
    });
  });
  it('a loop while loading is stopped too', async () => {
    await expect((await start('for (;;); export const operations = {};', { limits })).init()).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });
  it('a call can be cancelled', async () => {
    const instance = await start(operation('await new Promise(() => {})'), { limits });
    await expect(instance.call('run', {}, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(instance.call('run', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
  it('disposing ends calls that run', async () => {
    const instance = await start(operation('await new Promise(() => {})'));
    const running = instance.call('run', {});
    const ended = expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    await instance.init();
    await instance.dispose();
    await ended;
  });
  it('a neighbour that is stopped does not disturb', async () => {
    const good = await start(operation('return "fine"'));
    await good.init();
    const bad = await start(operation('for (;;);'), { limits });
    const [failed, fine] = await Promise.all([
      bad.call('run', {}).catch((error: BurgeonError) => error.code),
      good.call('run', {}),
    ]);
    expect([failed, fine.output]).toEqual(['LIMIT_EXCEEDED', 'fine']);
  });
});

describe.skipIf(!installed)('isolate: ways out', () => {
  const instance = batch(waysOut.map(([, body]) => body));
  it.each(waysOut.map(([name, , expected], index) => [name, expected, index] as const))(
    '%s leads nowhere',
    async (_name, expected, index) => {
      const outcome = instance().call(`b${index}`, {});
      if (typeof expected === 'string') expect((await outcome).output).toBe(expected);
      else
        await expect(outcome).rejects.toMatchObject({
          code: 'MODULE_FAILED',
          message: expect.stringMatching(expected) as string,
        });
    },
  );
  it('everything shared is frozen but the prototype of patterns', async () => {
    expect(await run(unfrozen)).toEqual(['RegExp.prototype']);
  });
  it('ordinary code still works in a frozen world', async () => {
    const body = `class Oops extends Error { constructor() { super('m'); this.name = 'Oops'; this.message = 'n' } }
      const o: any = {}; o.toString = () => 'own'; o.constructor = 1; const f: any = () => 1; f.toString = () => 'f';
      return [String(o), String(f), new Oops().name, new Oops().message, [3, 1].sort(), new Map([[1, 2]]).get(1), Object.assign({}, { a: 1 })]`;
    expect(await run(body)).toEqual(['own', 'f', 'Oops', 'n', [1, 3], 2, { a: 1 }]);
  });
});

describe.skipIf(!installed)('isolate: the host', () => {
  keepRunner();
  const code = `import { http } from 'burgeon:cap/http' with { hosts: 'a.example' };
export const operations = { run: async ({ url }: any) => http.fetch(url), steal: async () => (globalThis as any).$capability('fs').read('/etc/passwd'), many: async () => Promise.all(Array.from({ length: 9 }, () => http.fetch('x'))) };`;
  it('is called with JSON and answers JSON', async () => {
    const calls: JsonValue[] = [];
    const hostCall: HostContext['hostCall'] = async (...args) => {
      calls.push(args);
      return { status: 200 };
    };
    const instance = await start(code, { capabilities: [http], hostCall });
    expect((await instance.call('run', { url: 'https://a.example/' })).output).toEqual({ status: 200 });
    expect(calls).toEqual([['net.http', 'fetch', ['https://a.example/']]]);
  });
  it('refuses kinds that were not granted, failures keep their code, floods are bounded', async () => {
    const hostCall: HostContext['hostCall'] = () =>
      Promise.reject(new BurgeonError('CAPABILITY_DENIED', { message: 'Not that host.' }));
    const instance = await start(code, { capabilities: [http], hostCall });
    await expect(instance.call('run', { url: 'x' })).rejects.toMatchObject({
      message: expect.stringContaining('Not that host.') as string,
    });
    await expect(instance.call('steal', {})).rejects.toMatchObject({
      message: expect.stringContaining('was not granted "fs"') as string,
    });
    const slow = await start(code, {
      capabilities: [http],
      limits: { pendingCalls: 4 },
      hostCall: () => new Promise((done) => setTimeout(() => done(null), 100)),
    });
    await expect(slow.call('many', {})).rejects.toMatchObject({ message: expect.stringContaining('pendingCalls') as string });
  });
  it('hears what the module says', async () => {
    const lines: string[] = [];
    await run(`console.log('said', { a: 1 }, new Error('e')); console.warn(1n)`, { lines });
    expect(lines).toEqual(['said {"a":1} Error: e', '1']);
  });
});

describe.skipIf(!installed)('isolate: the platform', () => {
  const instance = batch(platform.map(([expression]) => `return ${expression}`));
  it.each(platform.map(([expression, expected], index) => [expression, expected, index] as const))(
    '%s',
    async (_expression, expected, index) => {
      expect((await instance().call(`b${index}`, {})).output).toEqual(expected);
    },
  );
});

describe.skipIf(!installed)('createEvaluator', () => {
  const signal = new AbortController().signal;
  it('runs a snippet over the operations it is given, and keeps what it says', async () => {
    const evaluate = createEvaluator();
    const seen: unknown[] = [];
    const answer = await evaluate(
      `const all = await Promise.all([1, 2].map((id) => call('pet', { id })));\nconsole.log('got', all.length);\nreturn all.map((pet) => pet.name);`,
      async (operation, input) => {
        seen.push([operation, input]);
        return { name: `pet ${input['id'] as number}` };
      },
      { signal },
    );
    expect(answer).toEqual({ output: ['pet 1', 'pet 2'], logs: ['got 2'] });
    expect(seen).toEqual([
      ['pet', { id: 1 }],
      ['pet', { id: 2 }],
    ]);
    expect(childrenOfUs()).toBe(0);
  });
  it.each([
    ['return process.env', 'MODULE_FAILED', 'process is not defined'],
    ['return (', 'MODULE_FAILED', 'Unexpected token'],
    ['return call(1, 2)', 'MODULE_FAILED', 'takes a name and an object'],
    [`return call('fail')`, 'MODULE_FAILED', 'no such thing'],
    ['for (;;);', 'LIMIT_EXCEEDED', 'cpuMs'],
  ])('%s fails as it should', async (code, errorCode, message) => {
    const evaluate = createEvaluator({ cpuMs: 300 });
    const call = () => Promise.reject(new BurgeonError('OPERATION_NOT_FOUND', { message: 'no such thing' }));
    await expect(evaluate(code, call, { signal })).rejects.toMatchObject({
      code: errorCode,
      message: expect.stringContaining(message) as string,
    });
  });
  it('can be cancelled', async () => {
    const evaluate = createEvaluator();
    const never = evaluate('await new Promise(() => {})', async () => null, { signal: AbortSignal.timeout(400) });
    await expect(never).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(evaluate('return 1', async () => null, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
