import { besides, joins, keywords, queries } from './sql-words.ts';
import type { SqlToken } from './sql-tokens.ts';

/** One statement, up to its semicolon: the tokens that the database reads, and what stands between them. */
export interface Statement {
  tokens: SqlToken[];
  /** Comments and lines for a client, before the token of the same index; the last entry stands behind all of them. */
  between: SqlToken[][];
  /** Each token as a keyword in capitals; empty for all others. */
  keys: string[];
  /** Opening bracket -> closing one, where there is one. */
  closing: ReadonlyMap<number, number>;
  /** `CASE` -> how many `WHEN` it has. */
  branches: ReadonlyMap<number, number>;
}

const isCode = ({ kind }: SqlToken): boolean => kind !== 'comment' && kind !== 'note' && kind !== 'line';

/** What may stand behind `AS` as a keyword; anything else there is a name. */
const behindAs = new Set(['SELECT', 'WITH', 'VALUES', 'NOT', 'INSERT', 'UPDATE', 'DELETE', 'ON', 'MATERIALIZED']);

const keyOf = (tokens: readonly SqlToken[], index: number): string => {
  const token = tokens.at(index);
  const key = token?.kind === 'word' ? token.text.toUpperCase() : '';
  const [before, after] = [index > 0 ? tokens.at(index - 1)?.text : undefined, tokens.at(index + 1)?.text];
  if (before === '.' || after === '.') return '';
  const beside = besides.get(key);
  const isBeside = beside?.behind?.test(before ?? '') === true || beside?.before?.test(after ?? '') === true;
  if (!isBeside && !keywords.has(key)) return '';
  return before?.toUpperCase() === 'AS' && !behindAs.has(key) ? '' : key;
};

const bracketsOf = (tokens: readonly SqlToken[]): Map<number, number> => {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== 'mark') continue;
    if (text === '(') open.push(index);
    const from = text === ')' ? open.pop() : undefined;
    if (from !== undefined) closing.set(from, index);
  }
  return closing;
};

const branchesOf = (keys: readonly string[]): Map<number, number> => {
  const branches = new Map<number, number>();
  const open: number[] = [];
  for (const [index, key] of keys.entries()) {
    const last = open.at(-1);
    if (key === 'CASE') open.push(index);
    else if (key === 'WHEN' && last !== undefined) branches.set(last, (branches.get(last) ?? 0) + 1);
    else if (key === 'END') open.pop();
  }
  return branches;
};

const statementOf = (tokens: SqlToken[], between: SqlToken[][]): Statement => {
  const keys = tokens.map((_, index) => keyOf(tokens, index));
  return { tokens, between, keys, closing: bracketsOf(tokens), branches: branchesOf(keys) };
};

/** The statements of a text; the last may have nothing but comments. */
export const statementsOf = (all: readonly SqlToken[]): Statement[] => {
  const statements: Statement[] = [];
  let tokens: SqlToken[] = [];
  let between: SqlToken[][] = [[]];
  for (const token of all) {
    if (!isCode(token)) {
      between.at(-1)?.push(token);
      continue;
    }
    tokens.push(token);
    between.push([]);
    if (token.kind !== 'mark' || token.text !== ';') continue;
    statements.push(statementOf(tokens, between));
    [tokens, between] = [[], [[]]];
  }
  return [...statements, statementOf(tokens, between)];
};

/** True when the bracket at an index holds a query; `INSERT(...)` is a function, and so may be `VALUES(...)`. */
export const holdsQuery = ({ keys, tokens, closing }: Statement, open: number): boolean => {
  const key = keys.at(open + 1) ?? '';
  if (tokens.at(open + 2)?.text !== '(' || key === 'SELECT') return queries.has(key);
  const behind = (closing.get(open + 2) ?? tokens.length) + 1;
  return key === 'VALUES' && (/^[,)]$/.test(tokens.at(behind)?.text ?? '') || keys.at(behind) === 'UNION');
};

const isJoin = (keys: readonly string[], from: number): boolean => {
  let at = from;
  while (joins.has(keys.at(at) ?? '') && at < from + 4) at += 1;
  return keys.at(at) === 'JOIN' && !joins.has(keys.at(from - 1) ?? '');
};

/** Clauses that are told by their first word alone. */
const plainClauses = new Set([
  'SELECT',
  'WHERE',
  'HAVING',
  'LIMIT',
  'OFFSET',
  'FETCH',
  'RETURNING',
  'UNION',
  'INTERSECT',
  'EXCEPT',
]);

/** The clause of a query that begins with a token; undefined when none does. */
export const clauseAt = ({ keys, tokens }: Statement, index: number): string | undefined => {
  const [key = '', next = '', before = ''] = [keys.at(index), keys.at(index + 1), index > 0 ? keys.at(index - 1) : ''];
  const previous = index > 0 ? tokens.at(index - 1) : undefined;
  const isClause = (): boolean => {
    if (plainClauses.has(key)) return true;
    if (key === 'FROM') return before !== 'DELETE' && !(before === 'DISTINCT' && /^(?:IS|NOT)$/.test(keys.at(index - 2) ?? ''));
    if (key === 'GROUP' || key === 'ORDER') return next === 'BY';
    if (key === 'WINDOW') return keys.at(index + 2) === 'AS';
    if (key === 'SET') return before !== 'UPDATE' && before !== 'DELETE';
    if (key === 'VALUES') return previous?.kind !== 'operator' && previous?.text !== ',' && previous?.text !== '(';
    if (key === 'INSERT' || key === 'UPDATE' || key === 'DELETE') return previous?.text === ')';
    if (key === 'ON') return next === 'CONFLICT' || next === 'DUPLICATE';
    if (key === 'FOR') return next === 'UPDATE' || next === 'SHARE';
    return false;
  };
  if (key === 'JOIN' || joins.has(key)) return isJoin(keys, index) ? 'JOIN' : undefined;
  return key !== '' && isClause() ? key : undefined;
};
