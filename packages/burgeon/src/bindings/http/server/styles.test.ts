import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import type { HttpBinding, HttpParameter } from '../binding.ts';
import { decode, list, parameter, query } from './fixtures/decoding.ts';

const number: JsonSchema = { type: 'number' };
const text: JsonSchema = { type: 'string' };
const mixed: JsonSchema = {
  type: 'object',
  properties: { n: number, s: text, b: { type: 'boolean' } },
  additionalProperties: false,
};

describe('what careless clients write', () => {
  const inPath = (style: HttpParameter['style'], explode: boolean): Partial<HttpBinding> => ({
    parameters: [parameter({ in: 'path', style, explode })],
  });
  const either: JsonSchema = { oneOf: [number, list(number)] };
  it.each<[string, Partial<HttpBinding>, JsonSchema, string, JsonValue]>([
    ['a label without its dot', inPath('label', false), list(number), '1,2', [1, 2]],
    ['a matrix without its semicolon', inPath('matrix', false), number, 'value=3', 3],
    ['a matrix without its name', inPath('matrix', false), number, '3', 3],
    ['one matrix value where a list may be', inPath('matrix', true), either, ';value=3', 3],
    ['several where one may be', inPath('matrix', true), either, ';value=3;value=4', [3, 4]],
    ['one value for a list', inPath('matrix', true), list(number), ';value=3', [3]],
    ['an exploded object', inPath('matrix', true), mixed, ';n=1;s', { n: 1, s: '' }],
    ['an object under its name after all', inPath('matrix', true), mixed, ';value=n,1', { n: 1 }],
    ['JSON in a path', inPath('simple', false), mixed, '%7B%22n%22:1%7D', { n: 1 }],
    ['a name without its value', inPath('simple', true), mixed, 'n=1,s', { n: 1, s: '' }],
    ['a name alone', inPath('simple', false), mixed, 'n,1,s', { n: 1 }],
  ])('%s', (...[, binding, schema, value, expected]) => {
    expect(decode(binding, { value: schema }, { path: { value } }).input).toEqual({ value: expected });
  });

  it.each<[string, Partial<HttpBinding>, JsonSchema, string, JsonValue | undefined]>([
    ['a name without a value', query('form', true), text, 'value', ''],
    ['pairs of nothing', query('form', true), text, '&&value=a&', 'a'],
    ['one value where a list may be', query('form', true), either, 'value=3', 3],
    ['several where one may be', query('form', true), either, 'value=3&value=4', [3, 4]],
    ['an object in its own name', query('form', true), mixed, 'value=n,1', { n: 1 }],
    ['names beside a closed object', query('form', true), mixed, 'other=1', undefined],
    ['a list in brackets', query('form', false), list(text), 'value=%5B%22a%2Cb%22%5D', ['a,b']],
    ['a list in brackets that is none', query('form', false), list(text), 'value=%5Ba%2Cb', ['[a,b']],
    ['a deep value without brackets', query('deepObject', true), mixed, 'value=%7B%22n%22%3A1%7D', { n: 1 }],
    ['a deep value twice', query('deepObject', true), mixed, 'value[n]=1&value[n]=2', { n: 1 }],
    ['a deep value and what is below it', query('deepObject', true), mixed, 'value[n]=1&value[n][x]=2', { n: { x: '2' } }],
    ['a deep list with one member', query('deepObject', true), { properties: { a: either } }, 'value[a]=1', { a: 1 }],
    [
      'a deep list of lists',
      query('deepObject', true),
      list(list(number)),
      'value[0][]=1&value[0][]=2&value[1]=3',
      [[1, 2], [3]],
    ],
    ['nothing deep', query('deepObject', true), mixed, 'valued[n]=1', undefined],
  ])('%s', (...[, binding, schema, given, expected]) => {
    const { input } = decode(binding, { value: schema }, { query: given });
    expect(input).toEqual(expected === undefined ? {} : { value: expected });
  });

  it.each<[string, HttpParameter['in'], string, JsonSchema, JsonValue]>([
    ['text in a path', 'path', 'text/plain', text, 'a b=1'],
    ['text in a header', 'header', 'text/plain', text, 'a%20b=1'],
    ['text in a query', 'query', 'text/plain', text, 'a b=1'],
    ['text in a cookie', 'cookie', 'text/plain', text, 'a b=1'],
    ['a form in a header', 'header', 'application/x-www-form-urlencoded', { type: 'object' }, { 'a b': '1' }],
    [
      'a list in such a form',
      'path',
      'application/x-www-form-urlencoded',
      { properties: { 'a b': list(number) } },
      { 'a b': [1] },
    ],
  ])('%s', (...[, place, mediaType, schema, expected]) => {
    const binding = { parameters: [parameter({ in: place, style: 'form', explode: true, mediaType })] };
    const raw = 'a%20b=1';
    const given = {
      path: { value: raw },
      query: `value=${raw}`,
      headers: { value: raw, cookie: `value=${raw}` },
    };
    expect(decode(binding, { value: schema }, given).input).toEqual({ value: expected });
    expect(decode(binding, { value: schema }, {}).input).toEqual({});
  });

  it('a whole query string of any type, and none', () => {
    const whole = (mediaType?: string): Partial<HttpBinding> => ({
      parameters: [
        parameter({ in: 'querystring', style: 'form', explode: true, ...(mediaType === undefined ? {} : { mediaType }) }),
      ],
    });
    expect(decode(whole('text/plain'), { value: text }, { query: 'a%20b' }).input).toEqual({ value: 'a b' });
    expect(decode(whole(), { value: { type: 'object' } }, { query: 'a=1&a=2&b' }).input).toEqual({
      value: { a: ['1', '2'], b: '' },
    });
    expect(decode(whole(), { value: { type: 'object' } }, {}).input).toEqual({});
    expect(decode(whole('text/plain'), { value: text }, {}).input).toEqual({});
  });

  it('takes a property nobody described', () => {
    const binding = { parameters: [parameter({ in: 'query', style: 'form', explode: true, property: '__proto__' })] };
    expect(Object.keys(decode(binding, {}, { query: 'value=1' }).input)).toEqual(['__proto__']);
  });
});
