/** A way to call the operations of a database. */
import {
  BurgeonError,
  type CallOptions,
  type CallResult,
  type ConnectContext,
  type Connection,
  type Interface,
  type JsonObject,
  type JsonValue,
  type Operation,
} from '@burgeon/kit';
import { dialectOf, parseConnection, type SqlConnection } from '../../../bindings/sql/database/connection.ts';
import type { SqlDatabase } from '../../../bindings/sql/database/database.ts';
import { openDatabase } from '../../../bindings/sql/database/open.ts';
import { connectionScheme } from '../../../bindings/sql/describe/interface.ts';
import { queryLimits } from '../../../bindings/sql/describe/whole.ts';
import type { SqlBinding, SqlQuery } from '../../../bindings/sql/runtime/binding.ts';
import { perform } from '../../../bindings/sql/runtime/perform.ts';
import { createValidator, type Validator } from '../../../interface/validate.ts';
import { callFault, inputInvalid } from './fault.ts';

/** A free query that runs longer than this is stopped. */
const queryTimeoutMs = 30_000;

interface Session {
  operations: Map<string, Operation>;
  validator: Validator;
  database: SqlDatabase;
  validateOutput: boolean;
}

const bindingOf = (operation: Operation): SqlBinding => {
  const binding = operation.bindings['sql'];
  if (typeof binding === 'object' && binding !== null && !Array.isArray(binding) && 'action' in binding)
    return binding as unknown as SqlBinding;
  throw new BurgeonError('UNSUPPORTED', { message: `The operation "${operation.id}" has no binding for SQL.` });
};

const operationOf = ({ operations }: Session, id: string): Operation => {
  const operation = operations.get(id);
  if (operation) return operation;
  throw new BurgeonError('OPERATION_NOT_FOUND', {
    message: `The database has no operation "${id}".`,
    hint: 'List its operations with: burgeon show MODULE',
  });
};

const checkInput = ({ validator }: Session, operation: Operation, input: JsonObject, at: string): void => {
  const issues = validator.check(operation.input, input, { direction: 'request' });
  if (issues.length > 0)
    throw inputInvalid(
      operation.id,
      issues.map((issue) => ({ ...issue, path: at + issue.path })),
    );
};

const runStep = async (
  session: Session,
  operation: Operation,
  input: JsonObject,
  { query, at }: { query: SqlQuery; at: string },
): Promise<JsonValue> => {
  const outcome = await perform(bindingOf(operation), input, session.database.dialect, query);
  if (outcome.ok) return outcome.value;
  const { failure } = outcome;
  if (failure.code === 'input-invalid') {
    throw inputInvalid(operation.id, [{ path: at + (failure.path ?? ''), message: failure.message, keyword: 'type' }]);
  }
  throw callFault(operation.id, failure);
};

const runQuery = async (
  { database }: Session,
  operation: Operation,
  input: JsonObject,
  signal: AbortSignal | undefined,
): Promise<JsonValue> => {
  const { text, parameters, limit } = input;
  const bounds = { limit: typeof limit === 'number' ? limit : queryLimits.usual, timeoutMs: queryTimeoutMs, signal };
  const outcome = await database.read(typeof text === 'string' ? text : '', Array.isArray(parameters) ? parameters : [], bounds);
  if (!outcome.ok) throw callFault(operation.id, outcome.failure);
  const { columns, rows, truncated } = outcome.value;
  return { columns, rows, truncated };
};

/** All steps are checked before the first one runs; the first that fails is named in the error and undoes the others. */
const runTransaction = async (session: Session, input: JsonObject, signal: AbortSignal | undefined): Promise<JsonValue> => {
  const steps = (input['steps'] as { operation: string; input: JsonObject }[]).map((step, index) => {
    const operation = operationOf(session, step.operation);
    const at = `/steps/${index}/input`;
    if (bindingOf(operation).table === undefined)
      throw inputInvalid('transaction', [
        { path: `/steps/${index}/operation`, message: 'must be an operation on one table', keyword: 'enum' },
      ]);
    checkInput(session, operation, step.input, at);
    return { operation, input: step.input, at, index };
  });
  const results: JsonValue[] = [];
  await session.database.use(
    async (query) => {
      for (const step of steps) {
        try {
          results.push(await runStep(session, step.operation, step.input, { query, at: step.at }));
        } catch (error) {
          throw callFault(step.operation.id, error, { dialect: session.database.dialect, step: step.index });
        }
      }
    },
    { atomic: true, signal },
  );
  return { results };
};

const runAny = async (
  session: Session,
  operation: Operation,
  input: JsonObject,
  signal: AbortSignal | undefined,
): Promise<JsonValue> => {
  const { action } = bindingOf(operation);
  if (action === 'query') return runQuery(session, operation, input, signal);
  if (action === 'transaction') return runTransaction(session, input, signal);
  return session.database.use((query) => runStep(session, operation, input, { query, at: '' }), { signal });
};

const call = async (session: Session, id: string, input: JsonObject, { signal }: CallOptions = {}): Promise<CallResult> => {
  const operation = operationOf(session, id);
  checkInput(session, operation, input, '');
  let output: JsonValue;
  try {
    output = await runAny(session, operation, input, signal);
  } catch (error) {
    throw callFault(id, error, { dialect: session.database.dialect });
  }
  const issues = session.validateOutput ? session.validator.check(operation.output, output, { direction: 'response' }) : [];
  if (issues.length === 0) return { output };
  throw new BurgeonError('REMOTE_INVALID', {
    message: `The answer of "${id}" is not as described: ${issues[0]?.path ?? ''} ${issues[0]?.message ?? ''}.`,
    hint: 'The database has changed since it was described, or keeps values its types do not promise: describe it again.',
    data: { issues: issues as unknown as JsonValue },
  });
};

/** Where to connect: a file by its location; a server by the connection string of the vault. */
const locate = async (description: Interface, context: ConnectContext): Promise<SqlConnection> => {
  const location = context.location ?? description.locations[0]?.url ?? '';
  if (dialectOf(location) === 'sqlite') return parseConnection(location);
  const credential = await context.credential(connectionScheme);
  if (credential) return parseConnection(credential.value);
  throw new BurgeonError('SECRET_MISSING', {
    message: `The connection string of "${description.name}" is not in the vault.`,
    hint: `Store it under the name "${connectionScheme}" of this module.`,
    data: { scheme: connectionScheme },
  });
};

/** Opens a database for the operations of a description made from it, or from the one it mirrors. */
export const connect = async (description: Interface, context: ConnectContext): Promise<Connection> => {
  const connection = await locate(description, context);
  const database = await openDatabase(connection, { egress: context.egress, role: 'connection' });
  const session: Session = {
    operations: new Map(description.operations.map((operation) => [operation.id, operation])),
    validator: createValidator(description.types),
    database,
    validateOutput: context.validateOutput ?? false,
  };
  return {
    call: (operation, input, options) => call(session, operation, input, options),
    close: () => database.close(),
  };
};
