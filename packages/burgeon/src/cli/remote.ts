import { BurgeonError, type CallOptions, type CallResult, type ErrorJson, type Interface, type JsonObject, type JsonValue, type Provider } from '@burgeon/kit';
import type { ServerFile } from '../base/home.ts';

/** What a server stood up; it stands until `end` is aborted. */
export interface RemoteStanding {
  url: string;
  protocol: string;
  operations: number;
  /** Resolves when it no longer stands. */
  ended: Promise<void>;
}

/** The server that owns a home, seen by a command of the same owner. */
export interface Remote {
  readonly url: string;
  readonly management: Pick<Provider, 'call'>;
  /** All active modules as one provider; its description is read once. */
  catalogue(): Promise<Provider>;
  standUp(request: JsonObject, end: AbortSignal): Promise<RemoteStanding>;
}

type ProviderName = 'management' | 'catalogue';

/** Reaches a server over its control door. Opens nothing until it is used. */
export const connectRemote = (server: ServerFile): Remote => ({
  url: server.url,
  management: { call: (operation, input, options) => call(server, { provider: 'management', operation, input }, options) },
  catalogue: async () => {
    const { lines } = await ask(server, 'interface', { provider: 'catalogue' satisfies ProviderName });
    const description = (await final(lines))['interface'] as unknown as Interface;
    return {
      interface: description,
      call: (operation, input, options) => call(server, { provider: 'catalogue', operation, input }, options),
    };
  },
  standUp: async (request, end) => {
    const { lines } = await ask(server, 'stand-up', { request }, end);
    const { url, protocol, operations } = (await final(lines))['output'] as unknown as RemoteStanding;
    const ended = (async () => {
      await lines.next().catch(() => {});
    })();
    return { url, protocol, operations, ended };
  },
});

const call = async (server: ServerFile, question: JsonObject, options: CallOptions = {}): Promise<CallResult> => {
  const { lines } = await ask(server, 'call', question, options.signal);
  const { stream, ...result } = await final(lines, options.progress);
  if (stream !== true) return result as unknown as CallResult;
  return { ...(result as unknown as CallResult), stream: items(lines) };
};

async function* items(lines: AsyncGenerator<JsonObject>): AsyncGenerator<JsonValue> {
  for await (const line of lines) {
    if (Object.hasOwn(line, 'error')) throw BurgeonError.fromJson(line['error'] as unknown as ErrorJson);
    yield line['item'] ?? null;
  }
}

/** The first line that is not progress. */
const final = async (lines: AsyncGenerator<JsonObject>, progress?: CallOptions['progress']): Promise<JsonObject> => {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new BurgeonError('REMOTE_UNREACHABLE', { message: 'The server went away before it answered.', hint: 'Run the command again.', retryable: true });
    if (Object.hasOwn(value, 'error')) throw BurgeonError.fromJson(value['error'] as unknown as ErrorJson);
    if (!Object.hasOwn(value, 'progress')) return value;
    progress?.(value['progress'] as JsonObject);
  }
};

const ask = async (
  server: ServerFile,
  verb: string,
  question: JsonObject,
  signal?: AbortSignal,
): Promise<{ lines: AsyncGenerator<JsonObject> }> => {
  const response = await fetch(`${server.url}/control/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(server.token === '' ? {} : { authorization: `Bearer ${server.token}` }) },
    body: JSON.stringify(question),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    throw unreachable(server, signal, error);
  });
  if (response.ok && response.body) return { lines: jsonLines(response.body) };
  const problem = (await response.json().catch(() => ({}))) as Record<string, JsonValue>;
  throw BurgeonError.fromJson({ ...problem, message: String(problem['detail'] ?? `The server answered ${response.status}.`) } as unknown as ErrorJson);
};

const unreachable = (server: ServerFile, signal: AbortSignal | undefined, cause: unknown): BurgeonError => {
  if (signal?.aborted === true) return new BurgeonError('CANCELLED', { message: 'Interrupted.', cause });
  return new BurgeonError('REMOTE_UNREACHABLE', {
    message: `The server that owns this home does not answer at ${server.url}.`,
    hint: `Wait until it does, or stop process ${server.pid} and run the command again.`,
    cause,
    retryable: true,
  });
};

async function* jsonLines(body: ReadableStream<Uint8Array>): AsyncGenerator<JsonObject> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    const pieces = decoder.decode(bytes, { stream: true }).split('\n');
    for (const [index, piece] of pieces.entries()) {
      parts.push(piece);
      if (index === pieces.length - 1) break;
      const line = parts.join('');
      parts = [];
      if (line !== '') yield JSON.parse(line) as JsonObject;
    }
  }
}
