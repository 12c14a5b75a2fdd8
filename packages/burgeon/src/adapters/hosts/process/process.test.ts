import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError, type Capability, type Instance, type JsonObject, type JsonValue, type Limits } from '@burgeon/kit';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../base/log.ts';
import { granted, hostContext, limited } from '../../../walls/fixtures/script-module.ts';
import { ownerName } from '../../../walls/jail/owner.ts';
import { programModule } from './fixtures/program-module.ts';
import { createProcess } from './index.ts';
import { findIn, findPython } from '../../../base/python.ts';

const python = (await findPython()) !== undefined;
const host = createProcess();
const open: Instance[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.dispose();
});

interface Start {
  entry?: string;
  files?: Record<string, string>;
  limits?: Partial<Limits>;
  capabilities?: Capability[];
  context?: Parameters<typeof hostContext>[0];
  read?: string[];
}

const start = async (code: string, { entry = 'main.py', limits, capabilities = [], context, ...more }: Start = {}) => {
  const own = hostContext(context);
  const instance = await host.start(programModule(entry, code, more), granted(...capabilities), limited(limits), own);
  open.push(instance);
  return { instance, ends: own.ends };
};

/** The output, or the code of the error with the limit that it names. */
const outcome = (instance: Instance, operation = 'run', input: JsonObject = {}): Promise<JsonValue> =>
  instance.call(operation, input).then(
    ({ output }) => output,
    (error: unknown) => {
      const { code, message, data } = BurgeonError.from(error);
      const limit = (data as JsonObject | undefined)?.['limit'];
      return typeof limit === 'string' ? `${code} ${limit}` : `${code}: ${message}`;
    },
  );

const run = async (code: string, more: Start = {}, input: JsonObject = {}): Promise<JsonValue> =>
  outcome((await start(code, more)).instance, 'run', input);

const node = (body: string, before = ''): [string, Start] => [
  `${before}\nexport const operations = { run: async (input) => { ${body} }, well: () => 'well' };`,
  { entry: 'main.mjs' },
];

const clock: Capability = { kind: 'clock', scope: {} };

