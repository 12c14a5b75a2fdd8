import { describe, expect, it } from 'vitest';
import { canonicalPlace, placeIncludes } from './places.ts';

describe('places', () => {
  it.each([
    ['API.Example.com', 'api.example.com'],
    ['api.example.com.', 'api.example.com'],
    ['bücher.example:8443', 'xn--bcher-kva.example:8443'],
    ['HTTPS://api.example.com:0443', 'https://api.example.com:443'],
    ['*', '*'],
    ['*:8080', '*:8080'],
    ['*.Example.com', '*.example.com'],
    ['[0:0::1]:80', '[::1]:80'],
    ['https://[2606:4700::1]', 'https://[2606:4700::1]'],
    ['0x7f.1', '127.0.0.1'],
    ['a/b', undefined],
    ['a b', undefined],
    ['x@a', undefined],
    ['a:99999', undefined],
    ['a:0', undefined],
    ['a..b', undefined],
    ['a;b', undefined],
    ['api.*.com', undefined],
    ['', undefined],
  ])('%j is written %j', (text, written) => expect(canonicalPlace(text)).toBe(written));

  it.each<[string, string, boolean]>([
    ['*', 'anything at all', true],
    ['a.example', 'a.example', true],
    ['a.example', 'a.example:443', true],
    ['a.example', 'https://a.example', true],
    ['a.example', 'a.example:8443', false],
    ['a.example:443', 'a.example', false],
    ['https://a.example', 'a.example', false],
    ['https://a.example', 'http://a.example', false],
    ['*.a.example', 'x.a.example', true],
    ['*.a.example', '*.a.example', true],
    ['*.a.example', 'x.y.a.example', false],
    ['*.a.example', 'a.example', false],
    ['*.a.example', '*.b.example', false],
    ['*:8080', 'a.example:8080', true],
    ['a.example', '*.a.example', false],
    ['a.example', 'no host', false],
    ['no host', 'a.example', false],
  ])('%j includes %j: %s', (grant, want, is) => expect(placeIncludes(grant, want)).toBe(is));
});
