import type { Clock, Logger } from '@burgeon/kit';
import { caches } from '../adapters/caches/index.ts';
import { remembering } from './remembering.ts';
import { createVerdicts } from './verdicts.ts';
import { type Workbench, createWorkbench } from './workbench.ts';

/** How to open the workbench of a home. */
export interface WorkbenchOptions {
  /** False: work on the calling thread. Default: true. */
  threads?: boolean;
  /** Address of a Redis server that shares verdicts. Default: none. */
  verdicts?: string;
  /** File or folder of vulnerability data. Default: none. */
  advisories?: string;
  /** Where verdicts are kept between runs. */
  folder: string;
  /** Key under which they are authenticated; 32 bytes. */
  secret: Uint8Array;
  clock: Clock;
  log: Logger;
}

/** The workbench with a memory for verdicts: in this process, in the data directory, and where the owner shares them. Its owner closes it. */
export const openWorkbench = async (options: WorkbenchOptions): Promise<Workbench> => {
  const { threads = true, verdicts, advisories, folder, secret, clock, log } = options;
  const given = advisories === undefined ? {} : { advisories };
  const workbench = threads ? createWorkbench(given) : (await import('./work.ts')).localWorkbench(given);
  const shared = verdicts === undefined ? [] : [['redis', verdicts] as const];
  const layers = [['memory', ''] as const, ['disk', folder] as const, ...shared];
  return remembering(workbench, createVerdicts({ caches, layers, secret, clock, log }));
};
