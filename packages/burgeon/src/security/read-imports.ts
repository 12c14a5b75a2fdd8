import { fileURLToPath } from 'node:url';
import type { BundleFile } from '@burgeon/kit';
import { runDisposable } from '../base/disposable.ts';
import { doubtSource } from '../base/source-text.ts';
import type { CapabilityImport } from './code-imports.ts';

const child = fileURLToPath(new URL('./code-imports-child.ts', import.meta.url));

const isCode = ({ path }: BundleFile): boolean => /\.[cm]?[jt]sx?$/i.test(path) && !/\.d\.[cm]?ts$/i.test(path);

/** The imports of power in a bundle, in the order of its files; or the paths that could not be read, `''` standing for all of them. */
export type ImportsRead = { imports: CapabilityImport[]; unread: string[] };

/** Reads what the code of a bundle imports, in a process of its own that may be lost. Never throws for what the code is. */
export const readImports = async (bundle: readonly BundleFile[], signal?: AbortSignal): Promise<ImportsRead> => {
  const files = bundle.filter(isCode);
  const doubted = files.filter(({ text }) => doubtSource(text));
  if (doubted.length > 0) return { imports: [], unread: doubted.map(({ path }) => path) };
  const end = await runDisposable({
    command: process.execPath,
    args: ['--max-old-space-size=768', child],
    input: JSON.stringify(files),
    deadlineMs: 20_000,
    memoryBytes: 1024 ** 3,
    ...(signal === undefined ? {} : { signal }),
  });
  if (end.kind !== 'ended' || end.code !== 0) return { imports: [], unread: [''] };
  return { imports: JSON.parse(end.stdout) as CapabilityImport[], unread: [] };
};
