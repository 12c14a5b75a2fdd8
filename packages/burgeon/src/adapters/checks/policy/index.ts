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
import { doubtSource } from '../../../base/source-text.ts';
import { createWarmProcess } from '../../../base/warm-process.ts';
import { isWebAssembly, scriptFiles } from '../../../security/bundle.ts';

const judging = createWarmProcess({
  script: fileURLToPath(new URL('./child.ts', import.meta.url)),
  flags: ['--max-old-space-size=768', '--stack-size=4000'],
  memoryBytes: 1024 ** 3,
});
const deadlineMs = 20_000;

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
  const answer = await judging.ask(files, { deadlineMs, signal: context.signal });
  if (answer.kind === 'answered') return answer.value as Diagnostic[];
  return [killed('', `The code could not be judged: ${answer.why}.`)];
};

/** The check of what code may name, reach and write. */
export const policy: Check = defineCheck({ name: 'policy', run });
