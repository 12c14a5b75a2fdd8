import { bytesOf } from '../../../packages/burgeon/src/measure/processes.ts';

/** Memory of this process, after its garbage was collected where that can be asked for, bytes. */
export const ownBytes = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  return bytesOf([process.pid]);
};
