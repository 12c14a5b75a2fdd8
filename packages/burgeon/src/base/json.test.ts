import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asText, canonicalJson, cloneJson, define, digestOf, isObject, pointerOf, pointerPath, sha256, valueAt } from './json.ts';

describe('canonicalJson', () => {
  it('is the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
        expect(digestOf(shuffled)).toBe(digestOf(value));
      }),
    );
  });

  it('is JSON for the same value', () => {
    // Negative zero has no form of its own in JSON (RFC 8785 section 3.2.2.3).
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('leaves undefined out of objects and writes null for it in arrays', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
    expect(canonicalJson([undefined, 1])).toBe('[null,1]');
    expect(canonicalJson(undefined)).toBe('null');
  });
});

describe('JSON pointers', () => {
  it('go there and back', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (path) => {
        expect(pointerPath(pointerOf(path))).toEqual(path);
      }),
    );
  });

  it.each([
    ['', { a: 1 }, { a: 1 }],
    ['/a~1b/1', { 'a/b': [1, 2] }, 2],
    ['/toString', {}, undefined],
    ['/a/b', { a: null }, undefined],
    ['/__proto__', {}, undefined],
  ])('%j of %j is %j', (pointer, root, expected) => {
    expect(valueAt(root, pointer)).toEqual(expected);
  });
});

describe('small things', () => {
  it('defines even the key that is not a key', () => {
    const target: Record<string, unknown> = {};
    define(target, '__proto__', { polluted: true });
    define(target, 'plain', 1);
    expect(Object.keys(target)).toEqual(['__proto__', 'plain']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('writes anything as text', () => {
    expect([asText('a'), asText(1), asText(undefined), asText({ a: null }), asText(null)]).toEqual([
      'a',
      '1',
      '',
      '{"a":null}',
      'null',
    ]);
  });

  it('knows objects', () => {
    expect([{}, [], null, 'x', 1].map(isObject)).toEqual([true, false, false, false, false]);
  });

  it('copies deeply and digests', () => {
    const value = { a: [1] };
    expect(cloneJson(value)).toEqual(value);
    expect(cloneJson(value).a).not.toBe(value.a);
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
