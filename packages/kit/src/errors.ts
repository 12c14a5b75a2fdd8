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

/** The one table of codes. `docs/errors.md` lists the same rows; a test compares both ways. */
export const errorTable = {
  USAGE: { fault: 'user', status: 400, exit: 2, meaning: 'The command or request is not written as the contract says.' },
  INPUT_INVALID: { fault: 'user', status: 422, exit: 1, meaning: 'The input does not match what the operation takes.' },
  NAME_INVALID: { fault: 'user', status: 422, exit: 1, meaning: 'The name does not fit the rules for names.' },
  NAME_AMBIGUOUS: { fault: 'user', status: 409, exit: 1, meaning: 'The short name fits more than one module.' },
  MODULE_NOT_FOUND: { fault: 'user', status: 404, exit: 1, meaning: 'There is no module of that name.' },
  VERSION_NOT_FOUND: { fault: 'user', status: 404, exit: 1, meaning: 'The module has no such version.' },
  OPERATION_NOT_FOUND: { fault: 'user', status: 404, exit: 1, meaning: 'The module has no such operation.' },
  REQUEST_NOT_FOUND: { fault: 'user', status: 404, exit: 1, meaning: 'There is no such approval request.' },
  RECORD_NOT_FOUND: { fault: 'user', status: 404, exit: 1, meaning: 'There is no such record.' },
  ADAPTER_UNKNOWN: { fault: 'user', status: 404, exit: 1, meaning: 'There is no adapter of that name.' },
  SOURCE_NOT_FOUND: { fault: 'user', status: 404, exit: 1, meaning: 'The file or folder that was pointed at does not exist.' },
  SOURCE_FORBIDDEN: { fault: 'user', status: 403, exit: 1, meaning: 'What was pointed at may not be read.' },
  SOURCE_UNREACHABLE: { fault: 'remote', status: 502, exit: 1, meaning: 'The address that was pointed at does not answer.' },
  SOURCE_UNRECOGNISED: { fault: 'user', status: 422, exit: 1, meaning: 'No source recognises what was pointed at.' },
  SOURCE_INVALID: { fault: 'user', status: 422, exit: 1, meaning: 'The document cannot be read, not even in part.' },
  SPEC_TOO_COMPLEX: {
    fault: 'user',
    status: 413,
    exit: 1,
    meaning: 'The document is larger, deeper or more entangled than the budget allows.',
  },
  APPROVAL_PENDING: { fault: 'user', status: 403, exit: 3, meaning: 'The module waits for approval.' },
  APPROVAL_REJECTED: { fault: 'user', status: 403, exit: 1, meaning: 'The module was rejected or its approval ran out.' },
  APPROVAL_CLOSED: { fault: 'user', status: 409, exit: 1, meaning: 'The approval request is no longer open.' },
  APPROVAL_CODE_INVALID: { fault: 'user', status: 403, exit: 1, meaning: 'The code is wrong, used or spent.' },
  CHECKS_FAILED: { fault: 'module', status: 422, exit: 1, meaning: 'A check found an error.' },
  TRIAL_FAILED: { fault: 'module', status: 422, exit: 1, meaning: 'The module failed its trial.' },
  CAPABILITY_DENIED: { fault: 'module', status: 403, exit: 1, meaning: 'The module asked for something it was not granted.' },
  LIMIT_EXCEEDED: { fault: 'module', status: 429, exit: 1, meaning: 'A limit of the module was reached.' },
  MODULE_FAILED: { fault: 'module', status: 500, exit: 1, meaning: 'The module threw an error of its own.' },
  MODULE_CRASHED: { fault: 'module', status: 500, exit: 1, meaning: 'The process that ran the module ended.' },
  MODULE_QUARANTINED: {
    fault: 'module',
    status: 503,
    exit: 1,
    meaning: 'The module fell over too often, or is known to be vulnerable, and was put aside.',
  },
  MODULE_SUSPENDED: {
    fault: 'module',
    status: 503,
    exit: 1,
    meaning: 'The module asked for forbidden things too often and was stopped.',
  },
  MODULE_NEEDED: { fault: 'user', status: 409, exit: 1, meaning: 'Other modules need this one.' },
  DEPENDENCY_UNMET: {
    fault: 'user',
    status: 424,
    exit: 1,
    meaning: 'What the module depends on is not there in a fitting version.',
  },
  QUEUE_FULL: { fault: 'module', status: 503, exit: 1, meaning: 'The receiver of messages has too many waiting.' },
  MODULE_ARCHIVED: { fault: 'user', status: 410, exit: 1, meaning: 'The module is archived.' },
  SIGNATURE_INVALID: { fault: 'system', status: 500, exit: 1, meaning: 'What is stored is not what was signed.' },
  LOCK_MISMATCH: { fault: 'user', status: 409, exit: 1, meaning: 'The module is not the one the lock file names.' },
  AUDIT_BROKEN: { fault: 'system', status: 500, exit: 1, meaning: 'The audit record was changed or cut.' },
  SECRET_MISSING: { fault: 'user', status: 424, exit: 1, meaning: 'A secret that the operation needs is not in the vault.' },
  DEPENDENCY_MISSING: { fault: 'user', status: 501, exit: 1, meaning: 'An optional library is not installed.' },
  UNSUPPORTED: { fault: 'user', status: 501, exit: 1, meaning: 'This is not something Burgeon can do here.' },
  HOME_BUSY: { fault: 'system', status: 409, exit: 1, meaning: 'Another process owns the data directory.' },
  HOME_UNWRITABLE: { fault: 'system', status: 500, exit: 1, meaning: 'The data directory cannot be written.' },
  HOME_DAMAGED: { fault: 'system', status: 500, exit: 1, meaning: 'The data directory holds something unexpected.' },
  PORT_IN_USE: { fault: 'user', status: 409, exit: 1, meaning: 'The port is taken.' },
  CONFLICT: { fault: 'system', status: 409, exit: 1, meaning: 'Somebody else changed the record first.' },
  PACKAGE_INVALID: { fault: 'user', status: 422, exit: 1, meaning: 'The package is not one that may be taken in.' },
  KEY_NOT_FOUND: { fault: 'user', status: 404, exit: 1, meaning: 'There is no such key.' },
  VAULT_LOCKED: { fault: 'user', status: 503, exit: 1, meaning: 'The vault is locked: its passphrase is missing or wrong.' },
  HOME_FULL: { fault: 'system', status: 507, exit: 1, meaning: 'There is no space left for the data directory.' },
  MEDIA_TYPE_UNSUPPORTED: {
    fault: 'user',
    status: 415,
    exit: 2,
    meaning: 'The payload is not of a media type that is taken here.',
  },
  SERVER_STOPPING: { fault: 'system', status: 503, exit: 1, meaning: 'The server is stopping and takes no new work.' },
  RATE_LIMITED: { fault: 'user', status: 429, exit: 1, meaning: 'Too many requests came in a short time.' },
  CIRCUIT_OPEN: {
    fault: 'remote',
    status: 503,
    exit: 1,
    meaning: 'The other side failed too often; it is left alone for a while.',
  },
  UNAUTHENTICATED: { fault: 'user', status: 401, exit: 1, meaning: 'A valid token is needed.' },
  FORBIDDEN: { fault: 'user', status: 403, exit: 1, meaning: 'The token does not allow this.' },
  REMOTE_ERROR: { fault: 'remote', status: 502, exit: 1, meaning: 'The other side answered with an error.' },
  REMOTE_UNREACHABLE: { fault: 'remote', status: 502, exit: 1, meaning: 'The other side does not answer.' },
  REMOTE_INVALID: {
    fault: 'remote',
    status: 502,
    exit: 1,
    meaning: 'The other side answered something its description does not allow.',
  },
  TIMEOUT: { fault: 'remote', status: 504, exit: 1, meaning: 'There was no answer in time.' },
  CANCELLED: { fault: 'user', status: 499, exit: 130, meaning: 'The call was cancelled.' },
  NODE_TOO_OLD: { fault: 'system', status: 500, exit: 1, meaning: 'This Node.js is too old.' },
  INTERNAL: { fault: 'system', status: 500, exit: 1, meaning: 'Burgeon failed; this is a defect of ours.' },
} as const;

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

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, brand, { value: true });
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
    return new BurgeonError('INTERNAL', {
      message,
      hint: 'Run the command again with --verbose and report what it prints.',
      cause: value,
    });
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
