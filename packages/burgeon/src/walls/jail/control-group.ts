import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { randomIds } from '../../base/ids.ts';
import { findPlaces } from './group-places.ts';
import { isOwnerGone, ownerName } from './owner.ts';

/** A control group of one child. */
export interface ControlGroup {
  /** Files that a child writes its number into, before it becomes the program. */
  readonly enter: readonly string[];
  /** Changes the bound. False when the kernel refuses, because more is in use and cannot be given back. */
  holdMemory(bytes: number): boolean;
  /** Memory without the cache of files. After the group is gone: what was seen last. */
  usage(): { memoryBytes: number; cpuMs: number };
  /** SIGKILL for all that is in it. */
  kill(): void;
  /** Whether the kernel has ended something in it for its memory. */
  outOfMemory(): boolean;
  /** Ends what is left in it and takes it away; never rejects. */
  remove(): Promise<void>;
}

/** What control groups can hold on this machine. */
export interface ControlGroups {
  readonly holds: readonly ('memory' | 'processes')[];
  /** Makes a group. Undefined when it cannot be made any more. */
  create(bounds: { memoryBytes: number; processes: number }): ControlGroup | undefined;
}

const parentName = 'burgeon';
const removalTries = 100;
const removalPauseMs = 20;

let finding: Promise<ControlGroups> | undefined;

/** Finds out, by trying once per process, what can be held, and takes away the groups that a killed process of ours has left. */
export const controlGroups = (): Promise<ControlGroups> => {
  finding ??= findGroups(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
  return finding;
};

/** As {@link controlGroups}, for the trees that the two texts describe. */
export const findGroups = async (mounts: string, membership: string): Promise<ControlGroups> => {
  const found = findPlaces(mounts, membership);
  if (!found) return none;
  for (const places of found.version === 1 ? [found] : found.candidates.map((tree) => oneTree(tree))) {
    await sweep(foldersOf(places));
    const usable = await tryOut(places);
    if (usable) return usable;
  }
  return none;
};

const none: ControlGroups = { holds: [], create: () => undefined };

/** Trees that were chosen: the same folder three times when there is one tree. */
interface Chosen {
  version: 1 | 2;
  memory?: string;
  processes?: string;
  time?: string;
}

const oneTree = (tree: string): Chosen => ({ version: 2, memory: tree, processes: tree, time: tree });

const foldersOf = ({ memory, processes, time }: Chosen): string[] => [
  ...new Set([memory, processes, time].filter((folder) => folder !== undefined)),
];

const tryOut = async (places: Chosen): Promise<ControlGroups | undefined> => {
  const working: Chosen = { version: places.version };
  const trees = places.version === 2 ? [places] : onePerTree(places);
  for (const tree of trees) {
    const group = make(tree, { memoryBytes: 64 * 1024 * 1024, processes: 16 });
    if (group && (await canEnter(group.enter))) Object.assign(working, tree);
    await group?.remove();
  }
  const holds = (['memory', 'processes'] as const).filter((name) => working[name] !== undefined);
  if (holds.length === 0) return undefined;
  // Another process of ours may take the parent away between two steps: it is made again.
  return { holds, create: (bounds) => make(working, bounds) ?? make(working, bounds) };
};

const onePerTree = ({ version, memory, processes, time }: Chosen): Chosen[] => [
  ...(memory === undefined ? [] : [{ version, memory }]),
  ...(processes === undefined ? [] : [{ version, processes }]),
  ...(time === undefined ? [] : [{ version, time }]),
];

const canEnter = (files: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const script = 'for file; do echo $$ > "$file" || exit 1; done';
    execFile('/bin/sh', ['-c', script, 'sh', ...files], { env: {}, cwd: '/' }, (error) => resolve(error === null));
  });

const make = (places: Chosen, bounds: { memoryBytes: number; processes: number }): ControlGroup | undefined => {
  const name = `${ownerName()}-${randomIds.next('jail').slice(-10)}`;
  const below = (tree: string | undefined): string | undefined => tree && join(tree, parentName, name);
  const folders = foldersOf(places).map((tree) => join(tree, parentName, name));
  const group = groupOf({
    version: places.version,
    folders,
    memory: below(places.memory),
    processes: below(places.processes),
    time: below(places.time),
  });
  try {
    for (const tree of foldersOf(places)) {
      if (places.version === 2) passOn(tree);
      mkdirSync(join(tree, parentName, name), { recursive: true });
    }
    group.setUp(bounds);
    return group;
  } catch {
    void group.remove();
    return undefined;
  }
};

/** Lets the groups below a folder have controllers of their own. */
const passOn = (tree: string): void => {
  const parent = join(tree, parentName);
  const wanted = '+memory +pids';
  if (!hasBoth(read(join(tree, 'cgroup.subtree_control')))) writeFileSync(join(tree, 'cgroup.subtree_control'), wanted);
  mkdirSync(parent, { recursive: true });
  if (!hasBoth(read(join(parent, 'cgroup.subtree_control')))) writeFileSync(join(parent, 'cgroup.subtree_control'), wanted);
};

