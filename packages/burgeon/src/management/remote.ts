import { postDirectly } from '../base/direct-post.ts';
import { asText } from '../base/json.ts';
import {
  BurgeonError,
  type CallOptions,
  type CallResult,
  type Callable,
  type ErrorJson,
  type Interface,
  type JsonObject,
  type JsonValue,
  type Provider,
} from '@burgeon/kit';
import type { ServerFile } from '../base/home.ts';

/** What a server stood up; it stands until `end` is aborted. */
export interface RemoteStanding {
  url: string;
  protocol: string;
  operations: number;
  /** Resolves when it no longer stands. */
  ended: Promise<void>;
}

/** The server that owns a home, seen by another process of the same owner. */
export interface Remote {
  readonly url: string;
  /** Burgeon's own operations. */
  readonly management: Callable;
  /** All active modules. */
  readonly catalogue: Callable;
  /** All active modules with their description, which follows what the server has until `end`; for a model, in whose name it calls. */
  watch(end: AbortSignal): Promise<Provider>;
  standUp(request: JsonObject, end: AbortSignal): Promise<RemoteStanding>;
}

/** Whom the server speaks to while it carries a call out. */
export interface RemoteOptions {
  /** Told what the person in front of the machine must read. Default: nobody. */
  say?(text: string): void;
}

/** A server together with who listens to it. */
interface Reach extends RemoteOptions {
  server: ServerFile;
}

/** Reaches a server over its control door, which only the token in `server.json` opens. Opens nothing until it is used. */
export const connectRemote = (server: ServerFile, options: RemoteOptions = {}): Remote => {
  const reach: Reach = { server, ...options };
  return {
    url: server.url,
    management: {
      call: (operation, input, callOptions) => call(reach, { provider: 'management', operation, input }, callOptions),
    },
    catalogue: { call: (operation, input, callOptions) => call(reach, { provider: 'catalogue', operation, input }, callOptions) },
    watch: (end) => watch(reach, end),
    standUp: async (request, end) => {
      const lines = await ask(reach, 'stand-up', { request }, end);
      const { url, protocol, operations } = (await final(reach, lines))['output'] as unknown as RemoteStanding;
      return {
        url,
        protocol,
        operations,
        ended: lines.next().then(
          () => {},
          () => {},
        ),
      };
    },
  };
};

const watch = async (reach: Reach, end: AbortSignal): Promise<Provider> => {
  const lines = await ask(reach, 'watch', {}, end);
  const described = async (): Promise<Interface> => (await final(reach, lines))['interface'] as unknown as Interface;
  let current = await described();
  const listeners = new Set<() => void>();
  const follow = async (): Promise<void> => {
    for (;;) {
      current = await described();
      for (const listener of listeners) listener();
    }
  };
  // It ends with the server or with `end`; calls then say so themselves.
  void follow().catch(() => {});
  return {
    get interface() {
      return current;
    },
    call: (operation, input, options) => call(reach, { provider: 'catalogue', operation, input, model: true }, options),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

const call = async (reach: Reach, question: JsonObject, options: CallOptions = {}): Promise<CallResult> => {
  const lines = await ask(reach, 'call', question, options.signal);
  const { stream, ...result } = await final(reach, lines, options.progress);
  if (stream !== true) return result as unknown as CallResult;
  return { ...(result as unknown as CallResult), stream: items(lines) };
};

async function* items(lines: AsyncGenerator<JsonObject>): AsyncGenerator<JsonValue> {
  for await (const line of lines) {
    if (Object.hasOwn(line, 'error')) throw BurgeonError.fromJson(line['error'] as unknown as ErrorJson);
    yield line['item'] ?? null;
  }
}

/** The first line that is an answer; what comes before it is told on the way. */
const final = async (
  reach: Reach,
  lines: AsyncGenerator<JsonObject>,
  progress?: CallOptions['progress'],
): Promise<JsonObject> => {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true)
      throw new BurgeonError('REMOTE_UNREACHABLE', {
        message: 'The server went away before it answered.',
        hint: 'Run the command again.',
        retryable: true,
      });
    if (Object.hasOwn(value, 'error')) throw BurgeonError.fromJson(value['error'] as unknown as ErrorJson);
    if (typeof value['say'] === 'string') reach.say?.(value['say']);
    else if (Object.hasOwn(value, 'progress')) progress?.(value['progress'] as JsonObject);
    else return value;
  }
};

const ask = async (
  { server }: Reach,
  verb: string,
  question: JsonObject,
  signal?: AbortSignal,
): Promise<AsyncGenerator<JsonObject>> => {
  const response = await postDirectly(`${server.url}/control/${verb}`, {
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token}` },
    body: JSON.stringify(question),
    signal,
  }).catch((error: unknown) => {
    throw unreachable(server, signal, error);
  });
  if (response.ok && response.body) return jsonLines(response.body);
  const problem = (await response.json().catch(() => ({}))) as Record<string, JsonValue>;
  throw BurgeonError.fromJson({
    ...problem,
    message: asText(problem['detail']) || `The server answered ${response.status}.`,
  } as unknown as ErrorJson);
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
