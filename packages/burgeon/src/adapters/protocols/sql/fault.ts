/** What went wrong in a call, as one error. */
import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import type { SqlDialect } from '../../../bindings/sql/runtime/binding.ts';
import { failureOf } from '../../../bindings/sql/runtime/failure.ts';
import type { SqlFailure } from '../../../bindings/sql/runtime/result.ts';
import type { Issue } from '../../../interface/validate.ts';

/** The input does not fit; `data.issues` says where. */
export const inputInvalid = (operation: string, issues: readonly Issue[]): BurgeonError => {
  const shown = issues.slice(0, 3).map(({ path, message }) => `${path === '' ? 'the input' : path} ${message}`);
  return new BurgeonError('INPUT_INVALID', {
    message: `The input of "${operation}" does not fit: ${shown.join('; ')}.`,
    hint: 'Correct what is named; nothing was sent to the database.',
    data: { issues: issues as unknown as JsonValue },
  });
};

const hints: Record<string, string> = {
  'unique-violation': 'Use another value, or change the row that has it already.',
  'foreign-key-violation': 'Create the row that is referred to first, or delete the rows that refer to it.',
  'not-null-violation': 'Give the column a value.',
  'not-found': 'Check the key.',
  'read-only': 'Use an operation that writes.',
  'permission-denied': 'Ask the owner of the database for the right, or use another user.',
  'table-missing': 'The database has changed since it was described: describe it again.',
  'serialization-failure': 'Try again.',
  'lock-timeout': 'Try again later.',
};

const isFailure = (value: unknown): value is SqlFailure =>
  typeof value === 'object' && value !== null && !(value instanceof Error) && 'code' in value && 'message' in value;

const remoteError = (operation: string, failure: SqlFailure, step: number | undefined): BurgeonError => {
  const body: JsonObject = { ...failure, ...(step === undefined ? {} : { step }) };
  const where = step === undefined ? `"${operation}"` : `step ${step} ("${operation}")`;
  return new BurgeonError('REMOTE_ERROR', {
    message: `The database refused ${where}: ${failure.message}`,
    hint: hints[failure.code] ?? 'Read what the database says.',
    data: { code: failure.code, body },
    retryable: failure.retryable ?? false,
  });
};

/**
 * The error of a call for whatever was thrown or answered: failures of the database are REMOTE_ERROR with `data: {code, body}`, a
 * connection that broke is REMOTE_UNREACHABLE, our own errors stay (a step of a transaction is added).
 */
export const callFault = (
  operation: string,
  error: unknown,
  context: { dialect?: SqlDialect; step?: number } = {},
): BurgeonError => {
  const { dialect, step } = context;
  if (BurgeonError.is(error)) {
    const data = error.data;
    const failure = typeof data === 'object' && data !== null && !Array.isArray(data) ? data['body'] : undefined;
    return error.code === 'REMOTE_ERROR' && step !== undefined && isFailure(failure)
      ? remoteError(operation, failure, step)
      : error;
  }
  const failure = isFailure(error) ? error : dialect && failureOf(error, dialect);
  if (failure) return remoteError(operation, failure, step);
  if (error instanceof TypeError || error instanceof RangeError) return BurgeonError.from(error);
  return new BurgeonError('REMOTE_UNREACHABLE', {
    message: `The connection to the database broke during "${operation}".`,
    hint: 'Try again; whether the call took effect is not known.',
    retryable: true,
  });
};
