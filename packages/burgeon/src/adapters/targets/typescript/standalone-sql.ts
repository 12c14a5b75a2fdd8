/** The client of a database: a method per operation on a table, over a query function that its user brings. */
import { BurgeonError, type Interface } from '@burgeon/kit';
import { define, isObject } from '../../../base/json.ts';
import type { SqlBinding } from '../../../bindings/sql/runtime/binding.ts';
import { docComment, quoted } from '../../../interface/source-text.ts';
import { header, operationLines } from './documentation.ts';
import { type ClientFiles, inputParameter, isOptional, tableText } from './pieces.ts';
import { type Plan, type PlannedOperation, planOf } from './plan.ts';
import { runtimeFiles } from './runtime-files.ts';
import { typesFile } from './types-file.ts';

const bindingOf = ({ bindings }: Interface['operations'][number]): SqlBinding => bindings['sql'] as unknown as SqlBinding;

/** Operations on one table; those on the whole database need a session of Burgeon's own. */
const onTables = (description: Interface): Interface => ({
  ...description,
  operations: description.operations.filter((operation) => typeof bindingOf(operation).table === 'string'),
});

const dialects: readonly unknown[] = ['sqlite', 'postgres', 'mysql'];

const dialectOf = ({ name, bindings }: Interface): string => {
  const facts = bindings?.['sql'];
  const dialect = isObject(facts) ? facts['dialect'] : undefined;
  if (dialects.includes(dialect)) return dialect as string;
  throw new BurgeonError('UNSUPPORTED', {
    message: `"${name}" does not say which dialect of SQL it speaks.`,
    hint: 'Add the database again.',
  });
};

const methodText = (planned: PlannedOperation): string => {
  const { operation, name, input, output, pages } = planned;
  const parameter = `input${isOptional(planned) ? '?' : ''}: types.${input}`;
  const text = `${docComment(operationLines(operation, 'SqlError'), '  ')}  ${name}(${parameter}): Promise<types.${output}>;\n`;
  if (pages === undefined) return text;
  return `${text}  /** Walks all pages of {@link Api.${name}}. */\n  ${pages}(${parameter}): AsyncIterable<types.${output}>;\n`;
};

const implementationText = (planned: PlannedOperation): string => {
  const { operation, name, pages } = planned;
  const input = inputParameter(planned);
  const text = `    ${name}: (${input}) => send(${quoted(operation.id)}, input),\n`;
  const position = operation.pagination?.input.position ?? 'cursor';
  return pages === undefined
    ? text
    : `${text}    ${pages}: (${input}) => walk(${quoted(operation.id)}, ${quoted(position)}, input),\n`;
};

const walking = `  async function* walk<Output>(id: string, position: string, input: object): AsyncGenerator<Output, void, undefined> {
    for (let page = input; ; ) {
      const output: unknown = await send(id, page);
      yield output as Output;
      const next = typeof output === 'object' && output !== null && 'next' in output ? output.next : undefined;
      if (next === undefined || next === null) return;
      page = { ...input, [position]: next };
    }
  }
`;

const indexFile = (plan: Plan): string => `${header(plan.description)}
import { dialect, operations } from './operations.ts';
import type { SqlQuery } from './runtime/binding.ts';
import { perform } from './runtime/perform.ts';
import type { SqlFailure } from './runtime/result.ts';
${plan.operations.length > 0 ? "import type * as types from './types.ts';\n" : ''}
export type * from './types.ts';
export { sessionStatements } from './runtime/binding.ts';
export type { SqlQuery, SqlRow, SqlStatement } from './runtime/binding.ts';
export { dialect } from './operations.ts';

/** The operation could not be carried out. Errors of the driver are passed on as they are. */
export class SqlError extends Error {
  readonly failure: SqlFailure;

  constructor(failure: SqlFailure) {
    super(failure.message);
    this.name = 'SqlError';
    this.failure = failure;
  }
}

/** How to reach the database. */
export interface Options {
  /** Runs one statement on one connection, which has run the \`sessionStatements\` of its dialect. */
  query: SqlQuery;
}

/** Every operation on a table as a method. */
export interface Api {
${plan.operations.map(methodText).join('')}}

/** Makes a client; it owns nothing and keeps no state. */
export const createApi = (options: Options): Api => {
  const send = async <Output>(id: string, input: object): Promise<Output> => {
    const binding = Object.hasOwn(operations, id) ? operations[id] : undefined;
    if (!binding) throw new SqlError({ code: 'input-invalid', message: \`There is no operation "\${id}".\` });
    const outcome = await perform(binding, input, dialect, options.query);
    if (!outcome.ok) throw new SqlError(outcome.failure);
    return outcome.value as Output;
  };
${plan.operations.some(({ pages }) => pages !== undefined) ? walking : ''}  return {
${plan.operations.map(implementationText).join('')}  };
};
`;

const operationsFile = (description: Interface): string => {
  const bindings: Record<string, SqlBinding> = {};
  for (const operation of description.operations) define(bindings, operation.id, bindingOf(operation));
  return `${header(description)}
import type { SqlBinding, SqlDialect } from './runtime/binding.ts';

/** The family of SQL that the statements are written in. */
export const dialect: SqlDialect = ${quoted(dialectOf(description))};

/** Table, columns and key of each operation. */
export const operations: Record<string, SqlBinding> = ${tableText(bindings)} as Record<string, SqlBinding>;
`;
};

/**
 * Files of a client of a database.
 * @throws {BurgeonError} UNSUPPORTED when the interface does not say which dialect it speaks
 */
export const sqlClient = async (whole: Interface): Promise<ClientFiles> => {
  const description = onTables(whole);
  const plan = planOf(description);
  const left = whole.operations.length - description.operations.length;
  return {
    files: [
      { path: 'index.ts', text: indexFile(plan) },
      { path: 'operations.ts', text: operationsFile(description) },
      { path: 'types.ts', text: typesFile(plan) },
      ...(await runtimeFiles('sql', 'perform.ts')),
    ],
    making: 'createApi({ query })',
    notes: [
      '`query(text, parameters)` runs one statement with your driver and gives `{ rows }`. Run `sessionStatements[dialect]` once per connection.',
      ...(left > 0
        ? [`Free queries and transactions belong to your driver: ${left} operations of the module are not part of this client.`]
        : []),
    ],
  };
};
