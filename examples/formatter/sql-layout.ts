import { clauseAt, holdsQuery, type Statement } from './sql-statement.ts';
import type { SqlToken } from './sql-tokens.ts';
import { apart, laidOut, spaced } from './sql-words.ts';

/** What comes before a token: a new line with so many levels, a blank, or nothing. */
export type Gap = number | ' ' | '';

/** Brackets, or the statement itself. `query`: clauses on lines of their own; `columns`: one part a line; `flat`: as it comes. */
interface Frame {
  mode: 'query' | 'columns' | 'flat';
  /** Level of its lines. */
  level: number;
  /** Level of the line on which it was opened. */
  outer: number;
  /** Index of the bracket that closes it. */
  close: number | undefined;
  clause: string;
  /** Parts of the clause stand on lines of their own. */
  isList: boolean;
  /** First token of such a list. */
  listAt: number | undefined;
  /** `BETWEEN` without its `AND`. */
  between: number;
  /** Levels of the `CASE` that are open; undefined for one that stays on its line. */
  cases: (number | undefined)[];
}

const frameOf = (mode: Frame['mode'], level: number, outer: number, close?: number): Frame => ({
  mode,
  level,
  outer,
  close,
  clause: '',
  isList: false,
  listAt: undefined,
  between: 0,
  cases: [],
});

const lists = new Set(['SELECT', 'SET', 'VALUES']);
const conditions = new Set(['WHERE', 'HAVING', 'JOIN']);

/** Lays one statement out, token by token. */
export class Layout {
  private readonly statement: Statement;
  private readonly frames: Frame[];
  private hasBrackets = false;
  /** Level of the line that is being written. */
  level = 0;

  /** Its tokens are asked for in their order, from the first. */
  constructor(statement: Statement) {
    this.statement = statement;
    const first = statement.tokens.at(0)?.text.toUpperCase() ?? '';
    this.frames = [frameOf(laidOut.has(first) && first !== 'CREATE' ? 'query' : first === '(' ? 'query' : 'flat', 0, 0)];
  }

  /** Level of a line that is broken only because a comment ends it. */
  get goingOn(): number {
    return this.frame.level + 1;
  }

  private get frame(): Frame {
    return this.frames.at(-1) ?? frameOf('flat', 0, 0);
  }

  private key(index: number): string {
    return index < 0 ? '' : (this.statement.keys.at(index) ?? '');
  }

  private text(index: number): string {
    return index < 0 ? '' : (this.statement.tokens.at(index)?.text ?? '');
  }

  /** What comes before a token. Called once for each, in their order. */
  gap(index: number): Gap {
    const gap = this.gapOf(index);
    if (typeof gap === 'number') this.level = gap;
    this.enter(index);
    return gap;
  }

  private gapOf(index: number): Gap {
    if (index === 0) {
      this.beginClause(clauseAt(this.statement, 0) ?? this.key(0), 0);
      return 0;
    }
    const { frame } = this;
    if (frame.close === index) {
      this.frames.pop();
      return frame.mode === 'flat' ? '' : frame.outer;
    }
    const opened = this.text(index - 1) === '(' && this.statement.closing.get(index - 1) === frame.close;
    if (frame.mode !== 'flat' && opened && frame.close !== undefined) {
      if (frame.mode === 'query') this.beginClause(this.key(index), index);
      return frame.level;
    }
    return this.caseGap(index) ?? this.broken(index) ?? flatGap(this.statement, index);
  }

  private caseGap(index: number): Gap | undefined {
    const { cases } = this.frame;
    const key = this.key(index);
    const level = cases.at(-1);
    if (cases.length === 0 || !/^(?:WHEN|ELSE|END)$/.test(key)) return undefined;
    if (key === 'END') cases.pop();
    if (level === undefined) return undefined;
    return key === 'END' ? level : level + 1;
  }

  /** The line that a token of a query, or of a list of columns, begins. */
  private broken(index: number): Gap | undefined {
    const { frame } = this;
    const isBehindComma = this.text(index - 1) === ',';
    if (frame.mode === 'columns') return isBehindComma ? frame.level : undefined;
    if (frame.mode === 'flat') return this.queryAt(index);
    if (frame.cases.length > 0) return undefined;
    const key = this.key(index);
    const clause = clauseAt(this.statement, index) ?? (key === 'WHEN' ? key : undefined);
    if (clause !== undefined) {
      this.beginClause(clause, index);
      return frame.level;
    }
    if (frame.listAt === index || (isBehindComma && frame.isList)) return frame.level + 1;
    if (isBehindComma && frame.clause === 'WITH') return frame.level;
    if (key === 'BETWEEN') frame.between += 1;
    if ((key !== 'AND' && key !== 'OR') || !conditions.has(frame.clause)) return undefined;
    if (key === 'OR' || frame.between === 0) return frame.level + 1;
    frame.between -= 1;
    return undefined;
  }

