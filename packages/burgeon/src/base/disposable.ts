import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A child process that may be lost: what to run and how much it may take. */
export interface DisposableRun {
  command: string;
  args: readonly string[];
  /** Written to its standard input, which is then closed. */
  input?: string;
  /** Its whole environment; nothing of ours is inherited. Default: empty. */
  env?: Record<string, string>;
  cwd?: string;
  /** Wall clock, milliseconds; SIGKILL after it. */
  deadlineMs: number;
  /** Resident memory, bytes; SIGKILL above it. Watched through `/proc`, so on other systems the caller adds a limit of the tool's own. */
  memoryBytes: number;
  /** Standard output and standard error together, bytes. Default: 16 MiB. */
  outputBytes?: number;
  signal?: AbortSignal;
}

/** How a disposable child ended. `killed` says which bound it broke; its output is then worth nothing. */
export type DisposableEnd =
  | { kind: 'ended'; code: number; stdout: string; stderr: string }
  | { kind: 'killed'; why: 'deadline' | 'memory' | 'output' | 'cancelled' | 'crash'; stderr: string };

const pollMs = 20;
const pageBytes = 4096;

/** Resident bytes of a process; 0 where `/proc` cannot tell. */
export const residentBytes = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1] ?? 0) * pageBytes;
  } catch {
    return 0;
  }
};

/** Resident bytes of a process and of everything below it, so that a launcher in front hides nothing. */
export const treeBytes = (pid: number, depth = 0): number => {
  let total = residentBytes(pid);
  if (depth > 4) return total;
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    for (const child of children === '' ? [] : children.split(' ')) total += treeBytes(Number(child), depth + 1);
  } catch {
    return total;
  }
  return total;
};

/**
 * Runs a command whose death must not hurt: never throws for what the child does, kills it with SIGKILL when it breaks a bound. The child
 * leads a process group of its own, and the group dies with it.
 */
export const runDisposable = (run: DisposableRun): Promise<DisposableEnd> =>
  new Promise((resolve) => {
    const child = spawn(run.command, run.args, {
      cwd: run.cwd,
      env: run.env ?? {},
      stdio: 'pipe',
      detached: process.platform !== 'win32',
    });
    let stopped: (DisposableEnd & { kind: 'killed' })['why'] | undefined;
    const stop = (why: NonNullable<typeof stopped>): void => {
      stopped ??= why;
      killGroup(child.pid);
    };
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let bytes = 0;
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > (run.outputBytes ?? 16 * 1024 * 1024)) stop('output');
        else output[name].push(chunk);
      });
    const deadline = setTimeout(() => stop('deadline'), run.deadlineMs);
    const watch = setInterval(() => child.pid !== undefined && treeBytes(child.pid) > run.memoryBytes && stop('memory'), pollMs);
    const cancel = (): void => stop('cancelled');
    if (run.signal?.aborted) cancel();
    run.signal?.addEventListener('abort', cancel, { once: true });
    const end = (code: number | null, failure = ''): void => {
      clearTimeout(deadline);
      clearInterval(watch);
      run.signal?.removeEventListener('abort', cancel);
      const [stdout, stderr] = [Buffer.concat(output.stdout).toString(), Buffer.concat(output.stderr).toString() + failure];
      if (stopped === undefined && code !== null) resolve({ kind: 'ended', code, stdout, stderr });
      else resolve({ kind: 'killed', why: stopped ?? 'crash', stderr });
    };
    child.once('error', (error) => end(null, error.message));
    child.once('close', (code) => end(code));
    child.stdin.on('error', () => {});
    child.stdin.end(run.input ?? '');
  });

/** SIGKILL to a process group that {@link runDisposable} or a jail made, or to the process alone where there are no groups. */
export const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
};
