import type { AdapterList, Check } from '@burgeon/kit';

/** What judges candidates, in the order in which people read the findings. */
export const checks: AdapterList<Check> = {
  structure: async () => (await import('./structure/index.ts')).structure,
  schema: async () => (await import('./schema.ts')).schema,
  capabilities: async () => (await import('./capabilities/index.ts')).capabilities,
  policy: async () => (await import('./policy/index.ts')).policy,
  types: async () => (await import('./types/index.ts')).types,
  python: async () => (await import('./python.ts')).python,
  secrets: async () => (await import('./secrets/index.ts')).secrets,
  redos: async () => (await import('./redos/index.ts')).redos,
  semantic: async () => (await import('./semantic/index.ts')).semantic,
  dependencies: async () => (await import('./dependencies/index.ts')).dependencies,
  tests: async () => (await import('./tests/index.ts')).tests,
};
