import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripTypes } from './strip.ts';

/** What the runner is made of; nothing else of this package is inside the jail. */
const parts = ['runner', 'cell', 'guest', 'frames'] as const;

const source = (part: string): string => fileURLToPath(new URL(`./${part}.ts`, import.meta.url));

let written: Promise<string> | undefined;

const write = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-runner-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const files = await stripTypes(parts.map((part) => ({ path: `${part}.ts`, text: readFileSync(source(part), 'utf8') })));
  for (const { path, source: text } of files) {
    const linked = text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'");
    writeFileSync(join(folder, path.replace(/\.ts$/, '.js')), linked, { mode: 0o444 });
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
};

/**
 * The runner as JavaScript: its script and the folder that holds all it imports. Node strips types with WebAssembly, which a process
 * without just-in-time compilation does not have; so our own sources are stripped here, once. Published code is JavaScript already.
 */
export const runnerProgram = async (): Promise<{ script: string; folder: string }> => {
  if (!import.meta.url.endsWith('.ts'))
    return {
      script: fileURLToPath(new URL('./runner.js', import.meta.url)),
      folder: fileURLToPath(new URL('.', import.meta.url)),
    };
  written ??= write();
  const folder = await written;
  return { script: join(folder, 'runner.js'), folder };
};
