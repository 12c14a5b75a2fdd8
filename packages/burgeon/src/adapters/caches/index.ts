import type { AdapterList, CacheAdapter } from '@burgeon/kit';

/** The caches, nearest first. Each entry opens a cache at a location. */
export const caches: AdapterList<CacheAdapter> = {
  memory: async () => (await import('./memory.ts')).memory,
  disk: async () => (await import('./disk.ts')).disk,
  redis: async () => (await import('./redis.ts')).redis,
};
