import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { killGroup, treeBytes } from './disposable.ts';
import { isObject } from './json.ts';

/** A Node process of ours that answers one request after another, and may be lost with any of them. */
export interface WarmProcessOptions {
  /** Path of the script; it hands its work to `answerRequests`. */
  script: string;
  /** Flags of Node before the script. */
  flags?: readonly string[];
  /** Its whole environment; nothing of ours is inherited. Default: empty. */
  env?: Record<string, string>;
  /** Resident memory of it and of everything it starts, bytes; SIGKILL above it. Watched through `/proc`, so on other systems give flags too. */
  memoryBytes: number;
  /** How long it is kept without work, milliseconds. Default: 60,000. */
  idleMs?: number;
}

/**
 * What came of a request: its answer, or why there is none: `deadline`, `memory`, `cancelled`, `output`, `crash`, or what the work threw, as
 * `RangeError: ...`.
 */
export type WarmAnswer = { kind: 'answered'; value: unknown } | { kind: 'lost'; why: string };

/** How long one request may take, milliseconds, and what ends it early. */
export interface WarmBounds {
  deadlineMs: number;
  signal?: AbortSignal;
}

/** Answers requests one after another. It holds nobody's process open, and ends with its owner, even in the middle of a request. */
export interface WarmProcess {
  /** Never rejects: a process that is lost is an answer, and the next request gets a new one. */
  ask(request: unknown, bounds: WarmBounds): Promise<WarmAnswer>;
  /** Ends it; the next request starts it again. */
  close(): void;
}

const pollMs = 20;
const answerBytes = 16 * 1024 * 1024;

/** A process that grew to this share of its memory answers, and is then replaced. */
const retireShare = 0.5;

/** Makes one; the process is started by the first request. */
export const createWarmProcess = (options: WarmProcessOptions): WarmProcess => {
  const { memoryBytes, idleMs = 60_000 } = options;
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let asked = 0;
  const close = (): void => {
    clearTimeout(idle);
    if (child) killGroup(child.pid);
    child = undefined;
  };
  const askNow = async (request: unknown, bounds: WarmBounds): Promise<WarmAnswer> => {
    clearTimeout(idle);
    if (bounds.signal?.aborted) return { kind: 'lost', why: 'cancelled' };
    if (child && (child.exitCode !== null || child.signalCode !== null)) close();
    child ??= start(options);
    const question: Question = { id: ++asked, request };
    const answer = await exchange(child, question, { ...bounds, memoryBytes });
    if (answer.kind === 'lost' || treeBytes(child.pid ?? 0) > memoryBytes * retireShare) close();
    else idle = setTimeout(close, idleMs).unref();
    return answer;
  };
  return {
    ask: (request, bounds) => {
      const answer = last.then(() => askNow(request, bounds));
      last = answer;
      return answer;
    },
    close,
  };
};

/** A request as it is sent; its answer carries the same number. */
interface Question {
  id: number;
  request: unknown;
}

/** Neither it nor its pipes keep anybody from ending. The fourth pipe is its life line: it ends when that does. */
const start = ({ script, flags = [], env = {} }: WarmProcessOptions): ChildProcess => {
  const child = spawn(process.execPath, ['--no-warnings', ...flags, script], {
    env,
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
  });
  child.on('error', () => {});
  child.unref();
  for (const pipe of child.stdio as (Writable & { unref?(): void })[]) {
    pipe?.on('error', () => {});
    pipe?.unref?.();
  }
  return child;
};

const exchange = (
  child: ChildProcess,
  question: Question,
  { deadlineMs, signal, memoryBytes }: WarmBounds & { memoryBytes: number },
): Promise<WarmAnswer> =>
  new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const settle = (answer: WarmAnswer): void => {
      clearTimeout(deadline);
      clearInterval(watch);
      signal?.removeEventListener('abort', cancel);
      child.stdout?.off('data', take);
      child.off('exit', crash).off('error', crash);
      resolve(answer);
    };
    const lose = (why: string) => (): void => settle({ kind: 'lost', why });
    const [cancel, crash] = [lose('cancelled'), lose('crash')];
    const take = (piece: Buffer): void => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > answerBytes) lose('output')();
      else if (piece.at(-1) === newLine) settle(answerIn(Buffer.concat(pieces).toString(), question.id));
    };
    // The two timers are all that keeps the owner from ending while it waits.
    const deadline = setTimeout(lose('deadline'), deadlineMs);
    const watch = setInterval(() => treeBytes(child.pid ?? 0) > memoryBytes && lose('memory')(), pollMs);
    signal?.addEventListener('abort', cancel, { once: true });
    child.once('exit', crash).once('error', crash);
    child.stdout?.on('data', take);
    child.stdin?.write(`${JSON.stringify(question)}\n`);
  });

const newLine = 10;

/** What is no answer to this very question is none: nothing that an earlier request left behind is taken for one. */
const answerIn = (line: string, id: number): WarmAnswer => {
  try {
    const answer: unknown = JSON.parse(line);
    if (!isObject(answer) || answer['id'] !== id) return { kind: 'lost', why: 'crash' };
    if (typeof answer['threw'] === 'string') return { kind: 'lost', why: answer['threw'] };
    return { kind: 'answered', value: answer['value'] };
  } catch {
    return { kind: 'lost', why: 'crash' };
  }
};
