import { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { explainFailure, isPassing } from './egress-failure.ts';

const failing = { where: 'api.example:443', limits: { deadlineMs: 30_000, connectMs: 10_000, headerBytes: 65_536 } };
/** An error as the library wraps it. */
const wrapped = (code: string | undefined, message = 'x', name = 'Error'): TypeError =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) }) });

describe('a failed exchange', () => {
  it.each([
    ['ECONNREFUSED', 'REMOTE_UNREACHABLE', true],
    ['ECONNRESET', 'REMOTE_UNREACHABLE', true],
    ['UND_ERR_SOCKET', 'REMOTE_UNREACHABLE', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'REMOTE_UNREACHABLE', true],
    ['EAI_AGAIN', 'REMOTE_UNREACHABLE', true],
    ['ENOTFOUND', 'REMOTE_UNREACHABLE', false],
    ['CERT_HAS_EXPIRED', 'REMOTE_UNREACHABLE', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'REMOTE_UNREACHABLE', false],
    ['toString', 'REMOTE_UNREACHABLE', false],
    ['UND_ERR_HEADERS_OVERFLOW', 'LIMIT_EXCEEDED', false],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'REMOTE_INVALID', false],
    ['Z_DATA_ERROR', 'REMOTE_INVALID', false],
    ['ERR__ERROR_FORMAT_PADDING_1', 'REMOTE_INVALID', false],
    ['ZSTD_error_prefix_unknown', 'REMOTE_INVALID', false],
  ])('with %s is %s, passing: %s', (code, expected, passes) => {
    const error = explainFailure(wrapped(code), failing);
    expect([error.code, error.retryable, isPassing(error)]).toEqual([expected, passes, passes]);
    expect(error.message).toContain('api.example:443');
  });

  it('says what is no HTTP, and what nobody knows', () => {
    expect(explainFailure(wrapped(undefined, 'Expected HTTP/', 'HTTPParserError'), failing)).toMatchObject({
      code: 'REMOTE_INVALID',
      message: 'api.example:443 sent what is no answer: Expected HTTP/.',
    });
    for (const [error, message] of [
      [wrapped(undefined, 'odd'), 'api.example:443 could not be reached: odd'],
      ['a text', 'api.example:443 could not be reached: unknown'],
      [undefined, 'api.example:443 could not be reached: unknown'],
      [{ cause: null }, 'api.example:443 could not be reached: unknown'],
    ] as const) {
      expect(explainFailure(error, failing)).toMatchObject({ code: 'REMOTE_UNREACHABLE', message, retryable: true });
    }
  });

  it('is what the caller, the deadline or we made of it', () => {
    const aborted = AbortSignal.abort();
    expect(explainFailure(wrapped('x'), { ...failing, signal: aborted, deadline: aborted }).code).toBe('CANCELLED');
    expect(explainFailure(wrapped('x'), { ...failing, deadline: aborted })).toMatchObject({ code: 'TIMEOUT', retryable: true });
    const own = new BurgeonError('CAPABILITY_DENIED', { message: 'no' });
    expect(explainFailure(new TypeError('fetch failed', { cause: own }), { ...failing, signal: aborted })).toBe(own);
  });

  it('looks only so far into causes that lead in a circle', () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(explainFailure(circle, failing).code).toBe('REMOTE_UNREACHABLE');
  });
});
