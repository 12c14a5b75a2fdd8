import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BurgeonError } from '@burgeon/kit';
import { problemOf, problemText, problemType } from '../bindings/http/server/problem.ts';
import { endAnswer } from '../bindings/http/server/request-body.ts';

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
  // Nobody wants the rest of a payload that was refused unread: its connection ends with the answer.
  const unread = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(problem.status, {
    ...challenge,
    ...unread,
    'content-type': problemType,
    'content-length': Buffer.byteLength(text),
  });
  endAnswer(response, text);
};

/** Answers what could not be read as a request at all, and ends its connection. */
export const answerBrokenRequest = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const status = Object.hasOwn(brokenStatus, error.code ?? '') ? (brokenStatus[error.code ?? ''] ?? 400) : 400;
  const text = problemText({ status, detail: 'The request cannot be read.', code: 'USAGE' });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: ${problemType}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
};

/** Statuses of what goes wrong before there is a request. @see https://nodejs.org/api/http.html#event-clienterror */
const brokenStatus: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
