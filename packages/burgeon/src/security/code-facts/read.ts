import { fileURLToPath } from 'node:url';
import { type Candidate, manifestExtension } from '@burgeon/kit';
import { doubtSource } from '../../base/source-text.ts';
import { createWarmProcess } from '../../base/warm-process.ts';
import { scriptFiles } from '../bundle.ts';
import type { CodeFacts } from './facts.ts';

const reader = createWarmProcess({
  script: fileURLToPath(new URL('./child.ts', import.meta.url)),
  flags: ['--max-old-space-size=512', '--stack-size=4000'],
  memoryBytes: 768 * 1024 * 1024,
});

const deadlineMs = 15_000;

const isScript = (path: string): boolean => /\.[cm]?[jt]sx?$/i.test(path) && !/\.d\.[cm]?ts$/i.test(path);

/** Facts, or the reason why there are none. */
export type FactsRead = { facts: CodeFacts } | { why: string };

const nothing: FactsRead = { facts: { expressions: [], deeds: [] } };

/** By candidate: several checks ask for the same. */
const known = new WeakMap<Candidate, Promise<FactsRead>>();

/** What is plain from the scripts of a candidate, read once in a process of its own that may be lost. Never throws for what the code is. */
export const readCodeFacts = (candidate: Candidate, signal?: AbortSignal): Promise<FactsRead> => {
  if (signal?.aborted) return Promise.resolve({ why: 'cancelled' });
  const reading = known.get(candidate) ?? read(candidate, signal);
  known.set(candidate, reading);
  // Only what was read is remembered.
  void reading.then((done) => 'why' in done && known.delete(candidate));
  return reading;
};

const read = async (candidate: Candidate, signal?: AbortSignal): Promise<FactsRead> => {
  const { entry = '', kind } = candidate.manifest.extensions[manifestExtension];
  const files = kind === 'code' ? scriptFiles(candidate).filter(({ path }) => isScript(path)) : [];
  if (files.length === 0) return nothing;
  const doubted = files.find(({ text }) => doubtSource(text));
  if (doubted) return { why: `${doubted.path} is too long or nested too deeply to be parsed` };
  const answer = await reader.ask({ entry, files }, { deadlineMs, ...(signal ? { signal } : {}) });
  return answer.kind === 'answered' ? { facts: answer.value as CodeFacts } : { why: answer.why };
};
