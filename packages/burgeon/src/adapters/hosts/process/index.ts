import {
  BurgeonError,
  type Grant,
  type Host,
  type Instance,
  type Limits,
  type VerifiedModule,
  defineHost,
  manifestExtension,
} from '@burgeon/kit';
import { powerImports } from '../../../security/capability-imports.ts';
import { startInstance } from '../../../walls/instance.ts';
import { jailDriver, launch } from '../../../walls/jail/choose.ts';
import type { JailOptions, Wall } from '../../../walls/jail/jail.ts';
import type { PowerImport } from '../../../walls/javascript/script.ts';
import { RunnerPool } from '../../../walls/pool.ts';
import { GuestRunner } from './guest-runner.ts';
import { type Container, type GuestProgram, type Prepared, prepare } from './program.ts';

/** Walls without which no program is started: its language keeps nothing back. */
const needed: readonly Wall[] = ['files', 'network'];

/** Where programs run: in our own jail, or in a container with the files of an image. */
export interface ProcessOptions extends JailOptions {
  container?: Container;
}

/** @throws {BurgeonError} DEPENDENCY_MISSING */
const requireWalls = async (jail: JailOptions): Promise<void> => {
  const walls = await (await jailDriver(jail)).probe();
  const missing = needed.filter((wall) => !walls.includes(wall) && !jail.without?.includes(wall));
  if (missing.length === 0) return;
  throw new BurgeonError('DEPENDENCY_MISSING', {
    message: `Programs run only behind walls of the operating system; here it builds none around ${missing.join(' and ')}.`,
    hint: 'Install bubblewrap on Linux; which walls hold here: burgeon doctor',
  });
};

/** What the granted kinds are called in code. */
const powersOf = (grants: readonly Grant[]): PowerImport[] => {
  const granted = new Set(grants.map(({ kind }) => kind));
  return powerImports().filter(({ kind }) => granted.has(kind));
};

/** A pool for one module: each process is started from the same folder, and holds nobody else. */
const poolOf = ({ program, mounts }: Prepared, limits: Limits, { container, ...jail }: ProcessOptions): RunnerPool =>
  new RunnerPool({
    start: async () => {
      const child = container
        ? await (await import('./container.ts')).launchContainer({ rootfs: container.rootfs, program, mounts })
        : await launch(program, jail);
      return new GuestRunner(child, limits);
    },
    capacity: 1,
    spare: false,
  });

/** The instance, with the folder taken away at its end. */
const withFolder = (instance: Instance, { folder }: Prepared): Instance => ({
  ...instance,
  dispose: async () => {
    await instance.dispose();
    await folder.remove();
  },
});

/** Makes the host. `options` chooses the jail, for tests that leave a wall out, or a container in its place. */
export const createProcess = (options: ProcessOptions = {}): Host =>
  defineHost({
    name: 'process',
    start: async (module, grants, limits, context) => {
      if (!options.container) await requireWalls(options);
      const prepared = await prepare(module, limits, options.container);
      const program: GuestProgram = { entry: entryOf(module), powers: powersOf(grants) };
      const pool = poolOf(prepared, limits, options);
      return withFolder(startInstance({ pool, module, grants, limits, context, program }), prepared);
    },
  });

const entryOf = (module: VerifiedModule): string => module.manifest.extensions[manifestExtension].entry ?? '';

/**
 * Runs programs: a process of its own for each module, in Python, Node, or whatever an executable was written in, behind every wall of the
 * operating system. The program speaks the frames of `walls/frames.ts` itself; what it says of itself is not believed.
 */
export const processHost: Host = createProcess();
