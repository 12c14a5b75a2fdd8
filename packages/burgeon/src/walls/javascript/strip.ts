import { fileURLToPath } from 'node:url';
import { type BundleFile, BurgeonError } from '@burgeon/kit';
import { runDisposable } from '../../base/disposable.ts';
import { digestOf } from '../../base/json.ts';
import { doubtSource } from '../../base/source-text.ts';

/** A file of a module, as JavaScript. */
export interface ScriptFile {
  path: string;
  source: string;
}

const child = fileURLToPath(new URL('./strip-child.ts', import.meta.url));

/** Bundles whose JavaScript is remembered; the one unused for longest gives way. */
const rememberedBundles = 64;

const remembered = new Map<string, ScriptFile[]>();

const broken = (message: string): BurgeonError =>
  new BurgeonError('MODULE_FAILED', { message, hint: 'Check the module again: burgeon check.' });

/**
 * The files as JavaScript, lines and columns kept. Types are stripped in a process that may be lost.
 * @throws {BurgeonError} MODULE_FAILED when the code cannot be read
 */
export const stripTypes = async (files: readonly BundleFile[]): Promise<ScriptFile[]> => {
  const typed = files.filter(({ path }) => /\.[cm]?ts$/.test(path));
  const plain = files.filter((file) => !typed.includes(file)).map(({ path, text }) => ({ path, source: text }));
  if (typed.length === 0) return plain;
  const key = digestOf(files);
  const known = remembered.get(key);
  if (known) {
    remembered.delete(key);
    remembered.set(key, known);
    return known;
  }
  for (const { path, text } of typed) {
    const doubt = doubtSource(text);
    if (doubt) throw broken(`${path} ${doubt.message}.`);
  }
  const end = await runDisposable({
    command: process.execPath,
    args: ['--no-warnings', '--max-old-space-size=256', child],
    input: JSON.stringify(typed),
    deadlineMs: 10_000,
    memoryBytes: 768 * 1024 * 1024,
    outputBytes: 64 * 1024 * 1024,
  });
  if (end.kind !== 'ended' || end.code !== 0)
    throw broken(`The types could not be stripped: ${/^\w*Error.*$/m.exec(end.stderr)?.[0] ?? end.kind}.`);
  const stripped = [...plain, ...(JSON.parse(end.stdout) as ScriptFile[])];
  remembered.set(key, stripped);
  const oldest = remembered.size > rememberedBundles ? remembered.keys().next().value : undefined;
  if (oldest !== undefined) remembered.delete(oldest);
  return stripped;
};
