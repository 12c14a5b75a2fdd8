/** Reading the answers of catalogues. */
import type { SqlParameter, SqlQuery } from '../runtime/binding.ts';

/** One row of a catalogue: values in the order of the statement. */
export type CatalogueRow = readonly unknown[];

/** Runs a catalogue statement; rows come as arrays. */
export const readRows = async (query: SqlQuery, text: string, parameters: SqlParameter[] = []): Promise<CatalogueRow[]> =>
  (await query(text, parameters)).rows.map((row) => (Array.isArray(row) ? (row as readonly unknown[]) : Object.values(row)));

/** Text of a value; undefined for NULL and for empty text. */
export const textOf = (value: unknown): string | undefined => {
  if (value === null || value === undefined) return undefined;
  const text =
    value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value as string | number | bigint | boolean);
  return text === '' ? undefined : text;
};

/** Text of a value; empty for NULL. */
export const wordOf = (value: unknown): string => textOf(value) ?? '';

/** Truth of a value: `true`, `t`, `YES`, 1. */
export const isTrue = (value: unknown): boolean => /^(?:t|true|yes|1)$/i.test(wordOf(value));

/** Rows by the text of one of their values, in order. */
export const groupRows = (rows: readonly CatalogueRow[], by: (row: CatalogueRow) => string): Map<string, CatalogueRow[]> =>
  Map.groupBy(rows, by);
