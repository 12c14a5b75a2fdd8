import type { Diagnostic, JsonSchema, SchemaObject, Severity } from '@burgeon/kit';
import { define, pointerToken } from '../../../base/json.ts';

/** A JSON object of the description, not yet judged. */
export type Node = Record<string, unknown>;

/**
 * Where a value stands: a JSON pointer into the description, or `location#pointer` for a value of another document that the description refers to.
 */
export type Place = string;

/** A judgement before its position in the text is looked up. */
export interface Report {
  severity?: Severity;
  code: string;
  message: string;
  place: Place;
  hint?: string;
}

/** The dialects this source tells apart. */
export type Version = '2.0' | '3.0' | '3.1' | '3.2';

/** A value with the place it was found at. */
export interface Located<T = unknown> {
  value: T;
  place: Place;
}

/** Follows `$ref`, within the description and the documents that were allowed beside it. Never reads anything itself. */
export interface References {
  /** What a `$ref` names, one step; undefined (and a report) when it names nothing. */
  target(reference: string, from: Place): Located | undefined;
  /** The object at the end of a chain of `$ref`s; `node` itself when it is no reference. Members beside a `$ref` win over the target's. */
  follow(node: unknown, place: Place): Located<Node> | undefined;
}

/**
 * The named types of one reading. A reference is written as `{"$ref": <place>}` first; `finish` names all places at once and turns
 * them into `#/types/Name`, so that names do not depend on the order of reading.
 */
export interface TypeTable {
  /** A reference to the schema at a place; the place becomes a type. */
  reference(place: Place, node: unknown): SchemaObject;
  /** The string `#/types/Name` of a place, delivered to `receive` when names are known. */
  nameLater(place: Place, node: unknown, receive: (pointer: string) => void): void;
  /** Reads every schema that was referred to, directly or not, and names them. */
  finish(read: (node: unknown, place: Place) => JsonSchema): Record<string, JsonSchema>;
}

/** What one reading carries from step to step. Owned by one call of `read`; never shared. */
export interface Reading {
  root: Node;
  version: Version;
  /** Location of the description: a path or URL. */
  location: string;
  references: References;
  types: TypeTable;
  diagnostics: Diagnostic[];
  /** Pointer into the interface -> pointer into the description. */
  origins: Record<string, string>;
  report(report: Report): void;
}

/** Judgements of one kind beyond this many say nothing new. */
const reportsOfOneKind = 100;

/** Collects judgements: the same judgement on the same place counts once, and one kind cannot drown the others. */
export const collectReports = (): { diagnostics: Diagnostic[]; report(report: Report): void; finish(): void } => {
  const diagnostics: Diagnostic[] = [];
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  return {
    diagnostics,
    report: ({ severity = 'warning', code, message, place, hint }) => {
      const identity = `${code} ${place} ${message}`;
      if (seen.has(identity)) return;
      seen.add(identity);
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      if (count > reportsOfOneKind) return;
      diagnostics.push({ severity, code, message, path: place, ...(hint === undefined ? {} : { hint }), from: 'openapi' });
    },
    finish: () => {
      for (const [code, count] of counts) {
        if (count <= reportsOfOneKind) continue;
        const message = `${count - reportsOfOneKind} more findings of the kind "${code}" are not listed.`;
        diagnostics.push({ severity: 'info', code: 'findings-cut', message, path: '', from: 'openapi' });
      }
    },
  };
};

/** Place of a member. */
export const placeOf = (place: Place, ...tokens: (string | number)[]): Place =>
  tokens.reduce<string>((at, token) => `${at}/${pointerToken(token)}`, place);

/** An own member of an object, or undefined. */
export const member = (node: Node, key: string): unknown => (Object.hasOwn(node, key) ? node[key] : undefined);

/** A text member that says something, or undefined. Numbers count as text: `version: 1.0` is common in YAML. */
export const textMember = (node: Node, key: string): string | undefined => {
  const value = member(node, key);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
};

/** The members of `from` that `keys` name and that are texts, ready to be spread. */
export const texts = <K extends string>(from: Node, ...keys: K[]): { [P in K]?: string } => {
  const found: { [P in K]?: string } = {};
  for (const key of keys) {
    const value = textMember(from, key);
    if (value !== undefined) found[key] = value;
  }
  return found;
};

/** Adds annotations beside a schema; on a boolean schema that allows everything they make an object of it. */
export const annotate = (schema: JsonSchema, annotations: Record<string, unknown>): JsonSchema => {
  if (schema === false || Object.keys(annotations).length === 0) return schema;
  const annotated: Record<string, unknown> = schema === true ? {} : schema;
  for (const [key, value] of Object.entries(annotations)) if (value !== undefined) define(annotated, key, value);
  return annotated;
};
