import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BundleFile } from '@burgeon/kit';
import { contentOf } from '../../../base/binary-file.ts';
import { jailDriver } from '../../../walls/jail/choose.ts';
import type { JailedProgram, Wall } from '../../../walls/jail/jail.ts';
import { makeScratch } from '../../../walls/jail/scratch.ts';

/** Walls without which no test of somebody else's is run. */
const needed: readonly Wall[] = ['files', 'network'];

/** Bytes of standard output and standard error that are kept. */
const outputBytes = 32 * 1024 * 1024;

/** Files on disk for a jail to read; taken away by whoever made it. */
export interface TestFolder {
  path: string;
  remove(): Promise<void>;
}

/** What a jailed process wrote and ended with. `why`: it was ended by us, or by the kernel. */
export interface JailOutput {
  stdout: string;
  stderr: string;
  code: number | null;
  why?: string;
}

/** Why nothing can be run here; undefined when it can. */
export const missingWalls = async (): Promise<string | undefined> => {
  const walls = await (await jailDriver()).probe();
  const missing = needed.filter((wall) => !walls.includes(wall));
  return missing.length === 0 ? undefined : `here stands no wall around ${missing.join(' and ')}`;
};

const climbs = (path: string): boolean =>
  /^\/|\\|\0/.test(path) || path.split('/').some((part) => part === '' || part === '.' || part === '..');

/** Writes files out, read-only, into a new folder that nobody else can look into. Paths that lead out of it are left out. */
export const writeFolder = (files: readonly BundleFile[]): TestFolder => {
  const scratch = makeScratch();
  const path = join(scratch.path, 'module');
  mkdirSync(path, { mode: 0o700 });
  for (const file of files) {
    if (climbs(file.path)) continue;
    const place = join(path, file.path);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    writeFileSync(place, contentOf(file), { mode: 0o600 });
    chmodSync(place, 0o400);
  }
  return { path, remove: () => scratch.remove() };
};

/** Runs a program behind every wall there is, without a network, until it ends, or its time or its output is over. */
export const runJailed = async (program: JailedProgram, deadlineMs: number, signal: AbortSignal): Promise<JailOutput> => {
  if (signal.aborted) return { stdout: '', stderr: '', code: null, why: 'cancelled' };
  const child = await (await jailDriver()).launch(program, []);
  let why: string | undefined;
  const stop = (reason: string) => (): void => {
    why ??= reason;
    child.kill();
  };
  const [late, cancel, tooMuch] = [stop(`it took longer than ${deadlineMs} ms`), stop('cancelled'), stop('it wrote too much')];
  const deadline = setTimeout(late, deadlineMs);
  signal.addEventListener('abort', cancel, { once: true });
  const pieces: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  const closed = (['stdout', 'stderr'] as const).map(
    (name) =>
      new Promise<void>((resolve) => {
        child.process[name]?.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > outputBytes) tooMuch();
          else pieces[name].push(piece);
        });
        child.process[name]?.once('close', () => resolve());
      }),
  );
  child.process.stdin?.end();
  const [end] = await Promise.all([child.ended, ...closed]);
  clearTimeout(deadline);
  signal.removeEventListener('abort', cancel);
  const told = why ?? (end.outOfMemory ? 'it took too much memory' : end.signal ? `it was ended by ${end.signal}` : undefined);
  const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(pieces[name]).toString();
  return { stdout: text('stdout'), stderr: text('stderr'), code: end.code, ...(told === undefined ? {} : { why: told }) };
};