const hasBoth = (controllers: string): boolean => {
  const names = controllers.trim().split(' ');
  return names.includes('memory') && names.includes('pids');
};

interface Folders {
  version: 1 | 2;
  folders: string[];
  memory: string | undefined;
  processes: string | undefined;
  time: string | undefined;
}

interface NewGroup extends ControlGroup {
  setUp(bounds: { memoryBytes: number; processes: number }): void;
}

const groupOf = (at: Folders): NewGroup => {
  const { version, folders, memory, processes, time } = at;
  let seen = { memoryBytes: 0, cpuMs: 0 };
  const group: NewGroup = {
    enter: folders.map((folder) => join(folder, 'cgroup.procs')),
    setUp: (bounds) => {
      if (processes !== undefined) writeFileSync(join(processes, 'pids.max'), String(bounds.processes));
      if (memory !== undefined) setMemory(version, memory, bounds.memoryBytes);
    },
    holdMemory: (bytes) => {
      if (memory === undefined) return true;
      try {
        setMemory(version, memory, bytes);
        return true;
      } catch {
        return false;
      }
    },
    usage: () => {
      try {
        seen = {
          memoryBytes: memory === undefined ? 0 : memoryOf(version, memory),
          cpuMs: time === undefined ? 0 : timeOf(version, time),
        };
      } catch {
        // Gone; the last figures stand.
      }
      return seen;
    },
    kill: () => {
      for (const folder of folders) killAll(folder);
    },
    outOfMemory: () =>
      memory !== undefined &&
      numberIn(read(join(memory, version === 1 ? 'memory.oom_control' : 'memory.events')), 'oom_kill') > 0,
    remove: async () => {
      await Promise.all(folders.map(removeFolder));
    },
  };
  return group;
};

/** The swap counts too. Raising needs the outer bound first, lowering the inner one: the first write of the two may fail, the last may not. */
const setMemory = (version: 1 | 2, folder: string, bytes: number): void => {
  if (version === 2) {
    writeFileSync(join(folder, 'memory.max'), String(bytes));
    writeExisting(join(folder, 'memory.swap.max'), '0');
    writeExisting(join(folder, 'memory.oom.group'), '1');
    return;
  }
  const [inner, outer] = [join(folder, 'memory.limit_in_bytes'), join(folder, 'memory.memsw.limit_in_bytes')];
  writeExisting(inner, String(bytes));
  if (!writeExisting(outer, String(bytes))) writeExisting(join(folder, 'memory.swappiness'), '0');
  writeFileSync(inner, String(bytes));
};

/** Only for writing: `cgroup.kill` cannot be opened otherwise. In these trees nobody makes files. */
const writeExisting = (file: string, text: string): boolean => {
  try {
    writeFileSync(file, text, { flag: 'a' });
    return true;
  } catch {
    return false;
  }
};

const memoryOf = (version: 1 | 2, folder: string): number => {
  const text = readFileSync(join(folder, 'memory.stat'), 'utf8');
  const names = version === 1 ? ['total_rss', 'total_shmem', 'total_swap'] : ['anon', 'shmem'];
  return names.reduce((sum, name) => sum + numberIn(text, name), 0);
};

const timeOf = (version: 1 | 2, folder: string): number =>
  version === 1
    ? Number(readFileSync(join(folder, 'cpuacct.usage'), 'utf8')) / 1e6
    : numberIn(readFileSync(join(folder, 'cpu.stat'), 'utf8'), 'usage_usec') / 1e3;

const numberIn = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);

const killAll = (folder: string): void => {
  if (writeExisting(join(folder, 'cgroup.kill'), '1')) return;
  for (const line of read(join(folder, 'cgroup.procs')).split('\n')) {
    const pid = Number(line);
    if (pid <= 1 || pid === process.pid) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Already gone.
    }
  }
};

/** A group can be removed once the last of its processes is buried, which is a little after its death. */
const removeFolder = async (folder: string): Promise<void> => {
  for (let tries = 0; tries < removalTries; tries++) {
    const code = await rmdir(folder).then(
      () => 'ENOENT',
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (code === 'ENOENT') break;
    killAll(folder);
    await pause(removalPauseMs);
  }
  await rmdir(dirname(folder)).catch(() => undefined);
};

const sweep = async (trees: readonly string[]): Promise<void> => {
  for (const tree of trees)
    for (const around of await siblings(tree)) {
      const parent = join(around, parentName);
      for (const name of await readdir(parent).catch(() => [])) {
        if (isOwnerGone(name)) await removeFolder(join(parent, name));
      }
    }
};

/** The one who left a group may have stood in another group beside ours. */
const siblings = async (tree: string): Promise<string[]> => {
  const around = dirname(tree);
  const entries = await readdir(around, { withFileTypes: true }).catch(() => []);
  const beside = entries.filter((entry) => entry.isDirectory()).map((entry) => join(around, entry.name));
  return [...new Set([tree, ...beside])];
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