describe.skipIf(!python)('a module in Python', () => {
  it('has operations by dictionary, by mark, or by name', async () => {
    expect(await run('operations = {"run": lambda given: given["a"]}', {}, { a: 1 })).toBe(1);
    const marked = `from burgeon import operation\n@operation\ndef run(a, b=2):\n    return a + b\n@operation(name="other")\ndef f():\n    return 'f'\n`;
    const { instance } = await start(marked);
    expect(await outcome(instance, 'run', { a: 1 })).toBe(3);
    expect(await outcome(instance, 'other')).toBe('f');
    expect(await outcome(instance, 'run', { c: 1 })).toMatch(
      /^MODULE_FAILED: TypeError: .*'c'.*\(burgeon\.py|^MODULE_FAILED: TypeError/,
    );
    const plain = await start(
      'from json import dumps\ndef run(given):\n    return given\ndef _own(given):\n    pass\ndef init():\n    pass\n',
    );
    expect(await outcome(plain.instance, 'run', { a: [] })).toEqual({ a: [] });
    for (const name of ['_own', 'init', 'dumps', 'nothing', '__import__', ''])
      expect(await outcome(plain.instance, name)).toBe(`OPERATION_NOT_FOUND: skill/test has no operation "${name}".`);
  });

  it('consists of several files, and reads its data', async () => {
    const code = `import os\nfrom lib.words import word\nfrom burgeon import operation\nhere = os.path.dirname(__file__)\n@operation\ndef run():\n    return [word, open(os.path.join(here, "data/a.txt")).read(), sorted(os.listdir(here))]\n`;
    const files = {
      'lib/__init__.py': '',
      'lib/words.py': 'word = "w"',
      'data/a.txt': 'zażółć',
      '__pycache__/x.pyc': 'forged',
      'lib/__pycache__/words.cpython-311.pyc': 'forged',
    };
    expect(await run(code, { files })).toEqual(['w', 'zażółć', ['data', 'lib', 'main.py']]);
  });

  it('tells of its exceptions by message, place and data', async () => {
    const code = `import burgeon\ndef deep(given):\n    raise burgeon.BurgeonFault("NOT_FOUND", "no such thing", {"id": 7})\ndef run(given):\n    deep(given)\ndef other(given):\n    return {}["x"]\ndef odd(given):\n    return object()\ndef infinite(given):\n    return float("inf")\n`;
    const { instance } = await start(code);
    await expect(instance.call('run', {})).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      message: 'no such thing (main.py:3)',
      data: { module: 'skill/test', place: 'main.py:3', data: { id: 7, code: 'NOT_FOUND' } },
    });
    expect(await outcome(instance, 'other')).toBe("MODULE_FAILED: KeyError: 'x' (main.py:7)");
    expect(await outcome(instance, 'odd')).toMatch(/^MODULE_FAILED: TypeError: .*not JSON serializable/);
    expect(await outcome(instance, 'infinite')).toMatch(/^MODULE_FAILED: ValueError/);
  });

  it('is refused with the place where it cannot be read', async () => {
    expect(await run('x = 1\ndef run(:\n')).toMatch(/^MODULE_FAILED: SyntaxError: .* \(main\.py:2\)$/);
    expect(await run('import nothing_of_the_kind\n')).toMatch(/^MODULE_FAILED: ModuleNotFoundError: .* \(main\.py:1\)$/);
    expect(await run('def init():\n    raise ValueError("no")\n')).toBe('MODULE_FAILED: ValueError: no (main.py:2)');
  });

  it('waits in several calls at once, in timers and for the host', async () => {
    const code = `import asyncio\nfrom burgeon import clock\norder = []\nasync def run(given):\n    a, b = await asyncio.gather(clock.now(), clock.sleep(5, unit="ms"))\n    await asyncio.sleep(0.01)\n    order.append(given["n"])\n    return [a, b, len(order)]\nasync def cancelled(given):\n    raise asyncio.CancelledError()\n`;
    const asked: JsonValue[] = [];
    const hostCall = async (kind: string, method: string, args: JsonValue[]): Promise<JsonValue> => {
      asked.push([kind, method, args]);
      return method;
    };
    const { instance } = await start(code, { capabilities: [clock], context: { hostCall } });
    const outputs = await Promise.all([1, 2, 3].map((n) => outcome(instance, 'run', { n })));
    expect(outputs).toEqual([1, 2, 3].map((n) => ['now', 'sleep', n]));
    expect(asked.slice(0, 2)).toEqual([
      ['clock', 'now', []],
      ['clock', 'sleep', [5, { unit: 'ms' }]],
    ]);
    expect(await outcome(instance, 'cancelled')).toMatch(/^MODULE_FAILED: The task was cancelled/);
  });

  it('logs what it prints, and nothing it writes gets among the frames', async () => {
    const lines: string[] = [];
    const log = { ...silentLogger, info: (text: string) => void lines.push(text) };
    const code = `import os, sys\nprint("loading")\ndef run(given):\n    print("one", {"a": 1})\n    print("two", file=sys.stderr)\n    sys.stdout.buffer.write(b"three \\xff\\n")\n    sys.stdout.write("x" * 5000 + "\\n")\n    os.write(1, b"\\0\\1\\2 rubbish")\n    sys.__stdout__.write("more rubbish\\n")\n    sys.__stdout__.flush()\n    return [sys.stdin.read(), input.__name__]\n`;
    expect(await run(code, { context: { log } })).toEqual(['', 'input']);
    expect(lines).toEqual(['loading', "one {'a': 1}", 'two', 'three \ufffd', 'x'.repeat(2_000)]);
  });

  it('draws the same numbers from the same seed', async () => {
    const code = 'import random\ndef run(given):\n    return random.random()\n';
    const one = await run(code, { context: { seed: 7 } });
    expect(await run(code, { context: { seed: 7 } })).toBe(one);
    expect(await run(code, { context: { seed: 8 } })).not.toBe(one);
  });
});

describe('a module in Node', () => {
  it('has several files, types, built-in modules and what it was granted', async () => {
    const code = `import { createHash } from 'node:crypto';\nimport { clock } from 'burgeon:cap/clock' with { 'not-for': 'node' };\nimport { word } from './lib/word.ts';\nimport data from './data.json' with { type: 'json' };
export const operations = { run: async (input: { n: number }): Promise<unknown> => [word as string, data, createHash('sha256').update('').digest('hex').slice(0, 4), await clock.now(input.n)] };`;
    const files = { 'lib/word.ts': `export const word: string = 'w';`, 'data.json': '{"a":1}' };
    const more: Start = { entry: 'main.ts', files, capabilities: [clock], context: { hostCall: async (...args) => args } };
    expect(await run(code, more, { n: 3 })).toEqual(['w', { a: 1 }, 'e3b0', ['clock', 'now', [3]]]);
  });

  it('is refused what it was not granted, and what is not in the bundle', async () => {
    const importing = (what: string): [string, Start] => node('return 1', `import '${what}';`);
    expect(await run(...importing('burgeon:cap/clock'))).toMatch(
      /^MODULE_FAILED: It imports "burgeon:cap\/clock", which was not granted/,
    );
    expect(await run(...importing('./missing.ts'))).toMatch(/^MODULE_FAILED: /);
    expect(await run(...importing('/etc/hostname'))).toMatch(/^MODULE_FAILED: /);
    expect(await run('export const nothing = 1;', { entry: 'main.mjs' })).toMatch(
      /^MODULE_FAILED: It does not export "operations"/,
    );
  });

  it('has timers, and logs what it prints', async () => {
    const lines: string[] = [];
    const log = { ...silentLogger, info: (text: string) => void lines.push(text) };
    const [code, more] = node(
      `console.log('one', { a: 1 }); process.stdout.write('two\\n'); console.error('three'); await new Promise((done) => setTimeout(done, 5)); return 1;`,
    );
    expect(await run(code, { ...more, context: { log } })).toBe(1);
    expect(lines).toEqual(['one { a: 1 }', 'two', 'three']);
  });
});

