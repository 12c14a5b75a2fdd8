import { describe, expect, it } from 'vitest';
import { percentEncodeReserved } from './percent.ts';
import { type Writing, writeCookie, writeHeader, writePath, writeQuery } from './serialize.ts';
import type { HttpStyle } from './types.ts';

const color = (style: HttpStyle, explode: boolean): Writing => ({ name: 'color', style, explode });
const string = 'blue';
const array = ['blue', 'black', 'brown'];
const object = { R: 100, G: 200, B: 150 };

/** The style examples of OpenAPI 3.2: style, explode, empty, string, array, object. @see https://spec.openapis.org/oas/v3.2.0#style-examples */
const paths: [HttpStyle, boolean, string, string, string, string][] = [
  ['matrix', false, ';color', ';color=blue', ';color=blue,black,brown', ';color=R,100,G,200,B,150'],
  ['matrix', true, ';color', ';color=blue', ';color=blue;color=black;color=brown', ';R=100;G=200;B=150'],
  ['label', false, '.', '.blue', '.blue,black,brown', '.R,100,G,200,B,150'],
  ['label', true, '.', '.blue', '.blue.black.brown', '.R=100.G=200.B=150'],
  ['simple', false, '', 'blue', 'blue,black,brown', 'R,100,G,200,B,150'],
  ['simple', true, '', 'blue', 'blue,black,brown', 'R=100,G=200,B=150'],
];

const queries: [HttpStyle, boolean, string, string, string, string][] = [
  ['form', false, 'color=', 'color=blue', 'color=blue,black,brown', 'color=R,100,G,200,B,150'],
  ['form', true, 'color=', 'color=blue', 'color=blue&color=black&color=brown', 'R=100&G=200&B=150'],
  ['spaceDelimited', false, 'color=', 'color=blue', 'color=blue%20black%20brown', 'color=R%20100%20G%20200%20B%20150'],
  ['pipeDelimited', false, 'color=', 'color=blue', 'color=blue%7Cblack%7Cbrown', 'color=R%7C100%7CG%7C200%7CB%7C150'],
  ['tabDelimited', false, 'color=', 'color=blue', 'color=blue%09black%09brown', 'color=R%09100%09G%09200%09B%09150'],
  [
    'deepObject',
    true,
    'color=',
    'color=blue',
    'color%5B0%5D=blue&color%5B1%5D=black&color%5B2%5D=brown',
    'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150',
  ],
];

describe('style examples of OpenAPI 3.2', () => {
  it.each(paths)('path %s explode=%s', (style, explode, empty, ...rest) => {
    expect(writePath(color(style, explode), '')).toBe(empty);
    expect([string, array, object].map((value) => writePath(color(style, explode), value))).toEqual(rest);
  });

  it.each(queries)('query %s explode=%s', (style, explode, empty, ...rest) => {
    expect(writeQuery(color(style, explode), '').join('&')).toBe(empty);
    expect([string, array, object].map((value) => writeQuery(color(style, explode), value).join('&'))).toEqual(rest);
  });

  it.each([
    ['cookie', false, 'color=blue', 'color=blue,black,brown', 'color=R,100,G,200,B,150'],
    ['cookie', true, 'color=blue', 'color=blue; color=black; color=brown', 'R=100; G=200; B=150'],
    ['form', false, 'color=blue', 'color=blue,black,brown', 'color=R,100,G,200,B,150'],
  ] as const)('cookie %s explode=%s', (style, explode, ...rest) => {
    expect([string, array, object].map((value) => writeCookie(color(style, explode), value).join('; '))).toEqual(rest);
  });

  it('writes headers without encoding', () => {
    const values = ['a b', array, object].map((value) => writeHeader(color('simple', false), value));
    expect(values).toEqual(['a b', 'blue,black,brown', 'R,100,G,200,B,150']);
    expect(writeHeader(color('simple', true), object)).toBe('R=100,G=200,B=150');
  });

  it('encodes cookies in style form and leaves them in style cookie', () => {
    expect(writeCookie(color('form', true), 'a b=c')).toEqual(['color=a%20b%3Dc']);
    expect(writeCookie(color('cookie', true), 'a=b')).toEqual(['color=a=b']);
  });
});

