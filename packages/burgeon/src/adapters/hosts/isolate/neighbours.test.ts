import { type Host, type Instance, type JsonObject } from '@burgeon/kit';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { granted, hostContext, limited, scriptModule } from '../../../walls/fixtures/script-module.ts';
import type { RunnerPool } from '../../../walls/pool.ts';
import { isolateOver } from './index.ts';
import { isolatePool, libraryPath } from './pool.ts';

const installed = (() => {
  try {
    return libraryPath() !== '';
  } catch {
    process.stderr.write('SKIPPED: isolated-vm is not installed, so neighbours are not tested: npm install isolated-vm@7.0.1\n');
    return false;
  }
})();

const code = `import { random } from 'burgeon:cap/random';
let count = 0;
export const operations = {
  up: () => ++count,
  echo: (input) => input,
  loop: () => { for (;;); },
  square: () => { let a = 3n; for (;;) a *= a; },
  fill: () => { const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1)); },
  ask: async () => { await random.number(); return 'asked'; },
  wait: async () => { await random.number(); await new Promise(() => {}); },
};
export const snapshot = () => count;
export const restore = (state) => { count = state; };`;

describe.skipIf(!installed)('modules in one process', () => {
  let pool: RunnerPool;
  let host: Host;
  const open: Instance[] = [];
  beforeAll(() => {
    pool = isolatePool();
    host = isolateOver(pool);
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.dispose();
  });

  const start = async (name: string, context = hostContext(), more: JsonObject = {}): Promise<Instance> => {
    const module = scriptModule(`skill/${name}`, code, { read: ['echo', 'ask'], state: 1 });
    const limits = limited({ wallMs: 4_000, cpuMs: 400, hardMemoryBytes: 96 * 1024 * 1024, ...more });
    const instance = await host.start(module, granted({ kind: 'random', scope: {} }), limits, context);
    open.push(instance);
    await instance.init();
    return instance;
  };
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );

  it.each([
    ['loops', 'loop', 'LIMIT_EXCEEDED'],
    ['does what cannot be interrupted', 'square', 'LIMIT_EXCEEDED'],
    ['takes all memory', 'fill', 'LIMIT_EXCEEDED'],
  ])('are not disturbed by one that %s', async (_name, operation, outcome) => {
    const [good, bad] = [await start('good'), await start('bad')];
    expect(pool.runners()).toHaveLength(1);
    await good.call('up', {});
    await good.snapshot();
    const failing = codeOf(bad.call(operation, {}));
    const answers = await Promise.all(Array.from({ length: 50 }, async (_, at) => (await good.call('echo', { at })).output));
    expect(answers).toEqual(Array.from({ length: 50 }, (_, at) => ({ at })));
    expect(await failing).toBe(outcome);
    expect((await good.call('up', {})).output).toBe(2);
    expect((await bad.call('up', {})).output).toBe(1);
  });

  it('are given what had not come to anything again when their process dies, in another, with their last state', async () => {
    const contexts = [hostContext(), hostContext(), hostContext()];
    const all = await Promise.all(contexts.map((context, at) => start(`n${at}`, context)));
    await all[0]?.call('up', {});
    await all[0]?.snapshot();
    const [runner] = pool.runners();
    const running = all.flatMap((each) => Array.from({ length: 20 }, (_, at) => each.call(at % 2 ? 'ask' : 'echo', { at })));
    process.kill(-(runner?.pid ?? 0), 'SIGKILL');
    const outcomes = await Promise.all(running.map(codeOf));
    // Whose turn it was when the process died is held to be the cause; nobody else notices.
    const guilty = contexts.filter(({ ends }) => ends.length > 0).length;
    expect(guilty).toBeLessThanOrEqual(1);
    expect(outcomes.filter((each) => each !== 'ok').length).toBeLessThanOrEqual(guilty * 20);
    if (contexts[0]?.ends.length === 0) expect((await all[0]?.call('up', {}))?.output).toBe(2);
  });

  it('do not have a call done twice that may have had an effect', async () => {
    const [one, other] = [await start('one'), await start('other')];
    const waiting = codeOf(one.call('wait', {}));
    await one.call('echo', {});
    const looping = codeOf(other.call('square', {}));
    expect(await looping).toBe('LIMIT_EXCEEDED');
    expect(await waiting).toBe('MODULE_CRASHED');
  });

  it('are never those of another trust, nor with those that hold secrets', async () => {
    await start('plain');
    await start('unapproved', hostContext({ trusted: false }));
    await start('unapproved-too', hostContext({ trusted: false }));
    const secret = granted({ kind: 'secret.use', scope: { names: ['x'] } });
    const holder = await host.start(
      scriptModule('skill/holder', code.replace(/^import.*$/m, 'const random = null;')),
      secret,
      limited(),
      hostContext(),
    );
    open.push(holder);
    await holder.init();
    expect(pool.runners()).toHaveLength(4);
  });
});
