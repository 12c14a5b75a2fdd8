import { type ChildProcess, spawn } from 'node:child_process';
import { release } from 'node:os';
import type { Writable } from 'node:stream';
import { BurgeonError } from '@burgeon/kit';
import { jailedChild } from './child.ts';
import { controlGroups } from './control-group.ts';
import type { JailBounds, JailDriver, JailedChild, JailedProgram, Wall } from './jail.ts';
import {
  argumentsOf,
  environmentOf,
  groupFor,
  harmlessDevices,
  hasPermissions,
  libraryFolders,
  pathOf,
  readable,
  shellThrough,
} from './program.ts';
import { filterProgram } from './seccomp.ts';

/** What was found out about bubblewrap on this machine. */
interface Found {
  path: string;
  /** True: no user namespace can be made inside. Bubblewrap 0.8 and later. */
  disablesUserNamespaces: boolean;
  /** The program prlimit, where it has to hold the number of processes because no control group does. */
  limiter: string | undefined;
  walls: readonly Wall[];
}

/** Its two processes in front of the program: the one that watches and the first of the number space. */
const launchers = 2;

const scratch = '/scratch';

const probeBounds: JailBounds = { memoryBytes: 256 * 1024 * 1024, processes: 16, openFiles: 64, fileBytes: 0 };

/** Jails by bubblewrap: namespaces, read-only binds, no capabilities; with our own filter of system calls and control groups. */
export const bubblewrap: JailDriver = {
  name: 'bubblewrap',
  probe: async () => (await find())?.walls ?? [],
  launch: async (program, without) => {
    const found = await find();
    if (!found)
      throw new BurgeonError('DEPENDENCY_MISSING', {
        message: 'bubblewrap is not installed, or the kernel or a container around us forbids what it does.',
        hint: 'Install the package bubblewrap and allow user namespaces.',
      });
    return start(found, program, without);
  },
};

let finding: Promise<Found | undefined> | undefined;

const find = (): Promise<Found | undefined> => {
  finding ??= findHere();
  return finding;
};

const findHere = async (): Promise<Found | undefined> => {
  const path = process.platform === 'linux' ? pathOf('bwrap') : undefined;
  const command = pathOf('true') ?? process.execPath;
  if (path === undefined) return undefined;
  const { holds } = await controlGroups();
  const limiter = holds.includes('processes') ? undefined : processLimiter();
  const walls: Wall[] = [
    'namespaces',
    'files',
    'network',
    ...(filterFor([]) ? (['system-calls'] as const) : []),
    ...holds,
    ...(limiter === undefined ? [] : (['processes'] as const)),
    'permission',
  ];
  for (const disablesUserNamespaces of [true, false]) {
    const found: Found = { path, disablesUserNamespaces, limiter, walls };
    const child = await start(found, { command, args: ['--version'], read: [], bounds: probeBounds }, []);
    child.process.stdin?.end();
    child.process.stdout?.resume();
    if ((await child.ended).code === 0) return found;
  }
  return undefined;
};

/** The kernel counts the processes of each user namespace apart since Linux 5.14, but never those of root. */
const processLimiter = (): string | undefined => {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const counts = major > 5 || (major === 5 && minor >= 14);
  return counts && process.getuid?.() !== 0 ? pathOf('prlimit') : undefined;
};

const filterFor = (without: readonly Wall[]): Uint8Array | undefined =>
  filterProgram({ system: !without.includes('system-calls'), network: !without.includes('network'), metadata: false });

const start = async (found: Found, program: JailedProgram, without: readonly Wall[]): Promise<JailedChild> => {
  const groups = await controlGroups();
  const group = groupFor(groups, program.bounds, without, launchers);
  const filter = filterFor(without);
  const limiter = without.includes('processes') || without.includes('namespaces') ? undefined : found.limiter;
  const command = [
    ...(limiter === undefined ? [] : [limiter, `--nproc=${program.bounds.processes + 1}`, '--']),
    program.command,
    ...argumentsOf(program, without, program.scratch ? scratch : undefined),
  ];
  const launcher = [found.path, '--args', '3', ...(filter ? ['--seccomp', '4'] : []), '--'];
  const child = spawn('/bin/sh', [...shellThrough(program.bounds, group, {}), ...launcher, ...command], {
    // Whoever is inside can read the environment of the first process of the number space: it is empty.
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', ...(filter ? (['pipe'] as const) : [])],
    detached: true,
  });
  const walls = found.walls
    .filter((wall) => !without.includes(wall))
    .filter((wall) => wall !== 'permission' || hasPermissions(program, without))
    .filter((wall) => wall !== 'memory' || group)
    .filter((wall) => wall !== 'processes' || group || limiter);
  const jailed = jailedChild({ process: child, walls, bounds: program.bounds, group, shellCodes: true });
  // The layout goes through a pipe: a command line can be read by everybody on the machine, and this one holds an environment.
  write(child, 3, Buffer.from(layout(found, program, without, limiter).join('\0') + '\0'));
  if (filter) write(child, 4, filter);
  return jailed;
};

const write = (child: ChildProcess, descriptor: number, bytes: Uint8Array): void => {
  (child.stdio[descriptor] as Writable | undefined | null)?.end(bytes);
};

const ownNames =
  '--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --hostname jail --uid 65534 --gid 65534';

/** What the program sees: bubblewrap carries it out from first to last. */
const layout = (found: Found, program: JailedProgram, without: readonly Wall[], limiter: string | undefined): string[] => {
  const has = (wall: Wall): boolean => !without.includes(wall);
  const environment = environmentOf(program, program.scratch ? scratch : undefined);
  return [
    ...(has('namespaces') ? ownNames.split(' ') : []),
    ...(has('namespaces') && found.disablesUserNamespaces ? ['--disable-userns'] : []),
    ...(has('network') ? ['--unshare-net'] : []),
    ...'--die-with-parent --new-session --clearenv --cap-drop ALL'.split(' '),
    ...(has('files') ? ownFiles(program, limiter === undefined ? [] : [limiter]) : ['--dev-bind', '/', '/']),
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    '--chdir',
    '/',
  ];
};

/** Everything is read-only, `/proc` too: run by root, the program is still root to the switches of the kernel in `/proc/sys`. */
const ownFiles = (program: JailedProgram, tools: string[]): string[] => [
  ...libraryFolders.flatMap((folder) => ['--ro-bind-try', folder, folder]),
  ...harmlessDevices.flatMap((device) => ['--dev-bind-try', device, device]),
  ...'--symlink /proc/self/fd /dev/fd --proc /proc --remount-ro /proc'.split(' '),
  ...(program.scratch ? ['--size', String(program.bounds.memoryBytes), '--tmpfs', scratch] : []),
  ...readable([program.command, ...tools, ...program.read]).flatMap((path) => ['--ro-bind-try', path, path]),
  '--remount-ro',
  '/',
];
