import type { ServerResponse } from 'node:http';
import { errorTable, type BurgeonError } from '@burgeon/kit';

/** Headers of every answer: nothing here is for frames, sniffing or caches. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Answers with problem details, in the shape that bindings give everywhere else. @see RFC 9457 */
export const answerProblem = (response: ServerResponse, error: BurgeonError, headers: Record<string, string> = {}): void => {
  const { status, meaning } = errorTable[error.code];
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = {
    type: `urn:burgeon:error:${error.code}`,
    title: meaning,
    status,
    detail: error.message,
    code: error.code,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.data === undefined ? {} : { data: error.data }),
  };
  const text = JSON.stringify(problem);
  response.writeHead(status, { ...headers, 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
};
