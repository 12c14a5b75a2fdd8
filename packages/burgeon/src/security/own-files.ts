import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/**
 * True for what lies in the data directory, whatever links lead there: who may write in it needs no approval for anything any more. What does
 * not exist yet lies where its folder does.
 */
export const isOurs = async (home: string, path: string): Promise<boolean> => {
  const [inside, real] = await Promise.all([realOf(home), realOf(resolve(path))]);
  const way = relative(inside, real);
  if (way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))) return true;
  return isOneOf(inside, real);
};

const realOf = (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    dirname(path) === path ? path : join(await realOf(dirname(path)), path.slice(dirname(path).length)),
  );

/** A second name of the same file, which no path tells. */
const isOneOf = async (home: string, path: string): Promise<boolean> => {
  const file = await stat(path, { bigint: true }).catch(() => undefined);
  if (!file?.isFile() || file.nlink < 2n) return false;
  for (const entry of await readdir(home, { recursive: true }).catch(() => [])) {
    const own = await stat(join(home, entry), { bigint: true }).catch(() => undefined);
    if (own?.ino === file.ino && own.dev === file.dev) return true;
  }
  return false;
};
