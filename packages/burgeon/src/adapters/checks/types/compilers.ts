import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BurgeonError, type BundleFile } from '@burgeon/kit';
import { type WarmAnswer, type WarmBounds, createWarmProcess } from '../../../base/warm-process.ts';
import type { TypeAnswer } from './type-checker.ts';

/** A compiler in a process of its own. */
export interface Compiler {
  /** Name and version; undefined when it is not installed. */
  readonly version: () => string | undefined;
  readonly ask: (files: readonly BundleFile[], bounds: WarmBounds) => Promise<WarmAnswer>;
  /** Why it turned out to be of no use on this machine. */
  missing?: string;
}

const memoryBytes = 1_536 * 1024 * 1024;

const versionOf = (name: string, binary?: string): string | undefined => {
  try {
    const resolver = createRequire(import.meta.url);
    const card = resolver.resolve(`${name}/package.json`);
    if (binary !== undefined) createRequire(card).resolve(`${binary}/package.json`);
    return `${name} ${(resolver(card) as { version: string }).version}`;
  } catch {
    return undefined;
  }
};

const compilerOf = (script: string, version: Compiler['version'], env: Record<string, string>): Compiler => {
  const warm = createWarmProcess({ script, flags: ['--max-old-space-size=1024', '--stack-size=4000'], memoryBytes, env });
  return { version, ask: (files, bounds) => warm.ask(files, bounds) };
};

/** The compilers, the first that works is asked. Both tell the same; the second is the slower one and needs no binary for the platform. */
export const compilers = (): Compiler[] => [
  compilerOf(
    fileURLToPath(new URL('./typescript7-child.ts', import.meta.url)),
    () => versionOf('typescript', `@typescript/typescript-${process.platform}-${process.arch}`),
    { GOMEMLIMIT: '1GiB' },
  ),
  compilerOf(fileURLToPath(new URL('./typescript6-child.ts', import.meta.url)), () => versionOf('@typescript/typescript6'), {}),
];

const usable = ({ missing, version }: Compiler): boolean => missing === undefined && version() !== undefined;

/** Name and version of the compiler that is asked; `none` when there is none. */
export const compilerStamp = (among: readonly Compiler[]): string => among.find(usable)?.version() ?? 'none';

/**
 * Asks the first compiler that works here: its findings, or why it was lost over the files.
 * @throws {BurgeonError} DEPENDENCY_MISSING when none does
 */
export const askCompiler = async (
  among: readonly Compiler[],
  files: readonly BundleFile[],
  bounds: WarmBounds,
): Promise<Exclude<TypeAnswer, { missing: string }> | { lost: string }> => {
  for (const compiler of among.filter(usable)) {
    const answer = await compiler.ask(files, bounds);
    if (answer.kind === 'lost') return { lost: answer.why };
    const value = answer.value as TypeAnswer;
    if ('found' in value) return value;
    compiler.missing = value.missing;
  }
  throw new BurgeonError('DEPENDENCY_MISSING', {
    message: `No TypeScript compiler works on this machine${among.map(({ missing }) => (missing === undefined ? '' : `; ${missing}`)).join('')}.`,
    hint: 'npm install @typescript/typescript6',
  });
};
