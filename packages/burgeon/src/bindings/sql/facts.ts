/** What was found in a database, in the words of SQL: plain JSON, the same for the same database. */
import type { Diagnostic } from '@burgeon/kit';
import type { SqlDialect, SqlType } from './runtime/binding.ts';

/** `interface.bindings.sql`: everything about the database that its operations do not need. */
export interface SqlFacts {
  dialect: SqlDialect;
  /** Product and version as the server names itself: `PostgreSQL 15.20`. Not a part of the digest. */
  product: string;
  /** Name of the database, or of the file without its ending. */
  name: string;
  /** Sorted by schema and name. */
  tables: SqlTable[];
}

/** A table, or something that is read like one. */
export interface SqlTable {
  /** Absent in the default schema of a database that has only one. */
  schema?: string;
  name: string;
  kind: 'table' | 'view' | 'materialized-view' | 'virtual-table' | 'foreign-table' | 'partitioned-table';
  comment?: string;
  /** In the order of the table. */
  columns: SqlColumn[];
  /** Empty when there is none. */
  primaryKey: string[];
  /** Unique keys beside the primary one, partial ones and those over expressions left out. */
  uniqueKeys: string[][];
  foreignKeys: SqlForeignKey[];
  /** Conditions as the database prints them. */
  checks: string[];
  /** SQLite: values have exactly the declared types. */
  strict?: true;
  /** What the user that looked may not do; absent = everything. */
  forbidden?: ('create' | 'update' | 'delete')[];
}

/** One column. */
export interface SqlColumn {
  name: string;
  /** The type in the database's own words. */
  declared: string;
  type: SqlType;
  nullable: boolean;
  /** Expression in the database's own words. */
  default?: string;
  /** `counted`: filled from a counter unless given; `always`: filled from a counter, never written; `computed`: from other columns. */
  filled?: 'counted' | 'always' | 'computed';
  comment?: string;
}

/** A reference to rows of another table. */
export interface SqlForeignKey {
  columns: string[];
  schema?: string;
  table: string;
  references: string[];
}

/** What an introspection gives: the facts, and what could not be read. */
export interface Introspection {
  facts: SqlFacts;
  diagnostics: Diagnostic[];
}

/** Puts tables in the order that facts promise. */
export const sortedTables = (tables: readonly SqlTable[]): SqlTable[] => {
  const key = ({ schema = '', name }: SqlTable): string => `${schema}\0${name}`;
  return tables.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
};