describe('what is no program', () => {
  it('is refused', async () => {
    const starting = (entry: string, files = {}): Promise<unknown> =>
      start('', { entry, files }).then(() => 'started', BurgeonError.from);
    expect(await starting('main.exe')).toMatchObject({
      code: 'MODULE_FAILED',
      message: 'skill/test begins with "main.exe", which is no program.',
    });
    for (const path of ['../out.py', '/out.py', 'a/../../b', 'a//b'])
      expect(await starting('main.mjs', { [path]: 'x' })).toMatchObject({ code: 'MODULE_FAILED' });
  });

  it('or has no interpreter here', async () => {
    expect(await findIn(['/nothing/here', 'relative', tmpdir()])).toBeUndefined();
  });

  it('is not started without walls of the operating system', async () => {
    const bare = createProcess({ driver: 'permission' });
    const starting = bare.start(programModule('main.mjs', ''), [], limited(), hostContext());
    await expect(starting).rejects.toMatchObject({ code: 'DEPENDENCY_MISSING' });
  });
});

describe.skipIf(!python)('a program that ends', () => {
  const dying: [string, string, RegExp][] = [
    ['kill -9', 'import os\n    os.kill(os.getpid(), 9)', /SIGKILL/],
    ['exit(0)', 'import sys\n    sys.exit(0)', /exit code 0/],
    ['os._exit', 'import os\n    os._exit(3)', /exit code 3/],
    ['a segmentation fault', 'import ctypes\n    ctypes.string_at(0)', /SIGSEGV/],
    ['closing its pipe', 'import burgeon, os, time\n    os.close(burgeon._guest.pipe._reports)', /exit code|SIG/],
  ];
  it.each(dying)('by %s is told, and begins anew', async (_, body, why) => {
    const code = `count = 0\ndef run(given):\n    ${body}\ndef add(given):\n    global count\n    count += 1\n    return count\n`;
    const { instance, ends } = await start(code);
    expect(await outcome(instance, 'add')).toBe(1);
    await expect(instance.call('run', {})).rejects.toMatchObject({
      code: 'MODULE_CRASHED',
      message: expect.stringMatching(why),
      retryable: true,
    });
    expect(ends).toEqual(['MODULE_CRASHED']);
    expect(await outcome(instance, 'add')).toBe(1);
  });

  it('while it is loaded is told once', async () => {
    const { instance, ends } = await start('import os\nos._exit(4)\n');
    expect(await outcome(instance)).toBe('MODULE_CRASHED: The process that ran skill/test ended: exit code 4.');
    expect(ends).toEqual(['MODULE_CRASHED']);
  });

  it('while it waits is not asked twice, whatever its operation is', async () => {
    const code = `import asyncio, os\nasync def run(given):\n    await asyncio.sleep(0.01)\n    os._exit(1)\n`;
    const { instance, ends } = await start(code, { read: ['run'] });
    expect(await outcome(instance)).toMatch(/^MODULE_CRASHED/);
    expect(ends).toEqual(['MODULE_CRASHED']);
  });
});

