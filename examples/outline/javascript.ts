import { type Declaration, deepest, type Import, type Outline, signatureOf, signatureSource } from './declaration.ts';
import { pairsOf, type Token, tokensOf } from './javascript-tokens.ts';

const modifiers = new Set('export default declare abstract async'.split(' '));
const memberModifiers = new Set(
  'public private protected static readonly abstract override async get set declare accessor'.split(' '),
);
const holders: ReadonlyMap<string, Declaration['kind']> = new Map([
  ['function', 'function'],
  ['class', 'class'],
  ['interface', 'interface'],
  ['type', 'type'],
  ['enum', 'enum'],
  ['namespace', 'namespace'],
  ['module', 'namespace'],
  ['const', 'constant'],
  ['let', 'variable'],
  ['var', 'variable'],
]);

/** Marks after which a value stands: `x = function y() {}` declares no `y`. */
const beforeValue = new Set('. = , : ? => && || ?? ! + - * / < += ??= ||='.split(' '));

/** Reads the outline of one source text. */
class Reading {
  private readonly tokens: Token[];
  private readonly pairs: ReadonlyMap<number, number>;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokensOf(text);
    this.pairs = pairsOf(this.tokens);
  }

  all(): Declaration[] {
    return this.scope(0, this.tokens.length, 0);
  }

  private textAt(index: number): string {
    return index < 0 ? '' : (this.tokens.at(index)?.text ?? '');
  }

  /** Index behind the token, or behind what it opens. */
  private after(index: number): number {
    return (this.pairs.get(index) ?? index) + 1;
  }

  private scope(from: number, to: number, depth: number): Declaration[] {
    const found: Declaration[] = [];
    let begin: number | undefined;
    for (let at = from; at < to;) {
      const token = this.tokens.at(at);
      const kind = token?.kind === 'word' ? holders.get(token.text) : undefined;
      const free = !beforeValue.has(this.textAt((begin ?? at) - 1)) && ![':', '='].includes(this.textAt(at + 1));
      if (token && kind && free && this.tokens.at(this.nameAt(at))?.kind === 'word') {
        const { declaration, end } = this.declaration(kind, { begin: begin ?? at, at, to, depth });
        found.push(declaration);
        at = end;
        begin = undefined;
      } else if (token?.kind === 'word' && modifiers.has(token.text)) {
        begin ??= at;
        at += 1;
      } else {
        begin = undefined;
        at = this.after(at);
      }
    }
    return found;
  }

  /** `function* name`, `const enum name`: where the name stands. */
  private nameAt(at: number): number {
    const next = this.textAt(at + 1);
    return next === '*' || (next === 'enum' && this.textAt(at) === 'const') ? at + 2 : at + 1;
  }

  private declaration(
    kind: Declaration['kind'],
    { begin, at, to, depth }: { begin: number; at: number; to: number; depth: number },
  ): { declaration: Declaration; end: number } {
    const name = this.nameAt(at);
    const real = this.textAt(at) === 'const' && this.textAt(at + 1) === 'enum' ? 'enum' : kind;
    const body = real === 'type' || real === 'constant' || real === 'variable' ? undefined : this.bodyAt(name + 1, to);
    const end = body === undefined ? this.statementEnd(name + 1, to) : this.after(body);
    const holdsMembers = body !== undefined && depth < deepest;
    const children =
      !holdsMembers || real === 'function' || real === 'enum'
        ? []
        : real === 'namespace'
          ? this.scope(body + 1, end - 1, depth + 1)
          : this.members(body + 1, end - 1);
    const value = real === 'constant' || real === 'variable' ? this.functionAt(name + 1, end) : undefined;
    return {
      end,
      declaration: this.told(begin, end, {
        name: this.textAt(name),
        kind: value === undefined ? real : 'function',
        exported: this.tokens.slice(begin, at).some(({ text }) => text === 'export'),
        async: this.isAsync(begin, at) || (value !== undefined && this.textAt(this.valueAt(name + 1, end)) === 'async'),
        children,
        until: body ?? value ?? end,
      }),
    };
  }

  private isAsync(from: number, to: number): boolean {
    return this.tokens.slice(from, to).some(({ kind, text }) => kind === 'word' && text === 'async');
  }

  private told(
    begin: number,
    end: number,
    { until, ...facts }: Pick<Declaration, 'name' | 'kind' | 'exported' | 'children'> & { until: number; async: boolean },
  ): Declaration {
    const [first, last, stop] = [this.tokens.at(begin), this.tokens.at(end - 1), this.tokens.at(until - 1)];
    const start = first?.start ?? 0;
    const head = this.text.slice(start, Math.min(stop?.end ?? 0, start + signatureSource));
    return {
      name: facts.name,
      kind: facts.kind,
      line: first?.line ?? 1,
      endLine: (last?.line ?? 1) + (last?.text.split('\n').length ?? 1) - 1,
      exported: facts.exported,
      ...(facts.async ? { async: true } : {}),
      signature: signatureOf(head),
      children: facts.children,
    };
  }

  /** Where the body of a function, class or the like opens: the first brace that is no type. Undefined for an overload. */
  private bodyAt(from: number, to: number): number | undefined {
    let angles = 0;
    for (let at = from; at < to; at = this.after(at)) {
      const text = this.textAt(at);
      const before = this.textAt(at - 1);
      if (text === '<') angles += 1;
      else if (text === '>') angles = Math.max(0, angles - 1);
      else if (text === ';' && angles === 0) return undefined;
      else if (text === '{' && angles === 0 && ![':', '|', '&', '=>', 'is'].includes(before)) return at;
    }
    return undefined;
  }

  /** Index behind a statement: its semicolon, or the line on which nothing goes on. */
  private statementEnd(from: number, to: number): number {
    for (let at = from; at < to; at = this.after(at)) {
      const text = this.textAt(at);
      if (text === ';') return at + 1;
      const [here, before] = [this.tokens.at(at), this.tokens.at(at - 1)];
      const turned = here && before && here.line > before.line;
      if (turned && this.mayEnd(before) && this.mayBegin(here)) return at;
    }
    return to;
  }

  private mayEnd({ kind, text }: Token): boolean {
    return kind !== 'mark' || [')', ']', '}', '++', '--', '>', '!'].includes(text);
  }

  private mayBegin({ kind, text }: Token): boolean {
    return kind === 'word'
      ? !['as', 'satisfies', 'instanceof', 'in', 'of', 'extends'].includes(text)
      : ['{', '}', '[', '*'].includes(text) || kind === 'text';
  }

  /** Index behind the equals sign. */
  private valueAt(from: number, to: number): number {
    let at = from;
    while (at < to && this.textAt(at) !== '=') at = this.after(at);
    return at + 1;
  }

  /** Where the parameters of a function value begin, when the value of a constant is one. */
  private functionAt(from: number, to: number): number | undefined {
    const value = this.valueAt(from, to);
    const first = this.textAt(value) === 'async' ? value + 1 : value;
    if (this.textAt(first) === 'function') return this.bodyAt(first + 1, to) ?? to;
    for (let next = first; next < to && next < first + 400; next = this.after(next)) {
      const text = this.textAt(next);
      if (text === '=>') return next + 1;
      const start = next === first && (this.tokens.at(next)?.kind === 'word' || text === '(' || text === '<');
      if (!start && (text === ';' || text === '=' || text === '?' || text === '.')) return undefined;
      if (next === first && !start) return undefined;
      if (next === first + 1 && this.tokens.at(first)?.kind === 'word') return undefined;
    }
    return undefined;
  }

  private members(from: number, to: number): Declaration[] {
    const found: Declaration[] = [];
    for (let at = from; at < to;) {
      const begin = at;
      while (memberModifiers.has(this.textAt(at)) && !['(', '=', ';', ':', '?', '<', '!'].includes(this.textAt(at + 1))) at += 1;
      if (this.textAt(at) === '*') at += 1;
      const token = this.tokens.at(at);
      const isName = token && (token.kind === 'word' || token.kind === 'text' || token.kind === 'number' || token.text === '[');
      if (!isName || token.text.startsWith('@')) {
        at = this.after(at);
        continue;
      }
      const name = token.text === '[' ? this.text.slice(token.start, this.tokens.at(this.after(at) - 1)?.end) : token.text;
      let next = this.after(at);
      if (this.textAt(next) === '?' || this.textAt(next) === '!') next += 1;
      const isMethod = this.textAt(next) === '(' || this.textAt(next) === '<';
      const body = isMethod ? this.methodBody(next, to) : undefined;
      const end = body === undefined ? this.statementEnd(next, to) : this.after(body);
      const kind = isMethod ? 'method' : 'property';
      const async = isMethod && this.isAsync(begin, at);
      found.push(this.told(begin, end, { name, kind, exported: false, async, children: [], until: body ?? end }));
      at = Math.max(end, at + 1);
    }
    return found;
  }

  /** A method without a body ends with its line. */
  private methodBody(from: number, to: number): number | undefined {
    const end = this.statementEnd(from, to);
    return this.bodyAt(from, end);
  }
}

