import type { AdapterList, Source } from '@burgeon/kit';

/** The sources by name. */
export const sources: AdapterList<Source> = {
  openapi: async () => (await import('./openapi/index.ts')).openapi,
  module: async () => (await import('./module/index.ts')).module,
  sql: async () => (await import('./sql/index.ts')).sql,
};
