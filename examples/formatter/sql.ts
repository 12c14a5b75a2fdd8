import { failure, mostText } from './failure.ts';
import { type Gap, Layout } from './sql-layout.ts';
import { type Statement, statementsOf } from './sql-statement.ts';
import { type Dialect, sqlTokens, type SqlToken } from './sql-tokens.ts';

/** How SQL is written. */
export interface SqlOptions {
  dialect?: Dialect;
  keywords?: 'upper' | 'lower' | 'keep';
  /** Blanks a level. */
  indent?: number;
}

/** What is written of a text, piece by piece. */
class Writing {
  private readonly indent: number;
  private readonly pieces: string[] = [];
  private length = 0;
  /** Nothing else may stand on the line: a comment ends it. */
  isEnded = false;

  constructor(indent: number) {
    this.indent = indent;
  }

  get isEmpty(): boolean {
    return this.pieces.length === 0;
  }

  get text(): string {
    return this.pieces.length === 0 ? '' : `${this.pieces.join('')}\n`;
  }

  /** Writes one piece. `isBlank`: an empty line stands before its line. */
  add({ text, kind }: Pick<SqlToken, 'text' | 'kind'>, gap: Gap, isBlank: boolean): void {
    const isFirst = this.pieces.length === 0;
    const line = typeof gap === 'number' ? (isFirst ? '' : isBlank ? '\n\n' : '\n') + ' '.repeat(gap * this.indent) : gap;
    this.length += line.length + text.length;
    if (this.length > mostText)
      throw failure('large', `More than ${mostText} characters would be written`, { line: 1, column: 1 });
    this.pieces.push(isFirst && typeof gap !== 'number' ? '' : line, text);
    this.isEnded = kind === 'comment' || kind === 'line';
  }
}

/** Comments and client's lines: on a line of their own where they were, behind what is before them otherwise. */
const writeBetween = (writing: Writing, between: readonly SqlToken[], level: number, isOutside: boolean): void => {
  for (const piece of between) {
    const isCommand = piece.kind === 'line' && isOutside && !piece.text.startsWith('\\');
    const isOwn = piece.breaks > 0 || isCommand || writing.isEnded || writing.isEmpty;
    const gap = isOwn ? (piece.kind === 'line' ? 0 : level) : ' ';
    writing.add(piece, gap, isOutside && piece.breaks > 1);
  }
};

/** What the layout says, unless a comment or two texts side by side need the line break that was there. */
const gapIn = ({ tokens, between }: Statement, index: number, gap: Gap): Gap | 'break' => {
  const [token, before] = [tokens.at(index), tokens.at(index - 1)];
  // At the beginning of a line the client of MySQL takes it for its own.
  if (index > 0 && token?.kind === 'word' && token.text.toLowerCase() === 'delimiter') return ' ';
  if (typeof gap === 'number') return gap;
  // Texts on lines of their own are one text to PostgreSQL; on the same line they are an error.
  const areTexts = token?.kind === 'string' && before?.kind === 'string';
  const isBehindNote = (between.at(index)?.length ?? 0) > 0;
  return (token?.breaks ?? 0) > 0 && (areTexts || isBehindNote) ? 'break' : gap;
};

const writeStatement = (writing: Writing, statement: Statement, keywords: SqlOptions['keywords']): void => {
  const { tokens, between, keys } = statement;
  const layout = new Layout(statement);
  for (const [index, token] of tokens.entries()) {
    const gap = gapIn(statement, index, layout.gap(index));
    const level = typeof gap === 'number' ? gap : layout.goingOn;
    writeBetween(writing, between.at(index) ?? [], level, index === 0);
    const isKey = keys.at(index) !== '';
    const upper = isKey && keywords === 'upper' ? token.text.toUpperCase() : token.text;
    const text = isKey && keywords === 'lower' ? token.text.toLowerCase() : upper;
    writing.add({ kind: token.kind, text }, gap === 'break' || writing.isEnded ? level : gap, index === 0 && token.breaks > 1);
  }
  writeBetween(writing, between.at(-1) ?? [], tokens.length === 0 ? 0 : layout.goingOn, tokens.length === 0);
};

/**
 * Writes SQL anew. Only white space changes, and the letters of keywords: everything in quotes and every comment stays as it is, and nothing
 * that was apart is joined. What it writes it leaves as it is the next time.
 * @throws what `failure` makes
 */
export const formatSql = (source: string, options: SqlOptions = {}): string => {
  const { dialect = 'postgresql', keywords = 'upper', indent = 2 } = options;
  const writing = new Writing(indent);
  for (const statement of statementsOf(sqlTokens(source, dialect))) writeStatement(writing, statement, keywords);
  return writing.text;
};
