import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Contender } from '../../../packages/burgeon/src/measure/contender.ts';
import { gluedText, openCalls } from './glued.ts';
import { ownBytes } from './own-memory.ts';

const program = `const { parentPort, workerData } = require('node:worker_threads');
const take = new Function('send', workerData)((kind, id, text) => parentPort.postMessage([kind, id, text]));
parentPort.on('message', (message) => take(...message));
parentPort.postMessage(['ready', 0, '']);`;

/** A thread for each module, with messages of numbers and texts. Not a wall: a thread that runs out of memory takes the process with it. */
export const worker: Contender = {
  name: 'worker_threads',
  mostModules: 50,
  open: async () => {
    const open = new Set<Worker>();
    return {
      load: async () => {
        const thread = new Worker(program, { eval: true, workerData: gluedText });
        open.add(thread);
        await once(thread, 'message');
        const calls = openCalls((...message) => thread.postMessage(message));
        thread.on('message', (message: [string, number, string]) => calls.take(...message));
        return {
          call: calls.call,
          close: async () => {
            open.delete(thread);
            await thread.terminate();
          },
        };
      },
      memoryBytes: ownBytes,
      close: async () => void (await Promise.all([...open].map((each) => each.terminate()))),
    };
  },
};
