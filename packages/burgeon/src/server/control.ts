import type { IncomingMessage, ServerResponse } from 'node:http';
import { BurgeonError, type JsonObject, type JsonValue, type Provider } from '@burgeon/kit';
import type { Burgeon } from '../burgeon.ts';
import { asText, isObject } from '../base/json.ts';
import { callerVoice } from '../management/caller.ts';
import { asLocalModel } from './callers.ts';

/**
 * The door for commands of the owner of the home while a server holds it: the same providers as in one process, with progress. Each
 * answer is a stream of JSON lines: `{progress}` and `{say}`..., then `{interface}`..., `{output}`, `{stream:true}` and `{item}`..., or
 * `{error}`.
 */
export type Control = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/** Bytes of one question; a document comes this way too. */
const questionBytes = 64 * 1024 * 1024;

/** When a server ends: `watching` what never ends by itself, `calls` what had its time. */
export interface Ends {
  watching: AbortSignal;
  calls: AbortSignal;
}

/** Makes the door. */
export const createControl = (burgeon: Burgeon, ends: Ends): Control => {
  const answers: Record<string, Answer> = {
    '/control/watch': (_question, line, ended) => watch(burgeon, line, ended),
    '/control/call': (question, line, ended) => call(providerOf(burgeon, question), question, { line, ended }),
    '/control/stand-up': (question, line, ended) => standUp(burgeon, question, { line, ended }),
  };
  return async (request, response, path) => {
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (!answer)
      throw new BurgeonError('OPERATION_NOT_FOUND', { message: `There is nothing at ${path}.`, hint: 'See /openapi.json' });
    const question = await readQuestion(request);
    const gone = new AbortController();
    response.on('close', () => gone.abort(new BurgeonError('CANCELLED', { message: 'The caller went away.' })));
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const line = (value: JsonObject): void => void response.write(`${JSON.stringify(value)}\n`);
    try {
      const ended = AbortSignal.any([gone.signal, path === '/control/call' ? ends.calls : ends.watching]);
      await callerVoice.run(
        (text) => line({ say: text }),
        () => answer(question, line, ended),
      );
    } catch (error) {
      line({ error: BurgeonError.from(error).toJSON() as unknown as JsonObject });
    }
    response.end();
  };
};

type Line = (value: JsonObject) => void;
type Answer = (question: JsonObject, line: Line, ended: AbortSignal) => Promise<void>;

const providerOf = (burgeon: Burgeon, question: JsonObject): Provider => {
  const provider = question['provider'] === 'catalogue' ? burgeon.catalogue : burgeon.management;
  return question['model'] === true ? asLocalModel(provider) : provider;
};

const call = async (
  provider: Provider,
  question: JsonObject,
  { line, ended }: { line: Line; ended: AbortSignal },
): Promise<void> => {
  const input = isObject(question['input']) ? (question['input'] as JsonObject) : {};
  const result = await provider.call(asText(question['operation']), input, {
    signal: ended,
    progress: (event) => line({ progress: event }),
  });
  const { stream, ...rest } = result;
  if (!stream) return line(rest as unknown as JsonObject);
  line({ ...(rest as unknown as JsonObject), stream: true });
  for await (const item of stream) line({ item });
};

const watch = async ({ catalogue }: Burgeon, line: Line, ended: AbortSignal): Promise<void> => {
  const tell = (): void => line({ interface: catalogue.interface as unknown as JsonObject });
  tell();
  const ignore = catalogue.subscribe(tell);
  await untilAborted(ended);
  ignore();
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

const standUp = async (
  burgeon: Burgeon,
  question: JsonObject,
  { line, ended }: { line: Line; ended: AbortSignal },
): Promise<void> => {
  const request = question['request'] as unknown as Parameters<Burgeon['standUp']>[0];
  const standing = await burgeon.standUp(request);
  line({ output: { url: standing.url, protocol: standing.protocol, operations: standing.operations } });
  await untilAborted(ended);
  await standing.close();
};

const readQuestion = async (request: IncomingMessage): Promise<JsonObject> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > questionBytes)
      throw new BurgeonError('SPEC_TOO_COMPLEX', { message: `The request is larger than ${questionBytes} bytes.` });
    chunks.push(chunk);
  }
  const value = parsed(Buffer.concat(chunks).toString());
  if (isObject(value)) return value as JsonObject;
  throw new BurgeonError('USAGE', { message: 'The payload is not a JSON object.' });
};

const parsed = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
};
