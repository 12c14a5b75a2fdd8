import type { AdapterList, StoreAdapter } from '@burgeon/kit';

/** The stores. Each entry opens a store at a location. */
export const stores: AdapterList<StoreAdapter> = {
  sqlite: async () => (await import('./sqlite.ts')).sqlite,
};
