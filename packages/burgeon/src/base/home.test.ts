import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { manualClock, systemClock } from './clock.ts';
import { writeDurably } from './durable-file.ts';
import { openHome, processStart, readServerFile, removeServerFile, writeServerFile } from './home.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-home-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const fresh = (): string => join(folder, `home-${++count}`);
const options = { clock: systemClock, waitMs: 0 };
const refused = (work: Promise<unknown>): Promise<BurgeonError> =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => BurgeonError.from(error),
  );

/** Another process that owns the home until it is killed. */
const owner = async (dir: string): Promise<{ pid: number; kill(): Promise<void> }> => {
  const source = `
    import { openHome } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'home.ts')).href)};
    await openHome(${JSON.stringify(dir)}, { clock: { now: Date.now }, waitMs: 0 });
    process.stdout.write('mine');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    pid: child.pid ?? 0,
    kill: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGKILL');
      }),
  };
};

describe('a home that was not closed', () => {
  it('says so to the next owner, once, and holds nothing that is not whole', async () => {
    const dir = fresh();
    const first = await owner(dir);
    for (const name of ['policy.json.012345678901.tmp', 'keys/owner.pem.1.tmp', 'cache/verdicts/1.tmp', 'keys/owner.pem']) {
      mkdirSync(join(dir, name, '..'), { recursive: true });
      writeFileSync(join(dir, name), '');
    }
    await first.kill();
    const next = await openHome(dir, options);
    expect(next.interrupted).toBe(true);
    expect((readdirSync(dir, { recursive: true }) as string[]).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(existsSync(join(dir, 'keys/owner.pem'))).toBe(true);
    await next.close();
    const clean = await openHome(dir, options);
    expect(clean.interrupted).toBe(false);
    await clean.close(false);
    const again = await openHome(dir, options);
    expect(again.interrupted).toBe(true);
    await again.close();
  });
});

describe('a home', () => {
  it('is made with its parents, private, and free again when closed', async () => {
    const dir = join(fresh(), 'a', 'b');
    const home = await openHome(dir, options);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600);
    expect(home.path('x', 'y')).toBe(join(dir, 'x', 'y'));
    await home.close();
    await home.close();
    expect(existsSync(join(dir, 'lock'))).toBe(false);
    await (await openHome(dir, options)).close();
  });

  it('has one owner in one process', async () => {
    const dir = fresh();
    const home = await openHome(dir, options);
    const error = await refused(openHome(dir, options));
    expect(error).toMatchObject({ code: 'HOME_BUSY', retryable: true, data: { home: dir, pid: process.pid } });
    await home.close();
  });

  it('has one owner among processes, which is named, and passes on when that is killed', async () => {
    const dir = fresh();
    const other = await owner(dir);
    const error = await refused(openHome(dir, options));
    expect(error.code).toBe('HOME_BUSY');
    expect(error.message).toContain(`Process ${other.pid}`);
    expect(error.hint).toContain('--home');
    await other.kill();
    expect(existsSync(join(dir, 'lock'))).toBe(true);
    await (await openHome(dir, options)).close();
  });

  it('is waited for', async () => {
    const dir = fresh();
    const first = await openHome(dir, options);
    const second = openHome(dir, { clock: systemClock, waitMs: 5_000 });
    await first.close();
    await (await second).close();
  });

  it('is waited for as long as was said', async () => {
    const dir = fresh();
    const first = await openHome(dir, options);
    const clock = manualClock(0);
    expect((await refused(openHome(dir, { clock, waitMs: 1_020 }))).code).toBe('HOME_BUSY');
    expect(clock.now()).toBe(1_020);
    await first.close();
  });

  it('goes to exactly one of many who want it at once', async () => {
    const dir = fresh();
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => openHome(dir, options)));
    const won = taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(won).toHaveLength(1);
    await won[0]?.close();
  });

  it('names nobody when the note of the owner is old or garbled', async () => {
    const dir = fresh();
    const home = await openHome(dir, options);
    for (const text of [JSON.stringify({ pid: process.pid, startedAt: 'long ago' }), '{"pid":-1}', 'no json']) {
      writeFileSync(home.path('lock'), text);
      expect((await refused(openHome(dir, options))).message).toMatch(/^Another process/);
    }
    await home.close();
  });

  it('is refused with the reason where it cannot be', async () => {
    const file = fresh();
    writeFileSync(file, '');
    expect(await refused(openHome(file, options))).toMatchObject({
      code: 'HOME_UNWRITABLE',
      message: expect.stringMatching(/file of that name/) as string,
    });
    expect(await refused(openHome(join(file, 'x'), options))).toMatchObject({
      code: 'HOME_UNWRITABLE',
      message: expect.stringMatching(/part of the path is a file/) as string,
    });
    expect(await refused(openHome('/proc/nothing/here', options))).toMatchObject({
      code: 'HOME_UNWRITABLE',
      data: { code: 'ENOENT' },
    });
    expect(await refused(openHome('a\0b', options))).toMatchObject({
      code: 'HOME_UNWRITABLE',
      message: expect.stringMatching(/null bytes/) as string,
    });
  });

  it.skipIf(process.getuid?.() === 0)('is refused without permission', async () => {
    const dir = fresh();
    mkdirSync(dir);
    chmodSync(dir, 0o500);
    expect(await refused(openHome(dir, options))).toMatchObject({ code: 'HOME_UNWRITABLE' });
  });

  it('is not left locked when its note cannot be written', async () => {
    const dir = fresh();
    mkdirSync(join(dir, 'lock'), { recursive: true });
    expect((await refused(openHome(dir, options))).code).toBe('HOME_UNWRITABLE');
    rmSync(join(dir, 'lock'), { recursive: true });
    await (await openHome(dir, options)).close();
  });
});

describe('the server of a home', () => {
  it('is found while it runs, privately, and named to those who come in its way', async () => {
    const home = await openHome(fresh(), options);
    await writeServerFile(home, { url: 'http://127.0.0.1:4600', token: 't' });
    expect(statSync(home.path('server.json')).mode & 0o777).toBe(0o600);
    expect(await readServerFile(home.dir)).toMatchObject({ url: 'http://127.0.0.1:4600', token: 't', pid: process.pid });
    expect((await refused(openHome(home.dir, options))).hint).toContain('http://127.0.0.1:4600');
    await removeServerFile(home);
    expect(await readServerFile(home.dir)).toBeUndefined();
    await home.close();
  });

  it.each([
    ['of a process that is gone', { url: 'u', token: 't', pid: 2 ** 22 + 1, startedAt: '1' }],
    ['of an earlier process with the same number', { url: 'u', token: 't', pid: process.pid, startedAt: '1' }],
    ['without an address', { token: 't', pid: process.pid, startedAt: processStart(process.pid) }],
    ['that is no object', []],
  ])('is not one %s', async (_, value) => {
    const dir = fresh();
    mkdirSync(dir);
    writeFileSync(join(dir, 'server.json'), JSON.stringify(value));
    expect(await readServerFile(dir)).toBeUndefined();
  });
});

describe('writing durably', () => {
  it('replaces the whole file', async () => {
    const path = fresh();
    await writeDurably(path, 'a long first text');
    await writeDurably(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('second');
  });

  it('leaves nothing behind when it fails', async () => {
    const dir = fresh();
    mkdirSync(join(dir, 'target', 'full'), { recursive: true });
    await expect(writeDurably(join(dir, 'target'), 'x')).rejects.toThrow();
    expect(readdirSync(dir)).toEqual(['target']);
  });
});

describe('the start of a process', () => {
  const platforms = ['linux', 'win32', ...(['/bin/ps', '/usr/bin/ps'].some((path) => existsSync(path)) ? ['darwin'] : [])];
  it.each(platforms)('is the same each time, and nothing for one that is not there: %s', (platform) => {
    expect(processStart(process.pid, platform)).toMatch(/\S/);
    expect(processStart(process.pid, platform)).toBe(processStart(process.pid, platform));
    expect(processStart(2 ** 22 + 1, platform)).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('is nothing for one that ended and was not looked after', async () => {
    const careless = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number(String((await once(careless.stdout, 'data'))[0]));
    await expect.poll(() => processStart(pid, 'linux')).toBeUndefined();
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    careless.kill();
  });
});
