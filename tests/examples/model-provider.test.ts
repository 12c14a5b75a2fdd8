import { describe, expect, it } from 'vitest';
import {
  answerIn,
  completionRequest,
  embeddingRequest,
  modelsIn,
  piecesIn,
  type Question,
  vectorsIn,
} from '../../examples/model-provider/completions.ts';
import { type Fault, faultOfAnswer, faultOfHost, type RawAnswer } from '../../examples/model-provider/faults.ts';
import type { Settings } from '../../examples/model-provider/settings.ts';

const settings: Settings = {
  baseUrl: 'https://a.example/v1',
  model: 'm',
  contextTokens: 1_000,
  limitField: 'max_completion_tokens',
};
const question: Question = { prompt: 'Name three rivers.', maxOutputTokens: 100 };
const raw = (body: unknown, more: Partial<RawAnswer> = {}): RawAnswer => ({
  status: 200,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});
const faultOf = (work: () => unknown): Fault => {
  try {
    work();
  } catch (error) {
    return (error as { data: Fault }).data;
  }
  return expect.unreachable();
};

/** In the form of the API reference of OpenAI, "Create chat completion"; the words are ours. */
const completion = (choice: object, more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_741_569_952,
  model: 'm-2025-04-14',
  choices: [{ index: 0, logprobs: null, finish_reason: 'stop', ...choice }],
  usage: { prompt_tokens: 19, completion_tokens: 10, total_tokens: 29 },
  service_tier: 'default',
  ...more,
});
const said = (content: string | null, more: object = {}): object => ({
  message: { role: 'assistant', content, refusal: null },
  ...more,
});

describe('a question', () => {
  it('becomes a request', () => {
    expect(completionRequest({ ...question, system: 'Be short.', temperature: 0 }, settings, false)).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Name three rivers.' },
      ],
      max_completion_tokens: 100,
      temperature: 0,
    });
  });

  it('may ask for JSON, for a stream, and of an older server', () => {
    const schema = { type: 'object' };
    expect(completionRequest({ ...question, schema }, { ...settings, limitField: 'max_tokens' }, true)).toMatchObject({
      max_tokens: 100,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('may be one for vectors', () => {
    expect(embeddingRequest(['a'], 'e')).toEqual({ model: 'e', input: ['a'], encoding_format: 'float' });
  });
});

describe('an answer', () => {
  it('is a text, its end and its price', () => {
    expect(answerIn(raw(completion(said('Odra.'))), question, settings)).toEqual({
      text: 'Odra.',
      finish: 'stop',
      model: 'm-2025-04-14',
      usage: { inputTokens: 19, outputTokens: 10 },
    });
  });

  it.each<[string, object, object]>([
    ['at its bound', said('Od', { finish_reason: 'length' }), { text: 'Od', finish: 'length' }],
    ['held back', said('', { finish_reason: 'content_filter' }), { text: '', finish: 'filter' }],
    ['refused', { message: { role: 'assistant', content: null, refusal: 'No.' } }, { text: 'No.', finish: 'filter' }],
  ])('may be %s', (_name, choice, answer) => {
    expect(answerIn(raw(completion(choice)), question, settings)).toMatchObject(answer);
  });

  it('needs no usage and no name', () => {
    const bare = { choices: [{ message: { content: 'Odra.' } }] };
    expect(answerIn(raw(bare), question, settings)).toMatchObject({ model: 'm', usage: { inputTokens: 0, outputTokens: 0 } });
  });

  it('may be JSON', () => {
    const asked = { ...question, schema: {} };
    expect(answerIn(raw(completion(said('{"rivers":["Odra"]}'))), asked, settings)).toMatchObject({
      value: { rivers: ['Odra'] },
    });
    expect(answerIn(raw(completion(said('', { finish_reason: 'content_filter' }))), asked, settings)).not.toHaveProperty('value');
    expect(faultOf(() => answerIn(raw(completion(said('Odra.'))), asked, settings))).toMatchObject({
      code: 'REMOTE_INVALID',
      retryable: true,
    });
    expect(faultOf(() => answerIn(raw(completion(said('{"ri', { finish_reason: 'length' }))), asked, settings)).message).toMatch(
      /bound/,
    );
  });

  it.each([
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['no object', 'null'],
    ['no choice', { choices: [] }],
    ['no text', completion({ message: { role: 'assistant' } })],
  ])('is refused when it is %s', (_name, body) => {
    expect(faultOf(() => answerIn(raw(body), question, settings))).toMatchObject({ code: 'REMOTE_INVALID' });
  });
});

describe('pieces', () => {
  const chunk = (delta: object, more: object = {}): string =>
    JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null, ...more }] });
  const events = (...data: string[]): string => data.map((each) => `data: ${each}\n\n`).join('');
  const price = JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } });

  it('come in their order, with the price at the end', () => {
    const body = events(
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Od' }),
      chunk({ content: 'ra' }),
      chunk({}, { finish_reason: 'stop' }),
      price,
      '[DONE]',
    );
    expect(piecesIn(raw(body))).toEqual({ pieces: ['Od', 'ra'], finish: 'stop', usage: { inputTokens: 1, outputTokens: 2 } });
    expect(piecesIn(raw(`: a comment\r\n\r\n${body.replaceAll('\n', '\r\n')}`)).pieces).toEqual(['Od', 'ra']);
  });

  it('may end without a word when the last told why', () => {
    expect(piecesIn(raw(events(chunk({ content: 'Od' }, { finish_reason: 'length' }))))).toEqual({
      pieces: ['Od'],
      finish: 'length',
      usage: { inputTokens: 0, outputTokens: 0 },
    });
  });

  it('are refused where they break off, or are followed by an error', () => {
    expect(faultOf(() => piecesIn(raw(events(chunk({ content: 'Od' })))))).toMatchObject({
      code: 'REMOTE_INVALID',
      retryable: true,
    });
    expect(faultOf(() => piecesIn(raw(events(chunk({ content: 'Od' }), '{"error":{"message":"overloaded"}}'))))).toMatchObject({
      code: 'REMOTE_ERROR',
      retryable: true,
    });
    expect(faultOf(() => piecesIn(raw('{"error":{"message":"no"}}', { status: 401 })))).toMatchObject({ status: 401 });
  });
});

