/** Receiving the bytes of a request under a limit. */
import type { IncomingMessage } from 'node:http';

/** True when a request announces a payload. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';

/** The whole payload; `too-large` beyond the limit, `aborted` when the client left. The rest of a payload that is too large is not read. */
export const receiveBody = (request: IncomingMessage, limitBytes: number): Promise<Buffer | 'too-large' | 'aborted'> => {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limitBytes) return;
      request.pause();
      chunks.length = 0;
      resolve('too-large');
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
};
