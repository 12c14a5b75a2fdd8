import { faultOfAnswer, invalid, jsonOf, type RawAnswer } from './faults.ts';
import type { Settings } from './settings.ts';

/** One question; the same as a `ModelRequest` of Burgeon, but for the signal. */
export interface Question {
  prompt: string;
  /** What the model is told to be, before the prompt. */
  system?: string;
  /** Wanted shape of the answer. */
  schema?: Record<string, unknown>;
  maxOutputTokens: number;
  temperature?: number;
}

/** Why an answer ended: it was complete, it reached its bound, or the provider held it back. */
export type Finish = 'stop' | 'length' | 'filter';

/** Tokens that were charged; 0 where the provider does not say. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
}

/** One answer. `value` is there when a schema was given. */
export interface Answer {
  text: string;
  value?: unknown;
  finish: Finish;
  model: string;
  usage: Usage;
}

/** The body of a request for a completion. @see https://platform.openai.com/docs/api-reference/chat/create */
export const completionRequest = (question: Question, { model, limitField }: Settings, stream: boolean): unknown => {
  const { prompt, system, schema, maxOutputTokens, temperature } = question;
  const instructions = system === undefined ? [] : [{ role: 'system', content: system }];
  const format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  return {
    model,
    messages: [...instructions, { role: 'user', content: prompt }],
    ...(limitField === 'max_tokens' ? { max_tokens: maxOutputTokens } : { max_completion_tokens: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(schema === undefined ? {} : { response_format: format }),
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
};

/** A field of whatever came; undefined where there is none. */
export const field = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, name) => {
    if (typeof name === 'number') return Array.isArray(inner) ? (inner as unknown[]).at(name) : undefined;
    return typeof inner === 'object' && inner !== null ? new Map<string, unknown>(Object.entries(inner)).get(name) : undefined;
  }, value);

const textAt = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const countAt = (value: unknown): number => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 0);

const usageIn = (value: unknown): Usage => ({
  inputTokens: countAt(field(value, 'usage', 'prompt_tokens')),
  outputTokens: countAt(field(value, 'usage', 'completion_tokens')),
});

const finishOf = (reason: unknown): Finish => (reason === 'length' ? 'length' : reason === 'content_filter' ? 'filter' : 'stop');

/** The answer in a completion. @throws an error with a fault: REMOTE_ERROR, REMOTE_INVALID */
export const answerIn = (raw: RawAnswer, { schema }: Question, { model }: Settings): Answer => {
  const completion = jsonOf(raw);
  const choice = field(completion, 'choices', 0);
  const refusal = textAt(field(choice, 'message', 'refusal'));
  const content = textAt(field(choice, 'message', 'content'));
  if (content === undefined && refusal === undefined) throw invalid('The provider answered without a text.');
  const finish = content === undefined ? 'filter' : finishOf(field(choice, 'finish_reason'));
  const text = content ?? refusal ?? '';
  return {
    text,
    ...(schema === undefined || finish === 'filter' ? {} : { value: valueOf(text, finish) }),
    finish,
    model: textAt(field(completion, 'model')) ?? model,
    usage: usageIn(completion),
  };
};

const valueOf = (text: string, finish: Finish): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(
      finish === 'length'
        ? 'The answer reached its bound before its JSON was complete.'
        : `The model was asked for JSON and answered ${JSON.stringify(text.slice(0, 100))}.`,
    );
  }
};

/** What an answer consisted of, piece by piece. */
export interface Pieces {
  pieces: string[];
  finish: Finish;
  usage: Usage;
}

/** The data of server-sent events. @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
const eventsIn = (body: string): string[] =>
  body
    .replace(/^\ufeff/, '')
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((event) =>
      event
        .split(/\r\n|\n|\r/)
        .flatMap((line) => /^data(?:: ?(.*))?$/.exec(line)?.slice(1) ?? [])
        .join('\n'),
    )
    .filter((data) => data !== '');

/** The pieces in a streamed completion that has come in whole. @throws an error with a fault: REMOTE_ERROR, REMOTE_INVALID */
export const piecesIn = (raw: RawAnswer): Pieces => {
  if (raw.status < 200 || raw.status > 299) throw faultOfAnswer(raw);
  const events = eventsIn(raw.body);
  const chunks = events.filter((data) => data !== '[DONE]').map((data) => jsonOf({ ...raw, body: data }));
  const reason = chunks.map((chunk) => field(chunk, 'choices', 0, 'finish_reason')).findLast((each) => typeof each === 'string');
  if (reason === undefined && !events.includes('[DONE]')) throw invalid('The answer broke off before its end.');
  const usage = chunks.findLast((chunk) => field(chunk, 'usage', 'prompt_tokens') !== undefined);
  return {
    pieces: chunks.map((chunk) => textAt(field(chunk, 'choices', 0, 'delta', 'content')) ?? '').filter((text) => text !== ''),
    finish: finishOf(reason),
    usage: usageIn(usage),
  };
};

/** The body of a request for embeddings. @see https://platform.openai.com/docs/api-reference/embeddings/create */
export const embeddingRequest = (texts: readonly string[], model: string): unknown => ({
  model,
  input: texts,
  encoding_format: 'float',
});

/** The vectors in an answer, in the order of the texts. @throws an error with a fault: REMOTE_ERROR, REMOTE_INVALID */
export const vectorsIn = (raw: RawAnswer, count: number): number[][] => {
  const data = field(jsonOf(raw), 'data');
  const rows = Array.isArray(data) ? (data as unknown[]) : [];
  const vectors = new Map(rows.map((row, place) => [field(row, 'index') ?? place, field(row, 'embedding')]));
  return Array.from({ length: count }, (_, index) => {
    const vector = vectors.get(index);
    if (Array.isArray(vector) && vector.every((part) => typeof part === 'number')) return vector as number[];
    throw invalid(`The provider answered ${rows.length} vectors for ${count} texts.`);
  });
};

/** Ids of the models that an endpoint lists. @throws an error with a fault: REMOTE_ERROR, REMOTE_INVALID */
export const modelsIn = (raw: RawAnswer): string[] => {
  const data = field(jsonOf(raw), 'data');
  if (!Array.isArray(data)) throw invalid('The provider lists no models.');
  return (data as unknown[]).flatMap((each) => textAt(field(each, 'id')) ?? []);
};
