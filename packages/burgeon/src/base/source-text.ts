/** Why a text must not be given to a parser, and where. Offsets are 0-based code units. */
export interface SourceDoubt {
  kind: 'size' | 'depth';
  message: string;
  offset: number;
}

/** Bounds of a source text. */
export interface SourceTextBounds {
  /** Code units. Default: 2 Mi. */
  length?: number;
  /** Brackets open at once outside strings and comments. Default: 200. */
  depth?: number;
}

/**
 * Brackets open at once wherever they stand. The scan below guesses what is a string and can be led astray by a regular expression;
 * this bound cannot. Parsers die near 10,000 (measured 2026-11), text in strings stays far below.
 */
const rawDepth = 1_000;

/** Prefix operators, arrows and other tokens that nest without a bracket, in one unbroken run. */
const runLength = 1_000;

/**
 * One linear pass over untrusted source text before any parser sees it: length and nesting.
 * Undefined means the text may be parsed in a disposable process; it is no promise that the parser survives.
 */
export const doubtSource = (text: string, bounds: SourceTextBounds = {}): SourceDoubt | undefined => {
  const limit = bounds.length ?? 2 * 1024 * 1024;
  if (text.length > limit) return { kind: 'size', message: `is ${text.length} characters long; ${limit} are allowed`, offset: 0 };
  return doubtDepth(text, bounds.depth ?? 200) ?? doubtRuns(text);
};

const doubtDepth = (text: string, limit: number): SourceDoubt | undefined => {
  const scan = new BracketScan();
  let raw = 0;
  for (let offset = 0; offset < text.length;) {
    const character = text[offset] as string;
    if (character === '(' || character === '[' || character === '{') raw += 1;
    else if (raw > 0 && (character === ')' || character === ']' || character === '}')) raw -= 1;
    scan.take(text, offset);
    offset += 1;
    if (scan.depth > limit || raw > rawDepth)
      return { kind: 'depth', message: `nests more than ${raw > rawDepth ? rawDepth : limit} brackets`, offset };
  }
  return undefined;
};

/** Counts brackets outside strings, comments and the text of templates. An unclosed `<` counts until the bracket around it closes. */
class BracketScan {
  depth = 0;
  /** Where the string or comment that is being read ends; nothing counts before it. */
  private skipTo = 0;
  private quote = '';
  /** Open `<` since each open bracket; one entry per bracket, plus the ground. */
  private readonly angles: number[] = [0];
  private readonly templates: number[] = [];

  take(text: string, offset: number): void {
    if (offset < this.skipTo) return;
    const character = text[offset] as string;
    if (this.quote !== '') return this.inString(text, offset);
    const next = text[offset + 1];
    if (character === '/' && next === '/') this.skipTo = until(text, '\n', offset);
    else if (character === '/' && next === '*') this.skipTo = until(text, '*/', offset + 2) + 2;
    else if (character === '"' || character === "'" || character === '`') this.quote = character;
    else this.bracket(character, text[offset - 1]);
  }

  private inString(text: string, offset: number): void {
    const character = text[offset];
    if (character === '\\') this.skipTo = offset + 2;
    else if (character === this.quote || (character === '\n' && this.quote !== '`')) this.quote = '';
    else if (this.quote === '`' && character === '$' && text[offset + 1] === '{') {
      this.quote = '';
      this.enter();
      this.templates.push(this.angles.length);
      this.skipTo = offset + 2;
    }
  }

  private bracket(character: string, before: string | undefined): void {
    if (character === '(' || character === '[' || character === '{') this.enter();
    else if (character === ')' || character === ']' || character === '}') this.leave(character);
    else if (character === '<') this.angle(1);
    else if (character === '>' && before !== '=') this.angle(-1);
    else if (character === ';') this.angle(-(this.angles.at(-1) ?? 0));
  }

  private enter(): void {
    this.depth += 1;
    this.angles.push(0);
  }

  private leave(character: string): void {
    if (this.angles.length === 1) return;
    if (character === '}' && this.templates.at(-1) === this.angles.length) {
      this.templates.pop();
      this.quote = '`';
    }
    this.depth -= 1 + (this.angles.pop() ?? 0);
  }

  private angle(change: number): void {
    const last = this.angles.length - 1;
    const angles = Math.max(0, (this.angles[last] ?? 0) + change);
    this.depth += angles - (this.angles[last] ?? 0);
    this.angles[last] = angles;
  }
}

const until = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
};

const doubtRuns = (text: string): SourceDoubt | undefined => {
  const nested =
    /(?:[!~+-]\s*|=>\s*\w+\s*|\b(?:typeof|void|delete|new|await|else|if|do|while|for|keyof|readonly|infer|unique)\b\s*)/y;
  let run = 0;
  for (let offset = 0; offset < text.length;) {
    nested.lastIndex = offset;
    const found = nested.exec(text);
    run = found ? run + 1 : 0;
    if (run > runLength) return { kind: 'depth', message: `chains more than ${runLength} prefix operators`, offset };
    offset += found ? found[0].length : 1;
  }
  return undefined;
};
