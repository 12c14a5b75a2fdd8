import { posix } from 'node:path';
import type { Diagnostic } from '@burgeon/kit';
import { parseSync } from 'oxc-parser';
import type { Finding } from './finding.ts';
import { judge } from './judge.ts';
import type { SyntaxNode } from './syntax.ts';

/** A file of code as it is handed to the judge. */
export interface PolicyFile {
  path: string;
  text: string;
}

/** So that a file full of faults stays readable. */
const findingsPerFile = 200;

/**
 * Judges every file. Parses what was handed in, so it is only ever called in a process that may be lost.
 * @throws {RangeError} when a tree is nested too deeply
 */
export const judgeFiles = (files: readonly PolicyFile[]): Diagnostic[] => {
  const paths = new Set(files.map((file) => file.path));
  return files.flatMap((file) => {
    const has = (specifier: string): boolean => paths.has(posix.join(posix.dirname(file.path), specifier));
    const starts = lineStarts(file.text);
    return judgeText(file.text, has)
      .slice(0, findingsPerFile)
      .map((finding) => asDiagnostic(finding, file, starts));
  });
};

const judgeText = (text: string, has: (specifier: string) => boolean): Finding[] => {
  const { program, errors } = parseSync('module.ts', text, {
    lang: 'ts',
    sourceType: 'module',
    preserveParens: false,
    showSemanticErrors: true,
  });
  const failures = errors.map((error): Finding => ({
    rule: 'policy-unreadable',
    severity: 'error',
    message: error.message,
    offset: error.labels[0]?.start ?? 0,
  }));
  return [...failures, ...judge(program as unknown as SyntaxNode, { has }), ...hiddenText(text)];
};

/** Characters that make a reader see other code than the parser does. @see https://www.unicode.org/reports/tr55/ */
const hiddenText = (text: string): Finding[] => {
  const found = /\r(?!\n)|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/.exec(text);
  if (!found) return [];
  const name = `U+${found[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
  return [{ rule: 'policy-hidden-text', severity: 'warning', message: `${name} hides code from readers.`, offset: found.index }];
};

const lineStarts = (text: string): number[] => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
};

const asDiagnostic = (finding: Finding, file: PolicyFile, starts: readonly number[]): Diagnostic => {
  const line = starts.findLastIndex((start) => start <= finding.offset) + 1;
  const column = finding.offset - (starts[line - 1] ?? 0) + 1;
  return {
    severity: finding.severity,
    code: finding.rule,
    message: finding.message,
    path: `${file.path}:${line}:${column}`,
    position: { line, column },
    from: 'policy',
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
  };
};
