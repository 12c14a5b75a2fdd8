import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire, findPackageJSON } from 'node:module';
import { dirname } from 'node:path';
import { BurgeonError, type ErrorJson } from '@burgeon/kit';
import { killGroup, treeBytes } from '../../../base/disposable.ts';
import { isObject } from '../../../base/json.ts';
import { jailCommand, jailEnvironment } from '../../../security/jail.ts';
import { FrameReader, frameOf } from './frames.ts';
import type { Failure, Order } from './messages.ts';
import { runnerProgram } from './program.ts';

/** Memory of a runner beside its cells. */
const baseBytes = 256 * 1024 * 1024;

const memoryPollMs = 50;

/** What a cell may ask of the control plane. */
export interface CellHost {
  /** Gives JSON text; whatever it throws reaches the guest as message and code. */
  call(kind: string, method: string, args: string): Promise<string>;
  log(text: string): void;
}

/** An order before it has a number. */
export type NewOrder = Order extends infer O ? (O extends { id: number } ? Omit<O, 'id'> : never) : never;

interface Waiting {
  resolve: (value: string) => void;
  reject: (error: unknown) => void;
}

/** A failure as a runner reported it. */
export class ReportedFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const kinds: ReadonlySet<string> = new Set([
  'thrown',
  'missing',
  'memory',
  'cpu',
  'result',
  'code',
  'gone',
] satisfies Failure['kind'][]);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const failureFrom = (value: unknown): Failure => {
  const failure = isObject(value) ? value : {};
  const kind = textOf(failure['kind']) ?? '';
  const [place, data] = [textOf(failure['place']), textOf(failure['data'])];
  return {
    kind: kinds.has(kind) ? (kind as Failure['kind']) : 'thrown',
    message: (textOf(failure['message']) ?? 'The module failed.').slice(0, 4_000),
    ...(place === undefined ? {} : { place: place.slice(0, 300) }),
    ...(data === undefined ? {} : { data }),
  };
};

/** The engine's native library: found here, so that the runner needs to read nothing else. @throws {BurgeonError} DEPENDENCY_MISSING */
export const enginePath = (): string => {
  try {
    const entry = createRequire(import.meta.url).resolve('isolated-vm');
    const build = createRequire(entry)('node-gyp-build') as { path(folder: string): string };
    return build.path(dirname(entry));
  } catch (cause) {
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: 'Code modules run in isolated-vm, which is not installed.',
      hint: 'npm install isolated-vm@7.0.1',
      cause,
    });
  }
};

/** Tells Node that published scripts are modules. */
const card = findPackageJSON(import.meta.url);

