import type { Contender } from '../../../packages/burgeon/src/measure/contender.ts';

/** What others have, from their published packages and from Node itself. Each stands in the process that measures, or below it. */
export const peers = async (): Promise<Contender[]> => {
  const { plain, context } = await import('./plain.ts');
  const { worker } = await import('./worker.ts');
  const { isolatedAsync, isolatedSync } = await import('./isolated.ts');
  const { quickjs } = await import('./quickjs.ts');
  const { permissionChild } = await import('./permission-child.ts');
  const { extism } = await import('./extism.ts');
  return [plain, context, worker, isolatedSync, isolatedAsync, quickjs, permissionChild, extism];
};
