/** One thing that is wrong with an input: a JSON pointer into it, and what is wrong. */
export interface InputIssue {
  path: string;
  message: string;
}

/** What an {@link HttpError} carries. */
export interface HttpFailure {
  operation: string;
  status: number;
  headers: Record<string, string>;
  /** The parsed body. */
  body: unknown;
  /** The body's text, when it is text. */
  raw: string | undefined;
}

/** The other side answered, and the answer is no success. */
export class HttpError extends Error {
  readonly operation: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  /** The parsed body; compare `status` to know its type. */
  readonly body: unknown;
  readonly raw: string | undefined;

  constructor(failure: HttpFailure) {
    super(`${failure.operation} was answered with ${failure.status}`);
    this.name = 'HttpError';
    this.operation = failure.operation;
    this.status = failure.status;
    this.headers = failure.headers;
    this.body = failure.body;
    this.raw = failure.raw;
  }
}

/** The input cannot be written as a request. Nothing was sent. */
export class InputError extends Error {
  readonly operation: string;
  readonly issues: InputIssue[];

  constructor(operation: string, issues: InputIssue[]) {
    super(`${operation}: ${issues.map((issue) => `${issue.path || 'input'} ${issue.message}`).join('; ')}`);
    this.name = 'InputError';
    this.operation = operation;
    this.issues = issues;
  }
}

/** The other side refused (401 or 403) a request that went out without a complete credential. */
export class AuthError extends HttpError {
  /** The schemes without a credential in the alternative that came first. */
  readonly missing: string[];

  constructor(failure: HttpFailure, missing: string[]) {
    super(failure);
    this.name = 'AuthError';
    this.message = `${this.message}: it needs a credential for ${missing.map((scheme) => `"${scheme}"`).join(' and ')}`;
    this.missing = missing;
  }
}

/** There was no answer, or none in time. */
export class NetworkError extends Error {
  readonly operation: string;
  /** True when the total time ran out. */
  readonly timedOut: boolean;

  constructor(operation: string, details: { message: string; timedOut: boolean; cause?: unknown }) {
    super(`${operation}: ${details.message}`, { cause: details.cause });
    this.name = 'NetworkError';
    this.operation = operation;
    this.timedOut = details.timedOut;
  }
}

/** The answer is not what its media type says. */
export class AnswerError extends Error {
  readonly operation: string;
  readonly raw: string | undefined;

  constructor(operation: string, details: { message: string; raw?: string; cause?: unknown }) {
    super(`${operation}: ${details.message}`, { cause: details.cause });
    this.name = 'AnswerError';
    this.operation = operation;
    this.raw = details.raw;
  }
}
