import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { randomIds } from '../../../base/ids.ts';
import { jailedChild } from '../../../walls/jail/child.ts';
import { type ControlGroup, controlGroups } from '../../../walls/jail/control-group.ts';
import type { JailedChild, Wall } from '../../../walls/jail/jail.ts';
import { isOwnerGone, ownerName } from '../../../walls/jail/owner.ts';
import { groupFor, pathOf, shellThrough } from '../../../walls/jail/program.ts';
import { makeScratch } from '../../../walls/jail/scratch.ts';
import { type ContainerParts, containerConfig } from './container-config.ts';

/** Where the state of running containers lies; only root can write there, and only root can make containers that hold. */
const stateFolder = '/run/burgeon-containers';

/** Threads and memory of the launcher in front of the program, which stays. */
const launcher = { processes: 24, memoryBytes: 48 * 1024 * 1024 };

/** As much as a launcher may write and open; the program's own bounds are in its configuration. */
const launcherBounds = { openFiles: 1_024, fileBytes: 2 ** 40 };

/** What the launcher ends with when SIGKILL ended the program. */
const killedCode = 128 + 9;

/** The launcher that was found, after what earlier processes of ours had left was taken away. */
let finding: Promise<string> | undefined;

/** @throws {BurgeonError} DEPENDENCY_MISSING when there is no runc, or we may not use it */
const findLauncher = (): Promise<string> => {
  finding ??= find();
  return finding;
};

const find = async (): Promise<string> => {
  const path = process.platform === 'linux' ? pathOf('runc') : undefined;
  const isRoot = process.getuid?.() === 0;
  if (path === undefined || !isRoot)
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message:
        path === undefined ? 'Containers are run by runc, which is not installed.' : 'Containers can only be made by root.',
      hint: 'Install the package runc and run Burgeon as root, or leave the container out: programs then run in our own jail.',
    });
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  for (const id of readdirSync(stateFolder)) if (isOwnerGone(id)) await remove(path, id);
  return path;
};

/** Ends a container in whatever state it is, and forgets it; never rejects. */
const remove = (path: string, id: string): Promise<void> =>
  new Promise((resolve) => {
    execFile(path, ['--root', stateFolder, 'delete', '--force', id], { env: {}, cwd: '/' }, () => resolve());
  });

const killNumbered = (file: string): void => {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 1) process.kill(pid, 'SIGKILL');
  } catch {
    // It is not there yet, or no longer: the removal ends what is left.
  }
};

/** A container, as the group around its launcher needs it. */
interface Inner {
  kill(): void;
  remove(): Promise<void>;
  /** True when it was ended by SIGKILL, and not by us. */
  wasKilled(): boolean;
}

/** The group around a launcher, which does not take its container with itself: that is killed and removed first. */
const groupAround = (group: ControlGroup | undefined, inner: Inner): ControlGroup => ({
  enter: group?.enter ?? [],
  holdMemory: (bytes) => group?.holdMemory(bytes + launcher.memoryBytes) ?? true,
  usage: () => group?.usage() ?? { memoryBytes: 0, cpuMs: 0 },
  outOfMemory: () => (group?.outOfMemory() ?? false) || (inner.wasKilled() && wasFull(group)),
  kill: () => {
    inner.kill();
    group?.kill();
  },
  remove: async () => {
    await inner.remove();
    await group?.remove();
  },
});

/** Bytes below its bound at which a group counts as full: the kernel charges in batches. */
const nearlyBytes = 1024 * 1024;

/** The first version of control groups counts what was ended for memory only in the group of the victim, which is the launcher's, and gone. */
const wasFull = (group: ControlGroup | undefined): boolean =>
  (group?.enter ?? []).some((file) => {
    try {
      const read = (name: string): number => Number(readFileSync(join(dirname(file), name), 'utf8'));
      return read('memory.max_usage_in_bytes') >= read('memory.limit_in_bytes') - nearlyBytes;
    } catch {
      return false;
    }
  });

/** What can run a container, as a jail does a program. The child is the launcher; the container ends with it. @throws {BurgeonError} DEPENDENCY_MISSING */
export const launchContainer = async (parts: Omit<ContainerParts, 'group'>): Promise<JailedChild> => {
  const path = await findLauncher();
  const groups = await controlGroups();
  const { bounds } = parts.program;
  const own = groupFor(groups, { ...bounds, memoryBytes: bounds.memoryBytes + launcher.memoryBytes }, [], launcher.processes);
  const id = `${ownerName()}-${randomIds.next('jail').slice(-10)}`;
  const bundle = makeScratch();
  const numbered = join(bundle.path, 'pid');
  writeFileSync(join(bundle.path, 'config.json'), JSON.stringify(containerConfig({ ...parts, group: id })));
  const command = [path, '--root', stateFolder, 'run', '--bundle', bundle.path, '--pid-file', numbered, id];
  const child = spawn('/bin/sh', [...shellThrough({ ...bounds, ...launcherBounds }, own, {}), ...command], {
    env: {},
    cwd: '/',
    stdio: 'pipe',
    detached: true,
  });
  let ours = false;
  const group = groupAround(own, {
    kill: () => {
      ours ||= child.exitCode === null;
      killNumbered(numbered);
    },
    remove: () => remove(path, id),
    wasKilled: () => !ours && child.exitCode === killedCode,
  });
  const walls: Wall[] = ['namespaces', 'files', 'network', 'system-calls', ...groups.holds];
  return jailedChild({ process: child, walls, bounds, group, shellCodes: true, tidy: () => bundle.remove() });
};
