import type { ServerResponse } from 'node:http';
import type { BurgeonError } from '@burgeon/kit';
import { problemOf, problemText, problemType } from '../bindings/http/server/problem.ts';

/** Headers of every answer: nothing here is for frames, sniffing or caches. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Answers with problem details, or cuts an answer that has begun. @see RFC 9457 */
export const answerProblem = (response: ServerResponse, error: BurgeonError): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = problemOf(error);
  const text = problemText(problem);
  const challenge = error.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {};
  response.writeHead(problem.status, { ...challenge, 'content-type': problemType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
};
