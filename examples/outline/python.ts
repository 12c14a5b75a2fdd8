import { type Declaration, deepest, type Outline } from './declaration.ts';
import {
  blockEnd,
  codeIn,
  isName,
  markIn,
  partsOf,
  simpleStatements,
  type Span,
  stringValue,
  textAt,
} from './python-statements.ts';
import { type Line, type Python, readPython } from './python-tokens.ts';

const constantName = /^_*[A-Z][A-Z0-9_]*$/;

/** Where declarations are read: lines of the text, `to` exclusive, and what holds them. */
interface Scope {
  owner: 'module' | 'class' | 'function';
  from: number;
  to: number;
  depth: number;
}

/** A `def` or `class`: its line, and where its words stand. */
interface Header {
  kind: 'def' | 'class';
  index: number;
  line: Line;
  name: number;
  colon: number;
  /** Line behind its block. */
  end: number;
}

type Decorator = NonNullable<Declaration['decorators']>[number];

/** The header in one line of a scope; undefined when it is another statement. */
const headerIn = (python: Python, index: number, scope: Scope): Header | undefined => {
  const line = python.lines.at(index);
  if (!line) return undefined;
  const at = textAt(python, line.from) === 'async' ? line.from + 1 : line.from;
  const kind = textAt(python, at);
  if ((kind !== 'def' && (kind !== 'class' || at > line.from)) || !isName(python.tokens.at(at + 1))) return undefined;
  const colon = markIn(python, { from: at + 1, to: line.to }, ':') ?? line.to;
  return { kind, index, line, name: at + 1, colon, end: blockEnd(python, index, scope.to) };
};

/** First line of the docstring among statements; undefined when there is none or it is empty. */
const summaryIn = (python: Python, statements: Span[]): string | undefined => {
  const [first] = statements;
  const tokens = first ? python.tokens.slice(first.from, first.to) : [];
  if (tokens.length === 0 || tokens.some(({ kind, text }) => kind !== 'string' || /^[bft]|^r[bft]/i.test(text))) return undefined;
  const value = tokens.map(({ text }) => stringValue(text)).join('');
  return /\S.*/.exec(value)?.[0].trimEnd().slice(0, 500);
};

const firstStatements = (python: Python, index: number, end: number): Span[] => {
  const line = index < end ? python.lines.at(index) : undefined;
  return line ? simpleStatements(python, line) : [];
};

const optional = (facts: { summary: string | undefined; decorators: Decorator[]; async: boolean }): Partial<Declaration> => ({
  ...(facts.async ? { async: true } : {}),
  ...(facts.summary === undefined ? {} : { summary: facts.summary }),
  ...(facts.decorators.length === 0 ? {} : { decorators: facts.decorators }),
});

const held = (python: Python, header: Header, scope: Scope, decorators: Decorator[]): Declaration => {
  const { kind, index, line, name, colon, end } = header;
  const inline = colon + 1 < line.to ? partsOf(python, { from: colon + 1, to: line.to }, ';') : [];
  const last = python.lines.at(end - 1) ?? line;
  const inside: Scope = { owner: kind === 'class' ? 'class' : 'function', from: index + 1, to: end, depth: scope.depth + 1 };
  const isShown = inside.depth < deepest;
  const text = textAt(python, name);
  return {
    name: text,
    kind: kind === 'class' ? 'class' : scope.owner === 'class' ? 'method' : 'function',
    line: python.tokens.at(line.from)?.line ?? 1,
    endLine: python.tokens.at(last.to - 1)?.endLine ?? 1,
    exported: scope.owner === 'module' && !text.startsWith('_'),
    signature: codeIn(python, { from: line.from, to: colon }),
    ...optional({
      summary: summaryIn(python, inline.length > 0 ? inline : firstStatements(python, index + 1, end)),
      decorators,
      async: textAt(python, line.from) === 'async',
    }),
    children: isShown ? [...(kind === 'class' ? namesIn(python, inline, inside) : []), ...declarationsIn(python, inside)] : [],
  };
};

