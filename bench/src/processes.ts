import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BurgeonError } from '@burgeon/kit';

/** How a process ended. */
export interface Ended {
  /** `null`: it was killed because its time was up. */
  code: number | null;
  seconds: number;
  /** Largest resident memory of the process or of any of its children; `undefined` without GNU time. */
  peakMb: number | undefined;
  stdout: string;
  stderr: string;
}

/** How to start a process. */
export interface StartOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Milliseconds; default 120,000. */
  timeoutMs?: number;
  /** What it reads from its standard input. */
  input?: string;
}

const gnuTime = '/usr/bin/time';

/** What every measured process is started with: no colours, no telemetry, no update notices, and the code cache that ours turns on itself. */
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  CI: '1',
  NO_COLOR: '1',
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  NODE_COMPILE_CACHE: join(tmpdir(), 'burgeon-bench-code-cache'),
});

const collect = (stream: NodeJS.ReadableStream | null): (() => string) => {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
};

const killGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
};

/** Runs a command to its end and measures it. */
export const run = async (command: readonly string[], options: StartOptions = {}): Promise<Ended> => {
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-time-'));
  const report = join(folder, 'peak');
  const [program = '', ...words] = existsSync(gnuTime) ? [gnuTime, '-q', '-f', '%M', '-o', report, ...command] : command;
  const begun = performance.now();
  const child = spawn(program, words, {
    detached: true,
    env: { ...environment(), ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  child.stdin.end(options.input ?? '');
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), options.timeoutMs ?? 120_000);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  const seconds = (performance.now() - begun) / 1_000;
  const peakKb = existsSync(report) ? Number(readFileSync(report, 'utf8').trim().split('\n').at(-1)) : Number.NaN;
  rmSync(folder, { recursive: true, force: true });
  return { code, seconds, peakMb: Number.isFinite(peakKb) ? peakKb / 1_024 : undefined, stdout: stdout(), stderr: stderr() };
};

/** A server in a process of its own. */
export interface Standing {
  /** The line that said it stands. */
  line: string;
  stop(): Promise<void>;
}

/** Whether a server accepts connections on a port of 127.0.0.1. */
const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.end());
  });

/**
 * Starts a server and waits until it accepts connections on `port` or, without one, prints a line. Its owner stops it. Rejects when it ends
 * before, or shows no sign of life for half a minute.
 */
export const stand = async (command: readonly string[], options: StartOptions & { port?: number } = {}): Promise<Standing> => {
  const [program = '', ...words] = command;
  const env = { ...environment(), ...options.env };
  const child = spawn(program, words, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let over = false;
  const ended = new Promise<void>((resolve) =>
    child.on('close', () => {
      over = true;
      resolve();
    }),
  );
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const stop = async (): Promise<void> => {
    killGroup(child, 'SIGTERM');
    const timer = setTimeout(() => killGroup(child, 'SIGKILL'), 3_000);
    await ended;
    clearTimeout(timer);
  };
  for (let tries = 0; tries < 600 && !over; tries++) {
    await sleep(50);
    const line = stdout().split('\n', 1)[0] ?? '';
    if (options.port === undefined ? line !== '' : await accepts(options.port)) return { line, stop };
  }
  await stop();
  throw new BurgeonError('INTERNAL', {
    message: `${words.slice(0, 2).join(' ')} does not stand: ${stderr().trim().split('\n').slice(0, 3).join(' ')}`,
  });
};

/** A port of 127.0.0.1 that nobody uses just now. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