describe.skipIf(!python)('a program that lies', () => {
  const frame = `import burgeon, struct, os, time\npipe = burgeon._guest.pipe\ndef frame(kind, number, text, cell=1, length=None):\n    body = text.encode()\n    return struct.pack("<IBIII", 13 + len(body) if length is None else length, kind, number, cell, 0xffffffff) + body\ndef send(data):\n    os.write(pipe._reports, data)\n    time.sleep(30)\n`;
  const lies: [string, string][] = [
    ['an answer to an order that is not there', 'frame(16, 999, "1")'],
    ['a failure of an order that is not there', 'frame(17, 12345678, "{}")'],
    ['an unknown kind', 'frame(99, 1, "")'],
    ['an order in return', 'frame(2, 1, "run\\n{}")'],
    ['a huge length', 'frame(16, 1, "", length=0xffffffff)'],
    ['a length that is too small', 'frame(16, 1, "", length=3)'],
    ['noise', 'b"\\xff\\xfe" * 1000'],
    ['a flood of questions', 'b"".join(frame(18, n, "clock\\nnow\\n[]") for n in range(1, 20000))'],
  ];
  it.each(lies)('by %s is ended, and nobody else is', async (_, lie) => {
    const { instance: other } = await start('def run(given):\n    return "well"\n');
    await other.init();
    const { instance, ends } = await start(`${frame}def run(given):\n    send(${lie})\ndef well(given):\n    return "well"\n`);
    await instance.init();
    expect(await outcome(instance)).toMatch(
      /^MODULE_CRASHED: The process that ran skill\/test ended: it (?:broke the form of messages|asked the host without an end)\.$/,
    );
    expect(ends).toEqual(['MODULE_CRASHED']);
    expect(await outcome(other)).toBe('well');
    expect(await outcome(instance, 'well')).toBe('well');
  });

  it('with an answer that is no JSON is told so', async () => {
    const { instance } = await start(
      `${frame}def run(given):\n    burgeon._guest.finish = lambda number, value: burgeon._guest.settle(16, number, "{oops")\n`,
    );
    expect(await outcome(instance)).toBe('MODULE_FAILED: skill/test answered something that is no JSON.');
  });

  it('that it rests and works on is stopped by its processor time', async () => {
    const code = `import burgeon\nasync def run(given):\n    guest = burgeon._guest\n    guest.rest()\n    guest.pipe.flush()\n    while True:\n        pass\n`;
    const { instance, ends } = await start(code, { limits: { cpuMs: 200, wallMs: 4_000 } });
    expect(await outcome(instance)).toBe('LIMIT_EXCEEDED cpuMs');
    expect(ends).toEqual(['LIMIT_EXCEEDED']);
  });

  it('that it is done and works on is ended', async () => {
    const code = `import threading\ndef burn():\n    while True:\n        pass\ndef run(given):\n    threading.Thread(target=burn, daemon=True).start()\n    return "done"\n`;
    const told = Promise.withResolvers<BurgeonError>();
    const { instance } = await start(code, { context: { ended: told.resolve } });
    expect(await outcome(instance)).toBe('done');
    // Which of the two is seen first: work without an order, or more of it than the order allowed.
    expect((await told.promise).message).toMatch(/it went on working after its answer|its limit cpuMs/);
    expect(await outcome(instance)).toBe('done');
  });

  it('and talks without an end when it has nothing to say is ended', async () => {
    const code = `${frame}import threading\ndef talk():\n    time.sleep(0.05)\n    while True:\n        os.write(pipe._reports, frame(19, 0, "x" * 1000) * 50)\ndef run(given):\n    threading.Thread(target=talk, daemon=True).start()\n    return "done"\n`;
    const told = Promise.withResolvers<BurgeonError>();
    const { instance } = await start(code, { context: { ended: told.resolve } });
    expect(await outcome(instance)).toBe('done');
    expect(await told.promise).toMatchObject({
      code: 'MODULE_CRASHED',
      message: expect.stringMatching(/it talked without an end|it went on working/),
    });
  });

  it('asks no more than it may in a second', async () => {
    const code = `import asyncio\nfrom burgeon import clock, BurgeonFault\nasync def one():\n    try:\n        return await clock.now()\n    except BurgeonFault as fault:\n        return fault.data["limit"]\nasync def run(given):\n    answers = await asyncio.gather(*(one() for _ in range(30)))\n    return [answers.count(1), answers.count("hostCallsPerSecond")]\n`;
    const limits = { hostCallsPerSecond: 20, pendingCalls: 100 };
    expect(await run(code, { limits, capabilities: [clock], context: { hostCall: async () => 1 } })).toEqual([20, 10]);
  });
});

