import type { Family } from './vocabulary.ts';

/** A JSON Schema. */
export type Schema = { [keyword: string]: unknown };

/** One operation, as a row of the table in a plugin.json. */
export interface ProposedOperation {
  id: string;
  summary: string;
  effect: 'read' | 'write' | 'delete';
  input: { properties: Record<string, Schema>; required?: string[] };
  output: Schema;
}

/** Power that the module would ask for. `asks`: the question whose answer completes the scope. */
export interface ProposedCapability {
  kind: string;
  scope: Record<string, string[]>;
  reason: string;
  asks?: string;
}

/** What a person should say before the module is made. */
export interface Question {
  id: string;
  text: string;
  /** What is taken when nobody answers. */
  default?: string | number;
  choices?: string[];
}

/** A module before anybody wrote it. */
export interface Outline {
  family: Family;
  /** `skill/water-tracker`. */
  id: string;
  title: string;
  summary: string;
  subject?: { name: string; label: string; unit?: string };
  state: { version: 1 };
  operations: ProposedOperation[];
  capabilities: ProposedCapability[];
  questions: Question[];
}

/** Any text. */
export const text: Schema = { type: 'string', minLength: 1, maxLength: 10_000 };

/** A point in time, ISO 8601. */
export const time: Schema = { type: 'string', format: 'date-time' };

/** What something stored is known by. */
export const identifier: Schema = { type: 'integer', minimum: 1 };

/** A list of alike things. */
export const list = (items: Schema): Schema => ({ type: 'array', items });

/** An object that has these properties and no others; all are required but those that are named. */
export const object = (properties: Record<string, Schema>, optional: string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

/** The operation that takes away what another one stored. */
export const removal = (summary: string): ProposedOperation => ({
  id: 'remove',
  summary,
  effect: 'delete',
  input: { properties: { id: identifier }, required: ['id'] },
  output: object({ removed: { type: 'boolean' } }),
});
