import { type Host, defineHost } from '@burgeon/kit';
import { startInstance } from '../../../walls/instance.ts';
import type { JailOptions } from '../../../walls/jail/jail.ts';
import { RunnerPool } from '../../../walls/pool.ts';
import { type RunnerKind, startRunner } from '../../../walls/start-runner.ts';
import { programOf } from './program.ts';

/**
 * The thinner machine for what is not approved: WebAssembly by the one-pass compiler only, our own JavaScript by the interpreter. There is no
 * WebAssembly without a compiler.
 */
const thin: readonly string[] = ['--disable-optimizing-compilers', '--no-sparkplug'];

/** What a runner for WebAssembly is made of, by trust. */
export const runnerKind = (trusted: boolean): RunnerKind => ({
  engine: new URL('./inside.ts', import.meta.url),
  // The engine collects memories that were left by itself; no guest is JavaScript, so none can.
  flags: ['--expose-gc', ...(trusted ? [] : thin)],
  compiler: 'always',
});

/** Makes the host. `jail` chooses the jail, for tests that leave a wall out. */
export const createWasm = (jail?: JailOptions): Host => {
  const pool = new RunnerPool({ start: (trusted) => startRunner(runnerKind(trusted), trusted, jail) });
  return defineHost({
    name: 'wasm',
    start: async (module, grants, limits, context) =>
      startInstance({ pool, module, grants, limits, context, program: programOf(module, grants, limits) }),
  });
};

/**
 * Runs modules in WebAssembly: one instance each, in jailed processes by trust. The import section is what a module asks for, and is held
 * against its grants before anything compiles it. Plug-ins for Extism run as they are.
 * @see docs/abi.md
 */
export const wasm: Host = createWasm();
