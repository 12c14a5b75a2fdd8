import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { ControlGroup, ControlGroups } from './control-group.ts';
import type { JailBounds, JailedProgram, Wall } from './jail.ts';

/** Where the libraries of the system are; only what exists counts. */
export const libraryFolders: readonly string[] = [
  '/usr/lib',
  '/usr/lib32',
  '/usr/lib64',
  '/usr/libexec',
  '/usr/local/lib',
  '/lib',
  '/lib32',
  '/lib64',
  '/etc/ld.so.cache',
  '/nix/store',
];

/** Devices without a memory. */
export const harmlessDevices: readonly string[] = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom'];

/** What of the files to be read exists, under the names given and, where a link is among them, under their true names. */
export const readable = (paths: readonly string[]): string[] => [
  ...new Set(paths.filter((path) => existsSync(path)).flatMap((path) => [path, realpathSync(path)])),
];

/** Where a command is: as named when it is a path, else on our PATH and in the usual folders; undefined when it is nowhere. */
export const pathOf = (name: string): string | undefined => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/local/bin'].filter(isAbsolute);
  return isAbsolute(name) ? name : folders.map((folder) => join(folder, name)).find(isExecutable);
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Arguments of the program; for Node its permission model comes first. `scratch` is the folder it may write to. */
export const argumentsOf = (program: JailedProgram, without: readonly Wall[], scratch?: string): string[] => {
  if (!hasPermissions(program, without)) return [...program.args];
  const { addons, workers } = program.node ?? {};
  const read = [...readable(program.read), ...(scratch === undefined ? [] : [scratch])];
  return [
    '--permission',
    // It warns that each of the following flags weakens it.
    '--disable-warning=SecurityWarning',
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...(scratch === undefined ? [] : [`--allow-fs-write=${scratch}`]),
    ...(addons ? ['--allow-addons'] : []),
    ...(workers ? ['--allow-worker'] : []),
    ...program.args,
  ];
};

/** Whether Node's permission model stands around a program. */
export const hasPermissions = (program: JailedProgram, without: readonly Wall[]): boolean =>
  program.node !== undefined && !without.includes('permission');

/** The environment of the program: what it was given, a place for its files, and no configuration for OpenSSL, without which Node ends with 13. */
export const environmentOf = (program: JailedProgram, scratch?: string): Record<string, string> => ({
  OPENSSL_CONF: '/dev/null',
  // Windows starts nothing without it.
  ...(process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] }),
  ...(scratch === undefined ? {} : { TMPDIR: scratch }),
  ...program.env,
});

/** The group of one child, with room for `launchers` processes in front of the program; undefined when nothing of it is wanted or possible. */
export const groupFor = (
  groups: ControlGroups,
  bounds: JailBounds,
  without: readonly Wall[],
  launchers = 0,
): ControlGroup | undefined => {
  const unbounded = Number.MAX_SAFE_INTEGER - (Number.MAX_SAFE_INTEGER % 4096);
  const wanted = groups.holds.filter((wall) => !without.includes(wall));
  if (wanted.length === 0) return undefined;
  return groups.create({
    memoryBytes: wanted.includes('memory') ? bounds.memoryBytes : unbounded,
    processes: wanted.includes('processes') ? bounds.processes + launchers : 1_000_000,
  });
};

/**
 * Arguments of a shell that enters the groups, bounds open files and files written, and becomes the command that follows them. What shells add
 * to an environment is taken out again, unless it was given. POSIX counts the bytes of a file in blocks of 512.
 */
export const shellThrough = (
  bounds: JailBounds,
  group: ControlGroup | undefined,
  environment: Readonly<Record<string, string>>,
): string[] => {
  const limits = ['-c 0', `-f ${Math.ceil(bounds.fileBytes / 512)}`, `-n ${Math.floor(bounds.openFiles)}`];
  const added = ['PWD', 'OLDPWD', 'SHLVL', '_'].filter((name) => !(name in environment));
  return [
    '-c',
    [
      'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift',
      // A bound that is not below the one we are in ourselves is refused, and not needed.
      ...limits.map((limit) => `ulimit ${limit} 2>/dev/null`),
      `unset ${added.join(' ')}`,
      'exec "$@"',
    ].join('; '),
    'jail',
    ...(group?.enter ?? []),
    '--',
  ];
};
