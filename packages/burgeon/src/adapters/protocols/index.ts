import type { AdapterList, Protocol } from '@burgeon/kit';

/** Protocols by name. */
export const protocols: AdapterList<Protocol> = {
  http: async () => (await import('./http/index.ts')).http,
  mcp: async () => (await import('./mcp/index.ts')).mcp,
  sql: async () => (await import('./sql/index.ts')).sql,
};
