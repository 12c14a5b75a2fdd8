import { parseSync } from 'oxc-parser';

/** One static import of power. Type-only imports give none. */
export interface CapabilityImport {
  file: string;
  /** 1-based. */
  line: number;
  specifier: string;
  attributes: [name: string, value: string][];
}

interface Statement {
  type: string;
  start: number;
  importKind?: string;
  source?: { value: unknown } | null;
  attributes?: { key: { name?: string; value?: unknown }; value: { value: unknown } }[];
}

/** The static imports and re-exports of `burgeon:cap/...`. Parses what was handed in, so it is only called in a process that may be lost. */
export const importsOf = (files: readonly { path: string; text: string }[]): CapabilityImport[] =>
  files.flatMap(({ path, text }) => {
    const { program } = parseSync('module.ts', text, { lang: 'ts', sourceType: 'module' });
    return (program.body as unknown as Statement[]).flatMap((statement) => {
      const specifier = statement.source?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('burgeon:cap/') || statement.importKind === 'type') return [];
      const attributes = (statement.attributes ?? []).map(({ key, value }): [string, string] => [
        String(key.name ?? key.value),
        String(value.value),
      ]);
      return [{ file: path, line: text.slice(0, statement.start).split('\n').length, specifier, attributes }];
    });
  });
