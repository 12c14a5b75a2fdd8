import type { Fetch } from './types.ts';

/** The parts of Node's web modules that are used here; written out so that this compiles where there is no Node. */
interface BareModule {
  request(url: string, options: object, answered: (answer: BareAnswer) => void): BareRequest;
}

interface BareRequest {
  on(event: 'error', listener: (error: Error) => void): BareRequest;
  end(payload: string | Uint8Array): void;
}

interface BareAnswer {
  statusCode?: number;
  statusMessage?: string;
  rawHeaders: string[];
  on(event: 'data', listener: (chunk: Uint8Array) => void): BareAnswer;
  on(event: 'end', listener: () => void): BareAnswer;
  on(event: 'error', listener: (error: Error) => void): BareAnswer;
}

type BuiltIn = (name: string) => unknown;

const moduleFor = (url: string): BareModule | undefined => {
  const builtIn = (globalThis as { process?: { getBuiltinModule?: BuiltIn } }).process?.getBuiltinModule;
  return builtIn?.(url.startsWith('https:') ? 'node:https' : 'node:http') as BareModule | undefined;
};

const responseOf = (answer: BareAnswer, chunks: Uint8Array[]): Response => {
  const headers = new Headers();
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2)
    headers.append(answer.rawHeaders[index] ?? '', answer.rawHeaders[index + 1] ?? '');
  const status = answer.statusCode ?? 0;
  const bare = status === 204 || status === 205 || status === 304;
  return new Response(bare ? null : new Blob(chunks as ConstructorParameters<typeof Blob>[0]), {
    status,
    statusText: answer.statusMessage ?? '',
    headers,
  });
};

/**
 * The global `fetch`, which also sends a payload with GET and HEAD where the platform has another way to do so (Node): the standard one
 * refuses that, and search interfaces in wide use ask for it. Elsewhere the standard refusal stands. Such an answer is read whole.
 */
export const bareFetch: Fetch = (url, init) => {
  const payload = init?.body;
  const plain = typeof payload === 'string' || payload instanceof Uint8Array;
  const module = plain && /^(?:GET|HEAD)$/i.test(init?.method ?? 'GET') ? moduleFor(url) : undefined;
  if (!module || !plain) return globalThis.fetch(url, init);
  return new Promise((resolve, reject) => {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    const headers = { ...Object.fromEntries(new Headers(init?.headers)), 'content-length': String(bytes.length) };
    const options = { method: init?.method, headers, ...(init?.signal ? { signal: init.signal } : {}) };
    const sent = module.request(url, options, (answer) => {
      const chunks: Uint8Array[] = [];
      answer.on('data', (chunk) => void chunks.push(chunk));
      answer.on('end', () => resolve(responseOf(answer, chunks)));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
};
