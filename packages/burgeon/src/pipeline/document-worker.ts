import { parentPort } from 'node:worker_threads';
import { BurgeonError, type SourceInput } from '@burgeon/kit';
import { sources } from '../adapters/sources/index.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import type { ReadAnswer, ReadJob } from './document-reader.ts';
import { finish } from './finish.ts';
import type { DocumentContent } from './point.ts';
import { recognise } from './recognise.ts';

/** Text of a document: UTF-8, or UTF-16 when the byte order mark says so. */
const textOf = (content: DocumentContent): string => {
  if (typeof content === 'string') return content;
  const encoding =
    content[0] === 0xff && content[1] === 0xfe ? 'utf-16le' : content[0] === 0xfe && content[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(content);
};

const read = async (job: ReadJob): Promise<ReadAnswer> => {
  try {
    const { content, ...found } = job.document;
    const input: SourceInput = { ...found, text: textOf(content) };
    const source = await recognise(sources, input, job.as);
    const description = await source.read(input, {
      budget: job.budget,
      clock: systemClock,
      log: silentLogger,
      signal: new AbortController().signal,
      document: async (location) => {
        const allowed = Object.hasOwn(job.documents, location) ? job.documents[location] : undefined;
        if (allowed !== undefined) return textOf(allowed);
        throw new BurgeonError('SOURCE_FORBIDDEN', {
          message: `${location} was not allowed to be read.`,
          hint: `Allow it: --allow-ref ${location}`,
        });
      },
    });
    return { interface: finish(description, input, job.wishes) };
  } catch (error) {
    return { error: BurgeonError.from(error).toJSON() };
  }
};

parentPort?.on('message', (job: ReadJob) => {
  void read(job).then((answer) => parentPort?.postMessage(answer));
});
