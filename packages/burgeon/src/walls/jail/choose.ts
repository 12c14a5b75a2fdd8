import { BurgeonError } from '@burgeon/kit';
import type { JailDriver, JailedChild, JailedProgram, JailOptions, Wall } from './jail.ts';
import { pathOf } from './program.ts';

/** What stands around code on this machine, for people who have to trust it. */
export interface WallsReport {
  driver: JailDriver['name'];
  walls: Wall[];
  missing: Wall[];
  /** One sentence for people: which walls hold and, if some are missing, which, and what to do about it. */
  text: string;
}

const order = ['bubblewrap', 'native', 'permission'] as const satisfies JailDriver['name'][];

/**
 * The driver that was asked for, else the best that works here. What works is found by trying, once per process.
 *
 * @throws {BurgeonError} DEPENDENCY_MISSING when the one that was asked for does not work here
 */
export const jailDriver = async (options: JailOptions = {}): Promise<JailDriver> => {
  for (const name of options.driver === undefined ? order : [options.driver]) {
    const driver = await load(name);
    if ((await driver.probe()).length > 0) return driver;
  }
  throw new BurgeonError('DEPENDENCY_MISSING', {
    message: `Jails by ${options.driver ?? 'any driver'} do not work on this machine.`,
    hint: 'See which walls hold: burgeon doctor',
  });
};

const load = async (name: JailDriver['name']): Promise<JailDriver> => {
  if (name === 'bubblewrap') return (await import('./bubblewrap.ts')).bubblewrap;
  if (name === 'native') return (await import('./native.ts')).native;
  return (await import('./permission.ts')).permission;
};

/**
 * Starts a program behind the best walls there are. What the program itself does wrong, even that it cannot be started, is told by `ended`. The
 * child dies with the thread that calls this.
 *
 * @throws {BurgeonError} DEPENDENCY_MISSING when the driver that was asked for does not work here
 */
export const launch = async (program: JailedProgram, options: JailOptions = {}): Promise<JailedChild> => {
  const driver = await jailDriver(options);
  return driver.launch({ ...program, command: pathOf(program.command) ?? program.command }, options.without ?? []);
};

/** What each wall does, as a part of a sentence. */
const wallWords: Record<Wall, string> = {
  namespaces: 'namespaces of its own',
  files: 'only its own files',
  network: 'no network',
  'system-calls': 'few system calls',
  memory: 'bounded memory',
  processes: 'bounded processes',
  permission: "Node's permission model",
};

let reporting: Promise<WallsReport> | undefined;

/** Which walls the best driver builds here, and which it does not. Asked once per process. */
export const wallsHere = (): Promise<WallsReport> => {
  reporting ??= report();
  return reporting;
};

const report = async (): Promise<WallsReport> => {
  const driver = await jailDriver();
  return reportOf(driver.name, await driver.probe(), process.platform);
};

/** Puts into words what a driver builds on a platform. */
export const reportOf = (driver: JailDriver['name'], walls: readonly Wall[], platform: NodeJS.Platform): WallsReport => {
  const missing = (Object.keys(wallWords) as Wall[]).filter((wall) => !walls.includes(wall));
  const named = (list: readonly Wall[]): string => list.map((wall) => wallWords[wall]).join(', ');
  const how = { bubblewrap: ' (bubblewrap)', native: ' (Landlock and seccomp)', permission: '' }[driver];
  const holds = `Code runs in a process of its own${how} with ${named(walls)}`;
  const text =
    missing.length === 0 ? `${holds}.` : `${holds}; missing: ${named(missing)} (${adviceFor(driver, missing, platform)}).`;
  return { driver, walls: [...walls], missing, text };
};

const adviceFor = (driver: JailDriver['name'], missing: readonly Wall[], platform: NodeJS.Platform): string => {
  if (platform !== 'linux') return 'walls of the operating system stand on Linux only';
  const advice = [
    ...(driver === 'bubblewrap' ? [] : ['install bubblewrap']),
    ...(missing.includes('memory') || missing.includes('processes')
      ? ['let Burgeon make control groups, under systemd by Delegate=yes']
      : []),
  ];
  return advice.length === 0 ? 'this processor or kernel lacks them' : advice.join(', and ');
};
