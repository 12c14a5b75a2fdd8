import type { Import, Outline } from './declaration.ts';
import { javascriptImports, javascriptOutline } from './javascript.ts';
import { type Language, languageOf } from './language.ts';
import { pythonImports } from './python-imports.ts';
import { pythonOutline } from './python.ts';

/** What both operations take. */
interface Input {
  source: string;
  language?: Language;
}

const isPython = ({ source, language = languageOf(source) }: Input): boolean => language === 'python';

/** What this module can do; the table in plugin.json describes the same. */
export const operations = {
  outline: async (input: Input): Promise<Outline> =>
    isPython(input) ? pythonOutline(input.source) : javascriptOutline(input.source),
  imports: async (input: Input): Promise<{ imports: Import[] }> => ({
    imports: isPython(input) ? pythonImports(input.source) : javascriptImports(input.source),
  }),
};
