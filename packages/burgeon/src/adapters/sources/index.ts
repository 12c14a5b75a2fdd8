import type { AdapterList, Source } from '@burgeon/kit';

/** The sources by name. */
export const sources: AdapterList<Source> = {
  openapi: async () => (await import('./openapi/index.ts')).openapi,
  sql: async () => (await import('./sql/index.ts')).sql,
};
