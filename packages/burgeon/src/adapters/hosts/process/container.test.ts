import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  BurgeonError,
  type Capability,
  type HostContext,
  type Instance,
  type JsonObject,
  type JsonValue,
  type Limits,
} from '@burgeon/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { findIn } from '../../../base/python.ts';
import { granted, hostContext, limited } from '../../../walls/fixtures/script-module.ts';
import { pathOf } from '../../../walls/jail/program.ts';
import { containerConfig } from './container-config.ts';
import { programModule } from './fixtures/program-module.ts';
import { createProcess } from './index.ts';

const rootfs = mkdtempSync(join(tmpdir(), 'burgeon-rootfs-'));
afterAll(() => rmSync(rootfs, { recursive: true, force: true }));

const lister = pathOf('ldd');

/** The libraries that an executable of this machine is linked with. */
const librariesOf = (file: string): string[] =>
  [...execFileSync(lister ?? '', [file], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);

const place = (from: string, to: string): void => {
  mkdirSync(dirname(join(rootfs, to)), { recursive: true });
  copyFileSync(from, join(rootfs, to), constants.COPYFILE_FICLONE);
};

/** An image made of this machine's own Python and Node. */
const fillImage = async (): Promise<boolean> => {
  const python = await findIn(['/usr/bin']);
  if (!python || lister === undefined || pathOf('runc') === undefined || process.getuid?.() !== 0) return false;
  const unused = /(?:^|\/)(?:test|tests|site-packages|dist-packages|idlelib|lib2to3|config-[^/]*|__pycache__)$/;
  for (const path of python.read)
    cpSync(path, join(rootfs, path), { recursive: true, dereference: true, filter: (each) => !unused.test(each) });
  place(python.command, '/usr/bin/python3');
  place(process.execPath, '/usr/bin/node');
  for (const file of [python.command, process.execPath]) for (const library of librariesOf(file)) place(library, library);
  chmodSync(rootfs, 0o755);
  writeFileSync(join(rootfs, 'secret-of-nobody'), 'x', { mode: 0o600 });
  return true;
};

const ready = await fillImage();
if (!ready)
  process.stderr.write('SKIPPED: there is no runc, no /usr/bin/python3, or we are not root, so containers are not tested.\n');

const outcome = (instance: Instance, operation = 'run', input: JsonObject = {}): Promise<JsonValue> =>
  instance.call(operation, input).then(
    ({ output }) => output,
    (error: unknown) => {
      const { code, message, data } = BurgeonError.from(error);
      const limit = (data as JsonObject | undefined)?.['limit'];
      return typeof limit === 'string' ? `${code} ${limit}` : `${code}: ${message}`;
    },
  );

interface Using {
  entry?: string;
  limits?: Partial<Limits>;
  capabilities?: Capability[];
  context?: Partial<HostContext>;
}

const using = async (code: string, work: (instance: Instance) => Promise<void>, more: Using = {}): Promise<void> => {
  const { entry = 'main.py', limits, capabilities = [], context } = more;
  const host = createProcess({ container: { rootfs } });
  const instance = await host.start(programModule(entry, code), granted(...capabilities), limited(limits), hostContext(context));
  try {
    await work(instance);
  } finally {
    await instance.dispose();
  }
};

const states = (): string[] => (existsSync('/run/burgeon-containers') ? readdirSync('/run/burgeon-containers') : []);

describe.skipIf(!ready)('a program in a container', () => {
  it('answers, asks, keeps its state', () =>
    using(
      'from burgeon import clock\ncount = 0\nasync def run(given):\n    global count\n    count += 1\n    return [count, await clock.now()]\n',
      async (instance) => {
        expect(await outcome(instance)).toEqual([1, 5]);
        expect(await outcome(instance)).toEqual([2, 5]);
        const { memoryBytes = 0 } = instance.usage?.() ?? {};
        expect(memoryBytes).toBeGreaterThan(1_000_000);
      },
      { capabilities: [{ kind: 'clock', scope: {} }], context: { hostCall: async () => 5 } },
    ));

  it('may be written for Node', () =>
    using(
      `import os from 'node:os';\nexport const operations = { run: () => [os.hostname(), process.getuid(), process.env] };`,
      async (instance) => expect(await outcome(instance)).toEqual(['jail', 65_534, { HOME: '/' }]),
      { entry: 'main.ts' },
    ));

  it('is nobody, without capabilities, environment, network, and files but those of the image', () => {
    const code = `
import os, socket
def attempt(work):
    try:
        return repr(work())
    except OSError as error:
        return type(error).__name__
def run(given):
    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
    return {
        "user": [os.getuid(), os.getgid(), os.getgroups()],
        "capabilities": [status[name].strip() for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")],
        "privileges": [status["NoNewPrivs"].strip(), status["Seccomp"].strip()],
        "environment": sorted(os.environ),
        "processes": sorted(name for name in os.listdir("/proc") if name.isdigit()),
        "root": sorted(os.listdir("/")),
        "refused": [attempt(work) for work in (
            lambda: open("/x", "w"), lambda: open("/dev/x", "w"), lambda: open(__file__, "a"), lambda: open("/secret-of-nobody"),
            lambda: open("/proc/sys/kernel/hostname", "w"), lambda: socket.socket(), lambda: os.setuid(0), lambda: os.unshare(0x10000000) if hasattr(os, "unshare") else open("/none"),
            lambda: os.mknod("/dev/shm", 0o666), lambda: open("/dev/mem"), lambda: os.chroot("/"),
        )],
        "interfaces": attempt(lambda: open("/proc/net/dev").read().count(":") - 0),
    }
`;
    return using(code, async (instance) => {
      const found = (await outcome(instance)) as Record<string, JsonValue>;
      expect(found).toMatchObject({
        user: [65_534, 65_534, []],
        capabilities: Array.from({ length: 4 }, () => '0000000000000000'),
        privileges: ['1', '2'],
        environment: ['HOME'],
        processes: ['1'],
        interfaces: '1',
      });
      expect(found['root']).toEqual(expect.arrayContaining(['burgeon', 'dev', 'proc', 'usr']));
      expect(found['root']).not.toContain('etc');
      for (const each of found['refused'] as string[]) expect(each).toMatch(/Error$/);
    });
  });

  it('is ended by its limits, and begins anew', () =>
    using(
      'import os\ndef loop(given):\n    while True:\n        pass\ndef hog(given):\n    return len(b"x" * (1 << 29))\ndef die(given):\n    os.kill(os.getpid(), 9)\n    os._exit(9)\ndef run(given):\n    return "well"\n',
      async (instance) => {
        expect(await outcome(instance, 'loop')).toBe('LIMIT_EXCEEDED cpuMs');
        expect(await outcome(instance, 'hog')).toBe('LIMIT_EXCEEDED hardMemoryBytes');
        expect(await outcome(instance, 'die')).toMatch(/^MODULE_CRASHED/);
        expect(await outcome(instance)).toBe('well');
      },
      { limits: { cpuMs: 1_000, memoryBytes: 2 ** 30, hardMemoryBytes: 64 * 1024 * 1024 } },
    ));

  it('leaves nothing behind', async () => {
    const before = states();
    await using('def run(given):\n    return 1\n', async (instance) => {
      await instance.init();
      expect(states().length).toBe(before.length + 1);
    });
    expect(states()).toEqual(before);
  });

  it('needs what runs it to be in the image', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'burgeon-empty-'));
    const host = createProcess({ container: { rootfs: empty } });
    await expect(host.start(programModule('main.py', ''), [], limited(), hostContext())).rejects.toMatchObject({
      code: 'DEPENDENCY_MISSING',
    });
    rmSync(empty, { recursive: true });
  });
});

