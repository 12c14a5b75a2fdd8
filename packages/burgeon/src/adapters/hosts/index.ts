import type { AdapterList, Host } from '@burgeon/kit';

/** What runs modules, by kind. */
export const hosts: AdapterList<Host> = {
  interface: async () => (await import('./interface.ts')).interfaceHost,
  isolate: async () => (await import('./isolate/index.ts')).isolate,
  mirror: async () => (await import('./mirror.ts')).mirrorHost,
};
