import type { BundleFile, Diagnostic } from '@burgeon/kit';

/**
 * A compiler, as far as checking goes: files in, findings out. It sees these files and the declarations it brings, and nothing of the disk; what
 * it was given before changes nothing. Parses what others wrote, so it is only opened in a process that may be lost.
 */
export interface TypeChecker {
  /** Paths are relative. Findings come in the order of the files, then of their places. */
  check(files: readonly BundleFile[]): Diagnostic[];
}

/** What the process of a compiler answers: findings, or why the compiler cannot be used on this machine. */
export type TypeAnswer = { found: Diagnostic[] } | { missing: string };

/** Answers requests with a compiler that is opened by the first of them. */
export const answerWith = (open: () => Promise<TypeChecker>): ((request: unknown) => Promise<TypeAnswer>) => {
  let opening: Promise<TypeChecker> | undefined;
  return async (request) => {
    try {
      await (opening ??= open());
    } catch (error) {
      return { missing: String(error).slice(0, 500) };
    }
    return { found: (await opening).check(request as BundleFile[]) };
  };
};