/** The declarations of a JavaScript or TypeScript text, in its order. Never fails: text need not be complete. */
export const javascriptOutline = (text: string): Outline => ({ declarations: new Reading(text).all() });

/** Everything a JavaScript or TypeScript text imports by a literal name, in its order. */
export const javascriptImports = (text: string): Import[] => {
  const tokens = tokensOf(text);
  const at = (index: number): string => (index < 0 ? '' : (tokens.at(index)?.text ?? ''));
  return tokens.flatMap(({ kind, text: word, line }, index): Import[] => {
    if (kind !== 'word' || (word !== 'import' && word !== 'export') || at(index - 1) === '.') return [];
    if (word === 'import' && at(index + 1) === '(')
      return nameOf(tokens.at(index + 2), { line, kind: 'dynamic', typeOnly: false });
    const typeOnly = at(index + 1) === 'type' && at(index + 2) !== 'from' && at(index + 2) !== ',';
    let from = index + 1;
    while (from < tokens.length && tokens.at(from)?.kind !== 'text' && clause.has(shapeOf(tokens.at(from)))) from += 1;
    const named = word === 'import' ? from === index + 1 || at(from - 1) === 'from' : at(from - 1) === 'from';
    return named ? nameOf(tokens.at(from), { line, kind: word, typeOnly }) : [];
  });
};

/** What may stand between `import` and the name of what is imported. */
const clause = new Set(['word', '{', '}', ',', '*']);

const shapeOf = (token: Token | undefined): string => (token?.kind === 'mark' ? token.text : (token?.kind ?? ''));

const nameOf = (token: Token | undefined, facts: Omit<Import, 'specifier'>): Import[] =>
  token?.kind === 'text' && !token.text.startsWith('`') ? [{ specifier: token.text.slice(1, -1), ...facts }] : [];
