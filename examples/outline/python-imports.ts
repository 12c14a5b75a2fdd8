import type { Import } from './declaration.ts';
import { isName, partsOf, simpleStatements, type Span, stringValue, textAt } from './python-statements.ts';
import { type Line, type Python, readPython } from './python-tokens.ts';

type Names = NonNullable<Import['names']>;

/** `a.b as c`: the dotted name, and the other one. */
const named = (python: Python, { from, to }: Span): { name: string; as?: string } | undefined => {
  const texts = python.tokens.slice(from, to).map(({ text }) => text);
  const at = texts.indexOf('as');
  const name = texts.slice(0, at < 0 ? undefined : at).join('');
  const as = at < 0 ? undefined : texts.at(at + 1);
  if (!/^(?:\*|[.\p{ID_Start}_][.\p{ID_Continue}]*)$/u.test(name)) return undefined;
  return { name, ...(as === undefined ? {} : { as }) };
};

const namesIn = (python: Python, { from, to }: Span): Names => {
  const isGroup = textAt(python, from) === '(';
  const inside = { from: isGroup ? from + 1 : from, to: isGroup && textAt(python, to - 1) === ')' ? to - 1 : to };
  return partsOf(python, inside, ',').flatMap((part) => named(python, part) ?? []);
};

const importsOf = (python: Python, { from, to }: Span, typeOnly: boolean): Import[] => {
  const facts = { line: python.tokens.at(from)?.line ?? 1, kind: 'import', typeOnly } as const;
  if (textAt(python, from) === 'import') {
    const modules = partsOf(python, { from: from + 1, to }, ',').flatMap((part) => named(python, part) ?? []);
    return modules.map(({ name, ...rest }) => ({ specifier: name, ...facts, ...rest }));
  }
  if (textAt(python, from) !== 'from') return [];
  let at = from + 1;
  while (at < to && textAt(python, at) !== 'import') at += 1;
  const module = named(python, { from: from + 1, to: at });
  return module && at < to ? [{ specifier: module.name, ...facts, names: namesIn(python, { from: at + 1, to }) }] : [];
};

/** `importlib.import_module('a')` and `__import__('a')`, where the name stands there as it is. */
const dynamicIn = (python: Python, { from, to }: Line, typeOnly: boolean): Import[] =>
  python.tokens.slice(from, to).flatMap((token, offset): Import[] => {
    if (token.text !== '__import__' && token.text !== 'import_module') return [];
    const given = python.tokens.at(from + offset + 2);
    const isCall = isName(token) && textAt(python, from + offset + 1) === '(' && /^[,)]$/.test(textAt(python, from + offset + 3));
    if (!isCall || given?.kind !== 'string' || /^\w*[bft]/i.test(given.text)) return [];
    return [{ specifier: stringValue(given.text), line: token.line, kind: 'dynamic', typeOnly }];
  });

/** True for `if TYPE_CHECKING:`, also with the module before it. */
const isForTypes = (python: Python, { from, to }: Line): boolean => {
  const texts = python.tokens.slice(from, Math.min(to, from + 5)).map(({ text }) => text);
  return /^if (?:\w+ \. )?TYPE_CHECKING :/.test(texts.join(' '));
};

/** Everything a Python text imports, wherever it stands, in its order. */
export const pythonImports = (source: string): Import[] => {
  const python = readPython(source);
  let typesAt: number | undefined;
  return python.lines.flatMap((line) => {
    if (typesAt !== undefined && line.indent <= typesAt) typesAt = undefined;
    if (typesAt === undefined && isForTypes(python, line)) typesAt = line.indent;
    const typeOnly = typesAt !== undefined;
    const found = simpleStatements(python, line).flatMap((statement) => importsOf(python, statement, typeOnly));
    return [...found, ...dynamicIn(python, line, typeOnly)];
  });
};
