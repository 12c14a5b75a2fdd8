import { describe, expect, it } from 'vitest';
import { clientOf, operationOf, serve } from '../fixtures/web.ts';
import { AnswerError, HttpError } from './errors.ts';
import type { WireBinding, ClientOptions } from './types.ts';

describe('answers', () => {
  const given = async (
    headers: Record<string, string>,
    body: string | Buffer,
    options: { status?: number; responses?: WireBinding['responses'] } & Partial<ClientOptions> = {},
  ): Promise<unknown> => {
    const url = await serve((_request, response) => response.writeHead(options.status ?? 200, headers).end(body));
    return (await clientOf(url, operationOf({ responses: options.responses ?? [] }), options).call('test')).output;
  };
  const documented = (mediaType: string, more: object = {}): WireBinding['responses'] => [
    { status: '2XX', contents: [{ mediaType, ...more }] },
  ];

  it.each([
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/vnd.x+json; charset=utf-8', '[1]', [1]],
    ['application/json', '', null],
    ['text/plain', '', ''],
    ['text/html; charset=iso-8859-1', Buffer.from([0xe9]), 'é'],
    ['text/plain; charset=unheard-of', 'x', 'x'],
    ['application/xml', '<a/>', '<a/>'],
    ['image/png', Buffer.from([1, 2]), new Uint8Array([1, 2])],
    ['application/x-www-form-urlencoded', 'a=1&b=2&b=3', { a: '1', b: ['2', '3'] }],
    ['application/x-ndjson', '1\n\n{"a":2}\r\n', [1, { a: 2 }]],
    ['application/json-seq', '\u001e1\n\u001e{"a":\n2}\n', [1, { a: 2 }]],
    ['text/event-stream', 'data: 1\n\ndata: x\n\n', [1, 'x']],
  ])('%s', async (type, body, output) => expect(await given({ 'content-type': type }, body)).toEqual(output));

  it.each([
    ['{"a":12345678901234567890}', { a: '12345678901234567890' }],
    ['[-9223372036854775808,9007199254740993]', [-9223372036854775808, '9007199254740993']],
    ['[9007199254740992,1e300,100000000000000000000]', [9007199254740992, 1e300, 1e20]],
    ['{"a":"12345678901234567890","b":0.12345678901234567890}', { a: '12345678901234567890', b: 0.12345678901234568 }],
  ])('keeps every digit of whole numbers: %s', async (body, output) =>
    expect(await given({ 'content-type': 'application/json' }, body)).toEqual(output),
  );

  it.each<[string, Record<string, string>, string | Buffer]>([
    ['a number beyond every double', { 'content-type': 'application/json' }, '{"a":1e400}'],
    ['bytes that are no UTF-8', { 'content-type': 'application/json' }, Buffer.from([0x22, 0xff, 0x22])],
    ['the same, said to be UTF-8', { 'content-type': 'application/json; charset=UTF8' }, Buffer.from([0x22, 0xff, 0x22])],
  ])('is none with %s', async (_, headers, body) => {
    await expect(given(headers, body)).rejects.toBeInstanceOf(AnswerError);
  });

  it('shows an error as well as it can be read', async () => {
    const failed = given({ 'content-type': 'application/json' }, Buffer.from([0x22, 0xff, 0x22]), { status: 500 });
    await expect(failed).rejects.toMatchObject({ status: 500, body: '\ufffd' });
  });

  it('goes by the description where the answer does not say what it is', async () => {
    expect(await given({}, '{"a":1}', { responses: documented('application/json') })).toEqual({ a: 1 });
    expect(await given({}, '{"a":1}')).toEqual({ a: 1 });
    expect(await given({}, 'plain', { responses: documented('*/*') })).toBe('plain');
    expect(await given({}, 'ab', { responses: documented('image/png'), bytes: 'base64' })).toBe('YWI=');
    expect(await given({}, '')).toBeNull();
  });

  it('believes the description about bytes and structured text', async () => {
    expect(
      await given({ 'content-type': 'text/csv' }, 'ab', { responses: documented('text/csv', { bytes: true }), bytes: 'base64' }),
    ).toBe('YWI=');
    expect(
      await given({ 'content-type': 'text/plain' }, '5', { responses: documented('text/plain', { structured: true }) }),
    ).toBe(5);
    expect(await given({ 'content-type': 'text/html' }, '{"a":1}', { responses: documented('application/json') })).toEqual({
      a: 1,
    });
  });

  it('gives null for a status without content, and redirects that are documented', async () => {
    expect(await given({ 'content-type': 'text/plain' }, '', { status: 204 })).toBeNull();
    expect(await given({}, '', { status: 304, responses: [{ status: '304', contents: [] }] })).toBeNull();
    await expect(given({}, '', { status: 304 })).rejects.toMatchObject({ status: 304 });
  });

  it('throws the status with the parsed body and its text', async () => {
    const call = given({ 'content-type': 'application/problem+json', 'x-a': 'b' }, '{"title":"no"}', { status: 404 });
    await expect(call).rejects.toBeInstanceOf(HttpError);
    await expect(call).rejects.toMatchObject({
      status: 404,
      body: { title: 'no' },
      raw: '{"title":"no"}',
      operation: 'test',
      headers: { 'x-a': 'b' },
    });
    await expect(given({ 'content-type': 'application/json' }, '<html>', { status: 400 })).rejects.toMatchObject({
      body: '<html>',
    });
  });

  it('says that a success is not what it claims to be', async () => {
    await expect(given({ 'content-type': 'application/json' }, '<html>')).rejects.toBeInstanceOf(AnswerError);
    await expect(given({ 'content-type': 'application/x-ndjson' }, '{')).rejects.toMatchObject({
      message: expect.stringContaining('x-ndjson'),
    });
  });
});
