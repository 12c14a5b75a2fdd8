import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import type { JailOptions } from '../../../walls/jail/jail.ts';
import { type PoolOptions, RunnerPool } from '../../../walls/pool.ts';
import type { Script } from '../../../walls/javascript/script.ts';
import { type RunnerKind, startRunner } from '../../../walls/start-runner.ts';
import { warm } from '../../../walls/warm.ts';

/** The native library: found here, so that the runner needs to read nothing else. @throws {BurgeonError} DEPENDENCY_MISSING */
export const libraryPath = (): string => {
  try {
    const entry = createRequire(import.meta.url).resolve('isolated-vm');
    const build = createRequire(entry)('node-gyp-build') as { path(folder: string): string };
    return build.path(dirname(entry));
  } catch (cause) {
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: 'Code modules run in isolated-vm, which is not installed.',
      hint: 'npm install isolated-vm@7.0.1',
      cause,
    });
  }
};

/** What an isolate's runner is made of. @throws {BurgeonError} DEPENDENCY_MISSING */
const runnerKind = (): RunnerKind => {
  const library = libraryPath();
  return {
    engine: new URL('./inside.ts', import.meta.url),
    options: [library],
    read: [library],
    flags: ['--no-node-snapshot'],
    addons: true,
  };
};

/** A module of nothing. */
const nothing: Script = { files: [{ path: 'index.js', source: 'export const operations = {};' }], entry: 'index.js', powers: [] };

/** A pool of runners that hold isolates. `jail` chooses their jail, `more` how full they get. */
export const isolatePool = (jail?: JailOptions, more?: Omit<PoolOptions, 'start'>): RunnerPool =>
  new RunnerPool({
    ...more,
    start: async (trusted) => startRunner(runnerKind(), trusted, jail),
    warm: (runner) => warm(runner, nothing),
  });
