/** Hosts with holes on purpose: the suite of attacks must turn red for each of them, or it proves nothing. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { BurgeonError, type Host, type HostContext, type Instance, type JsonValue, type VerifiedModule } from '@burgeon/kit';
import { isolateOver } from '../../packages/burgeon/src/adapters/hosts/isolate/index.ts';
import { libraryPath } from '../../packages/burgeon/src/adapters/hosts/isolate/pool.ts';
import { insideProgram } from '../../packages/burgeon/src/walls/inside-program.ts';
import { launch } from '../../packages/burgeon/src/walls/jail/choose.ts';
import { RunnerPool } from '../../packages/burgeon/src/walls/pool.ts';
import { Runner } from '../../packages/burgeon/src/walls/runner.ts';

type Code = Record<string, (input: unknown) => unknown>;

/** The entry as a script: what it imports of power is there by name, what it exports is given back. */
const scriptOf = (source: string): string => {
  const body = source
    .replaceAll(/^import \{ (\w+) \} from 'burgeon:cap\/\w+';$/gm, 'const $1 = $power.$1;')
    .replaceAll(/^export const/gm, 'const');
  return `(() => { ${body}\nreturn operations; })()`;
};

const powersOf = ({ hostCall }: HostContext): Record<string, Record<string, unknown>> => {
  const kinds = { http: 'net.http', clock: 'clock', secret: 'secret.use', modules: 'module.call' };
  const methods = ['fetch', 'now', 'sleep', 'has', 'call'];
  return Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      Object.fromEntries(methods.map((method) => [method, (...args: JsonValue[]) => hostCall(kind, method, args)])),
    ]),
  );
};

const instanceOf = (operations: Code): Instance => ({
  init: async () => {},
  call: async (name, input) => {
    if (operations[name] === undefined) throw new BurgeonError('OPERATION_NOT_FOUND', { message: 'There is none.' });
    try {
      return { output: ((await operations[name](input)) ?? null) as JsonValue };
    } catch (error) {
      throw new BurgeonError('MODULE_FAILED', { message: String(error), cause: error });
    }
  },
  message: async () => null,
  capabilities: () => [],
  snapshot: async () => null,
  restore: async () => {},
  dispose: async () => {},
});

/** Runs everything in this very process, in a context of `node:vm`, as many a plugin system has done. */
export const withoutWalls: Host = {
  name: 'isolate',
  start: async (module: VerifiedModule, _grants, _limits, context) => {
    const global = { $power: powersOf(context), setTimeout, queueMicrotask, console: { log: () => {} }, URL, TextEncoder };
    const operations = runInContext(scriptOf(module.file('index.js') ?? ''), createContext(global)) as Code;
    return instanceOf(operations);
  },
};

/** As {@link withoutWalls}, and while a module whose text holds `word` is there, all others fail. */
export const withFragileNeighbours = (word: string): Host => {
  let guests = 0;
  return {
    name: 'isolate',
    start: async (module, ...rest) => {
      const hostile = (module.file('index.js') ?? '').includes(word);
      const instance = await withoutWalls.start(module, ...rest);
      if (hostile) guests += 1;
      return {
        ...instance,
        call: (name, input) => {
          if (hostile || guests === 0) return instance.call(name, input);
          return Promise.reject(new BurgeonError('MODULE_CRASHED', { message: 'The process that ran the module ended.' }));
        },
        dispose: async () => {
          if (hostile) guests -= 1;
          await instance.dispose();
        },
      };
    },
  };
};

/** The isolate host, jailed as ever, whose glue was changed: a line of it left out, say. */
export const isolateWithGlue = async (change: (glue: string) => string): Promise<Host> => {
  const made = mkdtempSync(join(tmpdir(), 'burgeon-holes-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  const engineFile = new URL('../../packages/burgeon/src/adapters/hosts/isolate/inside.ts', import.meta.url);
  const { main, engine, read } = await insideProgram(engineFile);
  const folder = read[0] ?? '';
  cpSync(folder, made, { recursive: true });
  const copied = (path: string): string => join(made, relative(folder, path));
  const glue = join(made, 'walls/javascript/guest.js');
  const [before, after] = [readFileSync(glue, 'utf8'), change(readFileSync(glue, 'utf8'))];
  if (before === after) throw new TypeError('The glue was not changed: it no longer has what this hole takes away.');
  chmodSync(glue, 0o644);
  writeFileSync(glue, after);
  const library = libraryPath();
  const program = {
    command: process.execPath,
    args: ['--no-warnings', '--no-node-snapshot', copied(main), copied(engine), library],
    read: [made, library],
    node: { addons: true },
    bounds: { memoryBytes: 512 * 1024 * 1024, processes: 64, openFiles: 64, fileBytes: 0 },
  };
  return isolateOver(new RunnerPool({ start: async () => new Runner(await launch(program)), spare: false }));
};
