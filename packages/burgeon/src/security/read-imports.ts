import { fileURLToPath } from 'node:url';
import type { BundleFile } from '@burgeon/kit';
import { doubtSource } from '../base/source-text.ts';
import { createWarmProcess } from '../base/warm-process.ts';
import type { ImportsFound } from './code-imports.ts';

const reading = createWarmProcess({
  script: fileURLToPath(new URL('./code-imports-child.ts', import.meta.url)),
  flags: ['--max-old-space-size=768'],
  memoryBytes: 1024 ** 3,
});
const deadlineMs = 20_000;

const isCode = ({ path }: BundleFile): boolean => /\.[cm]?[jt]sx?$/i.test(path) && !/\.d\.[cm]?ts$/i.test(path);

/** Reads what the code of a bundle imports, in a process of its own that may be lost. Never throws for what the code is. */
export const readImports = async (bundle: readonly BundleFile[], signal?: AbortSignal): Promise<ImportsFound> => {
  const files = bundle.filter(isCode);
  const doubted = files.filter(({ text }) => doubtSource(text));
  if (doubted.length > 0) return { imports: [], dynamic: [], unread: doubted.map(({ path }) => path) };
  const answer = await reading.ask(files, { deadlineMs, ...(signal === undefined ? {} : { signal }) });
  if (answer.kind === 'lost') return { imports: [], dynamic: [], unread: [''] };
  return answer.value as ImportsFound;
};
