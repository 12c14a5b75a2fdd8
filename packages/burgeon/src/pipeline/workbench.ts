import { Worker } from 'node:worker_threads';
import { BurgeonError, type Candidate, type ErrorJson, type Interface, type Manifest, type SourceBudget } from '@burgeon/kit';
import type { CheckOptions, CheckVerdict } from './check.ts';
import type { Wishes } from './finish.ts';
import { withoutSecrets, type DocumentContent, type PointedDocument } from './pointed.ts';
import type { Trial } from './trial-result.ts';

/** One document to read, as it is posted to the worker. */
export interface ReadJob {
  document: PointedDocument;
  /** Source to use instead of the best guess. */
  as?: string;
  wishes: Wishes;
  budget: SourceBudget;
  /** Further documents the user allowed, by location. */
  documents: Record<string, DocumentContent>;
}

/** What is to be done with a candidate, in this order; a trial follows only checks that passed. */
export type JudgePart = 'check' | 'try';

/** What came of it; what was not asked for, or not reached, is empty. */
export interface Judgement {
  checks: CheckVerdict[];
  trial: Trial;
}

/** A candidate as it is posted: its interface lies among its files, and text is cheap to send. */
export type PostedCandidate = Omit<Candidate, 'interface'>;

/** Everything that can be posted to the worker. */
export type Job =
  | { kind: 'read'; read: ReadJob }
  | { kind: 'stamps'; manifest: Manifest; options: CheckOptions }
  | { kind: 'judge'; candidate: PostedCandidate; parts: JudgePart[]; options: CheckOptions };

/** Everything the worker posts back: one answer a job, with the verdicts of the checks before it. */
export type Answer =
  | { interface: Interface }
  | { stamps: Record<string, string> }
  | { checked: CheckVerdict[] }
  | { judgement: Judgement }
  | { error: ErrorJson };

/**
 * Where the long work is done: reading documents, checking and trying candidates. Each job runs in a disposable worker thread, so that a hostile
 * document costs a thread and not the process, and a large module keeps nobody waiting who talks to the server.
 */
export interface Workbench {
  /** @throws {BurgeonError} what the source throws; SPEC_TOO_COMPLEX when the deadline or the memory cap ends the worker */
  read(job: ReadJob): Promise<Interface>;
  /** What the verdict of each check depends on beside the candidate, by name. @throws {BurgeonError} SPEC_TOO_COMPLEX like `read` */
  stamps(manifest: Manifest): Promise<Record<string, string>>;
  /**
   * `checked` hears of the verdicts before the trial begins; checks whose verdict is `known` are not run.
   * @throws {BurgeonError} SPEC_TOO_COMPLEX like `read`
   */
  judge(
    candidate: Candidate,
    parts: JudgePart[],
    checked?: (verdicts: CheckVerdict[]) => void,
    known?: readonly CheckVerdict[],
  ): Promise<Judgement>;
  close(): Promise<void>;
}

/** Heap of one worker. Twelve times the largest real description seen (3.9 MB) is read and tried within it. */
const workerHeapMb = 1_280;

/** Wall clock of checks and trial together, milliseconds: half an hour's worth of operations at the slowest rate seen. */
const judgeDeadlineMs = 600_000;

/** Wall clock of asking every check what it depends on, milliseconds: it looks, and works on nothing. */
const stampsDeadlineMs = 60_000;

/** All that a worker sees of the environment: where tools and temporary files are. */
const workerEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'TMPDIR', 'TEMP'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );

/** Makes a workbench that keeps one idle worker warm. Its owner closes it. */
export const createWorkbench = (options: Pick<CheckOptions, 'advisories'> = {}): Workbench => {
  let idle: Worker | undefined;
  const spawn = (): Worker =>
    new Worker(new URL('./workbench-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMb, stackSizeMb: 4 },
      env: workerEnvironment(),
      execArgv: [],
    });
  const run = async <T>(task: Task<T>): Promise<T> => {
    const worker = idle ?? spawn();
    idle = undefined;
    worker.ref();
    const result = await runIn(worker, task).catch(async (error: unknown) => {
      await worker.terminate();
      throw error;
    });
    worker.unref();
    if (idle) await worker.terminate();
    else idle = worker;
    return result;
  };
  return {
    read: (job) =>
      run({
        job: { kind: 'read', read: job },
        transfer: transferable(job.document.content),
        deadlineMs: job.budget.deadlineMs,
        what: `Reading ${withoutSecrets(job.document.location)}`,
        take: (answer) => ('interface' in answer ? answer.interface : undefined),
      }),
    stamps: (manifest) =>
      run({
        job: { kind: 'stamps', manifest, options },
        transfer: [],
        deadlineMs: stampsDeadlineMs,
        what: `Looking at what ${manifest.name} depends on`,
        take: (answer) => ('stamps' in answer ? answer.stamps : undefined),
      }),
    judge: ({ interface: _, ...candidate }, parts, checked, known = []) =>
      run({
        job: { kind: 'judge', candidate, parts, options: { ...options, known } },
        transfer: [],
        deadlineMs: judgeDeadlineMs,
        what: `Judging ${candidate.manifest.name}`,
        take: (answer) => {
          if ('checked' in answer) checked?.(answer.checked);
          return 'judgement' in answer ? answer.judgement : undefined;
        },
      }),
    close: async () => {
      await idle?.terminate();
      idle = undefined;
    },
  };
};

/** A job and what is needed around it. */
interface Task<T> {
  job: Job;
  transfer: ArrayBuffer[];
  deadlineMs: number;
  /** Beginning of a sentence that says what was stopped. */
  what: string;
  /** The result in an answer; undefined while there is more to come. */
  take(answer: Answer): T | undefined;
}

const runIn = <T>(worker: Worker, task: Task<T>): Promise<T> => {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const tooComplex = (why: string): void =>
    reject(
      new BurgeonError('SPEC_TOO_COMPLEX', {
        message: `${task.what} was stopped: ${why}.`,
        hint: 'Split the document, or point at a smaller part of it.',
      }),
    );
  const answered = (answer: Answer): void => {
    if ('error' in answer) return reject(BurgeonError.fromJson(answer.error));
    const result = task.take(answer);
    if (result !== undefined) resolve(result);
  };
  const failed = (error: NodeJS.ErrnoException): void =>
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? tooComplex(`it needed more than ${workerHeapMb} MB`)
      : reject(BurgeonError.from(error));
  const ended = (): void => tooComplex('its thread ended');
  const timer = setTimeout(() => tooComplex(`it took longer than ${task.deadlineMs} ms`), task.deadlineMs);
  worker.on('message', answered).on('error', failed).on('exit', ended);
  worker.postMessage(task.job, task.transfer);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off('message', answered).off('error', failed).off('exit', ended);
  });
};

/** Bytes that nobody else looks at change hands instead of being copied; small ones share a pool and are copied. */
const transferable = (content: DocumentContent): ArrayBuffer[] => {
  if (typeof content === 'string' || !(content.buffer instanceof ArrayBuffer)) return [];
  return content.byteOffset === 0 && content.byteLength === content.buffer.byteLength ? [content.buffer] : [];
};
