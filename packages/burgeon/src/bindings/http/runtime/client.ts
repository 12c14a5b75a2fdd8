import { bareFetch } from './bare-fetch.ts';
import { type AnswerContext, documentedResponse, headersOf, items, readAnswer } from './answer.ts';
import { authorize } from './auth.ts';
import { AuthError, HttpError, InputError } from './errors.ts';
import { mediaKind } from './media-type.ts';
import { type Follow, walkItems, walkPages } from './pages.ts';
import { type WireRequest, writeRequest } from './request.ts';
import { retryPlan, timerSleep } from './retry.ts';
import { type SendContext, type Sent, send } from './send.ts';
import type { EventCursor } from './stream.ts';
import type { CallSettings, Client, ClientOptions, HttpOperation, HttpResult } from './types.ts';

/** The options with every default filled in. */
type Settled = ClientOptions & Required<Pick<ClientOptions, 'fetch' | 'bytes' | 'sleep' | 'random' | 'now'>>;

/** Longest pause that a server may ask for between two connections of one stream. */
const maxReconnectMs = 60_000;

const settled = (options: ClientOptions): Settled => ({
  ...options,
  fetch: options.fetch ?? bareFetch,
  bytes: options.bytes ?? 'binary',
  sleep: options.sleep ?? timerSleep,
  random: options.random ?? Math.random,
  now: options.now ?? Date.now,
});

/** Makes a client. It keeps no state between calls; nothing is sent before the first call. */
export const createClient = (options: ClientOptions): Client => {
  const all = settled(options);
  const { operations } = all;
  const operationOf = (id: string): HttpOperation => {
    const operation =
      typeof operations === 'function' ? operations(id) : Object.hasOwn(operations, id) ? operations[id] : undefined;
    if (!operation) throw new InputError(id, [{ path: '', message: 'is no operation of this client' }]);
    return operation;
  };
  const call = async (id: string, input: Record<string, unknown>, settings: CallSettings, follow?: Follow): Promise<HttpResult> =>
    perform({ id, operation: operationOf(id), options: all, settings }, input, follow);
  return {
    call: (id, input = {}, settings = {}) => call(id, input, settings),
    async *pages(id, input = {}, settings = {}) {
      yield* walkPages(operationOf(id).pagination, input, (next, follow) => call(id, next, settings, follow));
    },
    async *items(id, input = {}, settings = {}) {
      yield* walkItems(operationOf(id).pagination, input, (next, follow) => call(id, next, settings, follow));
    },
  };
};

/** One call under way. */
interface Call {
  id: string;
  operation: HttpOperation;
  options: Settled;
  settings: CallSettings;
}

const perform = async (current: Call, input: Record<string, unknown>, follow?: Follow): Promise<HttpResult> => {
  const { id, operation, options, settings } = current;
  const context = {
    id,
    baseUrl: options.baseUrl,
    ownLocations: options.ownLocations ?? false,
    headers: options.headers ?? {},
    random: options.random,
  };
  const request = writeRequest(operation, input, context);
  if (follow) request.url = follow(request.url);
  const missing = await authorize(request, operation, options);
  for (const [name, value] of Object.entries(settings.headers ?? {})) request.headers[name.toLowerCase()] = value;
  const sent = await send(request, sendContext(current, request));
  return finish(sent, { ...current, missing }, request);
};

const sendContext = ({ id, operation, options, settings }: Call, request: WireRequest): SendContext => ({
  id,
  fetch: options.fetch,
  plan: retryPlan(options.retry),
  repeatable: operation.idempotent && request.payload?.replayable !== false,
  sleep: options.sleep,
  random: options.random,
  now: options.now,
  ...(settings.signal ? { signal: settings.signal } : {}),
});

/** A status is a success when it is in the 2XX class, or a redirect or hint that the description names. */
const isSuccess = (operation: HttpOperation, status: number): boolean =>
  (status >= 200 && status < 300) ||
  (status < 400 && documentedResponse(operation.binding.responses, status)?.status === String(status));

const finish = async (sent: Sent, current: Call & { missing: string[] }, request: WireRequest): Promise<HttpResult> => {
  const { id, operation, options, missing } = current;
  const { response } = sent;
  const { status } = response;
  const headers = headersOf(response);
  const success = isSuccess(operation, status);
  const kind = mediaKind(headers['content-type'] ?? '');
  if (success && operation.stream && response.body && ['events', 'lines', 'sequence'].includes(kind)) {
    sent.settle();
    return { status, headers, output: null, stream: arriving(response.body, { ...current, request, kind }) };
  }
  const context: AnswerContext = { id, operation, bytes: options.bytes };
  const answer = await readAnswer(response, context)
    .catch((error: unknown) => {
      throw error instanceof Error && error.name === 'AnswerError' ? error : sent.explain(error);
    })
    .finally(() => sent.settle());
  if (success) return { status, headers, output: answer.output };
  const failure = { operation: id, status, headers, body: answer.output, raw: answer.raw };
  throw missing.length > 0 && (status === 401 || status === 403) ? new AuthError(failure, missing) : new HttpError(failure);
};

/** Items as they arrive. A stream of events that breaks off is taken up again after its last id, where asking again is safe. */
async function* arriving(
  body: ReadableStream<Uint8Array>,
  current: Call & { request: WireRequest; kind: string },
): AsyncGenerator<unknown, void, undefined> {
  const { id, operation, options, settings, request, kind } = current;
  const cursor: EventCursor = {};
  const { attempts, baseDelayMs } = retryPlan(options.retry);
  let stream = body;
  for (let broken = 0; ;) {
    try {
      for await (const item of items(stream, { kind, operation: id, item: operation.stream?.item ?? 'data', cursor })) {
        broken = 0;
        yield item;
      }
      return;
    } catch (error) {
      settings.signal?.throwIfAborted();
      const resumable = kind === 'events' && operation.idempotent && cursor.lastId !== undefined && ++broken < attempts;
      if (!resumable || (error instanceof Error && error.name === 'AnswerError')) throw error;
    }
    await options.sleep(Math.min(cursor.retryMs ?? baseDelayMs, maxReconnectMs), settings.signal);
    const again = { ...request, headers: { ...request.headers, 'last-event-id': cursor.lastId ?? '' } };
    const sent = await send(again, sendContext(current, again));
    sent.settle();
    if (!sent.response.ok || !sent.response.body) return;
    stream = sent.response.body;
  }
}
