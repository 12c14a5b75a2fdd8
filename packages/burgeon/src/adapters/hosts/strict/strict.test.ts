import {
  BurgeonError,
  type Capability,
  type HostContext,
  type Instance,
  type JsonValue,
  type Limits,
  type VerifiedModule,
} from '@burgeon/kit';
import { hostSuite } from '@burgeon/kit/suites';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../base/log.ts';
import { granted, hostContext, limited, scriptModule } from '../../../walls/fixtures/script-module.ts';
import { platform, unfrozen, waysOut } from '../../../walls/javascript/fixtures/guest-code.ts';
import { scriptTests } from '../../../walls/javascript/fixtures/script-tests.ts';
import { suiteCode } from '../../../walls/javascript/fixtures/suite-code.ts';
import { strictOver } from './index.ts';
import { strictPool } from './pool.ts';

// A host of its own, whose runners are kept from one test to the next by the first module.
const host = strictOver(strictPool());
const open: Instance[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.dispose();
});

const suiteModule = scriptModule('skill/suite', suiteCode, { read: ['echo', 'total'], state: 2 });
hostSuite({ describe, it, expect } as never, {
  host,
  module: suiteModule,
  code: suiteModule,
  context: () => hostContext(),
  operation: 'total',
  input: {},
  write: { operation: 'add', input: { by: 1 } },
});

interface Start {
  files?: Record<string, string>;
  limits?: Partial<Limits>;
  capabilities?: Capability[];
  context?: Partial<HostContext>;
  state?: number;
  digest?: string;
}

const moduleOf = (files: Record<string, string>, { state, digest = 'one' }: Start): VerifiedModule => ({
  ...scriptModule('skill/test', '', state === undefined ? {} : { state }),
  digest,
  manifest: {
    extensions: {
      'dev.burgeon.module': {
        id: 'skill/test',
        entry: 'index.ts',
        ...(state === undefined ? {} : { state: { version: state } }),
      },
    },
  } as unknown as VerifiedModule['manifest'],
  file: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
});

const start = async (code: string, more: Start = {}): Promise<Instance> => {
  const { files = {}, limits = {}, capabilities = [], context = {} } = more;
  const module = moduleOf({ 'index.ts': code, ...files }, more);
  const instance = await host.start(module, granted(...capabilities), limited(limits), hostContext(context));
  open.push(instance);
  return instance;
};

const { operation, run, batch, keepRunner } = scriptTests(start, open);

describe('strict: what a module is', () => {
  keepRunner();
  it('TypeScript of several files, with what it was granted', async () => {
    const code = `import { add } from './lib/add.ts';\nimport { random } from 'burgeon:cap/random' with { most: '3' };
export const operations = { add: async ({ by }: { by: number }): Promise<number> => add(await random.number(), by) };`;
    const files = {
      'lib/add.ts': `import { sum } from '../sum.ts';\nexport const add = (a: number, b: number): number => sum(a, b);`,
      'sum.ts': `export const sum = (a: number, b: number): number => a + b;`,
    };
    const hostCall = async (): Promise<JsonValue> => 40;
    const instance = await start(code, { files, capabilities: [{ kind: 'random', scope: {} }], context: { hostCall } });
    expect((await instance.call('add', { by: 2 })).output).toBe(42);
  });

  it('chance comes out the same with a seed, and not without', async () => {
    const body = 'return [Math.random(), Math.random()]';
    const [one, other] = [await run(body, { context: { seed: 7 } }), await run(body, { context: { seed: 7 } })];
    expect(one).toEqual(other);
    expect(await run(body)).not.toEqual(await run(body));
    expect(await run(body, { context: { seed: 8 } })).not.toEqual(one);
  });

  it('works the same for what nobody approved yet', async () => {
    expect(await run('return [...Array(10).keys()].reduce((a, b) => a + b)', { context: { trusted: false } })).toBe(45);
  });

  it('what it says is heard', async () => {
    const lines: string[] = [];
    const log = { ...silentLogger, info: (text: string) => void lines.push(text) };
    await run(`console.log('said', { a: 1 }, new Error('e')); console.warn(1n)`, { context: { log } });
    expect(lines).toEqual(['said {"a":1} Error: e', '1']);
  });

  it('may wait while it is loaded', async () => {
    const instance = await start(`const name = await new Promise((done) => setTimeout(() => done('late'), 1));
export const operations = { run: () => name };`);
    expect((await instance.call('run', {})).output).toBe('late');
  });
});

