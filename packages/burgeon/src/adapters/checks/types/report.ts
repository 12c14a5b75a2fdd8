import type { BundleFile, Diagnostic } from '@burgeon/kit';

/** A finding as both compilers have it. */
export interface CompilerFinding {
  /** Absolute in the folder of the files; absent: it is about all of them. */
  file?: string;
  /** 0-based code unit. */
  offset: number;
  code: number;
  isError: boolean;
  /** With its explanations, each on a line of its own and indented by its depth. */
  message: string;
}

/** Findings shown of one candidate. */
const findingLimit = 200;

/** So that a type that fills a screen stays readable. */
const messageLimit = 2_000;

/** Findings as diagnostics, without the folder in which the compiler saw the files; the same one is told once. */
export const report = (found: readonly CompilerFinding[], root: string, files: readonly BundleFile[]): Diagnostic[] => {
  const order = new Map(files.map(({ path }, index) => [path, index]));
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const relative = (name: string): string =>
    name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name.replace(/^.*\//, '');
  const placed = found.map((each) => ({ ...each, path: each.file === undefined ? '' : relative(each.file) }));
  placed.sort((a, b) => (order.get(a.path) ?? -1) - (order.get(b.path) ?? -1) || a.offset - b.offset || a.code - b.code);
  const diagnostics = placed.map(({ path, offset, code, isError, message }): Diagnostic => {
    const position = positionOf(texts.get(path) ?? '', offset);
    return {
      severity: isError ? 'error' : 'warning',
      code: `TS${code}`,
      message: message.replaceAll(`${root}/`, '').slice(0, messageLimit),
      path: path === '' ? '' : `${path}:${position.line}:${position.column}`,
      ...(path === '' ? {} : { position }),
      from: 'types',
    };
  });
  return [...new Map(diagnostics.map((each) => [`${each.path} ${each.code} ${each.message}`, each])).values()].slice(
    0,
    findingLimit,
  );
};

const lineBreak = /\r\n|[\n\r\u2028\u2029]/g;

const positionOf = (text: string, offset: number): { line: number; column: number } => {
  let [line, start] = [1, 0];
  for (const found of text.matchAll(lineBreak)) {
    const end = found.index + found[0].length;
    if (end > offset) break;
    [line, start] = [line + 1, end];
  }
  return { line, column: offset - start + 1 };
};
