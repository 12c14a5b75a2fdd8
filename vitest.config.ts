import { type ViteUserConfig, defineConfig } from 'vitest/config';

/** What runs only in jailed children, which can write nothing, no coverage either. Suites and attacks drive it from outside. */
const onlyInsideJails = [
  'packages/burgeon/src/walls/inside/main.ts',
  'packages/burgeon/src/walls/jail/native-launcher.ts',
  'packages/burgeon/src/adapters/hosts/isolate/inside.ts',
  'packages/burgeon/src/adapters/hosts/process/shim/node.ts',
];

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/fixtures/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.suite.ts', ...onlyInsideJails],
      reporter: ['text', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 90, branches: 90 },
    },
  },
});

export default config;