  /** `CREATE VIEW ... AS` is followed by a query. */
  private queryAt(index: number): Gap | undefined {
    const { frame } = this;
    const isQuery = /^(?:SELECT|WITH|VALUES)$/.test(this.key(index)) && this.key(index - 1) === 'AS' && frame.close === undefined;
    if (!isQuery || this.key(0) !== 'CREATE' || this.text(index + 1) === '(') return undefined;
    frame.mode = 'query';
    this.beginClause(this.key(index), index);
    return frame.level;
  }

  private beginClause(clause: string, index: number): void {
    const { frame } = this;
    frame.clause = clause;
    frame.between = 0;
    const from = clause === 'SELECT' ? this.itemsAt(index) : index + 1;
    frame.isList = lists.has(clause) && this.hasComma(from);
    frame.listAt = frame.isList ? from : undefined;
  }

  /** Where the items of a `SELECT` begin: behind `DISTINCT ON (...)`. */
  private itemsAt(select: number): number {
    let at = select + 1;
    if (this.key(at) === 'DISTINCT' || this.key(at) === 'ALL') at += 1;
    if (this.key(at) === 'ON') at = (this.statement.closing.get(at + 1) ?? at) + 1;
    return at;
  }

  /** True when a comma stands between a token and the next clause, outside brackets. */
  private hasComma(from: number): boolean {
    const to = this.frame.close ?? this.statement.tokens.length;
    for (let at = from; at < to; at = (this.statement.closing.get(at) ?? at) + 1) {
      if (this.text(at) === ',') return true;
      if (clauseAt(this.statement, at) !== undefined) return false;
    }
    return false;
  }

  private enter(index: number): void {
    const { statement, frame, level } = this;
    if (this.key(index) === 'CASE') frame.cases.push((statement.branches.get(index) ?? 0) > 1 ? level : undefined);
    const token = statement.tokens.at(index);
    if (token?.kind !== 'mark' || token.text !== '(') return;
    const close = statement.closing.get(index);
    if (close === undefined) return;
    const mode = holdsQuery(statement, index) ? 'query' : this.holdsColumns(index) ? 'columns' : 'flat';
    this.hasBrackets = true;
    this.frames.push(frameOf(mode, mode === 'flat' ? level : level + 1, level, close));
  }

  /** The first brackets of `CREATE TABLE name (...)`. */
  private holdsColumns(index: number): boolean {
    if (this.hasBrackets || this.key(0) !== 'CREATE') return false;
    const keys = this.statement.keys.slice(0, index);
    return keys.slice(0, 5).includes('TABLE') && !keys.includes('AS');
  }
}

const operands = new Set(['NULL', 'END']);

/** True when a token can stand to the left of an operator, so that a sign behind it is no sign of a number. */
const isOperand = ({ tokens, keys }: Statement, index: number): boolean => {
  const token = index < 0 ? undefined : tokens.at(index);
  const key = keys.at(index) ?? '';
  if (!token) return false;
  if (token.kind === 'word') return key === '' || operands.has(key);
  return token.kind === 'string' || token.kind === 'number' || token.text === ')' || token.text === ']';
};

const isSpaced = (statement: Statement, index: number): boolean => {
  const token = statement.tokens.at(index);
  if (token?.kind !== 'operator' || !spaced.has(token.text)) return false;
  return !/^[-+*]$/.test(token.text) || isOperand(statement, index - 1);
};

/** What comes between two tokens of a line: mostly what was there, so that nothing is joined that was apart, or the other way round. */
const flatGap = (statement: Statement, index: number): Gap => {
  const { tokens, keys } = statement;
  const [before, token] = [tokens.at(index - 1), tokens.at(index)];
  const [keyBefore = '', key = ''] = [keys.at(index - 1), keys.at(index)];
  if (!before || !token) return '';
  const isMark = (one: SqlToken, texts: string): boolean => one.kind === 'mark' && texts.includes(one.text);
  if (isMark(token, ',;)') || isMark(before, '(')) return '';
  // To MySQL two of them are a comment as soon as a blank follows.
  if (before.text === '-' && token.text.startsWith('-')) return ' ';
  if (!token.tight || isMark(before, ',') || isSpaced(statement, index) || isSpaced(statement, index - 1)) return ' ';
  if (isMark(before, ')')) return token.kind === 'word' || token.kind === 'string' ? ' ' : '';
  if (isMark(token, '(')) return apart.has(keyBefore) ? ' ' : '';
  const isEdge = before.kind === 'string' || before.text === '*';
  return key !== '' && isEdge ? ' ' : '';
};
