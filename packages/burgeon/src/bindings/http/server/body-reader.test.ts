import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import type { HttpBinding, HttpContent } from '../binding.ts';
import { bodyOf, content, decode, list } from './fixtures/decoding.ts';

const number: JsonSchema = { type: 'number' };
const text: JsonSchema = { type: 'string' };
const mixed: JsonSchema = {
  type: 'object',
  properties: { n: number, s: text, b: { type: 'boolean' } },
  additionalProperties: false,
};
const bytes: JsonSchema = { type: 'string', contentEncoding: 'base64' };

describe('payloads of careless clients', () => {
  const form = (schema: JsonSchema, more: Partial<HttpContent> = {}): Partial<HttpBinding> =>
    bodyOf(content('application/x-www-form-urlencoded', schema, more));
  const bodyIn = (binding: Partial<HttpBinding>, type: string | undefined, body: string | Buffer): unknown => {
    const headers = type === undefined ? {} : { 'content-type': type };
    return decode(binding, {}, { headers, body: Buffer.from(body) }).input['body'];
  };
  const urlencoded = 'application/x-www-form-urlencoded';

  it.each<[string, JsonSchema, Partial<HttpContent>, string, JsonValue]>([
    ['names nobody described', { type: 'object' }, {}, 'a=1&b=2&b=3&c', { a: '1', b: ['2', '3'], c: '' }],
    ['names with a described form', { type: 'object', additionalProperties: number }, {}, 'a=1', { a: 1 }],
    ['lists with a described form', { type: 'object', additionalProperties: list(number) }, {}, 'a=1', { a: [1] }],
    ['a text instead of a form', text, {}, 'a=1', 'a=1'],
    ['anything', true, {}, 'a=1', { a: '1' }],
    [
      'an object without a way of its own',
      { properties: { o: { type: 'object', properties: { a: number } } } },
      {},
      'a=1',
      { a: '1' },
    ],
    [
      'an object that is exploded',
      { properties: { o: { type: 'object', properties: { a: number } } } },
      { encoding: { o: { style: 'form', explode: true } } },
      'a=1',
      { o: { a: 1 }, a: '1' },
    ],
    ['a prototype key', { type: 'object' }, { encoding: {} }, '__proto__=x', JSON.parse('{"__proto__":"x"}') as JsonValue],
  ])('%s', (...[, schema, more, body, expected]) => {
    expect(bodyIn(form(schema, more), urlencoded, body)).toEqual(expected);
  });

  const parts = (...given: string[]): string => [...given.map((part) => `--x\r\n${part}\r\n`), '--x--\r\n'].join('');
  const named = (name: string, value: string, type?: string): string =>
    `content-disposition: form-data; name="${name}"${type === undefined ? '' : `\r\ncontent-type: ${type}`}\r\n\r\n${value}`;
  it.each<[string, JsonSchema, string, JsonValue]>([
    ['broken JSON in a part stays text', { type: 'object' }, parts(named('a', '{', 'application/json')), { a: '{' }],
    ['JSON that is a list', { type: 'object' }, parts(named('a', '[1]', 'application/json')), { a: [1] }],
    ['one part of a list', { properties: { a: list(number) } }, parts(named('a', '1')), { a: [1] }],
    ['several parts of a name', { type: 'object' }, parts(named('a', '1'), named('a', '2')), { a: ['1', '2'] }],
    ['bytes by their type', { type: 'object' }, parts(named('a', 'b', 'image/png')), { a: 'Yg==' }],
    [
      'an object under a type of bytes',
      { properties: { a: mixed } },
      parts(named('a', '{"n":1}', 'application/octet-stream')),
      { a: { n: 1 } },
    ],
    ['a part without a name beside one with', list(number), parts('\r\n5', named('a', '1')), { '': '5', a: '1' }],
    ['parts without names where no list is meant', { type: 'object' }, parts('\r\n5'), { '': '5' }],
  ])('%s', (...[, schema, body, expected]) => {
    const binding = bodyOf(content('multipart/form-data', schema));
    expect(bodyIn(binding, 'multipart/form-data; boundary=x', body)).toEqual(expected);
  });

  it.each<[string, string, JsonSchema, string, JsonValue]>([
    ['JSON under the name of XML', 'application/xml', { type: 'object' }, ' {"a":1}', { a: 1 }],
    ['a text under the name of XML', 'application/xml', text, '<a>', '<a>'],
    ['empty lines', 'application/jsonl', list(number), '1\n\n2\n', [1, 2]],
    ['brackets that close', 'application/json', true, `[${'[],'.repeat(600)}0]`, [...Array<JsonValue>(600).fill([]), 0]],
    ['a byte order mark', 'application/json', true, '\ufeff1', 1],
    ['a charset in capitals and quotes', 'text/plain; charset="UTF8"', text, 'é', 'é'],
  ])('%s', (...[, mediaType, schema, body, expected]) => {
    expect(bodyIn(bodyOf(content(mediaType, schema)), mediaType, body)).toEqual(expected);
  });

  it('lets a payload be missing that need not be there, and asks for one that must', () => {
    const optional = (mediaType: string): Partial<HttpBinding> => ({
      body: { property: 'body', required: false, contents: [content(mediaType, text)] },
    });
    expect(bodyIn(optional('text/plain'), 'text/plain', '')).toBeUndefined();
    expect(bodyIn(optional('text/plain'), undefined, 'a')).toBe('a');
    expect(bodyIn(bodyOf(content('multipart/form-data', {})), 'multipart/form-data; boundary=x', '')).toBeUndefined();
  });

  it('says what came where a range of types is taken', () => {
    const binding = bodyOf(content('image/*', bytes), content('text/plain', text));
    const came = (type: string): unknown =>
      decode(binding, {}, { headers: { 'content-type': type }, body: Buffer.from('a') }).input;
    expect(came('image/png')).toEqual({ body: 'YQ==', contentType: 'image/png' });
    expect(decode(binding, {}, { body: Buffer.from('a') }).input).toEqual({ body: 'YQ==', contentType: 'image/*' });
  });
});