/** Indexes of the names that a target binds: `a`, `(a, *b)`; of `a.b` and `a[0]` none. */
const boundBy = (python: Python, target: Span, depth = 0): number[] =>
  partsOf(python, target, ',').flatMap(({ from, to }) => {
    const begin = textAt(python, from) === '*' ? from + 1 : from;
    if (to - begin === 1) return isName(python.tokens.at(begin)) ? [begin] : [];
    const [open, close] = [textAt(python, begin), textAt(python, to - 1)];
    const isGroup = (open === '(' && close === ')') || (open === '[' && close === ']');
    return isGroup && depth < deepest ? boundBy(python, { from: begin + 1, to: to - 1 }, depth + 1) : [];
  });

/** Indexes of the names that a simple statement binds, and whether they are types. */
const boundIn = (python: Python, statement: Span): { names: number[]; isType: boolean } => {
  const { from, to } = statement;
  const first = python.tokens.at(from);
  const second = textAt(python, from + 1);
  const isType = first?.text === 'type' && isName(python.tokens.at(from + 1)) && /^[=[]$/.test(textAt(python, from + 2));
  if (isType) return { names: [from + 1], isType };
  if (first?.kind !== 'mark' && !isName(first)) return { names: [], isType };
  if (second === ':' && to > from + 2) return { names: [from], isType };
  const names: number[] = [];
  for (let begin = from, end: number | undefined; begin < to; begin = end + 1) {
    end = markIn(python, { from: begin, to }, '=');
    if (end === undefined) break;
    names.push(...boundBy(python, { from: begin, to: end }));
  }
  return { names, isType };
};

/** What the simple statements of a module or class bind. */
const namesIn = (python: Python, statements: Span[], { owner }: Scope): Declaration[] =>
  statements.flatMap((statement) => {
    const { names, isType } = boundIn(python, statement);
    return names.map((index): Declaration => {
      const name = textAt(python, index);
      const kind = constantName.test(name) ? 'constant' : owner === 'class' ? 'property' : 'variable';
      return {
        name,
        kind: isType ? 'type' : kind,
        line: python.tokens.at(statement.from)?.line ?? 1,
        endLine: python.tokens.at(statement.to - 1)?.endLine ?? 1,
        exported: owner === 'module' && !name.startsWith('_'),
        signature: codeIn(python, statement),
        children: [],
      };
    });
  });

/** Everything declared in a scope. What `if`, `try`, `with` and loops hold belongs to it; a name is told where it is first bound. */
const declarationsIn = (python: Python, scope: Scope): Declaration[] => {
  const found: Declaration[] = [];
  const bound = new Set<string>();
  let decorators: Decorator[] = [];
  for (let index = scope.from; index < scope.to;) {
    const line = python.lines.at(index);
    if (!line) break;
    const header = headerIn(python, index, scope);
    if (header) {
      found.push(held(python, header, scope, decorators));
    } else if (textAt(python, line.from) === '@') {
      const text = codeIn(python, { from: line.from + 1, to: line.to });
      decorators.push({ text, line: python.tokens.at(line.from)?.line ?? 1 });
      index += 1;
      continue;
    } else if (scope.owner !== 'function') {
      for (const declaration of namesIn(python, simpleStatements(python, line), scope)) {
        if (!bound.has(declaration.name)) found.push(declaration);
        bound.add(declaration.name);
      }
    }
    decorators = [];
    index = header ? header.end : index + 1;
  }
  return found;
};

/** The names in `__all__`, where a file lists them; undefined when it does not. */
const listed = (python: Python): Set<string> | undefined => {
  const names = python.lines.flatMap(({ indent, from, to }) => {
    const isList = indent === 0 && textAt(python, from) === '__all__' && /^(?:=|\+=|:)$/.test(textAt(python, from + 1));
    const strings = isList ? python.tokens.slice(from, to).filter(({ kind }) => kind === 'string') : [];
    return strings.map(({ text }) => stringValue(text));
  });
  return names.length === 0 ? undefined : new Set(names);
};

/** The declarations of a Python text, in its order. Never fails: text need not be complete. */
export const pythonOutline = (source: string): Outline => {
  const python = readPython(source);
  const declarations = declarationsIn(python, { owner: 'module', from: 0, to: python.lines.length, depth: 0 });
  const all = listed(python);
  for (const declaration of declarations) if (all) declaration.exported = all.has(declaration.name);
  const summary = summaryIn(python, firstStatements(python, 0, python.lines.length));
  return { ...(summary === undefined ? {} : { summary }), declarations };
};
