import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BundleFile,
  type Candidate,
  type Check,
  type CheckContext,
  type Diagnostic,
  defineCheck,
  manifestExtension,
} from '@burgeon/kit';
import { runDisposable } from '../../../base/disposable.ts';
import { doubtSource } from '../../../base/source-text.ts';
import { isWebAssembly, scriptFiles } from '../../../security/bundle.ts';
import { ambientDeclarations } from './ambient.ts';
import { compilerOptions, compilerPath, readOutput } from './compiler.ts';

/** A 1,000-line module takes 0.2 s (measured 2026-11); a hostile one takes what it is given. */
const deadlineMs = 30_000;
const memoryBytes = 1_536 * 1024 * 1024;

const ambientPath = 'burgeon-ambient.d.ts';

const isTypeScript = (file: BundleFile): boolean => /\.[cm]?tsx?$/i.test(file.path);

/** Paths come from outside: only those that stay below the folder they are written to. */
const stays = (path: string): boolean =>
  /^[\w@.-]+(?:\/[\w@.-]+)*$/.test(path) && !path.split('/').some((part) => /^\.+$/.test(part));

const finding = (code: string, path: string, message: string): Diagnostic => ({
  severity: 'error',
  code,
  message,
  path,
  from: 'types',
});

const doubtsAbout = ({ path, text }: BundleFile): Diagnostic[] => {
  if (!stays(path) || path === ambientPath) return [finding('path-invalid', path, 'A file of that name is not compiled.')];
  const doubt = doubtSource(text);
  return doubt ? [finding('check-killed', path, `The file ${doubt.message}; it is not given to the compiler.`)] : [];
};

const write = async (folder: string, files: readonly BundleFile[]): Promise<void> => {
  for (const { path, text } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { flag: 'wx' });
  }
};

/** What is said of a module whose own files are no TypeScript, whatever they are called. */
const passedOver: Diagnostic = {
  severity: 'info',
  code: 'not-judged',
  message: 'The module is WebAssembly: only the stub that is written for it is compiled.',
  path: '',
  from: 'types',
};

/** What a candidate finds without having it. Programs may import what Node has, of which no types are known here. */
const ambientFor = ({ manifest }: Candidate): string =>
  ambientDeclarations() + (manifest.extensions[manifestExtension].host === 'process' ? `declare module 'node:*';\n` : '');

/** Compiles the candidate's TypeScript, strictly, in a process that may be lost. */
const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  const found = await compile(scriptFiles(candidate).filter(isTypeScript), ambientFor(candidate), context);
  return isWebAssembly(candidate) ? [...found, passedOver] : found;
};

const compile = async (files: readonly BundleFile[], ambient: string, context: CheckContext): Promise<Diagnostic[]> => {
  if (files.length === 0) return [];
  const doubts = files.flatMap(doubtsAbout);
  if (doubts.length > 0) return doubts;
  const folder = await context.scratch();
  const names = files.map((file) => file.path);
  await write(folder, [
    ...files,
    { path: ambientPath, text: ambient },
    { path: 'tsconfig.json', text: JSON.stringify({ compilerOptions, files: [...names, ambientPath] }) },
  ]);
  const end = await runDisposable({
    command: compilerPath(),
    args: ['--project', 'tsconfig.json', '--pretty', 'false'],
    cwd: folder,
    env: { GOMEMLIMIT: '1GiB' },
    deadlineMs,
    memoryBytes,
    signal: context.signal,
  });
  if (end.kind === 'killed') return [finding('check-killed', '', `The compiler was stopped: ${end.why}.`)];
  const found = readOutput(end.stdout);
  if (end.code !== 0 && found.length === 0) return [finding('check-killed', '', `The compiler ended with ${end.code}.`)];
  return found;
};

/** The check of types: the candidate's TypeScript compiles under the strictest flags. */
export const types: Check = defineCheck({ name: 'types', run });
