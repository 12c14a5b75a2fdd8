/** Values as databases give them -> JSON. */
import { parseArrayLiteral, type TextArray } from './array-literal.ts';
import type { SqlBoundColumn, SqlDialect, SqlRow, SqlType } from './binding.ts';
import { base64Of, bytesOfHex } from './bytes.ts';
import { jsonInteger, plainDecimal } from './integer.ts';
import { isoMoment } from './moment.ts';

/** JSON as this folder knows it. */
export type SqlJson = null | boolean | number | string | SqlJson[] | { [key: string]: SqlJson };

/**
 * Reads JSON text. Whole numbers that a JSON number cannot carry exactly become decimal text; text that is no JSON stays text.
 */
const parseJson = (text: string): SqlJson => {
  const exact = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const inexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
    return inexact && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
  };
  try {
    return JSON.parse(text, /\d{16}/.test(text) ? exact : undefined) as SqlJson;
  } catch {
    return text;
  }
};

/** A float as JSON; what JSON has no number for becomes its name. */
const jsonFloat = (value: number): SqlJson => (Number.isFinite(value) ? value : String(value));

/** The shortest number that is the same in single precision: 0.10000000149011612 gives 0.1. */
const singleFloat = (value: number): number => {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
};

/** A value whose storage class the declared type does not promise. `tagged` keeps classes apart that JSON would mix. */
const storedValue = (raw: unknown, tagged: boolean): SqlJson => {
  if (typeof raw === 'bigint') {
    const value = jsonInteger(raw);
    return tagged && typeof value === 'string' ? { integer: value } : value;
  }
  if (typeof raw === 'number') return jsonFloat(raw);
  if (raw instanceof Uint8Array) return { base64: base64Of(raw) };
  return typeof raw === 'boolean' || typeof raw === 'string' ? raw : String(raw);
};

/** A decimal with at least the digits after the point that its column declares: SQLite keeps 1.50 as 1.5. */
const scaled = (text: string, scale: number): string => {
  const digits = text.split('.')[1]?.length ?? 0;
  if (digits >= scale || !/\d$/.test(text)) return text;
  return `${text}${digits === 0 ? '.' : ''}${'0'.repeat(scale - digits)}`;
};

const utf8 = new TextEncoder();

const decodeSqlite = (type: SqlType, raw: unknown): SqlJson => {
  switch (type.kind) {
    case 'boolean':
      return raw === 0n || raw === 0 ? false : raw === 1n || raw === 1 ? true : storedValue(raw, false);
    case 'decimal':
      return typeof raw === 'number' || typeof raw === 'bigint'
        ? scaled(plainDecimal(raw), type.scale ?? 0)
        : storedValue(raw, false);
    case 'bytes':
      return base64Of(raw instanceof Uint8Array ? raw : utf8.encode(String(raw)));
    case 'json':
    case 'array':
      return typeof raw === 'string' ? parseJson(raw) : storedValue(raw, false);
    default:
      return storedValue(raw, type.kind === 'any');
  }
};

const decodeArray = (items: TextArray, element: SqlType): SqlJson =>
  items.map((item) => (item === null ? null : Array.isArray(item) ? decodeArray(item, element) : decodePostgres(element, item)));

const decodePostgres = (type: SqlType, text: string): SqlJson => {
  switch (type.kind) {
    case 'integer':
      return Number(text);
    case 'bigint':
      return jsonInteger(BigInt(text));
    case 'float':
      return jsonFloat(Number(text));
    case 'boolean':
      return text.startsWith('t');
    case 'timestamp':
    case 'timestamptz':
      return isoMoment(text);
    case 'json':
      return parseJson(text);
    case 'bytes':
      return base64Of(bytesOfHex(text.slice(2)));
    case 'array': {
      const items = type.element ? parseArrayLiteral(text) : undefined;
      return items && type.element ? decodeArray(items, type.element) : text;
    }
    default:
      return text;
  }
};

const decodeMysql = (type: SqlType, raw: unknown): SqlJson => {
  const text = raw instanceof Uint8Array ? new TextDecoder().decode(raw) : String(raw);
  switch (type.kind) {
    case 'integer':
      return Number(text);
    case 'bigint':
      return jsonInteger(BigInt(text));
    case 'float':
      return type.bits === 32 ? singleFloat(Number(text)) : Number(text);
    case 'boolean':
      return text === '0' ? false : text === '1' ? true : Number(text);
    case 'timestamp':
      return isoMoment(text);
    case 'timestamptz':
      return isoMoment(text, 'Z');
    case 'json':
      return parseJson(text);
    case 'bytes':
      return base64Of(bytesOfHex(text));
    default:
      return text;
  }
};

/** JSON of one value that was selected by {@link selectExpression}. */
export const decodeValue = (type: SqlType, raw: unknown, dialect: SqlDialect): SqlJson => {
  if (raw === null || raw === undefined) return null;
  if (dialect === 'sqlite') return decodeSqlite(type, raw);
  return dialect === 'postgres' ? decodePostgres(type, String(raw as string)) : decodeMysql(type, raw);
};

/** JSON object of one row; keys are own properties, whatever they are called. */
export const decodeRow = (columns: readonly SqlBoundColumn[], row: SqlRow, dialect: SqlDialect): Record<string, SqlJson> => {
  const entries = columns.map(({ name, type }, index): [string, SqlJson] => {
    const raw = Array.isArray(row) ? (row as readonly unknown[])[index] : (row as Readonly<Record<string, unknown>>)[name];
    return [name, decodeValue(type, raw, dialect)];
  });
  return Object.fromEntries(entries);
};

/** The expression that reads a column so that every driver gives the same: as text where drivers would guess. */
export const selectExpression = (type: SqlType, reference: string, dialect: SqlDialect): string => {
  if (dialect === 'postgres') return `${reference}::text`;
  if (dialect === 'sqlite') return reference;
  switch (type.kind) {
    case 'bytes':
      return `HEX(${reference})`;
    case 'boolean':
      return `(${reference} + 0)`;
    case 'float':
      return type.bits === 32 ? `(${reference} + 0e0)` : reference;
    case 'integer':
    case 'text':
    case 'enum':
      return reference;
    case 'bigint':
      return `CAST(${reference} + 0 AS CHAR)`;
    default:
      return `CAST(${reference} AS CHAR)`;
  }
};