describe('vectors and models', () => {
  it('come in the order of the texts', () => {
    const data = [
      { index: 1, embedding: [3, 4] },
      { index: 0, embedding: [1, 2] },
    ];
    expect(vectorsIn(raw({ data }), 2)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(faultOf(() => vectorsIn(raw({ data }), 3))).toMatchObject({ code: 'REMOTE_INVALID' });
    expect(faultOf(() => vectorsIn(raw({ data: [{ index: 0, embedding: 'AAAA' }] }), 1))).toMatchObject({
      code: 'REMOTE_INVALID',
    });
  });

  it('are listed', () => {
    expect(modelsIn(raw({ object: 'list', data: [{ id: 'm', object: 'model' }, {}] }))).toEqual(['m']);
    expect(faultOf(() => modelsIn(raw({})))).toMatchObject({ code: 'REMOTE_INVALID' });
  });
});

/** Bodies in the form that OpenAI documents for errors. */
const errorBody = (message: string, code: string | null, type = 'invalid_request_error'): object => ({
  error: { message, type, param: null, code },
});

describe('a fault', () => {
  it.each<[string, RawAnswer, Partial<Fault>]>([
    [
      'a wrong key',
      raw(errorBody('Incorrect API key provided.', 'invalid_api_key'), { status: 401 }),
      { retryable: false, reason: 'invalid_api_key' },
    ],
    [
      'too long a prompt',
      raw(errorBody('Too long.', 'context_length_exceeded'), { status: 400 }),
      { retryable: false, reason: 'context_length_exceeded' },
    ],
    [
      'too many requests',
      raw(errorBody('Slow down.', 'rate_limit_exceeded'), { status: 429, headers: { 'retry-after': '7' } }),
      { retryable: true, retryAfterMs: 7_000 },
    ],
    [
      'less than a second',
      raw(errorBody('Slow down.', null), { status: 429, headers: { 'retry-after-ms': '250', 'retry-after': '1' } }),
      { retryable: true, retryAfterMs: 250 },
    ],
    [
      'a date',
      raw('', {
        status: 503,
        headers: { date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'retry-after': 'Sun, 06 Nov 1994 08:50:37 GMT' },
      }),
      { retryable: true, retryAfterMs: 60_000 },
    ],
    [
      'no quota',
      raw(errorBody('No money.', 'insufficient_quota'), { status: 429, headers: { 'retry-after': '7' } }),
      { retryable: false, reason: 'insufficient_quota' },
    ],
    ['trouble on their side', raw('<html>', { status: 500 }), { retryable: true, message: 'The provider answered 500: <html>' }],
    ['nothing at all', raw('', { status: 404 }), { retryable: false, message: 'The provider answered 404: nothing' }],
    [
      'an error that is a text',
      raw({ error: 'model not found' }, { status: 404 }),
      { message: 'The provider answered 404: model not found' },
    ],
    ['a type without a code', raw(errorBody('Oh.', null, 'server_error'), { status: 500 }), { reason: 'server_error' }],
  ])('of %s', (_name, answer, fault) => {
    const error = faultOfAnswer(answer) as Error & { data: Fault };
    expect(error.data).toMatchObject({ code: 'REMOTE_ERROR', status: answer.status, ...fault });
    if (fault.retryAfterMs === undefined) expect(error.data).not.toHaveProperty('retryAfterMs');
  });

  it('may come with an answer of success', () => {
    expect(faultOf(() => answerIn(raw(errorBody('Oh.', 'server_error')), question, settings))).toMatchObject({
      code: 'REMOTE_ERROR',
      retryable: true,
    });
  });

  it('of the host is told on where the provider has to do with it', () => {
    const thrown = (code: string): Error => Object.assign(new TypeError('told'), { code });
    expect(faultOfHost(thrown('REMOTE_UNREACHABLE'))).toMatchObject({ data: { code: 'REMOTE_UNREACHABLE', retryable: true } });
    expect(faultOfHost(thrown('SECRET_MISSING'))).toMatchObject({ data: { code: 'SECRET_MISSING', retryable: false } });
    const denied = thrown('CAPABILITY_DENIED');
    expect(faultOfHost(denied)).toBe(denied);
    expect(faultOfHost('x')).toBe('x');
  });
});
