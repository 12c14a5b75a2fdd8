import type { Capability, JsonObject, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { neededBy, neverObserved, observe } from './observed.ts';

const can = (kind: string, scope: JsonObject = {}): Capability => ({ kind, scope });

describe('what a call needs', () => {
  it.each<[string, string, JsonValue[], Capability[]]>([
    [
      'net.http',
      'fetch',
      ['https://a.example/x?y'],
      [can('net.http', { hosts: ['https://a.example'], methods: ['GET'], paths: ['/x'] })],
    ],
    [
      'net.http',
      'fetch',
      ['http://A.example:8080', { method: 'post', auth: 'skill/x/key' }],
      [
        can('net.http', { hosts: ['http://a.example:8080'], methods: ['POST'], paths: ['/'] }),
        can('secret.use', { names: ['skill/x/key'] }),
      ],
    ],
    ['net.http', 'fetch', ['nonsense'], []],
    ['net.http', 'fetch', ['ftp://a.example'], []],
    ['net.http', 'fetch', [null], []],
    ['net.http', 'fetch', [], []],
    ['secret.use', 'has', ['skill/x/key'], [can('secret.use', { names: ['skill/x/key'] })]],
    ['secret.use', 'has', [7], []],
    ['module.call', 'call', ['api/x@1', 'op', {}], [can('module.call', { ids: ['api/x'] })]],
    ['bus', 'publish', ['orders.new', {}], [can('bus', { topics: ['orders.new'], verbs: ['publish'] })]],
    ['clock', 'now', [], [can('clock')]],
    ['random', 'bytes', [4], [can('random')]],
    ['db', 'query', ['select 1'], [can('db')]],
    ['constructor', 'x', [], [can('constructor')]],
  ])('%s.%s %j', (kind, method, args, needed) => expect(neededBy(kind, method, args)).toEqual(needed));
});

describe('what is observed', () => {
  const http = (hosts: string[], more: JsonObject = {}): Capability => can('net.http', { hosts, ...more });
  const watched = (
    declared: Capability[],
    ...calls: [kind: string, method: string, args: JsonValue[]][]
  ): [JsonValue, JsonValue] => {
    const observation = observe(declared);
    for (const call of calls) observation.take(...call);
    return [observation.observed(), observation.outside()] as unknown as [JsonValue, JsonValue];
  };
  const fetching = (url: string, options: JsonObject = {}): [string, string, JsonValue[]] => [
    'net.http',
    'fetch',
    [url, options],
  ];

  it.each<[string, Capability[], [string, string, JsonValue[]]]>([
    ['a declared host', [http(['a.example'])], fetching('https://a.example/x')],
    ['a host of several', [http(['b.example']), http(['a.example'])], fetching('http://a.example')],
    ['a declared scheme', [http(['https://a.example'])], fetching('https://a.example')],
    ['a label of a wildcard', [http(['*.a.example'])], fetching('https://x.a.example')],
    ['a declared port', [http(['a.example:8443'])], fetching('https://a.example:8443')],
    ['a declared path', [http(['a.example'], { paths: ['/v1/*'] })], fetching('https://a.example/v1/x')],
    ['a request that is none', [http(['a.example'])], fetching('nonsense')],
    ['a kind whose scope no call tells', [can('db', { ref: 'x', tables: ['t'], verbs: ['select'] })], ['db', 'query', ['x']]],
  ])('is within what is declared: %s', (_name, declared, call) => expect(watched(declared, call)[1]).toEqual([]));

  it.each<[string, Capability[], [string, string, JsonValue[]]]>([
    ['another host', [http(['a.example'])], fetching('https://b.example')],
    ['another port', [http(['a.example'])], fetching('https://a.example:8443')],
    ['another scheme', [http(['https://a.example'])], fetching('http://a.example')],
    ['another method', [http(['a.example'], { methods: ['GET'] })], fetching('https://a.example', { method: 'DELETE' })],
    ['another path', [http(['a.example'], { paths: ['/v1/*'] })], fetching('https://a.example/v2')],
    ['a secret', [http(['a.example'])], fetching('https://a.example', { auth: 'x' })],
    ['another kind', [], ['clock', 'now', []]],
    ['an unknown kind', [], ['shell', 'run', ['ls']]],
    ['an unknown kind that is declared', [can('shell')], ['shell', 'run', ['ls']]],
    ['another module', [can('module.call', { ids: ['api/x'] })], ['module.call', 'call', ['api/y', 'op']]],
    ['another topic', [can('bus', { topics: ['a.*'] })], ['bus', 'publish', ['b.c', null]]],
  ])('is outside of it: %s', (_name, declared, call) => expect(watched(declared, call)[1]).toHaveLength(1));

  it('is told once, in short, and is bounded', () => {
    const [observed] = watched(
      [],
      fetching('https://a.example/1'),
      fetching('http://a.example/2'),
      ['clock', 'now', []],
      ['clock', 'now', []],
    );
    expect(observed).toEqual([can('clock'), http(['a.example'], { methods: ['GET'] })]);
    const many = Array.from({ length: 300 }, (_, index) => fetching(`https://h${index}.example`));
    expect(watched([], ...many).map((list) => (list as JsonValue[]).length)).toEqual([100, 100]);
  });

  it('leaves declared things over', () => {
    const declared = [http(['https://a.example'], { paths: ['/v1/*'] }), http(['b.example']), can('clock'), can('random')];
    const [observed] = watched(declared, fetching('https://a.example/v1/x'), ['clock', 'now', []]);
    expect(neverObserved(declared, observed as unknown as Capability[])).toEqual([http(['b.example']), can('random')]);
  });
});
