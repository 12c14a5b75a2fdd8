import { parseSync } from 'oxc-parser';

/** One static import of power. What imports types only gives none. */
export interface CapabilityImport {
  file: string;
  /** 1-based. */
  line: number;
  specifier: string;
  attributes: [name: string, value: string][];
}

/** What the code of a bundle imports, in the order of its files. */
export interface ImportsFound {
  imports: CapabilityImport[];
  /** Imports that are made while the code runs: what they ask for cannot be told. */
  dynamic: { file: string; line: number }[];
  /** Files that are not understood; `''` stands for all of them. */
  unread: string[];
}

interface Statement {
  start: number;
  importKind?: string;
  exportKind?: string;
  source?: { value: unknown } | null;
  specifiers?: { importKind?: string; exportKind?: string }[];
  attributes?: { key: { name?: string; value?: unknown }; value: { value: unknown } }[];
}

/** The static imports and re-exports of `burgeon:cap/...`. Parses what was handed in, so it is only called in a process that may be lost. */
export const importsOf = (files: readonly { path: string; text: string }[]): ImportsFound => {
  const found: ImportsFound = { imports: [], dynamic: [], unread: [] };
  for (const { path, text } of files) {
    const { program, errors, module } = parseSync('module', text, {
      lang: /\.[cm]?js$/i.test(path) ? 'js' : 'ts',
      sourceType: 'module',
      showSemanticErrors: true,
    });
    const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
    if (errors.length > 0) found.unread.push(path);
    for (const { start } of module.dynamicImports) found.dynamic.push({ file: path, line: lineOf(start) });
    for (const statement of program.body as unknown as Statement[]) {
      const specifier = statement.source?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('burgeon:cap/') || isOnlyTypes(statement)) continue;
      found.imports.push({ file: path, line: lineOf(statement.start), specifier, attributes: attributesOf(statement) });
    }
  }
  return found;
};

/** `import type ...`, `export type ...`, and lists in which each name says `type`. An import without names is none of these. */
const isOnlyTypes = ({ importKind, exportKind, specifiers = [] }: Statement): boolean =>
  importKind === 'type' ||
  exportKind === 'type' ||
  (specifiers.length > 0 && specifiers.every((each) => (each.importKind ?? each.exportKind) === 'type'));

const attributesOf = ({ attributes = [] }: Statement): [string, string][] =>
  attributes.map(({ key, value }) => [String(key.name ?? key.value), String(value.value)]);
