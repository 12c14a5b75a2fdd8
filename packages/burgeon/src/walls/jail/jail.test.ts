import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { bubblewrap } from './bubblewrap.ts';
import { controlGroups, findGroups } from './control-group.ts';
import {
  type Attempt,
  fixtures,
  groupsOf,
  hasForeignFunctions,
  isAlive,
  isRoot,
  lacks,
  outputOf,
  program,
  roomy,
  run,
  runOne,
} from './fixtures/run.ts';
import type { JailDriver, JailedChild, Wall } from './jail.ts';
import { native } from './native.ts';
import { ownerName } from './owner.ts';
import { permission } from './permission.ts';

const mebibyte = 1024 * 1024;
const isLinux = process.platform === 'linux';

/** Starts attempts that never end, and waits until they have begun. */
const waiting = async (driver: JailDriver, without: Wall[] = [], before: Attempt[] = []): Promise<JailedChild> => {
  const child = await driver.launch(program([...before, ['print', 'up'], ['wait']]), without);
  if (child.process.stdout) await once(child.process.stdout, 'data');
  return child;
};

// The native jail needs the foreign functions of Node 26, whatever the machine.
const drivers = [bubblewrap, ...(hasForeignFunctions ? [native] : []), permission];

describe.each(drivers)('a child of $name', (driver) => {
  const { name } = driver;
  const works = async (...walls: Wall[]): Promise<boolean> => {
    const built = await driver.probe();
    if (isLinux && built.length > 0 && walls.every((wall) => built.includes(wall))) return true;
    lacks(`what jails by ${name} need${walls.length > 0 ? ` for ${walls.join(', ')}` : ''}`);
    return false;
  };

  it('gets the environment that it was given and three descriptors', async () => {
    if (!(await works())) return;
    const outcomes = await run(
      driver,
      program([['environment'], ['strangeDescriptors'], ['figures']], { env: { GIVEN: 'yes' } }),
    );
    const names = outcomes[0]?.reached as string[];
    expect(names.filter((variable) => variable !== 'PWD')).toEqual(['GIVEN', 'OPENSSL_CONF']);
    expect(outcomes.slice(1)).toEqual([{ reached: [] }, { reached: true }]);
  });

  it.skipIf(name === 'permission')('is nobody and may nothing', async () => {
    if (!(await works())) return;
    const who = await runOne(driver, ['identity']);
    if (name === 'bubblewrap' || isRoot) expect(who.reached).toEqual([65534, 65534, []]);
    const none = '0000000000000000';
    const status = await runOne(driver, ['capabilities']);
    expect(status.reached).toBe(`CapPrm:\t${none},CapEff:\t${none},CapAmb:\t${none}`);
  });

  it.runIf(name === 'native' && isRoot)('reads what only its owner may, when that was named', async () => {
    if (!(await works())) return;
    const folder = mkdtempSync(join(tmpdir(), 'burgeon-private-'));
    const file = join(folder, 'file');
    writeFileSync(file, 'text', { mode: 0o600 });
    const outcomes = await run(driver, {
      ...program([
        ['readText', file],
        ['readFile', '/etc/shadow'],
      ]),
      read: [fixtures, file],
    });
    rmSync(folder, { recursive: true });
    expect(outcomes).toEqual([{ reached: 'text' }, { refused: 'EACCES' }]);
  });

  it('has an empty folder to write to, gone after its end', async () => {
    if (!(await works())) return;
    const attempts: Attempt[] = [
      ['scratch', 1000],
      ['scratch', 2 * mebibyte],
    ];
    const outcomes = await run(driver, program(attempts, { scratch: true }));
    expect(outcomes[0]).toEqual({ reached: [[], 1000] });
    expect(outcomes[1]).toEqual({ refused: 'EFBIG' });
    expect(await runOne(driver, ['scratch', 1], { scratch: true })).toEqual({ reached: [[], 1] });
    expect((await readdir(tmpdir())).filter((entry) => entry.startsWith(`burgeon-jail-${ownerName()}`))).toEqual([]);
  });

  it('is held to its number of open files', async () => {
    if (!(await works())) return;
    const outcome = await runOne(driver, ['openFiles', 500], { bounds: { ...roomy, openFiles: 64 } });
    expect(outcome).toMatchObject({ refused: 'EMFILE' });
    expect(outcome.count).toBeLessThan(64);
  });

  it('is ended for its memory, by the kernel or by us', async () => {
    if (!(await works())) return;
    const bounds = { ...roomy, memoryBytes: 128 * mebibyte };
    for (const without of [[], ['memory']] as Wall[][]) {
      const { end } = await outputOf(await driver.launch(program([['takeMemory', 1024 * mebibyte]], { bounds }), without));
      expect(end).toMatchObject({ outOfMemory: true });
    }
  });

  it('is held to another bound of its memory when that changes', async () => {
    if (!(await works())) return;
    const child = await driver.launch(program([['print', 'up'], ['takeMemory', 256 * mebibyte], ['wait']]), []);
    child.holdMemory(96 * mebibyte);
    expect((await outputOf(child)).end.outOfMemory).toBe(true);
  });

  it('is held to its number of threads and processes', async () => {
    if (!(await works('processes'))) return;
    const bounds = { ...roomy, processes: 20, memoryBytes: 1024 * mebibyte };
    const threads = await driver.launch(program([['startThreads', 40]], { bounds }), []);
    const { text } = await outputOf(threads);
    expect(text).not.toContain('"reached":40');
    const free = await run(driver, program([['startThreads', 40]], { bounds }), ['processes']);
    expect(free).toEqual([{ reached: 40 }]);
    const bomb: Attempt[] = [['startProcesses', 40]];
    const [stopped] = await run(driver, program(bomb, { bounds }), ['system-calls']);
    expect(stopped?.count).toBeLessThan(20);
  });

  it('tells what it takes', async () => {
    if (!(await works())) return;
    const child = await waiting(driver, [], [['takeMemory', 64 * mebibyte]]);
    const { memoryBytes, cpuMs } = child.usage();
    expect(memoryBytes).toBeGreaterThan(64 * mebibyte);
    expect(cpuMs).toBeGreaterThan(0);
    child.kill();
    expect(await child.ended).toMatchObject({ code: null, signal: 'SIGKILL', outOfMemory: false });
    expect(child.usage().cpuMs).toBeGreaterThan(0);
  });

  it('tells its last words', async () => {
    if (!(await works())) return;
    const child = await driver.launch(
      { ...program([]), args: ['-e', 'console.error("x".repeat(5000) + "end"); process.exit(7)'] },
      [],
    );
    const end = await child.ended;
    expect(end).toMatchObject({ code: 7, signal: null, outOfMemory: false });
    expect(end.complaint).toHaveLength(4096);
    expect(end.complaint).toMatch(/xend\n$/);
    const absent = await driver.launch({ ...program([]), command: '/nowhere/at-all' }, []);
    const failure = await absent.ended;
    expect(failure.code).not.toBe(0);
    expect(failure.complaint).toContain('/nowhere/at-all');
  });

  it('leaves nothing when it is killed, not even what it started', async () => {
    if (!(await works())) return;
    const child = await waiting(driver, ['system-calls'], [['startProcesses', 3]]);
    child.kill();
    child.kill();
    await child.ended;
    child.kill();
    expect(isAlive(child.process.pid)).toBe(false);
    expect(groupsOf(process.pid)).toEqual([]);
  });

  it('dies with a parent that is killed, and its group is taken away by the next', async () => {
    if (!(await works())) return;
    const script = join(fixtures, 'parent.ts');
    const parent = spawn(process.execPath, ['--no-warnings', script, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const tree = line.toString().trim().split(' ').map(Number);
    expect(tree.map(isAlive)).not.toContain(false);
    const held = (await controlGroups()).holds.length > 0;
    expect(groupsOf(parent.pid ?? 0).length > 0).toBe(held);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await vi.waitFor(() => expect(tree.map(isAlive)).not.toContain(true), { timeout: 10_000 });
    await findGroups(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
    expect(groupsOf(parent.pid ?? 0)).toEqual([]);
  });
});
