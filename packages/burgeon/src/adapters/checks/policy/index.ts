import { fileURLToPath } from 'node:url';
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

const child = fileURLToPath(new URL('./child.ts', import.meta.url));
const deadlineMs = 20_000;
const memoryBytes = 1024 ** 3;

/** True for files that hold code or something that runs as code. */
const isCode = (file: BundleFile): boolean => /\.[cm]?[jt]sx?$/i.test(file.path) && !/\.d\.[cm]?ts$/i.test(file.path);

const killed = (path: string, message: string): Diagnostic => ({
  severity: 'error',
  code: 'check-killed',
  message,
  path,
  from: 'policy',
});

/** What is said of a module that these rules have nothing to do with. */
const passedOver: Diagnostic = {
  severity: 'info',
  code: 'not-judged',
  message: 'The module is WebAssembly: its imports are judged with its capabilities, and no script of its bundle runs.',
  path: '',
  from: 'policy',
};

/** A program has all that its language and the walls leave it, so there is nothing to forbid it in its words. */
const notHeld: Diagnostic = {
  ...passedOver,
  message: 'The module is a program of its own: what it names is not judged, only the walls hold it.',
};

/**
 * Judges what the code of a candidate may say: default is deny. A filter that finds mistakes and the obvious early; the wall is the host.
 * The code is parsed in a process of its own, whose death is a finding.
 */
const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  if (candidate.manifest.extensions[manifestExtension].host === 'process') return [notHeld];
  const found = await judge(scriptFiles(candidate).filter(isCode), context);
  return isWebAssembly(candidate) ? [...found, passedOver] : found;
};

const judge = async (files: readonly BundleFile[], context: CheckContext): Promise<Diagnostic[]> => {
  if (files.length === 0) return [];
  const doubts = files.flatMap((file) => {
    const doubt = doubtSource(file.text);
    return doubt ? [killed(file.path, `The file ${doubt.message}; it is not given to a parser.`)] : [];
  });
  if (doubts.length > 0) return doubts;
  const end = await runDisposable({
    command: process.execPath,
    args: ['--max-old-space-size=768', '--stack-size=4000', child],
    input: JSON.stringify(files),
    deadlineMs,
    memoryBytes,
    signal: context.signal,
  });
  if (end.kind === 'ended' && end.code === 0) return JSON.parse(end.stdout) as Diagnostic[];
  const why = end.kind === 'killed' ? end.why : (/^\w*Error: .*$/m.exec(end.stderr)?.[0] ?? `exit code ${end.code}`);
  return [killed('', `The code could not be judged: ${why}.`)];
};

/** The check of what code may name, reach and write. */
export const policy: Check = defineCheck({ name: 'policy', run });
