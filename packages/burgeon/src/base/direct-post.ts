import { Agent, request } from 'node:http';
import { Readable, addAbortSignal } from 'node:stream';

/** What is posted. */
export interface DirectPost {
  headers: Record<string, string>;
  body: string;
  signal?: AbortSignal | undefined;
}

/** Connections stay open for the next question; they keep no process alive. */
const agent = new Agent({ keepAlive: true });

/**
 * Posts to a server of this machine and nobody between: Node's own `fetch` hands even that to a proxy when the environment names one
 * (NODE_USE_ENV_PROXY), with the token in it. Rejects with the system's error, or an AbortError.
 * @see https://nodejs.org/api/http.html#built-in-proxy-support
 */
export const postDirectly = (url: string, { headers, body, signal }: DirectPost): Promise<Response> =>
  new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const options = { method: 'POST', agent, headers: { ...headers, 'content-length': length }, ...(signal ? { signal } : {}) };
    const sent = request(url, options, (answer) => {
      if (signal) addAbortSignal(signal, answer);
      const { statusCode: status = 0, headers: told } = answer;
      const named = Object.entries(told).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
      const isBare = status === 204 || status === 304;
      if (isBare) answer.resume();
      const stream = isBare ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
      resolve(new Response(stream, { status, headers: new Headers(named.map(([name, value]) => [name, value])) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
