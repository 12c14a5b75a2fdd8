import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the runner is made of; nothing else of this package is inside the jail. */
const parts = ['runner', 'cell', 'guest', 'frames'] as const;

const source = (part: string): string => fileURLToPath(new URL(`./${part}.ts`, import.meta.url));

let written: string | undefined;

const write = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-runner-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const part of parts) {
    const text = stripTypeScriptTypes(readFileSync(source(part), 'utf8'), { mode: 'strip' });
    writeFileSync(join(folder, `${part}.js`), text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"), { mode: 0o444 });
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
};

/**
 * The runner as JavaScript: its script and the folder that holds all it imports. Node strips types with WebAssembly, which a process
 * without just-in-time compilation does not have; so our own sources are stripped here, once. Published code is JavaScript already.
 */
export const runnerProgram = (): { script: string; folder: string } => {
  if (!import.meta.url.endsWith('.ts'))
    return {
      script: fileURLToPath(new URL('./runner.js', import.meta.url)),
      folder: fileURLToPath(new URL('.', import.meta.url)),
    };
  written ??= write();
  return { script: join(written, 'runner.js'), folder: written };
};
