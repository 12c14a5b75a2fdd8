import { describe, expect, it } from 'vitest';
import { negotiate, readPrefer } from './negotiate.ts';

const types = ['application/json', 'text/plain; charset=utf-8', 'image/*', 'application/problem+json'];

describe('Accept', () => {
  it.each([
    [undefined, 0],
    ['', 0],
    ['*/*', 0],
    ['text/plain', 1],
    ['text/*', 1],
    ['image/png', 2],
    ['image/*, text/plain;q=0.5', 2],
    ['application/json;q=0.1, text/plain;q=0.2', 1],
    ['application/json;q=0, */*;q=0.1', 1],
    ['application/problem+json', 3],
    ['application/vnd.x+json', 0],
    ['video/mp4', -1],
    ['video/mp4, *;q=0.1', 0],
    [',,', -1],
  ])('%s', (accept, index) => expect(negotiate(accept, types)).toBe(index));

  it('finds nothing in nothing, and any of anything', () => {
    expect(negotiate(undefined, [])).toBe(-1);
    expect(negotiate('video/mp4', ['*/*'])).toBe(0);
  });
});

describe('Prefer', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['code', undefined],
    ['code=4xx', { code: '4XX' }],
    [['code=200', 'dynamic'], { code: '200', dynamic: true }],
    ['example=', undefined],
  ])('%o', (header, variant) => expect(readPrefer(header)).toEqual(variant));
});
