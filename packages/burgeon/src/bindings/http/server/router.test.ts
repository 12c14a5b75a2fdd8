import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basePathOf } from './route.ts';
import { createRouter } from './router.ts';

const router = createRouter(
  [
    '/',
    '/a',
    '/a/',
    '/a/{x}',
    '/a/b',
    '/a/{x}/c',
    '/a/{x}.json',
    '/a/{x}.{y}',
    '/a/v{x}',
    '/{x}{y}/z',
    '/caf%C3%A9',
    '/{}',
    'bare',
  ].map((path) => ({ method: 'GET', path, value: path })),
  ['/v1', '/v1/deep', ''],
);
const find = (path: string): unknown => {
  const [match] = router.find('GET', path, '')?.matches ?? [];
  return match && [match.value, { ...match.path }];
};

describe('the most literal template wins', () => {
  it.each([
    ['/', ['/', {}]],
    ['/a', ['/a', {}]],
    ['/a/', ['/a/', {}]],
    ['/a/b', ['/a/b', {}]],
    ['/a/b/', ['/a/b', {}]],
    ['/a/%62', ['/a/b', {}]],
    ['/a/d', ['/a/{x}', { x: 'd' }]],
    ['/a/d%2Fe', ['/a/{x}', { x: 'd%2Fe' }]],
    ['/a/d/c', ['/a/{x}/c', { x: 'd' }]],
    ['/a/d.json', ['/a/{x}.json', { x: 'd' }]],
    ['/a/d.e.f', ['/a/{x}.{y}', { x: 'd', y: 'e.f' }]],
    ['/a/v7', ['/a/v{x}', { x: '7' }]],
    ['/a/v', ['/a/{x}', { x: 'v' }]],
    ['/a/.json', ['/a/{x}', { x: '.json' }]],
    ['/caf%c3%a9', ['/caf%C3%A9', {}]],
    ['/other', ['/{}', { '': 'other' }]],
    ['/bare', ['bare', {}]],
    ['/v1/a/b', ['/a/b', {}]],
    ['/v1/deep/a', ['/a', {}]],
    ['/v1', ['/', {}]],
    ['/v10/a', undefined],
    ['/a//c', undefined],
    ['/a/b/c/d', undefined],
  ])('%s', (path, found) => expect(find(path)).toEqual(found));

  it('finds every template by its own text, whatever stands in it', () => {
    const word = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.array(
            fc.oneof(
              word,
              word.map((name) => `{${name}}`),
            ),
            { minLength: 1, maxLength: 5 },
          ),
          { selector: (each) => each.map((part) => (part.startsWith('{') ? '{}' : part)).join('/') },
        ),
        (paths) => {
          const table = createRouter(paths.map((path) => ({ method: 'GET', path: `/${path.join('/')}`, value: path })));
          for (const path of paths) {
            const filled = path.map((part, index) => (part.startsWith('{') ? `0${index}` : part));
            expect(table.find('GET', `/${filled.join('/')}`, '')?.matches[0]?.value).toEqual(path);
          }
        },
      ),
    );
  });
});

describe('queries that are part of a route', () => {
  const table = createRouter([
    { method: 'GET', path: '/x', value: 'plain' },
    { method: 'GET', path: '/x', query: [['do', 'a']], value: 'a' },
    { method: 'POST', path: '/x', query: [['do', 'b']], value: 'b' },
  ]);
  const values = (method: string, query: string): unknown => table.find(method, '/x', query)?.matches.map(({ value }) => value);
  it('come first where they fit, and are forgiven where nothing else is there', () => {
    expect([values('GET', 'do=a'), values('GET', 'do=z'), values('POST', ''), values('PUT', '')]).toEqual([
      ['a', 'plain'],
      ['plain'],
      ['b'],
      [],
    ]);
    expect(table.find('PUT', '/x', '')?.methods).toEqual(['GET', 'POST']);
  });
});

describe('base paths', () => {
  it.each([
    ['https://a.example/v1/', '/v1'],
    ['//a.example/v1/v2', '/v1/v2'],
    ['/v1?x=1', '/v1'],
    ['v1', '/v1'],
    ['https://a.example', ''],
    ['', ''],
  ])('%s', (url, path) => expect(basePathOf(url)).toBe(path));
});
