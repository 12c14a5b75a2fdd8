import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bubblewrap } from './bubblewrap.ts';
import { type Attempt, hasForeignFunctions, isRoot, lacks, program, run } from './fixtures/run.ts';
import type { JailDriver, JailedChild, JailedProgram, Wall } from './jail.ts';
import { native } from './native.ts';
import { ownerName } from './owner.ts';
import { permission } from './permission.ts';
import { intrudingCalls, judgedCalls, kernelCalls, metadataCalls, mountingCalls, networkCalls } from './system-calls.ts';

/** What there is outside to be reached, and who holds it: the walls that must be left out for the attempt to succeed. */
interface Row {
  title: string;
  attempt(place: Place, driver: JailDriver['name']): Attempt;
  held: Partial<Record<JailDriver['name'], Wall[]>>;
}

interface Place {
  folder: string;
  port: number;
  udpPort: number;
  abstractName: string;
  victim: number;
}

const byFiles = { bubblewrap: ['files'], native: ['files'], permission: ['permission'] } satisfies Row['held'];
const byNetwork = { bubblewrap: ['network'], native: ['network'] } satisfies Row['held'];
const byCalls = { bubblewrap: ['system-calls'], native: ['system-calls'] } satisfies Row['held'];
const never = { bubblewrap: [], native: [] } satisfies Row['held'];

const column = process.arch === 'arm64' ? 1 : 0;
const newUserNamespace = 0x10000000;
const terminalInjection = 0x5412;
const nobodysNumber = 4_194_303;
const [attach, setParentDeathSignal] = [16, 1];

const calls = (title: string, number: number, ...values: number[]): Row => ({
  title,
  attempt: () => ['callKernel', number, ...values],
  held: byCalls,
});

