import type { Diagnostic } from '@burgeon/kit';
import { parseSync } from 'oxc-parser';
import { joined } from '../../../walls/javascript/joined.ts';
import type { Finding } from './finding.ts';
import { judgeHidden, judgeLook } from './hidden.ts';
import { judge } from './judge.ts';
import { type SyntaxNode, everyNode } from './syntax.ts';
import { watchUnchecked } from './unchecked.ts';

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
    // As the engines find it, so that no other file is judged than runs.
    const has = (specifier: string): boolean => paths.has(joined(file.path, specifier) ?? '');
    const starts = lineStarts(file.text);
    return mostSevere(judgeText(file, has)).map((finding) => asDiagnostic(finding, file, starts));
  });
};

/** The errors, and warnings as far as there is room, in source order: no flood of warnings may hide an error. */
const mostSevere = (found: readonly Finding[]): Finding[] => {
  const severest = found.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
  return severest.slice(0, findingsPerFile).sort((a, b) => a.offset - b.offset);
};

const judgeText = ({ path, text }: PolicyFile, has: (specifier: string) => boolean): Finding[] => {
  const { program, comments, errors } = parseSync('module', text, {
    // What runs as JavaScript is read as such: a < b > (c) is no call with a type there.
    lang: /\.[cm]?js$/i.test(path) ? 'js' : 'ts',
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
  const tree = program as unknown as SyntaxNode;
  const found = [...failures, ...judge(tree, { has }), ...judgeHidden(text)];
  const unchecked = watchUnchecked(comments);
  everyNode(tree, (node) => {
    unchecked.see(node);
    found.push(...judgeLook(node));
  });
  return [...found, ...unchecked.findings()];
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
