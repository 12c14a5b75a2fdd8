/** Types of PostgreSQL: what a type's object id stands for, through domains, arrays and enums. */
import type { SqlQuery, SqlType } from '../runtime/binding.ts';
import { isTrue, readRows, textOf, wordOf } from './rows.ts';

/** What a column's type says. */
export interface ReadType {
  type: SqlType;
  /** A domain may forbid null. */
  notNull: boolean;
  /** A domain may have a default. */
  default?: string;
}

/** How a column refers to its type. */
export interface TypeUse {
  /** `atttypmod`: lengths and digits; -1 = none. */
  modifier: number;
  dimensions: number;
}

/** Finds types by object id. */
export interface TypeReader {
  typeOf(oid: string, use: TypeUse): ReadType;
}

interface TypeRow {
  name: string;
  schema: string;
  /** `b` base, `c` composite, `d` domain, `e` enum, `r` range, `m` multirange. */
  kind: string;
  category: string;
  element: string;
  base: string;
  baseModifier: number;
  notNull: boolean;
  default: string | undefined;
  labels: string[];
}

const typesText = `
SELECT t.oid::text, t.typname, n.nspname, t.typtype, t.typcategory, t.typelem::text, t.typbasetype::text, t.typtypmod, t.typnotnull, t.typdefault,
       (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)::text
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm') OR t.oid IN (SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attnum > 0)`;

/** Built-in types whose values are not simply text. */
const builtIn: Record<string, (modifier: number) => SqlType> = {
  bool: () => ({ kind: 'boolean' }),
  int2: () => ({ kind: 'integer', bits: 16 }),
  int4: () => ({ kind: 'integer', bits: 32 }),
  int8: () => ({ kind: 'bigint', bits: 64 }),
  oid: () => ({ kind: 'bigint', bits: 64, unsigned: true }),
  float4: () => ({ kind: 'float', bits: 32 }),
  float8: () => ({ kind: 'float', bits: 64 }),
  numeric: (modifier) => (modifier < 4 ? { kind: 'decimal' } : { kind: 'decimal', ...digitsOf(modifier - 4) }),
  text: () => ({ kind: 'text' }),
  citext: () => ({ kind: 'text' }),
  name: () => ({ kind: 'text', length: 63 }),
  char: () => ({ kind: 'text', length: 1 }),
  varchar: (modifier) => (modifier < 4 ? { kind: 'text' } : { kind: 'text', length: modifier - 4 }),
  bpchar: (modifier) => (modifier < 4 ? { kind: 'text' } : { kind: 'text', length: modifier - 4 }),
  uuid: () => ({ kind: 'uuid' }),
  date: () => ({ kind: 'date' }),
  time: (modifier) => ({ kind: 'time', ...(modifier < 0 ? {} : { precision: modifier }) }),
  timestamp: (modifier) => ({ kind: 'timestamp', ...(modifier < 0 ? {} : { precision: modifier }) }),
  timestamptz: (modifier) => ({ kind: 'timestamptz', ...(modifier < 0 ? {} : { precision: modifier }) }),
  interval: () => ({ kind: 'interval' }),
  json: () => ({ kind: 'json' }),
  jsonb: () => ({ kind: 'json' }),
  bytea: () => ({ kind: 'bytes' }),
};

/** Precision in the upper half, scale as 11 signed bits in the lower. @see numeric.c of PostgreSQL, make_numeric_typmod */
const digitsOf = (packed: number): { precision: number; scale: number } => ({
  precision: (packed >> 16) & 0xffff,
  scale: ((packed & 0x7ff) ^ 1024) - 1024,
});

/** Domains over domains, and arrays of them, deeper than this are read as text. */
const maxDepth = 16;

const labelled = ({ schema, name, labels }: TypeRow): SqlType => ({ kind: 'enum', name: `${schema}.${name}`, values: labels });

/** Reads all types once. */
export const readPostgresTypes = async (query: SqlQuery): Promise<TypeReader> => {
  const rows = new Map<string, TypeRow>();
  for (const [oid, name, schema, kind, category, element, base, baseModifier, notNull, fallback, labels] of await readRows(
    query,
    typesText,
  )) {
    rows.set(wordOf(oid), {
      name: wordOf(name),
      schema: wordOf(schema),
      kind: wordOf(kind),
      category: wordOf(category),
      element: wordOf(element),
      base: wordOf(base),
      baseModifier: Number(baseModifier),
      notNull: isTrue(notNull),
      default: textOf(fallback),
      labels: labels === null ? [] : (JSON.parse(wordOf(labels)) as string[]),
    });
  }
  const typeOf = (oid: string, use: TypeUse, depth = 0): ReadType => {
    const row = rows.get(oid);
    if (row === undefined || depth > maxDepth) return { type: { kind: 'other' }, notNull: false };
    if (row.kind === 'd') {
      const base = typeOf(row.base, { ...use, modifier: row.baseModifier }, depth + 1);
      const fallback = row.default ?? base.default;
      return { type: base.type, notNull: row.notNull || base.notNull, ...(fallback === undefined ? {} : { default: fallback }) };
    }
    if (row.kind === 'e') return { type: labelled(row), notNull: false };
    if (row.category === 'A' && row.element !== '0') {
      const element = typeOf(row.element, { modifier: use.modifier, dimensions: 0 }, depth + 1).type;
      return { type: { kind: 'array', element, dimensions: Math.max(1, use.dimensions) }, notNull: false };
    }
    const known = row.kind === 'b' && Object.hasOwn(builtIn, row.name) ? builtIn[row.name] : undefined;
    const ours = row.schema === 'pg_catalog' || row.name === 'citext';
    return { type: (ours ? known?.(use.modifier) : undefined) ?? { kind: 'other' }, notNull: false };
  };
  return { typeOf: (oid, use) => typeOf(oid, use) };
};