const rows: Row[] = [
  { title: 'reads a file', attempt: ({ folder }) => ['readFile', join(folder, 'secret')], held: byFiles },
  { title: 'reads the home folder', attempt: () => ['listFolder', isRoot ? '/root' : '/home'], held: never },
  { title: 'reads the passwords', attempt: () => ['readFile', '/etc/shadow'], held: never },
  { title: 'lists a folder', attempt: ({ folder }) => ['listFolder', join(folder, 'hidden')], held: byFiles },
  // Node's permission model judges the name, not where a link leads.
  {
    title: 'follows a link out of its folder',
    attempt: ({ folder }) => ['followLink', join(folder, 'own', 'link')],
    held: { bubblewrap: ['files'], native: ['files'] },
  },
  { title: 'writes a file', attempt: ({ folder }) => ['writeFile', join(folder, 'written')], held: byFiles },
  {
    title: 'writes into what it may read',
    attempt: ({ folder }) => ['writeFile', join(folder, 'own', 'written')],
    held: byFiles,
  },
  { title: 'writes into the root', attempt: () => ['writeFile', '/written'], held: never },
  { title: 'writes into shared memory', attempt: () => ['writeFile', '/dev/shm/burgeon-written'], held: never },
  { title: 'makes a folder', attempt: ({ folder }) => ['makeFolder', join(folder, 'made')], held: byFiles },
  { title: 'removes a file', attempt: ({ folder }) => ['remove', join(folder, 'removable')], held: byFiles },
  { title: 'changes a mode', attempt: ({ folder }, driver) => ['changeMode', join(folder, `of-${driver}`)], held: byFiles },
  { title: 'watches a folder', attempt: ({ folder }) => ['watchFolder', join(folder, 'hidden')], held: byFiles },
  { title: 'turns a switch of the kernel', attempt: () => ['openForWriting', '/proc/sys/kernel/core_pattern'], held: never },
  { title: 'reads its first process', attempt: () => ['readFile', '/proc/1/environ'], held: never },
  {
    title: 'reads the environment of its parent',
    attempt: () => ['readFile', `/proc/${process.pid}/environ`],
    held: never,
  },
  {
    title: 'reads the command line of its parent',
    attempt: () => ['readFile', `/proc/${process.pid}/cmdline`],
    held: { bubblewrap: ['namespaces'], native: ['files'] },
  },
  {
    title: 'signals a process',
    attempt: ({ victim }) => ['signal', victim],
    held: { bubblewrap: ['namespaces'], native: ['system-calls'] },
  },
  {
    title: 'connects over TCP',
    attempt: ({ port }) => ['connectTcp', port],
    held: { ...byNetwork, ...(hasForeignFunctions && { permission: ['permission'] }) },
  },
  { title: 'listens', attempt: () => ['listen'], held: byNetwork },
  { title: 'sends over UDP', attempt: ({ udpPort }) => ['sendUdp', udpPort], held: byNetwork },
  { title: 'connects to an abstract socket', attempt: ({ abstractName }) => ['connectUnix', abstractName], held: byNetwork },
  {
    title: 'connects to a socket in a folder',
    attempt: ({ folder }) => ['connectUnix', join(folder, 'socket')],
    held: { bubblewrap: ['network', 'files'], native: ['network'] },
  },
  { title: 'starts a process', attempt: () => ['startProcess'], held: { ...byCalls, permission: ['permission'] } },
  calls('attaches to a process', intrudingCalls['ptrace']?.[column] ?? 0, attach, nobodysNumber),
  calls('reads the memory of a process', intrudingCalls['process_vm_readv']?.[column] ?? 0, nobodysNumber),
  calls('opens a process', intrudingCalls['pidfd_open']?.[column] ?? 0, nobodysNumber, 0),
  calls('makes a namespace', mountingCalls['unshare']?.[column] ?? 0, newUserNamespace),
  calls('enters a namespace', mountingCalls['setns']?.[column] ?? 0, 0, 0),
  calls('uses io_uring', kernelCalls['io_uring_setup']?.[column] ?? 0, 1, 0),
  calls('makes a nameless file', kernelCalls['memfd_create']?.[column] ?? 0, 0, 0),
  calls('looks for shared memory', kernelCalls['shmget']?.[column] ?? 0, 12_345, 0, 0),
  calls('starts a process by a call that filters cannot read', judgedCalls.clone3[column], 0, 0),
  calls('types into a terminal', judgedCalls.ioctl[column], 0, terminalInjection, 0),
  calls('outlives its parent', judgedCalls.prctl[column], setParentDeathSignal, 0),
];

const place: Place = { folder: '', port: 0, udpPort: 0, abstractName: `\0burgeon-${ownerName()}`, victim: process.pid };
const tcp = createServer((socket) => socket.destroy());
const abstract = createServer((socket) => socket.destroy());
const local = createServer((socket) => socket.destroy());
const udp = createSocket('udp4');

beforeAll(async () => {
  place.folder = mkdtempSync(join(tmpdir(), 'burgeon-walls-'));
  chmodSync(place.folder, 0o777);
  mkdirSync(join(place.folder, 'own'));
  chmodSync(join(place.folder, 'own'), 0o777);
  mkdirSync(join(place.folder, 'hidden'));
  writeFileSync(join(place.folder, 'hidden', 'file'), '');
  for (const name of ['secret', 'of-native', 'of-bubblewrap', 'of-permission']) writeFileSync(join(place.folder, name), 'secret');
  if (isRoot) chownSync(join(place.folder, 'of-native'), 65534, 65534);
  symlinkSync(join(place.folder, 'secret'), join(place.folder, 'own', 'link'));
  const listening = [once(tcp, 'listening'), once(abstract, 'listening'), once(local, 'listening'), once(udp, 'listening')];
  tcp.listen(0, '127.0.0.1');
  if (process.platform === 'linux') abstract.listen(place.abstractName);
  local.listen(join(place.folder, 'socket'));
  udp.bind(0, '127.0.0.1');
  await Promise.all(listening);
  chmodSync(join(place.folder, 'socket'), 0o777);
  const address = tcp.address();
  place.port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  place.udpPort = udp.address().port;
});

