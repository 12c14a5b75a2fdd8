import { parentPort } from 'node:worker_threads';
import { BurgeonError } from '@burgeon/kit';
import { sources } from '../adapters/sources/index.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import type { ReadAnswer, ReadJob } from './document-reader.ts';

const read = async (job: ReadJob): Promise<ReadAnswer> => {
  try {
    const source = await sources[job.source]?.();
    if (!source) throw new BurgeonError('ADAPTER_UNKNOWN', { message: `There is no source "${job.source}".` });
    const description = await source.read(job.input, {
      budget: job.budget,
      clock: systemClock,
      log: silentLogger,
      signal: new AbortController().signal,
      document: async (location) => {
        const text = Object.hasOwn(job.documents, location) ? job.documents[location] : undefined;
        if (text !== undefined) return text;
        throw new BurgeonError('SOURCE_FORBIDDEN', {
          message: `${location} was not allowed to be read.`,
          hint: `Allow it: --allow-ref ${location}`,
        });
      },
    });
    return { interface: description };
  } catch (error) {
    return { error: BurgeonError.from(error).toJSON() };
  }
};

parentPort?.on('message', (job: ReadJob) => {
  void read(job).then((answer) => parentPort?.postMessage(answer));
});
