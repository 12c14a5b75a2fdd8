/** Receiving the bytes of a request under a limit, and answering before all of them have come. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** True when a request announces a payload. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';

/** The whole payload; `too-large` beyond the limit, `aborted` when the client left. The rest of a payload that is too large is not read. */
export const receiveBody = (request: IncomingMessage, limitBytes: number): Promise<Buffer | 'too-large' | 'aborted'> => {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limitBytes) return;
      request.off('data', take).pause();
      chunks.length = 0;
      resolve('too-large');
    };
    request.on('data', take);
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
};

/** How long the rest of a request is read off after its answer, milliseconds. */
const lingerMs = 1_000;

/**
 * Ends an answer. What its client still sends is thrown away for a moment first: a connection closed over unread bytes is reset, and the
 * reset may overtake the answer.
 * @see RFC 9112 9.6
 */
export const endAnswer = (response: ServerResponse, body: string | Buffer | undefined): void => {
  const { req: request } = response;
  if (request.complete || body === undefined) return void response.end(body);
  response.write(body);
  const end = (): void => {
    clearTimeout(limit);
    response.end();
  };
  const limit = setTimeout(end, lingerMs).unref();
  request.once('end', end).once('close', end).resume();
};
