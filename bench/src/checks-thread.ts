/** A thread of checks.ts that judges as many modules as it is told, one after another: it has warm processes of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { checks } from '../../packages/burgeon/src/adapters/checks/index.ts';
import { check } from '../../packages/burgeon/src/pipeline/check.ts';
import { candidates } from './checks-module.ts';

const { folder, names, salt } = workerData as { folder: string; names: string[]; salt: string };
const { next } = await candidates(folder, salt);
const chosen = Object.fromEntries(Object.entries(checks).filter(([name]) => names.includes(name)));
parentPort?.on('message', (count: number) => {
  void (async () => {
    for (let done = 0; done < count; done += 1) await check(chosen, next());
    parentPort?.postMessage('done');
  })();
});
