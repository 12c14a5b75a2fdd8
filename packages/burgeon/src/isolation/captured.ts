import type { Host } from '@burgeon/kit';
import { startInstance } from '../walls/instance.ts';
import { launch } from '../walls/jail/choose.ts';
import { RunnerPool } from '../walls/pool.ts';
import { Runner } from '../walls/runner.ts';
import { orderlySpeech } from './speech.ts';

/** A host whose runner is in the hands of the attacker: jailed as any, but the program inside is the entry of the module. */
export const capturedRunner: Host = {
  name: 'captured runner',
  start: async (module, grants, limits, context) => {
    const source = `${orderlySpeech}${module.file('index.js') ?? ''}`;
    const bounds = { memoryBytes: 512 * 1024 * 1024, processes: 64, openFiles: 64, fileBytes: 0 };
    const program = { command: process.execPath, args: ['-e', source], read: [], node: {}, bounds };
    const pool = new RunnerPool({ start: async () => new Runner(await launch(program)), spare: false });
    return startInstance({ pool, module, grants, limits, context, program: null });
  },
};
