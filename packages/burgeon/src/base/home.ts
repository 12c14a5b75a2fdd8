import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BurgeonError, type Clock } from '@burgeon/kit';
import { clearUnfinished, makeFolder, writeDurably, writeFailure } from './durable-file.ts';
import { isObject } from './json.ts';

/** A data directory that this process owns until it closes it. */
export interface Home {
  /** Absolute path. */
  readonly dir: string;
  /** Absolute path of something inside. */
  path(...parts: string[]): string;
  /** True when the owner before this one ended without closing it: what can be made again from the rest may be behind. */
  readonly interrupted: boolean;
  /** Lets the next process in. May be called twice. `whole`: false when not all could be written; the next one is told that it was interrupted. */
  close(whole?: boolean): Promise<void>;
}

/** How to open a home. */
export interface HomeOptions {
  clock: Clock;
  /** How long to wait for the owner to finish, milliseconds. */
  waitMs: number;
}

/** A process, told apart from a later one with the same number. */
interface ProcessMark {
  pid: number;
  startedAt: string;
}

/** How to reach the server that owns a home. */
export interface ServerFile extends ProcessMark {
  url: string;
  token: string;
}

/**
 * Makes the directory (mode 0700) if need be and becomes its one owner; readers too are owners.
 * The lock is the operating system's, on `lock.sqlite`: it goes when its process goes, however that ends, so nothing stale is ever
 * taken over. `lock` beside it only names the owner for people.
 * @throws {BurgeonError} HOME_BUSY when another process owns it for longer than `waitMs`; HOME_UNWRITABLE
 */
export const openHome = async (dir: string, { clock, waitMs }: HomeOptions): Promise<Home> => {
  const absolute = resolve(dir);
  const { release, interrupted } = await guarded(absolute, async () => {
    await makeFolder(absolute);
    const held = await acquire(absolute, clock, waitMs);
    try {
      return { release: held, interrupted: await takeOver(absolute) };
    } catch (error) {
      held.close();
      throw error;
    }
  });
  let open = true;
  return {
    dir: absolute,
    interrupted,
    path: (...parts) => join(absolute, ...parts),
    close: async (whole = true) => {
      if (!open) return;
      open = false;
      if (whole) await rm(join(absolute, 'lock'), { force: true }).catch(() => {});
      release.close();
    },
  };
};

/** Names this process as the owner, and takes away what the one before left half written, if it did not come to its end. */
const takeOver = async (dir: string): Promise<boolean> => {
  const interrupted = await access(join(dir, 'lock')).then(
    () => true,
    () => false,
  );
  // Not durably: it means nothing to a later process but that this one did not close.
  await writeFile(join(dir, 'lock'), `${JSON.stringify(ownMark())}\n`, { mode: 0o600 });
  if (interrupted) await clearUnfinished(dir, true);
  return interrupted;
};

/** The server that owns the directory; undefined when there is none or it is gone. Needs no lock. */
export const readServerFile = async (dir: string): Promise<ServerFile | undefined> => {
  const value = await readJson(join(resolve(dir), 'server.json'));
  if (!isMark(value) || typeof value['url'] !== 'string' || typeof value['token'] !== 'string') return undefined;
  return isAlive(value) ? { url: value['url'], token: value['token'], pid: value.pid, startedAt: value.startedAt } : undefined;
};

/** Says where this process serves the home, in `server.json` (mode 0600). */
export const writeServerFile = async (home: Home, server: { url: string; token: string }): Promise<void> => {
  await writeDurably(home.path('server.json'), `${JSON.stringify({ ...server, ...ownMark() })}\n`);
};

/** Takes the server's address back. */
export const removeServerFile = async (home: Home): Promise<void> => {
  await rm(home.path('server.json'), { force: true });
};

/** When a process began, in words that only serve to tell two processes apart; undefined when there is no such process. */
export const processStart = (pid: number, platform: string = process.platform): string | undefined => {
  try {
    if (platform === 'win32') return process.kill(pid, 0) ? 'running' : undefined;
    if (platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
    // Fields 3 and 22 of the line; the name in parentheses before them may hold spaces. See proc(5).
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    // It has ended, and only its parent has not looked yet: in a container nobody may ever.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

const ownMark = (): ProcessMark => ({ pid: process.pid, startedAt: processStart(process.pid) ?? '' });

const isMark = (value: unknown): value is Record<string, unknown> & ProcessMark =>
  isObject(value) && Number.isSafeInteger(value['pid']) && (value['pid'] as number) > 0 && typeof value['startedAt'] === 'string';

const isAlive = (mark: ProcessMark): boolean => processStart(mark.pid) === mark.startedAt;

const readJson = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
};

const acquire = async (dir: string, clock: Clock, waitMs: number): Promise<DatabaseSync> => {
  const deadline = clock.now() + waitMs;
  for (;;) {
    const lock = tryLock(join(dir, 'lock.sqlite'));
    if (lock) return lock;
    if (clock.now() >= deadline) throw await busy(dir);
    await clock.sleep(Math.min(50, deadline - clock.now()));
  }
};

const tryLock = (path: string): DatabaseSync | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Nothing is ever written in it: no journal beside it.
    database.exec('pragma journal_mode = memory; begin exclusive');
    // By name: opening the file otherwise and closing it again would drop every lock this process holds on it (fcntl(2)).
    chmodSync(path, 0o600);
    return database;
  } catch (error) {
    database.close();
    if (sqliteCode(error) === 5) return undefined;
    throw error;
  }
};

/** Primary result code of an SQLite error: 5 = busy, 14 = cannot open. @see https://sqlite.org/rescode.html */
const sqliteCode = (error: unknown): number | undefined => {
  const code = isObject(error) ? error['errcode'] : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
};

const busy = async (dir: string): Promise<BurgeonError> => {
  const owner = await readJson(join(dir, 'lock'));
  const known = isMark(owner) && isAlive(owner) ? owner.pid : undefined;
  const server = await readServerFile(dir);
  return new BurgeonError('HOME_BUSY', {
    message: `${known === undefined ? 'Another process' : `Process ${known}`} is using ${dir}.`,
    hint: server
      ? `A server owns it: talk to ${server.url}, or stop process ${server.pid}.`
      : `Wait until it ends${known === undefined ? '' : `, stop process ${known}`}, or choose another directory with --home.`,
    data: { home: dir, ...(known === undefined ? {} : { pid: known }), ...(server ? { url: server.url } : {}) },
    retryable: true,
  });
};

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'the path does not exist',
};

const guarded = async <T>(dir: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (BurgeonError.is(error)) throw error;
    const code = isObject(error) && typeof error['code'] === 'string' ? error['code'] : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw writeFailure(dir, error);
    const reason = Object.hasOwn(reasons, code) ? reasons[code] : (error as Error).message;
    throw new BurgeonError('HOME_UNWRITABLE', {
      message: `The data directory ${dir} cannot be used: ${reason}.`,
      hint: 'Choose a directory you may write to with --home DIR or BURGEON_HOME, or change the permission.',
      data: { home: dir, ...(code === '' ? {} : { code }) },
      cause: error,
    });
  }
};