/** Variables and expressions of RFC 6570, as far as the styles reach. @see RFC 6570 section 3.2 */
describe('RFC 6570', () => {
  const list = ['red', 'green', 'blue'];
  const keys = { semi: ';', dot: '.', comma: ',' };
  const path = (style: HttpStyle, explode: boolean, name: string, value: unknown): string =>
    writePath({ name, style, explode }, value);
  const query = (explode: boolean, name: string, value: unknown): string =>
    writeQuery({ name, style: 'form', explode }, value).join('&');

  it.each([
    ['{var}', path('simple', false, 'var', 'value'), 'value'],
    ['{hello}', path('simple', false, 'hello', 'Hello World!'), 'Hello%20World%21'],
    ['{half}', path('simple', false, 'half', '50%'), '50%25'],
    ['{list}', path('simple', false, 'list', list), 'red,green,blue'],
    ['{list*}', path('simple', true, 'list', list), 'red,green,blue'],
    ['{keys}', path('simple', false, 'keys', keys), 'semi,%3B,dot,.,comma,%2C'],
    ['{keys*}', path('simple', true, 'keys', keys), 'semi=%3B,dot=.,comma=%2C'],
    ['{.who}', path('label', false, 'who', 'fred'), '.fred'],
    ['{.list}', path('label', false, 'list', list), '.red,green,blue'],
    ['{.list*}', path('label', true, 'list', list), '.red.green.blue'],
    ['{.keys}', path('label', false, 'keys', keys), '.semi,%3B,dot,.,comma,%2C'],
    ['{.keys*}', path('label', true, 'keys', keys), '.semi=%3B.dot=..comma=%2C'],
    ['{.empty_keys}', path('label', false, 'empty_keys', {}), ''],
    ['{;who}', path('matrix', false, 'who', 'fred'), ';who=fred'],
    ['{;half}', path('matrix', false, 'half', '50%'), ';half=50%25'],
    ['{;empty}', path('matrix', false, 'empty', ''), ';empty'],
    ['{;list}', path('matrix', false, 'list', list), ';list=red,green,blue'],
    ['{;list*}', path('matrix', true, 'list', list), ';list=red;list=green;list=blue'],
    ['{;keys}', path('matrix', false, 'keys', keys), ';keys=semi,%3B,dot,.,comma,%2C'],
    ['{;keys*}', path('matrix', true, 'keys', keys), ';semi=%3B;dot=.;comma=%2C'],
    ['{;empty_list}', path('matrix', true, 'l', []), ''],
    ['{?who}', query(false, 'who', 'fred'), 'who=fred'],
    ['{?half}', query(false, 'half', '50%'), 'half=50%25'],
    ['{?empty}', query(false, 'empty', ''), 'empty='],
    ['{?list}', query(false, 'list', list), 'list=red,green,blue'],
    ['{?list*}', query(true, 'list', list), 'list=red&list=green&list=blue'],
    ['{?keys}', query(false, 'keys', keys), 'keys=semi,%3B,dot,.,comma,%2C'],
    ['{?keys*}', query(true, 'keys', keys), 'semi=%3B&dot=.&comma=%2C'],
    ['{?empty_keys*}', query(true, 'k', {}), ''],
  ])('%s', (_expression, written, expected) => expect(written).toBe(expected));

  it.each([
    ['path', 'path', '/foo/bar', '%2Ffoo%2Fbar'],
    ['hello', 'query', 'Hello World!', 'Hello%20World!'],
    ['half', 'query', '50%', '50%25'],
    ['triplet', 'query', '%20', '%20'],
    ['address', 'query', 'https://e.org/?a=1&b=[2]#f', 'https://e.org/?a=1%26b=%5B2%5D%23f'],
    ['plus', 'query', '1+1', '1%2B1'],
  ] as const)('reserved: %s in a %s', (_name, place, text, expected) =>
    expect(percentEncodeReserved(text, place)).toBe(expected),
  );
});

describe('values', () => {
  it('passes undefined and null over, in lists and objects too', () => {
    const writing = color('form', true);
    expect(writeQuery(writing, undefined)).toEqual([]);
    expect(writeQuery(writing, null)).toEqual([]);
    expect(writeQuery({ ...writing, keepEmpty: true }, null)).toEqual(['color=']);
    expect(writeQuery(writing, ['a', null, undefined, 'b'])).toEqual(['color=a', 'color=b']);
    expect(writeQuery(writing, { a: 1, b: null, c: undefined })).toEqual(['a=1']);
    expect(writePath(color('matrix', true), null)).toBe('');
    expect(writeHeader(color('simple', true), null)).toBeUndefined();
    expect(writeCookie(color('form', true), undefined)).toEqual([]);
  });

  it('keeps a required empty list as the bare name', () => {
    expect(writeQuery({ ...color('form', true), keepEmpty: true }, [])).toEqual(['color=']);
    expect(writeQuery(color('form', false), [])).toEqual([]);
  });

  it('writes numbers, booleans, dates, bytes and nested values as text', () => {
    const values = [1.5, true, new Date(0), new Uint8Array([251, 255]), [{ a: 1 }], 2n ** 64n];
    const written = values
      .flatMap((value) => writeQuery(color('form', true), value))
      .map((pair) => decodeURIComponent(pair.slice(6)));
    expect(written).toEqual(['1.5', 'true', '1970-01-01T00:00:00.000Z', '+/8=', '{"a":1}', '18446744073709551616']);
  });

  it('writes nested deep objects, and JSON below the depth bound', () => {
    expect(writeQuery(color('deepObject', true), { a: { b: [1, { c: 'x&y' }] }, d: null, e: new Date(0) })).toEqual([
      'color%5Ba%5D%5Bb%5D%5B0%5D=1',
      'color%5Ba%5D%5Bb%5D%5B1%5D%5Bc%5D=x%26y',
      'color%5Be%5D=1970-01-01T00%3A00%3A00.000Z',
    ]);
    let deep: Record<string, unknown> = { end: true };
    for (let depth = 0; depth < 100; depth += 1) deep = { a: deep };
    expect(writeQuery(color('deepObject', true), deep).join('')).toContain('%7B%22a%22');
  });

  it('replaces lone surrogates and encodes names', () => {
    expect(writeQuery({ name: 'a b', style: 'form', explode: true }, '\ud800')).toEqual(['a%20b=%EF%BF%BD']);
    expect(writePath({ name: 'a/b', style: 'matrix', explode: false }, 'x')).toBe(';a%2Fb=x');
    expect(writePath({ name: 'a', style: 'simple', explode: false, allowReserved: true }, 'x:y/z')).toBe('x:y%2Fz');
  });
});
