import {
  type BundleFile,
  type Candidate,
  type Check,
  type CheckContext,
  type Diagnostic,
  defineCheck,
  manifestExtension,
} from '@burgeon/kit';
import { doubtSource } from '../../../base/source-text.ts';
import { isWebAssembly, scriptFiles } from '../../../security/bundle.ts';
import { ambientDeclarations } from './ambient.ts';
import { askCompiler, compilerStamp, compilers } from './compilers.ts';

/** A 1,000-line module takes 0.05 s (measured 2026-11); a hostile one takes what it is given. */
const deadlineMs = 30_000;

const available = compilers();

const ambientPath = 'burgeon-ambient.d.ts';

const isTypeScript = (file: BundleFile): boolean => /\.[cm]?tsx?$/i.test(file.path);

/** Paths come from outside: only plain ones are shown to a compiler. */
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
  const shown = [...files.map(({ path, text }) => ({ path, text })), { path: ambientPath, text: ambient }];
  const answer = await askCompiler(available, shown, { deadlineMs, signal: context.signal });
  return 'found' in answer ? answer.found : [finding('check-killed', '', `The compiler was stopped: ${answer.lost}.`)];
};

/** The check of types: the candidate's TypeScript compiles under the strictest flags. */
export const types: Check = defineCheck({ name: 'types', run, stamp: async () => compilerStamp(available) });
