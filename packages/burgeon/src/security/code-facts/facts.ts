import { parseSync } from 'oxc-parser';
import { deedsOf, type Deed } from './deeds.ts';
import { expressionsIn } from './expressions.ts';
import type { TreeNode } from './tree.ts';

/** What is asked: scripts, and which of them is the entry. */
export interface FactsRequest {
  entry: string;
  files: { path: string; text: string }[];
}

/** A place in a file; line and column are 1-based. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** A regular expression that code holds. */
export interface CodeExpression extends Place {
  source: string;
  flags: string;
}

/** What an operation does to the outside, where that is plain from the code. */
export type CodeDeed = Place & Pick<Deed, 'operation' | 'power' | 'method' | 'verb'>;

/** What is plain from the code of a bundle, in the order of its files. */
export interface CodeFacts {
  expressions: CodeExpression[];
  deeds: CodeDeed[];
}

/** Parses what was handed in, so it is only called in a process that may be lost. What does not parse gives what was understood of it. */
export const factsOf = ({ entry, files }: FactsRequest): CodeFacts => {
  const parsed = files.map(({ path, text }) => ({
    path,
    text,
    program: parseSync('module.ts', text, { lang: /x$/i.test(path) ? 'tsx' : 'ts', sourceType: 'module' })
      .program as unknown as TreeNode,
  }));
  const places = new Map(parsed.map(({ path, text }) => [path, placing(path, text)]));
  const expressions = parsed.flatMap(({ path, program }) =>
    expressionsIn(program).map(({ source, flags, offset }) => ({ source, flags, ...at(places, path, offset) })),
  );
  const deeds = deedsOf(parsed, entry).map(({ file, offset, ...deed }) => ({ ...deed, ...at(places, file, offset) }));
  return { expressions, deeds };
};

type Placing = (offset: number) => Place;

const at = (places: ReadonlyMap<string, Placing>, file: string, offset: number): Place =>
  places.get(file)?.(offset) ?? { file, line: 1, column: 1 };

const placing = (file: string, text: string): Placing => {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset) + 1;
    return { file, line, column: offset - (starts[line - 1] ?? 0) + 1 };
  };
};
