import { readFileSync } from 'node:fs';
import { type Grant, type Host, type Instance, type JsonObject, type VerifiedModule } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIsolate } from '../packages/burgeon/src/adapters/hosts/isolate/index.ts';
import { libraryPath } from '../packages/burgeon/src/adapters/hosts/isolate/pool.ts';
import { programModule } from '../packages/burgeon/src/adapters/hosts/process/fixtures/program-module.ts';
import { createProcess } from '../packages/burgeon/src/adapters/hosts/process/index.ts';
import { createStrict } from '../packages/burgeon/src/adapters/hosts/strict/index.ts';
import { clockGrants, suiteBinary, wasmModule } from '../packages/burgeon/src/adapters/hosts/wasm/fixtures/wasm-module.ts';
import { createWasm } from '../packages/burgeon/src/adapters/hosts/wasm/index.ts';
import { findPython } from '../packages/burgeon/src/base/python.ts';
import { hostContext, limited, scriptModule } from '../packages/burgeon/src/walls/fixtures/script-module.ts';

const python = await findPython();
const ready = (() => {
  try {
    return libraryPath() !== '' && python !== undefined;
  } catch {
    return false;
  }
})();
if (!ready) {
  const text = 'modules of every host alive at once need isolated-vm and Python 3';
  if (process.env['BURGEON_REQUIRE_SERVICES'] === '1') throw new Error(text);
  process.stderr.write(`SKIPPED: ${text}\n`);
}

const script = `export const operations = {
  echo: (input) => input,
  loop: () => { for (;;); },
  square: () => { let a = 3n; for (;;) a *= a; },
  fill: () => { const all = []; for (;;) all.push(new Array(1e5).fill(1.5)); },
  exit: () => process.exit(1),
  reject: async () => { Promise.reject(new Error('nobody waits')); throw new Error('and this'); },
};`;
const node = `import { setFlagsFromString } from 'node:v8';
export const operations = {
  echo: (input) => input,
  exit: () => process.exit(0),
  abort: () => process.abort(),
  reject: async () => { Promise.reject(new Error('nobody waits')); await new Promise((done) => setTimeout(done, 50)); return typeof setFlagsFromString; },
};`;
const pythonCode = `import ctypes, os, signal
def fill(_):
    all = []
    while True:
        all.append(bytearray(1 << 24))
def loop(_):
    while True:
        pass
operations = {
    "echo": lambda given: given,
    "loop": loop,
    "fill": fill,
    "exit": lambda _: os._exit(3),
    "segfault": lambda _: ctypes.string_at(0),
    "kill": lambda _: os.kill(os.getpid(), signal.SIGKILL),
}
`;

/** How many of each host, and how each of them falls. */
const kinds: {
  name: string;
  host: Host;
  count: number;
  module(id: string): VerifiedModule;
  grants?: Grant[];
  falls: string[];
}[] = [
  {
    name: 'isolate',
    host: createIsolate(),
    count: 30,
    module: (id) => scriptModule(id, script),
    falls: ['loop', 'square', 'fill', 'exit', 'reject'],
  },
  {
    name: 'strict',
    host: createStrict(),
    count: 12,
    module: (id) => scriptModule(id, script),
    falls: ['loop', 'square', 'fill', 'reject'],
  },
  { name: 'wasm', host: createWasm(), count: 10, module: () => wasmModule(suiteBinary), grants: clockGrants, falls: ['loop'] },
  {
    name: 'python',
    host: createProcess(),
    count: 6,
    module: () => programModule('main.py', pythonCode),
    falls: ['loop', 'fill', 'exit', 'segfault', 'kill'],
  },
  {
    name: 'node',
    host: createProcess(),
    count: 6,
    module: () => programModule('main.mjs', node),
    falls: ['exit', 'abort', 'reject'],
  },
];

describe.skipIf(!ready)('64 modules of every host', () => {
  const all: { name: string; instance: Instance }[] = [];
  const limits = limited({ wallMs: 8_000, cpuMs: 1_500, memoryBytes: 48 * 1024 ** 2, hardMemoryBytes: 96 * 1024 ** 2 });

  beforeAll(async () => {
    for (const { name, host, count, module, grants = [] } of kinds)
      for (let at = 0; at < count; at += 1) {
        const instance = await host.start(module(`skill/${name}-${at}`), grants, limits, hostContext());
        await instance.init();
        all.push({ name, instance });
      }
  }, 60_000);
  afterAll(async () => {
    await Promise.all(all.map(({ instance }) => instance.dispose()));
  });

  it('are alive', async () => {
    expect(all).toHaveLength(64);
    const answers = await Promise.all(all.map(({ instance }, at) => instance.call('echo', { at })));
    expect(answers.map(({ output }) => output)).toEqual(all.map((_, at) => ({ at })));
  });

  it.each(kinds.flatMap(({ name, falls }) => falls.map((fall) => [name, fall] as const)))(
    'do not notice that a neighbour in %s falls by "%s"',
    async (name, fall) => {
      const falling = all.find((each) => each.name === name);
      const others = all.filter((each) => each !== falling);
      let over = false;
      const failures: string[] = [];
      const traffic = others.map(async ({ name: kind, instance }) => {
        for (let at = 0; (!over || at < 3) && failures.length < 20; at += 1) {
          const input: JsonObject = { at };
          const output = await instance.call('echo', input).then(
            (result) => JSON.stringify(result.output),
            (error: { code: string; message: string }) => `${kind}: ${error.code} ${error.message}`,
          );
          if (output !== JSON.stringify(input)) failures.push(output);
        }
      });
      const end = await falling?.instance.call(fall, {}).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      );
      over = true;
      await Promise.all(traffic);
      expect(failures).toEqual([]);
      expect(end).toMatch(
        name === 'node' && fall === 'reject' ? /answered|MODULE_CRASHED/ : /LIMIT_EXCEEDED|MODULE_CRASHED|MODULE_FAILED/,
      );
      // It answers again: it was started anew, or never ended.
      expect((await falling?.instance.call('echo', { back: true }))?.output).toEqual({ back: true });
    },
    60_000,
  );

  it('do not notice that their processes are killed one after the other', async () => {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
    let over = false;
    const failures: string[] = [];
    const traffic = all.map(async ({ name, instance }) => {
      for (let at = 0; (!over || at < 3) && failures.length < 20; at += 1) {
        const outcome = await instance.call('echo', { at }).then(
          () => undefined,
          (error: { code: string; message: string }) => `${name}: ${error.code} ${error.message}`,
        );
        if (outcome) failures.push(outcome);
      }
    });
    for (const child of children) {
      try {
        process.kill(child, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
      await Promise.all(all.slice(0, 8).map(({ instance }) => instance.call('echo', {})));
    }
    over = true;
    await Promise.all(traffic);
    // A program that is alone in its process has its own call taken away with it; nobody else has.
    const alone = failures.filter((failure) => /^(?:python|node): MODULE_CRASHED/.test(failure));
    expect(alone.length).toBeLessThanOrEqual(12);
    expect(failures.filter((failure) => !alone.includes(failure)).join('\n')).toBe('');
  }, 60_000);
});
