import { execFile, spawn } from 'node:child_process';
import { jailedChild } from './child.ts';
import { controlGroups } from './control-group.ts';
import type { JailDriver, JailedChild, JailedProgram, Wall } from './jail.ts';
import { argumentsOf, environmentOf, groupFor, hasPermissions, shellThrough } from './program.ts';
import { makeScratch } from './scratch.ts';

/**
 * No jail: a plain child, with the permission model when it is Node, and with what control groups hold where they can be made. Works
 * everywhere; the last choice.
 */
export const permission: JailDriver = {
  name: 'permission',
  probe: async () => [...(await controlGroups()).holds, 'permission'],
  launch: (program, without) => start(program, without),
};

let deathSignal: Promise<string[]> | undefined;

/** A command in front of another that lets the kernel end it with its parent; empty where there is none. */
const dyingWithParent = (): Promise<string[]> => {
  deathSignal ??= new Promise((resolve) => {
    const command = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'];
    if (process.platform !== 'linux') return resolve([]);
    execFile(command[0] ?? '', [...command.slice(1), '/bin/sh', '-c', ':'], { env: {} }, (error) =>
      resolve(error ? [] : command),
    );
  });
  return deathSignal;
};

const start = async (program: JailedProgram, without: readonly Wall[]): Promise<JailedChild> => {
  const [groups, dying] = await Promise.all([controlGroups(), dyingWithParent()]);
  const group = groupFor(groups, program.bounds, without);
  const scratch = program.scratch ? makeScratch() : undefined;
  const own = [program.command, ...argumentsOf(program, without, scratch?.path)];
  const environment = environmentOf(program, scratch?.path);
  const hasShell = process.platform !== 'win32';
  const [command = '', ...args] = hasShell
    ? ['/bin/sh', ...shellThrough(program.bounds, group, environment), ...dying, ...own]
    : own;
  const child = spawn(command, args, {
    env: environment,
    cwd: scratch?.path ?? (hasShell ? '/' : undefined),
    stdio: 'pipe',
    detached: hasShell,
  });
  const walls: Wall[] = [
    ...groups.holds.filter((wall) => group && !without.includes(wall)),
    ...(hasPermissions(program, without) ? (['permission'] as const) : []),
  ];
  return jailedChild({
    process: child,
    walls,
    bounds: program.bounds,
    group,
    ...(scratch && { tidy: () => scratch.remove() }),
  });
};
