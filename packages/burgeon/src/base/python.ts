import { realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { runDisposable } from './disposable.ts';

/** A Python that was found on this machine. */
export interface Python {
  /** Path of the interpreter itself, behind every link and every script that stands in for it. */
  command: string;
  version: string;
  /** The interpreter's library: folders and files it must be able to read. */
  read: string[];
}

/** The oldest version that our side of the wall is written for. */
const oldest = [3, 8] as const;

const question = `
import json, os, sys, sysconfig
known = sysconfig.get_config_var
library = [os.path.join(known("LIBDIR") or "", known(name) or "") for name in ("INSTSONAME", "LDLIBRARY")]
paths = sysconfig.get_paths()
json.dump({
    "command": sys.executable,
    "version": list(sys.version_info[:3]),
    "read": [paths["stdlib"], paths["platstdlib"], *(path for path in library if os.path.isfile(path))],
}, sys.stdout)
`;

let finding: Promise<Python | undefined> | undefined;

/** The first Python on our PATH that is new enough; undefined when there is none. Looked for once per process. */
export const findPython = (): Promise<Python | undefined> => {
  finding ??= findIn([...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']);
  return finding;
};

/** As {@link findPython}, in these folders. */
export const findIn = async (folders: readonly string[]): Promise<Python | undefined> => {
  for (const folder of new Set(folders.filter(isAbsolute))) {
    const python = await ask(join(folder, 'python3'));
    if (python) return python;
  }
  return undefined;
};

/** @throws {BurgeonError} DEPENDENCY_MISSING when there is none */
export const requirePython = async (): Promise<Python> => {
  const python = await findPython();
  if (python) return python;
  throw new BurgeonError('DEPENDENCY_MISSING', {
    message: `This module is written in Python, and there is no Python ${oldest.join('.')} or newer on this machine.`,
    hint: 'Install Python 3 so that "python3" is on the PATH: apt-get install python3, or brew install python3.',
  });
};

/** What stands under the name may be a link, or a script that chooses a version: the interpreter itself knows where it is. */
const ask = async (path: string): Promise<Python | undefined> => {
  try {
    realpathSync(path);
  } catch {
    return undefined;
  }
  const { PATH = '', HOME = '' } = process.env;
  const end = await runDisposable({
    command: path,
    args: ['-I', '-S', '-c', question],
    // Of use to scripts that choose a version.
    env: { PATH, HOME },
    deadlineMs: 10_000,
    memoryBytes: 256 * 1024 * 1024,
  });
  if (end.kind !== 'ended' || end.code !== 0) return undefined;
  const { command, version, read } = JSON.parse(end.stdout) as {
    command: string;
    version: [number, number, number];
    read: string[];
  };
  const [major, minor] = version;
  if (major !== oldest[0] || minor < oldest[1]) return undefined;
  return { command: realpathSync(command), version: version.join('.'), read: [...new Set(read)] };
};