describe('strict: failures', () => {
  keepRunner();
  const imports = 'neither in the bundle nor granted';
  it.each([
    ['an error of the module', operation('\n  throw new Error("broken")'), 'MODULE_FAILED', /^broken \(index\.ts:2:\d+\)$/],
    ['a type error', operation('return input.a.b'), 'MODULE_FAILED', /'b' of undefined/],
    ['something thrown that is no error', operation('throw "text"'), 'MODULE_FAILED', /^text$/],
    [
      'an error while loading',
      '\nthrow new Error("early"); export const operations = {}',
      'MODULE_FAILED',
      /^early \(index\.ts:2/,
    ],
    ['a late error while loading', 'await null; throw new Error("late"); export const operations = {}', 'MODULE_FAILED', /^late/],
    [
      'an error of init',
      'export const operations = {}; export const init = () => { throw new Error("i") }',
      'MODULE_FAILED',
      /^i /,
    ],
    ['nothing to call', 'export const a = 1;', 'MODULE_FAILED', /does not export "operations"/],
    ['an import that is not there', `import './gone.ts'; export const operations = {};`, 'MODULE_FAILED', imports],
    ['an import of Node', `import fs from 'node:fs'; export const operations = { fs };`, 'MODULE_FAILED', imports],
    [
      'what was not granted',
      `import { http } from 'burgeon:cap/http'; export const operations = { http };`,
      'MODULE_FAILED',
      imports,
    ],
    ['a climb', `import '../../etc/passwd'; export const operations = {};`, 'MODULE_FAILED', imports],
    ['a late import', operation(`return import('./index.ts')`), 'MODULE_FAILED', imports],
    ['an export that is not there', `import { no } from './index.ts'; export const operations = { no };`, 'MODULE_FAILED', /no/],
    ['an operation that is not there', `export const operations = {};`, 'OPERATION_NOT_FOUND', /no operation/],
    [
      'an inherited operation',
      `export const operations = Object.create({ run: () => 1 });`,
      'OPERATION_NOT_FOUND',
      /no operation/,
    ],
    ['a message that throws', operation('throw { get message() { throw 1 } }'), 'MODULE_FAILED', /An error without a message/],
    ['a result that is no JSON', operation('const a: any = {}; a.a = a; return a'), 'MODULE_FAILED', /circular/],
    ['recursion without end', operation('const f = (): number => f() + 1; return f()'), 'MODULE_FAILED', /call stack/],
    ['a regular expression without end', operation('return new RegExp("(".repeat(50_000))'), 'MODULE_FAILED', /captures/],
  ])('%s', async (_name, code, errorCode, message) => {
    const called = start(code).then((instance) => instance.call('run', {}));
    const expected = typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message);
    await expect(called).rejects.toMatchObject({ code: errorCode, message: expected as string });
  });

  it('syntax has its place', async () => {
    const instance = await start(`import './bad.js'; export const operations = {};`, {
      files: { 'bad.js': '\nexport const a = (' },
    });
    await expect(instance.init()).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      data: { place: expect.stringMatching(/^bad\.js:2/) as string },
    });
  });

  it('what a caller nests too deep is refused, and the module goes on', async () => {
    const instance = await start(`let calls = 0; export const operations = { run: () => ++calls };`);
    await instance.call('run', {});
    const deep = JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`) as JsonValue;
    await expect(instance.call('run', { deep })).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      message: 'The input is nested deeper than 2000.',
    });
    expect((await instance.call('run', { text: '['.repeat(3_000) })).output).toBe(2);
  });

  it('what it nests too deep itself loses it', async () => {
    const ended: string[] = [];
    const instance = await start(
      `export const operations = { run: () => { let a: any = []; for (let i = 0; i < 3e5; i++) a = [a]; return a }, well: () => 'well' };`,
      { context: { ended: ({ code }) => void ended.push(code) } },
    );
    await expect(instance.call('run', {})).rejects.toMatchObject({ code: 'MODULE_CRASHED' });
    expect((await instance.call('well', {})).output).toBe('well');
    expect(ended).toEqual(['MODULE_CRASHED']);
  });
});

describe('strict: limits', () => {
  keepRunner();
  const megabyte = 1024 * 1024;
  const near: Record<string, Partial<Limits>> = {
    cpuMs: { cpuMs: 300, wallMs: 25_000 },
    wallMs: { wallMs: 300 },
    memoryBytes: { memoryBytes: 24 * megabyte, wallMs: 25_000, cpuMs: 25_000 },
    hardMemoryBytes: { memoryBytes: 500 * megabyte, hardMemoryBytes: 24 * megabyte, wallMs: 25_000, cpuMs: 25_000 },
    resultBytes: { resultBytes: 100_000 },
  };
  it.each([
    ['cpuMs', 'for (;;);'],
    ['cpuMs', 'await null; for (;;);'],
    ['cpuMs', 'for (;;) await null'],
    ['cpuMs', 'const again = (): any => Promise.resolve().then(again); return again()'],
    ['cpuMs', 'try { for (;;); } catch { return "caught" } finally { for (;;); }'],
    ['cpuMs', 'return { toJSON() { for (;;); } }'],
    ['cpuMs', 'throw { get message() { for (;;); } }'],
    ['cpuMs', 'return { then() { for (;;); } }'],
    ['cpuMs', 'return /^(a|a)*$/.test("a".repeat(40) + "b")'],
    ['cpuMs', 'let a = 3n; for (;;) a = (a * a) % 2n ** 200_000n'],
    ['cpuMs', 'const a: any[] = []; a.length = 2 ** 31; return a.includes(1)'],
    ['cpuMs', 'return [...(function* () { for (;;) yield; })()].length === 0 || new Promise(() => {})'],
    ['wallMs', 'await new Promise(() => {})'],
    ['memoryBytes', 'const a = []; for (;;) a.push(new Array(10_000).fill(1.5))'],
    ['memoryBytes', 'let a = "x"; const all = []; for (;;) { a += a; all.push([...a.slice(0, 1e6)]); }'],
    ['memoryBytes', 'return new ArrayBuffer(1e9).byteLength'],
    ['memoryBytes', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, {})'],
    ['hardMemoryBytes', 'const a = []; for (;;) a.push(new Uint8Array(1e5))'],
    ['resultBytes', 'return "x".repeat(200_000)'],
  ])('%s ends %s', async (limit, body) => {
    const instance = await start(`export const operations = { run: async () => { ${body} }, well: async () => 'well' };`, {
      limits: near[limit] ?? {},
    });
    // What the interpreter cannot be stopped in ends with its process; how its memory is divided is nobody's concern.
    const named = limit === 'hardMemoryBytes' ? 'memoryBytes' : limit;
    await expect(instance.call('run', {})).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', data: { limit: named } });
    expect((await instance.call('well', {})).output).toBe('well');
  });

  it('a loop while loading is stopped too', async () => {
    const instance = await start('for (;;); export const operations = {};', { limits: { cpuMs: 300 } });
    await expect(instance.init()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', data: { limit: 'cpuMs' } });
  });

  it('memory that it can do without it may do without', async () => {
    const body = `let caught = 0; for (let i = 0; i < 3; i++) try { new ArrayBuffer(64 * 1024 * 1024) } catch { caught++ } return caught`;
    expect(await run(body, { limits: { memoryBytes: 32 * megabyte } })).toBe(3);
  });

  it('floods of questions are bounded', async () => {
    const code = `import { http } from 'burgeon:cap/http' with { hosts: 'a.example' };
export const operations = { many: async () => Promise.all(Array.from({ length: 9 }, () => http.fetch('x'))) };`;
    const capabilities = [{ kind: 'net.http', scope: { hosts: ['a.example'] } }];
    const hostCall = (): Promise<JsonValue> => new Promise(() => {});
    const instance = await start(code, { capabilities, limits: { pendingCalls: 4 }, context: { hostCall } });
    await expect(instance.call('many', {})).rejects.toMatchObject({
      message: expect.stringContaining('pendingCalls') as string,
    });
  });

  it('a neighbour that is stopped does not disturb', async () => {
    const good = await start(`let calls = 0; export const operations = { run: () => ++calls };`);
    await good.call('run', {});
    const bad = await start(operation('for (;;);'), { limits: { cpuMs: 300 } });
    const [failed, fine] = await Promise.all([
      bad.call('run', {}).catch((error: BurgeonError) => error.code),
      good.call('run', {}),
    ]);
    expect([failed, fine.output]).toEqual(['LIMIT_EXCEEDED', 2]);
  });
});

describe('strict: ways out', () => {
  it('everything shared is frozen but the prototype of patterns', async () => {
    expect(await run(unfrozen)).toEqual(['RegExp.prototype']);
  });
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

  it('nothing of the host shows in an error', async () => {
    const body = `try { await import('node:fs') } catch (error: any) { return [error.name, error.stack ?? ''] }`;
    expect(JSON.stringify(await run(body))).not.toMatch(/inside|machine|wasm|node:internal/);
  });

  it('no global is there that was not meant to be', async () => {
    const known = `$capability $register AbortController AbortSignal Array ArrayBuffer AsyncDisposableStack BigInt Boolean DataView Date
      DisposableStack Infinity Iterator JSON Map Math NaN Number Object Promise RegExp Set String Symbol TextDecoder TextEncoder URL
      URLSearchParams WeakMap WeakSet atob btoa clearInterval clearTimeout console decodeURI decodeURIComponent encodeURI
      encodeURIComponent globalThis isFinite isNaN parseFloat parseInt queueMicrotask setInterval setTimeout structuredClone undefined`;
    const body = `return Object.getOwnPropertyNames(globalThis).filter((name) => !/^[A-Z]\\w*(Error|[a-z\\d]Array)$|^Error$/.test(name)).sort()`;
    expect(await run(body)).toEqual(known.split(/\s+/));
  });

  it('ordinary code still works in a frozen world', async () => {
    const body = `class Oops extends Error { constructor() { super('m'); this.name = 'Oops'; this.message = 'n' } }
      const o: any = {}; o.toString = () => 'own'; o.constructor = 1; const f: any = () => 1; f.toString = () => 'f';
      return [String(o), String(f), new Oops().name, new Oops().message, [3, 1].sort(), new Map([[1, 2]]).get(1), Object.assign({}, { a: 1 })]`;
    expect(await run(body)).toEqual(['own', 'f', 'Oops', 'n', [1, 3], 2, { a: 1 }]);
  });
});

describe('strict: the platform', () => {
  const instance = batch(platform.map(([expression]) => `return ${expression}`));
  it.each(platform.map(([expression, expected], index) => [expression, expected, index] as const))(
    '%s',
    async (_expression, expected, index) => {
      expect((await instance().call(`b${index}`, {})).output).toEqual(expected);
    },
  );
});

describe('strict: JSON', () => {
  const instance = batch(['return 1']);
  it('comes out as it went in', async () => {
    const echo = await start(`export const operations = { echo: (input: any) => input };`);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), async (value) => {
        const input = { value: JSON.parse(JSON.stringify(value)) as JsonValue };
        expect((await echo.call('echo', input)).output).toEqual(input);
      }),
      { numRuns: 300 },
    );
    expect(instance().capabilities()).toEqual([]);
  });
});
