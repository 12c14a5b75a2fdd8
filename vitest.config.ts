import { availableParallelism } from 'node:os';
import { type ViteUserConfig, defineConfig } from 'vitest/config';

/** What runs only in jailed children, which can write nothing, no coverage either. Suites and attacks drive it from outside. */
const onlyInsideJails = [
  'packages/burgeon/src/walls/inside/main.ts',
  'packages/burgeon/src/walls/jail/native-launcher.ts',
  'packages/burgeon/src/adapters/hosts/isolate/inside.ts',
  'packages/burgeon/src/adapters/hosts/process/shim/node.ts',
  'packages/burgeon/src/adapters/checks/tests/inside/node.ts',
  'packages/burgeon/src/adapters/checks/tests/inside/vitest.ts',
];

/** What asks the built product from outside: minutes of load, so `npm run probes` runs it apart, as continuous integration does. */
const outside = ['tests/probes/**/*.test.ts', 'tests/browser/**/*.test.ts'];
const probing = process.env['BURGEON_PROBES'] === '1';
if (!probing && process.env['VITEST_WORKER_ID'] === undefined) {
  process.stderr.write('\n!!! SKIPPED: probes and browser tests; npm run probes runs them !!!\n');
}

const config: ViteUserConfig = defineConfig({
  test: {
    include: probing ? outside : ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/fixtures/**', ...(probing ? [] : outside)],
    setupFiles: ['tests/afterwards.ts'],
    fileParallelism: !probing,
    // A process of its own for each file would cost as much as most files do; probes count what a process has open.
    isolate: probing,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Tests wait for other processes much of the time.
    maxWorkers: availableParallelism() + 1,
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
