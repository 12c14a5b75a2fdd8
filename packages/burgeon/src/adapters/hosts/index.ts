import type { AdapterList, Host } from '@burgeon/kit';

/** What runs modules, by kind. */
export const hosts: AdapterList<Host> = {
  interface: async () => (await import('./interface.ts')).interfaceHost,
  mirror: async () => (await import('./mirror.ts')).mirrorHost,
};
