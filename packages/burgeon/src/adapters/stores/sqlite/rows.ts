import { crc32 } from 'node:zlib';
import { type JsonObject, type LogEntry, type StoredRecord } from '@burgeon/kit';
import { damaged } from './failure.ts';

/** A row as SQLite gives it. */
export type Row = Record<string, string | number>;

type Value = string | number | bigint | Uint8Array | null;

/**
 * The sum kept with a record: eight hex digits over its key, eight over all of it. SQLite sums nothing, so a byte that changed on the disk
 * would come back as what was written. Against damage only: what must withstand an attacker is signed.
 */
export const rowSum = (...[tenant, table, id, rev, value, createdAt, updatedAt]: Value[]): string => {
  const key = crc32(JSON.stringify([tenant, table, id]));
  return hex(key) + hex(crc32(`${JSON.stringify([Number(rev), createdAt, updatedAt])}${String(value)}`, key));
};

const hex = (sum: number): string => sum.toString(16).padStart(8, '0');

const sumOf = (row: Row): string =>
  rowSum(...['tenant', 'kind', 'id', 'rev', 'value', 'created_at', 'updated_at'].map((name) => row[name] ?? null));

/** True when a row lies under the key it was written under: else a record may be missing, and nobody could say which. */
export const isInPlace = (row: Row): boolean => {
  const { sum } = row;
  return (
    typeof sum === 'string' &&
    sum.slice(0, 8) === rowSum(row['tenant'] ?? null, row['kind'] ?? null, row['id'] ?? null).slice(0, 8)
  );
};

/** The record of a row. @throws {BurgeonError} HOME_DAMAGED when it is not what was written */
export const recordOf = (row: Row, location: string): StoredRecord => {
  const [table, id] = [String(row['kind']), String(row['id'])];
  const what = `the record ${table}/${id}`;
  if (row['sum'] !== sumOf(row)) throw damaged(location, `${what} is not what was written`);
  return {
    tenant: String(row['tenant']),
    table,
    id,
    rev: Number(row['rev']),
    value: parse(row['value'], { location, what }),
    createdAt: String(row['created_at']),
    updatedAt: String(row['updated_at']),
  };
};

/** The entry of a row. Entries carry no sum: a log is a chain of its own. @throws {BurgeonError} HOME_DAMAGED when it is none */
export const entryOf = (row: Row, { location, log }: { location: string; log: string }): LogEntry => {
  const sequence = Number(row['sequence']);
  return { sequence, entry: parse(row['entry'], { location, what: `entry ${sequence} of ${log}` }) };
};

const parse = (text: string | number | undefined, { location, what }: { location: string; what: string }): JsonObject => {
  try {
    return JSON.parse(String(text)) as JsonObject;
  } catch (error) {
    throw damaged(location, `${what} cannot be read`, error);
  }
};