describe.skipIf(!python)('memory', () => {
  it('of Python beyond its heap is an exception first, then the end', async () => {
    const limits = { memoryBytes: 64 * 1024 * 1024, hardMemoryBytes: 128 * 1024 * 1024 };
    const code = `def gently(given):\n    try:\n        return len(bytearray(1 << 30))\n    except MemoryError:\n        return "caught"\ndef run(given):\n    return len(bytearray(1 << 30))\ndef well(given):\n    return "well"\n`;
    const { instance, ends } = await start(code, { limits });
    expect(await outcome(instance, 'gently')).toBe('caught');
    expect(await outcome(instance)).toBe('LIMIT_EXCEEDED memoryBytes');
    expect(ends).toEqual(['LIMIT_EXCEEDED']);
    expect(await outcome(instance, 'well')).toBe('well');
  });

  it('past every bound of the language meets the bound of the kernel', async () => {
    const limits = { memoryBytes: 512 * 1024 * 1024, hardMemoryBytes: 64 * 1024 * 1024 };
    const code = `def run(given):\n    return len(b"x" * (1 << 28))\n`;
    expect(await run(code, { limits })).toBe('LIMIT_EXCEEDED hardMemoryBytes');
  });

  it('of Node is its heap, and then everything', async () => {
    const heap = node('const all = []; for (;;) all.push({ a: [all.length] });');
    const limits = { memoryBytes: 32 * 1024 * 1024, hardMemoryBytes: 256 * 1024 * 1024 };
    expect(await run(heap[0], { ...heap[1], limits })).toBe('LIMIT_EXCEEDED memoryBytes');
    const buffers = node('const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1));');
    expect(await run(buffers[0], { ...buffers[1], limits: { hardMemoryBytes: 64 * 1024 * 1024 } })).toBe(
      'LIMIT_EXCEEDED hardMemoryBytes',
    );
  });
});

describe.skipIf(!python)('walls', () => {
  const looking = (body: string, input: JsonObject = {}): Promise<JsonValue> =>
    run(
      `import os, sys, socket\ndef attempt(work):\n    try:\n        return repr(work())\n    except OSError as error:\n        return type(error).__name__\ndef run(given):\n    return ${body}\n`,
      {},
      input,
    );

  it('leave no environment but their own', async () => {
    process.env['BURGEON_CANARY'] = 'canary';
    const names = (await looking('dict(os.environ)')) as JsonObject;
    delete process.env['BURGEON_CANARY'];
    const strange = (all: string[]): string[] => all.filter((name) => !['OPENSSL_CONF', 'PWD', 'LC_CTYPE'].includes(name));
    expect(strange(Object.keys(names))).toEqual([]);
    const [code, more] = node('return Object.keys(process.env);');
    expect(strange((await run(code, more)) as string[])).toEqual([]);
  });

  it('hide files, and let none be written', async () => {
    const paths = ['/etc/passwd', '/etc/hostname', '/root', '/home', import.meta.filename, join(process.cwd(), 'package.json')];
    expect(await looking('[attempt(lambda: open(path).read()) for path in given["paths"]]', { paths })).toEqual(
      paths.map(() => expect.stringMatching(/^(?:FileNotFound|Permission|IsADirectory)Error$/)),
    );
    const targets = ['/tmp/x', '/x', 'main.py', '/dev/shm/x'];
    expect(await looking('[attempt(lambda: open(path, "w")) for path in given["targets"]]', { targets })).toEqual(
      targets.map(() => expect.stringMatching(/[Ee]rror$/)),
    );
    const own =
      '[attempt(lambda: open(__file__, "a")), attempt(lambda: os.chmod(__file__, 0o777)), attempt(lambda: os.unlink(__file__))]';
    expect(await looking(own)).toEqual([1, 2, 3].map(() => expect.stringMatching(/[Ee]rror$/)));
  });

  it('leave no way to the network', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connect = 'attempt(lambda: socket.create_connection(("127.0.0.1", given["port"]), 1))';
    expect(
      await looking(`[${connect}, attempt(lambda: socket.socket()), attempt(lambda: socket.gethostbyname("example.com"))]`, {
        port,
      }),
    ).toEqual([1, 2, 3].map(() => expect.stringMatching(/[Ee]rror$/)));
    server.close();
  });

  it('let no process be started, and hold a bomb of threads', async () => {
    expect(await looking('[attempt(os.fork), attempt(lambda: os.posix_spawn("/bin/sh", ["sh"], {}))]')).toEqual(
      [1, 2].map(() => expect.stringMatching(/[Ee]rror$/)),
    );
    const bomb = `import threading, time\ndef run(given):\n    count = 0\n    try:\n        while count < 10000:\n            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n            count += 1\n    except (RuntimeError, MemoryError):\n        pass\n    return count\n`;
    const count = await run(bomb);
    expect(count).toBeLessThan(100);
  });

  it('fall with the last process, and the folder with them', async () => {
    const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`burgeon-jail-${ownerName()}`));
    const { instance } = await start('def run(given):\n    return __file__\n');
    const file = (await outcome(instance)) as string;
    expect(existsSync(file)).toBe(true);
    await instance.dispose();
    expect(existsSync(file)).toBe(false);
    expect(folders()).toEqual([]);
  });
});
