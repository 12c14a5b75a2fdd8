import { insideProgram } from './inside-program.ts';
import type { JailOptions } from './jail/jail.ts';
import { launch } from './jail/choose.ts';
import { Runner } from './runner.ts';

/** What a runner with one engine needs. */
export interface RunnerKind {
  /** File that exports `engine`. */
  engine: URL;
  /** For the engine. */
  options?: readonly string[];
  /** Files and folders it reads beside itself. */
  read?: readonly string[];
  /** Flags of Node. */
  flags?: readonly string[];
  /** True: the engine is a native add-on. */
  addons?: boolean;
  /** The engine needs machine code whoever's code it runs (WebAssembly does); how thin the compiler is then, its flags say. */
  compiler?: 'always';
}

/** Until a runner knows its modules; then it is held to what they may take. */
const startBytes = 512 * 1024 * 1024;

const bounds = { memoryBytes: startBytes, processes: 64, openFiles: 64, fileBytes: 0 };

/** Starts a runner behind every wall there is. Only trusted code is compiled to machine code, unless the engine cannot do without. @throws {BurgeonError} DEPENDENCY_MISSING */
export const startRunner = async (kind: RunnerKind, trusted: boolean, jail?: JailOptions): Promise<Runner> => {
  const { main, engine, read } = await insideProgram(kind.engine);
  const flags = [
    '--no-warnings',
    '--max-old-space-size=128',
    '--single-threaded-gc',
    ...(trusted || kind.compiler === 'always' ? [] : ['--jitless']),
  ];
  const program = {
    command: process.execPath,
    args: [...flags, ...(kind.flags ?? []), main, engine, ...(kind.options ?? [])],
    read: [...read, ...(kind.read ?? [])],
    node: { addons: kind.addons ?? false },
    bounds,
  };
  return new Runner(await launch(program, jail));
};
