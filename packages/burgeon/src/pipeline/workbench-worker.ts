import { parentPort } from 'node:worker_threads';
import { BurgeonError } from '@burgeon/kit';
import { judge, read, stamps } from './work.ts';
import type { Answer, Job } from './workbench.ts';

const work = async (job: Job, post: (answer: Answer) => void): Promise<void> => {
  try {
    if (job.kind === 'read') post({ interface: await read(job.read) });
    else if (job.kind === 'stamps') post({ stamps: await stamps(job.manifest, job.options) });
    else post({ judgement: await judge(job, (checked) => post({ checked })) });
  } catch (error) {
    post({ error: BurgeonError.from(error).toJSON() });
  }
};

parentPort?.on('message', (job: Job) => void work(job, (answer) => parentPort?.postMessage(answer)));