const compiler = pathOf('cc');

describe.skipIf(!ready || compiler === undefined)('an executable in an empty image', () => {
  it('brings all it needs along', async () => {
    const [, source = ''] =
      /```c\n([\s\S]*?)```/.exec(readFileSync(new URL('../../../../../../docs/abi.md', import.meta.url), 'utf8')) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'burgeon-static-'));
    writeFileSync(join(folder, 'counter.c'), source);
    execFileSync(compiler ?? '', ['-O2', '-static', '-o', 'counter.bin', 'counter.c'], { cwd: folder });
    const empty = join(folder, 'rootfs');
    mkdirSync(empty, { mode: 0o755 });
    const code = readFileSync(join(folder, 'counter.bin')).toString('base64');
    const host = createProcess({ container: { rootfs: empty } });
    const instance = await host.start(programModule('counter.bin', code), [], limited(), hostContext());
    expect([await outcome(instance, 'count'), await outcome(instance, 'count')]).toEqual([1, 2]);
    await instance.dispose();
    rmSync(folder, { recursive: true });
  });
});

describe('the configuration of a container', () => {
  const bounds = { memoryBytes: 1, processes: 2, openFiles: 3, fileBytes: 4 };
  const config = containerConfig({
    rootfs: '/image',
    program: { command: '/a', args: ['b'], env: { C: 'd' }, bounds },
    mounts: [{ source: '/files', destination: '/burgeon' }],
    group: 'g',
  }) as {
    process: object;
    linux: { namespaces: object[]; seccomp: { syscalls: { names: string[] }[] } };
    mounts: object[];
    root: object;
  };

  it('gives nothing that was not asked for', () => {
    expect(config.root).toEqual({ path: '/image', readonly: true });
    expect(config.process).toMatchObject({
      args: ['/a', 'b'],
      env: ['C=d'],
      noNewPrivileges: true,
      user: { uid: 65_534, gid: 65_534 },
    });
    expect(config.linux.namespaces).toContainEqual({ type: 'network' });
    expect(config.mounts.at(-1)).toMatchObject({ options: expect.arrayContaining(['ro', 'nosuid', 'nodev']) });
    const refused = config.linux.seccomp.syscalls.flatMap(({ names }) => names);
    expect(refused).toEqual(expect.arrayContaining(['socket', 'mount', 'bpf', 'ptrace', 'io_uring_setup', 'unshare']));
    expect(refused).not.toContain('setsid');
  });
});
