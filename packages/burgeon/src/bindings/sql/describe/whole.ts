/** The two operations that belong to a database as a whole: a free query and a transaction. */
import type { JsonSchema, JsonValue, Operation } from '@burgeon/kit';
import type { SqlAction, SqlBinding } from '../runtime/binding.ts';
import { failureResults } from './operations.ts';

/** Rows of a free query when the input does not say, and at most. */
export const queryLimits = { usual: 1_000, most: 10_000 } as const;

/** Steps of a transaction at most. */
const maxSteps = 1_000;

const binding = (action: SqlAction): { sql: JsonValue } => ({ sql: { action } satisfies SqlBinding as unknown as JsonValue });

const parameter: JsonSchema = { description: 'Bound where the text has a marker: ? in SQLite and MySQL, $1 in PostgreSQL.' };

/** The free query: one statement that reads. */
export const queryOperation = (id: string, auth: Record<string, string[]>[]): Operation => ({
  id,
  summary: 'Runs one SQL statement that only reads.',
  description: 'The database itself refuses to change anything meanwhile. Values belong into parameters, never into the text.',
  effect: 'read',
  idempotent: true,
  input: {
    type: 'object',
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 100_000 },
      parameters: { type: 'array', items: parameter, maxItems: 1_000 },
      limit: { type: 'integer', minimum: 1, maximum: queryLimits.most, default: queryLimits.usual },
    },
    required: ['text'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: {
      columns: { type: 'array', items: { type: 'string' } },
      rows: { type: 'array', items: { type: 'object' } },
      truncated: { type: 'boolean', description: 'There were more rows than the limit.' },
    },
    required: ['columns', 'rows', 'truncated'],
    additionalProperties: false,
  },
  errors: failureResults([
    'statement-invalid',
    'table-missing',
    'read-only',
    'permission-denied',
    'value-invalid',
    'statement-timeout',
  ]),
  auth,
  examples: [],
  bindings: binding('query'),
});

/** Steps that can be carried out over any rows: they look at the whole of a table. */
const exampleSteps = (operations: readonly Operation[]): JsonValue =>
  operations
    .filter(({ input }) => (input.required ?? []).length === 0)
    .filter(({ effect }) => effect === 'read')
    .slice(0, 2)
    .map(({ id }) => ({ operation: id, input: {} }));

/** Several operations of the interface as one: all of them happen, or none. */
export const transactionOperation = (
  id: string,
  operations: readonly Operation[],
  auth: Record<string, string[]>[],
): Operation => ({
  id,
  summary: 'Carries out several operations as one: all of them, or none.',
  description: 'Steps run in order in one transaction; the first that fails undoes all before it.',
  effect: operations.some(({ effect }) => effect === 'delete') ? 'delete' : 'write',
  idempotent: false,
  input: {
    type: 'object',
    properties: {
      steps: {
        type: 'array',
        minItems: 1,
        maxItems: maxSteps,
        examples: [exampleSteps(operations)],
        items: {
          type: 'object',
          properties: {
            operation: { type: 'string', enum: operations.map((operation) => operation.id) },
            input: { type: 'object', description: 'What the operation takes.' },
          },
          required: ['operation', 'input'],
          additionalProperties: false,
        },
      },
    },
    required: ['steps'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: { results: { type: 'array', items: {}, description: 'The output of each step, in order.' } },
    required: ['results'],
    additionalProperties: false,
  },
  errors: failureResults([
    'not-found',
    'unique-violation',
    'foreign-key-violation',
    'not-null-violation',
    'check-violation',
    'value-invalid',
    'serialization-failure',
  ]),
  auth,
  examples: [],
  bindings: binding('transaction'),
});
