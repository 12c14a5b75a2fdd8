/** An answer as it came. */
export interface RawAnswer {
  status: number;
  /** Names in small letters. */
  headers: Record<string, string>;
  body: string;
}

/** Codes of the faults; they are those of Burgeon's own table, so that a caller need not tell providers apart. */
export type FaultCode = 'REMOTE_ERROR' | 'REMOTE_UNREACHABLE' | 'REMOTE_INVALID' | 'TIMEOUT' | 'SECRET_MISSING';

/** What callers get as `data` of an error. */
export interface Fault {
  code: FaultCode;
  message: string;
  /** True when the same request may succeed later. */
  retryable: boolean;
  /** Milliseconds to wait first, where the other side said so. */
  retryAfterMs?: number;
  status?: number;
  /** The provider's own word for it, e.g. `context_length_exceeded`. */
  reason?: string;
}

/** The longest text of theirs that is told on. */
const longestMessage = 500;

/** An error that carries a fault. */
export const faultError = (fault: Fault): Error => Object.assign(new Error(fault.message), { data: fault });

/** The other side answered, but not what it should. Asking again may help: models do not answer alike twice. */
export const invalid = (message: string): Error => faultError({ code: 'REMOTE_INVALID', message, retryable: true });

/** Codes of the host under which a request did not get through; others are no faults of the provider and stay as they are. */
const passedOn: ReadonlyMap<string, { code: FaultCode; retryable: boolean }> = new Map([
  ['REMOTE_UNREACHABLE', { code: 'REMOTE_UNREACHABLE', retryable: true }],
  ['TIMEOUT', { code: 'TIMEOUT', retryable: true }],
  ['SECRET_MISSING', { code: 'SECRET_MISSING', retryable: false }],
]);

/** What a failed request means to callers. */
export const faultOfHost = (error: unknown): unknown => {
  const { code, message } = error instanceof Error ? (error as Error & { code?: unknown }) : { code: '', message: '' };
  const known = passedOn.get(String(code));
  return known ? faultError({ ...known, message }) : error;
};

/** Statuses after which the same request may succeed: a timeout, a conflict, too early, too many, and everything on their side. */
const isRetryable = (status: number, reason: string | undefined): boolean =>
  reason !== 'insufficient_quota' && (status >= 500 || [408, 409, 425, 429].includes(status));

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
const retryAfterMs = ({ headers }: RawAnswer): number | undefined => {
  const named = new Map(Object.entries(headers));
  const milliseconds = Number(named.get('retry-after-ms') ?? Number.NaN);
  const after = named.get('retry-after') ?? '';
  const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.parse(named.get('date') ?? '')) / 1_000;
  const wait = Number.isFinite(milliseconds) ? milliseconds : seconds * 1_000;
  return Number.isFinite(wait) && wait >= 0 ? Math.round(wait) : undefined;
};

/** The error in a body: `{ "error": { "message", "type", "code" } }`, or what else there is. */
export const errorIn = (value: unknown): { message: string; reason?: string } | undefined => {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  const { error } = value;
  if (typeof error === 'string') return { message: error };
  if (typeof error !== 'object' || error === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(error));
  const [message, reason] = [fields.get('message'), fields.get('code') ?? fields.get('type')];
  return {
    message: typeof message === 'string' ? message : 'no message',
    ...(typeof reason === 'string' ? { reason } : {}),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** The fault in an answer that is none of success. */
export const faultOfAnswer = (answer: RawAnswer): Error => {
  const { status, body } = answer;
  const { message, reason } = errorIn(parsed(body)) ?? { message: body.trim() || 'nothing', reason: undefined };
  const wait = retryAfterMs(answer);
  const retryable = isRetryable(status, reason);
  return faultError({
    code: 'REMOTE_ERROR',
    message: `The provider answered ${status}: ${message.slice(0, longestMessage)}`,
    retryable,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(wait === undefined || !retryable ? {} : { retryAfterMs: wait }),
  });
};

/** The JSON of an answer. @throws an error with a fault: REMOTE_ERROR, REMOTE_INVALID */
export const jsonOf = (answer: RawAnswer): unknown => {
  if (answer.status < 200 || answer.status > 299) throw faultOfAnswer(answer);
  const value = parsed(answer.body);
  const error = errorIn(value);
  // Some servers answer 200 with an error in it.
  if (error) throw faultOfAnswer({ ...answer, status: 502 });
  if (value === undefined) throw invalid('The provider answered something that is no JSON.');
  return value;
};