/** One runner: a jailed child that may die at any time, and does when it breaks a bound. */
export class RunnerProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private readonly hosts = new Map<string, CellHost>();
  private readonly ended: Promise<void>;
  private orders = 0;
  private watch: NodeJS.Timeout | undefined;
  private memoryBytes = baseBytes;
  /** False once the child is gone: its cells are gone too. */
  alive = true;

  private constructor(child: ChildProcess) {
    this.child = child;
    const reader = new FrameReader();
    child.stdout?.on('data', (piece: Buffer) => {
      const reports = reader.take(piece);
      if (!reports) return this.kill('It broke the form of messages.');
      for (const report of reports) this.take(report);
    });
    // What the engine prints when it dies helps nobody; it must only not fill the pipe.
    child.stderr?.resume();
    child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => this.end(resolve, error.message));
      child.once('exit', (code, signal) => this.end(resolve, signal ?? `exit code ${code}`));
    });
  }

  /** Starts a runner. `jit` only for code that was approved. @throws {BurgeonError} DEPENDENCY_MISSING */
  static async start({ jit }: { jit: boolean }): Promise<RunnerProcess> {
    const engine = enginePath();
    const { script, folder } = await runnerProgram();
    const { command, args } = await jailCommand({
      script,
      args: [engine],
      flags: ['--no-node-snapshot', '--max-old-space-size=128', ...(jit ? [] : ['--jitless'])],
      read: [folder, engine, ...(card === undefined ? [] : [card])],
      addons: true,
    });
    return new RunnerProcess(
      spawn(command, args, {
        env: { ...jailEnvironment },
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: process.platform !== 'win32',
      }),
    );
  }

  /** Gives a cell its way to the control plane, and counts its memory. */
  admit(cell: string, host: CellHost, bytes: number): void {
    this.hosts.set(cell, host);
    this.memoryBytes += bytes;
  }

  /** Takes both away again. */
  dismiss(cell: string, bytes: number): void {
    if (this.hosts.delete(cell)) this.memoryBytes -= bytes;
  }

  /** Gives an order; the answer is JSON text. @throws {ReportedFailure | BurgeonError} MODULE_CRASHED when the runner ended meanwhile */
  order(order: NewOrder): Promise<string> {
    const id = ++this.orders;
    return new Promise((resolve, reject) => {
      if (!this.alive) return reject(this.crashed('it is gone'));
      this.waiting.set(id, { resolve, reject });
      this.child.stdin?.write(frameOf({ ...order, id }));
      this.watch ??= setInterval(() => this.judgeMemory(), memoryPollMs);
    });
  }

  /** Ends the child at once. */
  kill(why: string): void {
    if (!this.alive) return;
    this.fall(why);
    killGroup(this.child.pid);
    this.child.kill('SIGKILL');
  }

  /** Ends the child and waits until it is gone. */
  async close(): Promise<void> {
    this.kill('it was closed');
    await this.ended;
  }

  private judgeMemory(): void {
    if (treeBytes(this.child.pid ?? 0) > this.memoryBytes) this.kill('it took more memory than its modules may');
  }

  private settle(id: unknown): Waiting | undefined {
    const waiting = typeof id === 'number' ? this.waiting.get(id) : undefined;
    if (waiting) this.waiting.delete(id as number);
    if (this.waiting.size === 0) {
      clearInterval(this.watch);
      this.watch = undefined;
    }
    return waiting;
  }

  private take(report: unknown): void {
    if (!isObject(report)) return this.kill('It broke the form of messages.');
    const { op, id, value, failure, text } = report;
    if (op === 'done') this.settle(id)?.resolve(textOf(value) ?? 'null');
    else if (op === 'failed') this.settle(id)?.reject(new ReportedFailure(failureFrom(failure)));
    else if (op === 'log') this.hosts.get(textOf(report['cell']) ?? '')?.log((textOf(text) ?? '').slice(0, 2_000));
    else if (op === 'host') void this.answer(report);
    else this.kill('It broke the form of messages.');
  }

  private async answer({ id, cell, kind, method, args }: Record<string, unknown>): Promise<void> {
    const host = this.hosts.get(textOf(cell) ?? '');
    const reply = (ok: boolean, value: string): void => {
      if (this.alive && typeof id === 'number') this.child.stdin?.write(frameOf({ op: 'answer', id, ok, value } satisfies Order));
    };
    try {
      if (!host) throw new BurgeonError('CAPABILITY_DENIED', { message: 'The module is not loaded.' });
      reply(true, await host.call(textOf(kind) ?? '', textOf(method) ?? '', textOf(args) ?? '[]'));
    } catch (error) {
      const { code, message }: ErrorJson = BurgeonError.from(error).toJSON();
      reply(false, JSON.stringify({ code, message }));
    }
  }

  private crashed(why: string): BurgeonError {
    return new BurgeonError('MODULE_CRASHED', {
      message: `The process that ran the module ended: ${why}.`,
      hint: 'Call again: it is started anew.',
      retryable: true,
    });
  }

  private fall(why: string): void {
    this.alive = false;
    clearInterval(this.watch);
    for (const { reject } of this.waiting.values()) reject(this.crashed(why));
    this.waiting.clear();
    this.hosts.clear();
  }

  private end(resolve: () => void, why: string): void {
    if (this.alive) this.fall(why);
    resolve();
  }
}
