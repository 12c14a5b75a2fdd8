import { formatJson, type JsonOptions } from './json.ts';
import { formatSql, type SqlOptions } from './sql.ts';

/** What this module can do; the table in plugin.json describes the same. */
export const operations = {
  json: async ({ source, ...options }: { source: string } & JsonOptions): Promise<{ text: string }> => ({
    text: formatJson(source, options),
  }),
  sql: async ({ source, ...options }: { source: string } & SqlOptions): Promise<{ text: string }> => ({
    text: formatSql(source, options),
  }),
};
