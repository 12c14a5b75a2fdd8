import { spawn } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import { jailedChild } from './child.ts';
import { type ControlGroup, controlGroups } from './control-group.ts';
import type { JailBounds, JailDriver, JailedChild, JailedProgram, Wall } from './jail.ts';
import type { LaunchPlan } from './native-launcher.ts';
import {
  argumentsOf,
  environmentOf,
  groupFor,
  harmlessDevices,
  hasPermissions,
  libraryFolders,
  pathOf,
  readable,
} from './program.ts';
import { makeScratch } from './scratch.ts';
import { filterProgram } from './seccomp.ts';
import { launcherCalls } from './system-calls.ts';

const nobody = 65534;

// linux/capability.h: CAP_DAC_READ_SEARCH.
const searchRight = 2n;

/** What Node looks at to tell its own memory. `/proc` as a whole stays out of reach: it tells of others. */
const ownFigures = ['stat', 'statm', 'status'].map((name) => `/proc/self/${name}`);

const probeBounds: JailBounds = { memoryBytes: 256 * 1024 * 1024, processes: 64, openFiles: 64, fileBytes: 0 };

/**
 * Jails without any other program: a launcher in Node restricts itself by Landlock, a filter of system calls and limits, and becomes the
 * program. Needs the foreign functions of Node 26, and Linux 5.13 for files.
 */
export const native: JailDriver = {
  name: 'native',
  probe: () => find(),
  launch: async (program, without) => {
    const walls = await find();
    if (walls.length > 0) return start(walls, program, without);
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: `The native jail does not work here: Linux on x64 or arm64 and Node 26 are needed, this is ${process.platform} ${process.arch} and Node ${process.versions.node}.`,
      hint: 'Run Burgeon on Node 26 or newer, or install bubblewrap.',
    });
  },
};

let finding: Promise<readonly Wall[]> | undefined;

const find = (): Promise<readonly Wall[]> => {
  finding ??= findHere();
  return finding;
};

const findHere = async (): Promise<readonly Wall[]> => {
  const filtered = filterProgram({ system: true, network: true, metadata: true }) !== undefined;
  if (process.platform !== 'linux' || Number.parseInt(process.versions.node, 10) < 26 || !filtered) return [];
  const { holds } = await controlGroups();
  const others: Wall[] = ['network', 'system-calls', ...holds, 'permission'];
  const command = pathOf('true') ?? process.execPath;
  for (const walls of [['files', ...others], others] as Wall[][]) {
    const child = await start(walls, { command, args: ['--version'], read: [], bounds: probeBounds }, []);
    child.process.stdin?.end();
    child.process.stdout?.resume();
    if ((await child.ended).code === 0) return walls;
  }
  return [];
};

const start = async (possible: readonly Wall[], program: JailedProgram, without: readonly Wall[]): Promise<JailedChild> => {
  const group = groupFor(await controlGroups(), program.bounds, without);
  const scratch = program.scratch ? makeScratch() : undefined;
  const identity = identityFor([program.command, ...readable(program.read)]);
  if (scratch && identity) chownSync(scratch.path, identity.id, identity.id);
  const walls = possible.filter((wall) => !without.includes(wall) && (wall !== 'permission' || hasPermissions(program, without)));
  const launcher = fileURLToPath(new URL('./native-launcher.ts', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', launcher], {
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const jailed = jailedChild({
    process: child,
    walls,
    bounds: program.bounds,
    group,
    ...(scratch && { tidy: () => scratch.remove() }),
  });
  const plan = planOf(program, { walls, without, group, identity, own: child.pid ?? 0, scratch: scratch?.path });
  (child.stdio[3] as Writable).end(JSON.stringify(plan));
  return jailed;
};

interface Surroundings {
  walls: readonly Wall[];
  without: readonly Wall[];
  group: ControlGroup | undefined;
  identity: LaunchPlan['identity'];
  /** Number of the child. */
  own: number;
  scratch: string | undefined;
}

const planOf = (program: JailedProgram, { walls, without, group, identity, own, scratch }: Surroundings): LaunchPlan => {
  const filter = filterProgram({
    system: walls.includes('system-calls'),
    network: walls.includes('network'),
    metadata: walls.includes('files'),
    ...(walls.includes('system-calls') ? { signalsOnly: own } : {}),
  });
  const read = readable(program.read);
  const column = process.arch === 'arm64' ? 1 : 0;
  const { prlimit64, capset, seccomp, ...landlock } = launcherCalls;
  return {
    command: program.command,
    args: argumentsOf(program, without, scratch),
    env: environmentOf(program, scratch),
    parent: process.pid,
    calls: {
      prlimit64: prlimit64[column],
      capset: capset[column],
      seccomp: seccomp[column],
      landlock_create_ruleset: landlock.landlock_create_ruleset[column],
      landlock_add_rule: landlock.landlock_add_rule[column],
      landlock_restrict_self: landlock.landlock_restrict_self[column],
    },
    enter: [...(group?.enter ?? [])],
    limits: limitsOf(program.bounds, walls.includes('processes')),
    ...(identity && { identity }),
    ...(walls.includes('files') && {
      files: {
        read: [...read, ...ownFigures],
        run: readable([program.command, ...libraryFolders]),
        use: readable(harmlessDevices),
        change: scratch === undefined ? [] : [scratch],
      },
    }),
    holds: { network: walls.includes('network'), signals: walls.includes('system-calls') },
    ...(filter && { filter: Buffer.from(filter).toString('base64') }),
  };
};

/**
 * Whom a program of root becomes: nobody. When it must read what is not open to all, it also keeps the right to, which Landlock confines to the
 * files of the program. Where root has not that right itself, it stays root, which owns the files, without any privilege.
 */
const identityFor = (paths: readonly string[]): LaunchPlan['identity'] => {
  if (process.getuid?.() !== 0) return undefined;
  if (paths.every(isOpenToAll)) return { id: nobody, search: false };
  const permitted = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const canSearch = ((BigInt(`0x${permitted}`) >> searchRight) & 1n) === 1n;
  return canSearch ? { id: nobody, search: true } : { id: 0, search: false };
};

// asm-generic/resource.h
const [fileSize, coreSize, processCount, openFiles] = [1, 4, 6, 7];
const spareProcesses = 1024;

/**
 * Without a control group the count of processes can only be held for the user as a whole: to what the machine runs now and some more, so that
 * a bomb of threads ends somewhere.
 */
const limitsOf = (bounds: JailBounds, processesHeld: boolean): LaunchPlan['limits'] => {
  const running = Number(/\/(\d+) /.exec(readFileSync('/proc/loadavg', 'utf8'))?.[1] ?? 0);
  return [
    [fileSize, bounds.fileBytes],
    [coreSize, 0],
    [openFiles, bounds.openFiles],
    ...(processesHeld ? [] : ([[processCount, running + bounds.processes + spareProcesses]] as LaunchPlan['limits'])),
  ];
};

/** Whether somebody who is nobody can come to a file and read it. Folders are judged by themselves, not by what is in them. */
const isOpenToAll = (path: string): boolean => {
  const [read, search] = [0o4, 0o1];
  const modeOf = (at: string): number => statSync(at, { throwIfNoEntry: false })?.mode ?? 0;
  if ((modeOf(path) & read) === 0) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((modeOf(folder) & search) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
};
