import type { AdapterList, Target } from '@burgeon/kit';

/** Every target, loaded at its first use. */
export const targets: AdapterList<Target> = {
  dockerfile: async () => (await import('./dockerfile/index.ts')).dockerfile,
  openapi: async () => (await import('./openapi.ts')).openapi,
  'skill-md': async () => (await import('./skill-md.ts')).skillMd,
  typescript: async () => (await import('./typescript/index.ts')).typescript,
};
