import { Worker } from 'node:worker_threads';
import { BurgeonError, type ErrorJson, type Interface, type SourceBudget } from '@burgeon/kit';
import type { Wishes } from './finish.ts';
import { withoutSecrets, type DocumentContent, type PointedDocument } from './point.ts';

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

/** What the worker posts back. */
export type ReadAnswer = { interface: Interface } | { error: ErrorJson };

/** Reads documents in disposable workers, so that a hostile one costs a worker and not the process. */
export interface DocumentReader {
  /** @throws {BurgeonError} what the source throws; SPEC_TOO_COMPLEX when the deadline or the memory cap ends the worker */
  read(job: ReadJob): Promise<Interface>;
  close(): Promise<void>;
}

/** Heap of one reading worker. Twelve times the largest real description seen (3.9 MB) parses within it. */
const workerHeapMb = 1_024;

/** Makes a reader that keeps one idle worker warm. Its owner closes it. */
export const createDocumentReader = (): DocumentReader => {
  let idle: Worker | undefined;
  const spawn = (): Worker =>
    new Worker(new URL('./document-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMb, stackSizeMb: 4 },
      env: {},
      execArgv: [],
    });
  return {
    read: async (job) => {
      const worker = idle ?? spawn();
      idle = undefined;
      worker.ref();
      const interfaceRead = await readWith(worker, job).catch(async (error: unknown) => {
        await worker.terminate();
        throw error;
      });
      worker.unref();
      if (idle) await worker.terminate();
      else idle = worker;
      return interfaceRead;
    },
    close: async () => {
      await idle?.terminate();
      idle = undefined;
    },
  };
};

const readWith = (worker: Worker, job: ReadJob): Promise<Interface> => {
  const { promise, resolve, reject } = Promise.withResolvers<Interface>();
  const tooComplex = (why: string): void =>
    reject(
      new BurgeonError('SPEC_TOO_COMPLEX', {
        message: `Reading ${withoutSecrets(job.document.location)} was stopped: ${why}.`,
        hint: 'Split the document, or point at a smaller part of it.',
      }),
    );
  const answered = (answer: ReadAnswer): void =>
    'error' in answer ? reject(BurgeonError.fromJson(answer.error)) : resolve(answer.interface);
  const failed = (error: NodeJS.ErrnoException): void =>
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? tooComplex(`it needed more than ${workerHeapMb} MB`)
      : reject(BurgeonError.from(error));
  const ended = (): void => tooComplex('the reading thread ended');
  const timer = setTimeout(() => tooComplex(`it took longer than ${job.budget.deadlineMs} ms`), job.budget.deadlineMs);
  worker.on('message', answered).on('error', failed).on('exit', ended);
  worker.postMessage(job, transferable(job.document.content));
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
