import { fileURLToPath } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import type { JailOptions } from '../../../walls/jail/jail.ts';
import { type PoolOptions, RunnerPool } from '../../../walls/pool.ts';
import { type RunnerKind, startRunner } from '../../../walls/start-runner.ts';

/** The interpreter: found here, so that the runner needs to read nothing else. @throws {BurgeonError} DEPENDENCY_MISSING */
export const interpreterPath = (): string => {
  try {
    return fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'));
  } catch (cause) {
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: 'Strict modules run in quickjs-wasi, which is not installed.',
      hint: 'npm install quickjs-wasi@3.6.2',
      cause,
    });
  }
};

/** An interpreter in deep recursion notices on 2000 KiB of stack before the process does (measured 2026-11). Windows gives a process less. */
const stackFlags = process.platform === 'win32' ? [] : ['--stack-size=2000'];

/**
 * What a strict runner is made of. It keeps the compiler also for code that nobody approved yet: what is compiled is the interpreter, which is
 * ours and the same for everybody, never a line of the guest.
 */
const runnerKind = (): RunnerKind => {
  const interpreter = interpreterPath();
  return {
    engine: new URL('./inside.ts', import.meta.url),
    options: [interpreter],
    read: [interpreter],
    flags: ['--expose-gc', ...stackFlags],
    compiler: 'always',
  };
};

/** A pool of runners that hold interpreters. `jail` chooses their jail, `more` how full they get. */
export const strictPool = (jail?: JailOptions, more?: Omit<PoolOptions, 'start'>): RunnerPool =>
  new RunnerPool({ ...more, start: async (trusted) => startRunner(runnerKind(), trusted, jail) });
