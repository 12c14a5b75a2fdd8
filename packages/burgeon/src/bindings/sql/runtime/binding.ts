/** How an operation looks in SQL: plain JSON. This folder imports nothing outside itself, so that it can be copied into a client that stands alone. */

/** The families of SQL that are spoken here; MariaDB is `mysql`. */
export type SqlDialect = 'sqlite' | 'postgres' | 'mysql';

/**
 * What a value is, apart from the words of one database. `any` keeps whatever storage class a dynamically typed column holds;
 * `other` is what the database itself writes as text (ranges, geometry, composites, network addresses).
 */
export type SqlKind =
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'text'
  | 'uuid'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'json'
  | 'bytes'
  | 'enum'
  | 'array'
  | 'any'
  | 'other';

/** The type of a column or of the elements of an array. */
export interface SqlType {
  kind: SqlKind;
  /** Width of `integer`, `bigint` and `float`. */
  bits?: number;
  unsigned?: boolean;
  /** Characters of `text` at most. */
  length?: number;
  precision?: number;
  scale?: number;
  /** Significant digits of `decimal` that the database keeps: more would be rounded without a word. */
  digits?: number;
  /** Labels of `enum`, in the database's order. */
  values?: string[];
  /** Name of a named `enum`. */
  name?: string;
  /** Type of the elements of `array`, and how many dimensions were declared. */
  element?: SqlType;
  dimensions?: number;
}

/** One column as statements need it. */
export interface SqlBoundColumn {
  name: string;
  type: SqlType;
  nullable?: true;
  /** The database fills it (identity that is always generated, generated column): it is never written. */
  readOnly?: true;
  /** The database counts it up when it is not given. */
  counted?: true;
}

/** What a statement does. `query` and `transaction` belong to the whole database and have no table. */
export type SqlAction = 'list' | 'get' | 'count' | 'create' | 'update' | 'delete' | 'query' | 'transaction';

/** `operation.bindings.sql`. Input and record properties are named exactly as the columns. */
export interface SqlBinding {
  action: SqlAction;
  /** Absent when the table is in the default schema of the connection. */
  schema?: string;
  table?: string;
  /** In the order of the table. */
  columns?: SqlBoundColumn[];
  /** Columns that tell rows apart: the primary key, else a unique key without nulls; empty when there is none. */
  key?: string[];
  /** Input property that holds the changes of an `update`; `changes` unless a key column has that name. */
  changes?: string;
  /** True when the database can answer a write with the row it wrote (`RETURNING`); SQLite and PostgreSQL always can. */
  returning?: true;
}

/** A statement with its bound values: nothing of the input is ever part of the text. */
export interface SqlStatement {
  text: string;
  parameters: SqlParameter[];
}

/** What is bound. Byte strings are bound as such for SQLite and as hexadecimal text elsewhere. */
export type SqlParameter = null | string | number | bigint | Uint8Array;

/** A row as drivers give it: values in the order of the statement's columns, or by name. */
export type SqlRow = readonly unknown[] | Readonly<Record<string, unknown>>;

/**
 * Runs one statement on one connection. SQLite drivers must give integers beyond 2^53 as `bigint`. Sessions are expected to have run the
 * statements of {@link sessionStatements} first.
 */
export type SqlQuery = (text: string, parameters: SqlParameter[]) => Promise<{ rows: readonly SqlRow[] }>;

/** What a connection needs to be told once, so that times are UTC and texts are exact. */
export const sessionStatements: Record<SqlDialect, readonly string[]> = {
  sqlite: ['PRAGMA foreign_keys = ON'],
  postgres: [
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'iso_8601'",
    "SET bytea_output = 'hex'",
    'SET extra_float_digits = 1',
    'SET standard_conforming_strings = on',
  ],
  // A fixed mode: values that do not fit are refused instead of cut, 0 stays 0 in counted columns, and a backslash in a text escapes.
  mysql: [
    "SET time_zone = '+00:00'",
    "SET sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'",
    'SET NAMES utf8mb4',
  ],
};
