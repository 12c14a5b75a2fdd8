import { type Declaration, type Import, importsOf, outlineOf } from './outline.ts';

/** What this module can do; the table in plugin.json describes the same. */
export const operations = {
  outline: async ({ source }: { source: string }): Promise<{ declarations: Declaration[] }> => ({
    declarations: outlineOf(source),
  }),
  imports: async ({ source }: { source: string }): Promise<{ imports: Import[] }> => ({ imports: importsOf(source) }),
};
