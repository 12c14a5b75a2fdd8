import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contender, LoadedModule } from '../../../packages/burgeon/src/measure/contender.ts';
import { bytesOf } from '../../../packages/burgeon/src/measure/processes.ts';
import { gluedText, openCalls } from './glued.ts';
import { framesIn, frameOf } from './stdio-frames.ts';

const program = fileURLToPath(new URL('./permission-program.mjs', import.meta.url));

const flags = ['--no-warnings', '--permission', `--allow-fs-read=${program}`];

const start = (): LoadedModule => {
  const child = spawn(process.execPath, [...flags, program], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(frameOf(['load', 0, '', gluedText]));
  const calls = openCalls((...message) => child.stdin.write(frameOf(message)));
  const read = framesIn();
  child.stdout.on('data', (piece: Buffer) => {
    for (const [kind, id, , text] of read(piece)) calls.take(kind, id, text);
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    call: calls.call,
    close: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
};

/** A Node for each module, under its permission model, with frames over standard input and output. */
export const permissionChild: Contender = {
  name: 'node --permission child',
  mostModules: 20,
  open: async () => {
    const open = new Set<LoadedModule>();
    return {
      load: async () => {
        const module = start();
        open.add(module);
        return module;
      },
      memoryBytes: () => bytesOf(),
      close: async () => void (await Promise.all([...open].map((each) => each.close()))),
    };
  },
};
