/** Runs an operation in a process of its own and stops, fails or slows it at one system call of one of its threads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts } from './operations.ts';

/** System calls by which something comes onto a disk, or goes from it. */
export const calls = ['write', 'pwrite64', 'fsync', 'fdatasync', 'rename', 'openat', 'ftruncate', 'unlink'] as const;

/** One of {@link calls}. */
export type Call = (typeof calls)[number];

/** A process that has opened a home and waits. */
export interface Started {
  child: ChildProcess;
  /** Everything it said. */
  said(): string;
  /** Ids of its main thread, and of the one that works for `fs`. */
  threads: { main: number; pool: number };
  /** When it is gone. */
  ended: Promise<void>;
}

/** The Nth time that a thread makes a call. */
export interface Point {
  thread: 'main' | 'pool';
  call: Call;
  nth: number;
  /** True when the operation was acknowledged before it. */
  after: boolean;
  /** The line of the log. */
  line: string;
}

/** What became of an operation. */
export interface Outcome {
  acknowledged: boolean;
  closed: boolean;
  /** The error as it was told, in JSON. */
  failure: string;
}

/** What a process has said so far. */
const outcomeOf = ({ said }: Pick<Started, 'said'>): Outcome => ({
  acknowledged: said().includes('acknowledged'),
  closed: said().includes('closed'),
  failure: /^failed (.*)$/m.exec(said())?.[1] ?? '',
});

/** Lets it do the operation once; gives what it says to that. */
export const ask = async (started: Started): Promise<string> => {
  const before = started.said().length;
  const gone = started.ended.then(() => 'gone');
  started.child.stdin?.write('go\n');
  const answered = new Promise<string>((resolve) => {
    started.child.stdout?.on('data', () => {
      const line = /^(?:acknowledged|failed .*)$/m.exec(started.said().slice(before))?.[0];
      if (line !== undefined) resolve(line);
    });
  });
  return Promise.race([answered, gone]);
};

/** Lets it close, and waits until it is gone. */
export const finish = async (started: Started): Promise<Outcome> => {
  started.child.stdin?.end();
  await started.ended;
  return outcomeOf(started);
};

const program = join(import.meta.dirname, 'operations.ts');

/** Starts the process and waits until it has opened the home. `cache` keeps compiled code, so that the next start is faster. */
export const start = async (home: string, name: string, { facts, cache }: { facts: Facts; cache: string }): Promise<Started> => {
  const child = spawn(process.execPath, [program, home, name, JSON.stringify(facts)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // One thread for files: its calls come in one order, every time.
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: cache },
  });
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  let [said, errors] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.startsWith('ready')) resolve();
    });
    void ended.then(() => reject(new Error(`it never began: ${errors}`)));
  });
  return { child, said: () => said, ended, threads: threadsOf(child.pid ?? 0) };
};

const threadsOf = (pid: number): Started['threads'] => {
  const all = readdirSync(`/proc/${pid}/task`).map(Number);
  const pool = all.find((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, 'latin1').startsWith('libuv-worker'));
  if (pool === undefined) throw new Error('its thread for files is not there');
  return { main: pid, pool };
};

/** Traces threads of it with these options of `strace`, from when this comes back. What it gives tells when all was traced. */
export const trace = async (
  started: Started,
  threads: readonly Point['thread'][],
  options: readonly string[],
): Promise<{ ended: Promise<void> }> => {
  const ids = threads.map((thread) => started.threads[thread]);
  const tracer = spawn('strace', ['-s', '0', ...options, ...ids.flatMap((id) => ['-p', String(id)])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => void tracer.once('close', () => resolve()));
  let text = '';
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if ((text.match(/attached/g) ?? []).length >= ids.length) resolve();
    });
    void ended.then(() => reject(new Error(`strace: ${text}`)));
  });
  return { ended };
};

/** Lets it do the operation under `strace` with these options, and waits for the end. */
export const traced = async (started: Started, ...how: [readonly Point['thread'][], readonly string[]]): Promise<Outcome> => {
  const tracing = await trace(started, ...how);
  started.child.stdin?.on('error', () => {});
  started.child.stdin?.end('go\n');
  await started.ended;
  await tracing.ended;
  return outcomeOf(started);
};

/** What the calls of an undisturbed run were, in order, as far as they concern a folder. The log is whole once the process is gone. */
export const pointsIn = (log: string, { main }: Started['threads'], folder: string): Point[] => {
  const seen = new Map<string, number>();
  let after = false;
  return readFileSync(log, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const match = /^(\d+) +(\w+)\(/.exec(line);
      const call = calls.find((each) => each === match?.[2]);
      if (!match || call === undefined) return [];
      const thread = Number(match[1]) === main ? 'main' : 'pool';
      // It only ever says that it is through.
      after ||= /write\(1</.test(line);
      const nth = (seen.get(`${thread} ${call}`) ?? 0) + 1;
      seen.set(`${thread} ${call}`, nth);
      return line.includes(folder) ? [{ thread, call, nth, after, line } as const] : [];
    });
};
