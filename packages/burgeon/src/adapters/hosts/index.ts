import type { AdapterList, Host } from '@burgeon/kit';

/** What runs modules, by kind. */
export const hosts: AdapterList<Host> = {
  interface: async () => (await import('./interface.ts')).interfaceHost,
  isolate: async () => (await import('./isolate/index.ts')).isolate,
  wasm: async () => (await import('./wasm/index.ts')).wasm,
  process: async () => (await import('./process/index.ts')).processHost,
  strict: async () => (await import('./strict/index.ts')).strict,
  mirror: async () => (await import('./mirror.ts')).mirrorHost,
};
