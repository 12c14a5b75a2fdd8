import type { JsonValue } from './json.ts';

/** Who is at fault: decides the tone of the text and whether trying again can help. */
export type Fault = 'user' | 'module' | 'remote' | 'system';

/** One row of the code table. `status` is the number a web door answers with (RFC 9110 section 15), `exit` the exit code of the CLI. */
export interface ErrorRow {
  fault: Fault;
  status: number;
  exit: 1 | 2 | 3 | 130;
  /** What the code means, in one sentence; the message of an error says the particular. */
  meaning: string;
}

const row = (fault: Fault, status: number, exit: ErrorRow['exit'], meaning: string): ErrorRow => ({ fault, status, exit, meaning });

/** The one table of codes. `docs/errors.md` lists the same rows; a test compares both ways. */
export const errorTable = {
  USAGE: row('user', 400, 2, 'The command or request is not written as the contract says.'),
  INPUT_INVALID: row('user', 422, 1, 'The input does not match what the operation takes.'),
  NAME_INVALID: row('user', 422, 1, 'The name does not fit the rules for names.'),
  NAME_AMBIGUOUS: row('user', 409, 1, 'The short name fits more than one module.'),
  MODULE_NOT_FOUND: row('user', 404, 1, 'There is no module of that name.'),
  VERSION_NOT_FOUND: row('user', 404, 1, 'The module has no such version.'),
  OPERATION_NOT_FOUND: row('user', 404, 1, 'The module has no such operation.'),
  REQUEST_NOT_FOUND: row('user', 404, 1, 'There is no such approval request.'),
  RECORD_NOT_FOUND: row('user', 404, 1, 'There is no such record.'),
  ADAPTER_UNKNOWN: row('user', 404, 1, 'There is no adapter of that name.'),
  SOURCE_NOT_FOUND: row('user', 404, 1, 'The file or folder that was pointed at does not exist.'),
  SOURCE_FORBIDDEN: row('user', 403, 1, 'What was pointed at may not be read.'),
  SOURCE_UNREACHABLE: row('remote', 502, 1, 'The address that was pointed at does not answer.'),
  SOURCE_UNRECOGNISED: row('user', 422, 1, 'No source recognises what was pointed at.'),
  SOURCE_INVALID: row('user', 422, 1, 'The document cannot be read, not even in part.'),
  SPEC_TOO_COMPLEX: row('user', 413, 1, 'The document is larger, deeper or more entangled than the budget allows.'),
  APPROVAL_PENDING: row('user', 403, 3, 'The module waits for approval.'),
  APPROVAL_REJECTED: row('user', 403, 3, 'The module was rejected or its approval ran out.'),
  APPROVAL_CLOSED: row('user', 409, 1, 'The approval request is no longer open.'),
  APPROVAL_CODE_INVALID: row('user', 403, 1, 'The code is wrong, used or spent.'),
  CHECKS_FAILED: row('module', 422, 1, 'A check found an error.'),
  TRIAL_FAILED: row('module', 422, 1, 'The module failed its trial.'),
  CAPABILITY_DENIED: row('module', 403, 1, 'The module asked for something it was not granted.'),
  LIMIT_EXCEEDED: row('module', 429, 1, 'A limit of the module was reached.'),
  MODULE_FAILED: row('module', 500, 1, 'The module threw an error of its own.'),
  MODULE_CRASHED: row('module', 500, 1, 'The process that ran the module ended.'),
  MODULE_ARCHIVED: row('user', 410, 1, 'The module is archived.'),
  SIGNATURE_INVALID: row('system', 500, 1, 'What is stored is not what was signed.'),
  LOCK_MISMATCH: row('user', 409, 1, 'The module is not the one the lock file names.'),
  AUDIT_BROKEN: row('system', 500, 1, 'The audit record was changed or cut.'),
  SECRET_MISSING: row('user', 424, 1, 'A secret that the operation needs is not in the vault.'),
  DEPENDENCY_MISSING: row('user', 501, 1, 'An optional library is not installed.'),
  UNSUPPORTED: row('user', 501, 1, 'This is not something Burgeon can do here.'),
  HOME_BUSY: row('system', 409, 1, 'Another process owns the data directory.'),
  HOME_UNWRITABLE: row('system', 500, 1, 'The data directory cannot be written.'),
  HOME_DAMAGED: row('system', 500, 1, 'The data directory holds something unexpected.'),
  PORT_IN_USE: row('user', 409, 1, 'The port is taken.'),
  CONFLICT: row('system', 409, 1, 'Somebody else changed the record first.'),
  UNAUTHENTICATED: row('user', 401, 1, 'A valid token is needed.'),
  FORBIDDEN: row('user', 403, 1, 'The token does not allow this.'),
  REMOTE_ERROR: row('remote', 502, 1, 'The other side answered with an error.'),
  REMOTE_UNREACHABLE: row('remote', 502, 1, 'The other side does not answer.'),
  REMOTE_INVALID: row('remote', 502, 1, 'The other side answered something its description does not allow.'),
  TIMEOUT: row('remote', 504, 1, 'There was no answer in time.'),
  CANCELLED: row('user', 499, 130, 'The call was cancelled.'),
  NODE_TOO_OLD: row('system', 500, 1, 'This Node.js is too old.'),
  INTERNAL: row('system', 500, 1, 'Burgeon failed; this is a defect of ours.'),
} as const satisfies Record<string, ErrorRow>;

/** One code of the table. */
export type ErrorCode = keyof typeof errorTable;

/** What an error carries beside its code. */
export interface ErrorDetails {
  /** What happened, with the value that made it happen. */
  message: string;
  /** What to do now. */
  hint?: string;
  /** Facts for programs; never a secret. */
  data?: JsonValue;
  cause?: unknown;
  /** True when the same call may succeed later. Default: false. */
  retryable?: boolean;
}

/** The JSON form in which an error crosses a process, an isolate or a wire. */
export interface ErrorJson {
  code: ErrorCode;
  message: string;
  hint?: string;
  data?: JsonValue;
  retryable?: boolean;
}

const brand: unique symbol = Symbol.for('burgeon.error');

/** The one error class. Use {@link BurgeonError.is}, not `instanceof`: our errors cross processes and copies of this package. */
export class BurgeonError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly data: JsonValue | undefined;
  readonly retryable: boolean;
  readonly [brand] = true;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'BurgeonError';
    this.code = code;
    this.hint = details.hint;
    this.data = details.data;
    this.retryable = details.retryable ?? false;
  }

  /** Tells our errors from all others, whichever copy of this package made them. */
  static is(value: unknown): value is BurgeonError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  }

  /** Wraps anything thrown: ours pass through, others become `INTERNAL` with their message. */
  static from(value: unknown): BurgeonError {
    if (BurgeonError.is(value)) return value;
    const message = value instanceof Error ? value.message : String(value);
    return new BurgeonError('INTERNAL', { message, hint: 'Run the command again with --verbose and report what it prints.', cause: value });
  }

  /** Rebuilds an error from its JSON form; an unknown code becomes `INTERNAL`. */
  static fromJson(json: ErrorJson): BurgeonError {
    const known = Object.hasOwn(errorTable, json.code);
    const { message, hint, data, retryable } = json;
    return new BurgeonError(known ? json.code : 'INTERNAL', {
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(data === undefined ? {} : { data }),
      ...(retryable === undefined ? {} : { retryable }),
    });
  }

  /** The JSON form: code, message, hint and data; neither stack nor cause. */
  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.data === undefined ? {} : { data: this.data }),
      ...(this.retryable ? { retryable: true } : {}),
    };
  }
}