afterAll(() => {
  for (const server of [tcp, abstract, local]) server.close();
  udp.close();
  rmSync(place.folder, { recursive: true, force: true });
});

beforeEach(() => {
  for (const name of ['written', 'made', 'own/written']) rmSync(join(place.folder, name), { recursive: true, force: true });
  writeFileSync(join(place.folder, 'removable'), '');
});

const here = process.platform === 'linux';

// The native jail needs the foreign functions of Node 26, whatever the machine.
const drivers = [bubblewrap, ...(hasForeignFunctions ? [native] : []), permission];

describe.each(drivers)('the walls of $name', (driver) => {
  const { name } = driver;
  const ofPermission = name === 'permission' ? { node: {} } : {};
  const inPlace = (attempts: Attempt[]): JailedProgram => {
    const plain = program(attempts);
    return { ...plain, read: [...plain.read, join(place.folder, 'own')], ...ofPermission };
  };
  const mine = rows.filter((row) => row.held[name] && (hasForeignFunctions || row.attempt(place, name)[0] !== 'callKernel'));
  let victim: JailedChild | undefined;

  const works = async (): Promise<boolean> => {
    if (here && (await driver.probe()).length > 0) return true;
    lacks(`what jails by ${name} need`);
    return false;
  };

  beforeAll(async () => {
    if (name !== 'native' || !isRoot || !(await works())) return;
    // The parent of a native jail that root has started is root: that alone would refuse a signal.
    victim = await driver.launch(program([['print', 'up'], ['wait']]), []);
    if (victim.process.stdout) await once(victim.process.stdout, 'data');
    place.victim = victim.process.pid ?? 0;
  });

  afterAll(async () => {
    place.victim = process.pid;
    victim?.kill();
    await victim?.ended;
  });

  it('refuse every attempt', async () => {
    if (!(await works())) return;
    const outcomes = await run(driver, inPlace(mine.map((row) => row.attempt(place, name))));
    const reached = mine.filter((_, index) => outcomes[index]?.refused === undefined);
    expect(reached.map((row) => row.title)).toEqual([]);
  });

  const sets = new Map(mine.filter((row) => row.held[name]?.length).map((row) => [String(row.held[name]), row.held[name] ?? []]));
  it.each([...sets])('are missed without %s', async (text, without) => {
    if (!(await works())) return;
    const theirs = mine.filter((row) => String(row.held[name]) === text);
    const outcomes = await run(driver, inPlace(theirs.map((row) => row.attempt(place, name))), without);
    const refused = theirs.flatMap((row, index) =>
      outcomes[index]?.reached === undefined ? [[row.title, outcomes[index]?.refused]] : [],
    );
    expect(refused).toEqual([]);
  });

  it.skipIf(name === 'permission')('let no system call of the tables through', async () => {
    if (!(await works()) || !hasForeignFunctions) return;
    const tables = [intrudingCalls, mountingCalls, kernelCalls, networkCalls, ...(name === 'native' ? [metadataCalls] : [])];
    const numbers = tables.flatMap((table) => Object.values(table).map((pair) => pair[column])).filter((number) => number >= 0);
    expect(await run(driver, inPlace([['callsAnswered', numbers]]))).toEqual([{ reached: [] }]);
  });

  it('are named by the child that they stand around', async () => {
    if (!(await works())) return;
    const built = await driver.probe();
    const whole = await driver.launch({ ...inPlace([]), node: {} }, []);
    const part = await driver.launch(inPlace([]), ['permission', 'network', 'memory']);
    expect(whole.walls).toEqual(built);
    expect(part.walls).toEqual(built.filter((wall) => !['permission', 'network', 'memory'].includes(wall)));
    whole.process.stdout?.resume();
    part.process.stdout?.resume();
    expect([(await whole.ended).code, (await part.ended).code]).toEqual([0, 0]);
  });
});
