/** A process of its own for free queries on an SQLite file: a query that never ends can only be stopped from outside. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import type { SqlJson } from '../runtime/decode.ts';
import { failureMeanings, failureOf, type SqlFailureCode } from '../runtime/failure.ts';
import { success, type SqlOutcome } from '../runtime/result.ts';
import type { ReadBounds, SqlTableResult } from './database.ts';
import type { ReaderAnswer, ReaderRequest } from './sqlite-answer.ts';

/** Heap of the process; SQLite itself is bounded by the process. */
const heapMegabytes = 256;

/** Reads with free queries; its owner closes it. */
export interface SqliteReader {
  read(text: string, parameters: SqlJson[], bounds: ReadBounds): Promise<SqlOutcome<SqlTableResult>>;
  close(): void;
}

const failed = (code: SqlFailureCode, detail = ''): SqlOutcome<never> => ({
  ok: false,
  failure: { code, message: `${failureMeanings[code]}${detail}` },
});

const start = (path: string): ChildProcess => {
  const child = fork(fileURLToPath(new URL('./sqlite-reader-process.ts', import.meta.url)), [path], {
    env: {},
    execArgv: [`--max-old-space-size=${heapMegabytes}`, '--disable-warning=ExperimentalWarning'],
    serialization: 'json',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // A program that has nothing else to do may end; the process then ends with its channel.
  child.unref();
  return child;
};

const outcomeOf = (answer: ReaderAnswer): SqlOutcome<SqlTableResult> => {
  if ('result' in answer) return success(answer.result);
  const failure = failureOf(answer.error, 'sqlite');
  return failure ? { ok: false, failure } : failed('database-error', ` ${answer.error.message}`);
};

/** Asks the process once; whatever stops the answer kills the process. */
const ask = (
  child: ChildProcess,
  request: ReaderRequest,
  { timeoutMs, signal }: ReadBounds,
): Promise<SqlOutcome<SqlTableResult>> => {
  const { promise, resolve, reject } = Promise.withResolvers<SqlOutcome<SqlTableResult>>();
  const stop = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(() => {
    resolve(failed('statement-timeout'));
    stop();
  }, timeoutMs);
  const aborted = (): void => {
    reject(new BurgeonError('CANCELLED', { message: 'The call was cancelled.', cause: signal?.reason }));
    stop();
  };
  const answered = (answer: unknown): void => resolve(outcomeOf(answer as ReaderAnswer));
  const ended = (): void => resolve(failed('result-too-large'));
  child.on('message', answered);
  child.on('exit', ended);
  child.on('error', ended);
  signal?.addEventListener('abort', aborted, { once: true });
  if (signal?.aborted) aborted();
  else child.send(request, (error) => error && ended());
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
    child.off('message', answered).off('exit', ended).off('error', ended);
  });
};

/** Queries take turns in one process, which is started at the first one and again after it had to be stopped. */
export const createSqliteReader = (path: string): SqliteReader => {
  let child: ChildProcess | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const read = (text: string, parameters: SqlJson[], bounds: ReadBounds): Promise<SqlOutcome<SqlTableResult>> => {
    if (child === undefined || !child.connected || child.killed || child.exitCode !== null) child = start(path);
    return ask(child, { text, parameters, limit: bounds.limit }, bounds);
  };
  return {
    read: (text, parameters, bounds) => {
      const mine = turn.then(() => read(text, parameters, bounds));
      turn = mine.catch(() => {});
      return mine;
    },
    close: () => void child?.kill('SIGKILL'),
  };
};
