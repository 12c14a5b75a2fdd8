import type { Capability, JsonObject } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalCapabilities,
  capabilitiesDigest,
  checkCapability,
  covers,
  diffCapabilities,
  vocabulary,
} from './capabilities.ts';
import { hashCode, newCode, normaliseCode, sameText } from './codes.ts';

const can = (kind: string, scope: JsonObject = {}): Capability => ({ kind, scope });
const reach = (hosts: string[], rest: JsonObject = {}): Capability => can('net.http', { hosts, ...rest });

describe('judging a capability', () => {
  it.each([
    reach(['api.example.com'], { methods: ['GET'], paths: ['/v1/*'], private: true }),
    can('net.socket', { hosts: ['db.example.com:5432'] }),
    can('db', { ref: 'db/chinook/connection', tables: ['Album'], verbs: ['select', 'INSERT'] }),
    can('bus', { topics: ['orders.*'], verbs: ['publish', 'Subscribe', 'request'] }),
    can('fs', { globs: ['data/**'], mode: 'write' }),
    can('secret.use', { names: ['api/x/key'] }),
    can('model', { classes: ['small'], budget: 1 }),
    can('module.call', { ids: ['api/petstore'] }),
    can('clock'),
    can('random'),
  ])('finds nothing in $kind', (capability) => {
    expect(checkCapability(capability)).toEqual([]);
  });

  it('speaks of every kind above', () => {
    expect(Object.keys(vocabulary)).toHaveLength(10);
  });

  it.each<[string, unknown, string, string]>([
    ['an unknown kind', can('shell'), 'capability-unknown', '/kind'],
    ['a kind from the prototype', can('constructor'), 'capability-unknown', '/kind'],
    ['a kind that is no text', { kind: 7, scope: {} }, 'capability-unknown', '/kind'],
    ['no scope', { kind: 'clock' }, 'capability-scope', '/scope'],
    ['an unknown part', can('clock', { zone: 'x' }), 'capability-scope', '/scope/zone'],
    ['a missing part', can('net.http'), 'capability-scope', '/scope/hosts'],
    ['an empty list', reach([]), 'capability-scope', '/scope/hosts'],
    ['an empty text', reach(['']), 'capability-scope', '/scope/hosts'],
    ['a number among texts', can('bus', { topics: [1] }), 'capability-scope', '/scope/topics'],
    ['an unknown verb', can('db', { ref: 'x', tables: ['t'], verbs: ['drop'] }), 'capability-scope', '/scope/verbs'],
    ['an unknown verb of the bus', can('bus', { topics: ['a'], verbs: ['shout'] }), 'capability-scope', '/scope/verbs'],
    ['an unknown mode', can('fs', { globs: ['x'], mode: 'execute' }), 'capability-scope', '/scope/mode'],
    ['a reference that is a list', can('db', { ref: ['x'], tables: ['t'], verbs: ['select'] }), 'capability-scope', '/scope/ref'],
    ['a budget below nothing', can('model', { classes: ['a'], budget: -1 }), 'capability-scope', '/scope/budget'],
    ['a flag that is none', reach(['x'], { private: 'yes' }), 'capability-scope', '/scope/private'],
  ])('sees %s', (_, capability, code, path) => {
    expect(checkCapability(capability as Capability)).toMatchObject([{ severity: 'error', code, path, from: 'capabilities' }]);
  });
});

describe('the canonical form', () => {
  const messy = [
    can('random'),
    reach(['B.example.com', 'a.example.com', 'b.EXAMPLE.com'], { methods: ['post', 'get'] }),
    can('random'),
  ];

  it('sorts, lowers and leaves out what is said twice', () => {
    expect(canonicalCapabilities(messy)).toEqual([
      reach(['a.example.com', 'b.example.com'], { methods: ['GET', 'POST'] }),
      can('random'),
    ]);
  });

  it('gives one digest for all orders', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(messy, { minLength: 3 }), (list) => {
        expect(capabilitiesDigest(list)).toBe(capabilitiesDigest(messy));
      }),
    );
    expect(capabilitiesDigest([])).not.toBe(capabilitiesDigest([can('clock')]));
  });

  it('stays what it is when written again', () => {
    const once = canonicalCapabilities(messy);
    expect(canonicalCapabilities(once)).toEqual(once);
  });

  it('keeps what it does not know', () => {
    const odd = [can('odd', JSON.parse('{"__proto__":["b","a"],"n":1}') as JsonObject)];
    expect(JSON.stringify(canonicalCapabilities(odd))).toBe(JSON.stringify(odd));
  });
});

describe('covering', () => {
  const db = (tables: string[], verbs: string[], ref = 'x'): Capability => can('db', { ref, tables, verbs });
  it.each<[boolean, Capability, Capability]>([
    [true, reach(['a.com', 'b.com']), reach(['A.com'])],
    [false, reach(['a.com']), reach(['a.com', 'b.com'])],
    [true, reach(['*.a.com']), reach(['x.a.com'])],
    [false, reach(['*.a.com']), reach(['a.com'])],
    [false, reach(['*.a.com']), reach(['x.y.a.com'])],
    [false, reach(['*.a.com']), reach(['xa.com'])],
    [false, reach(['*.a.com']), reach(['*.b.a.com'])],
    [true, reach(['*']), reach(['anything.com'])],
    [true, reach(['*.a.com']), reach(['*.a.com'])],
    [true, reach(['a.com']), reach(['a.com'], { methods: ['GET'] })],
    [false, reach(['a.com'], { methods: ['GET'] }), reach(['a.com'])],
    [false, reach(['a.com'], { methods: ['GET'] }), reach(['a.com'], { methods: ['POST'] })],
    [true, reach(['a.com'], { paths: ['/v1/*'] }), reach(['a.com'], { paths: ['/v1/pets'] })],
    [false, reach(['a.com'], { paths: ['/v1/*'] }), reach(['a.com'], { paths: ['/v1/../admin'] })],
    [false, reach(['a.com']), reach(['a.com'], { private: true })],
    [true, reach(['a.com'], { private: true }), reach(['a.com'])],
    [true, db(['a', 'b'], ['select', 'insert']), db(['a'], ['select'])],
    [false, db(['a'], ['select']), db(['a'], ['delete'])],
    [false, db(['a'], ['select']), db(['a'], ['select'], 'y')],
    [true, can('fs', { globs: ['data/**'], mode: 'write' }), can('fs', { globs: ['data/x'], mode: 'read' })],
    [false, can('fs', { globs: ['data/**'], mode: 'read' }), can('fs', { globs: ['data/x'], mode: 'write' })],
    [false, can('fs', { globs: ['data/**'], mode: 'odd' }), can('fs', { globs: ['data/x'], mode: 'odd' })],
    [true, can('model', { classes: ['a'], budget: 2 }), can('model', { classes: ['a'], budget: 1 })],
    [false, can('model', { classes: ['a'], budget: 2 }), can('model', { classes: ['a'], budget: 3 })],
    [false, can('model', { classes: ['a'], budget: 2 }), can('model', { classes: ['a'] })],
    [true, can('clock'), can('clock')],
    [false, can('clock'), can('random')],
    [false, can('shell'), can('shell')],
    [false, can('bus', { topics: 'x' }), can('bus', { topics: ['x'] })],
    [true, can('bus', { topics: ['a.*'] }), can('bus', { topics: ['a.b'], verbs: ['publish'] })],
    [false, can('bus', { topics: ['a.*'], verbs: ['publish'] }), can('bus', { topics: ['a.b'] })],
    [false, can('bus', { topics: ['a.*'], verbs: ['publish'] }), can('bus', { topics: ['a.b'], verbs: ['subscribe'] })],
    [false, can('bus', { topics: ['a*b'] }), can('bus', { topics: ['axb'] })],
  ])('%s: %j covers %j', (expected, grant, wanted) => {
    expect(covers([can('random'), grant].slice(grant.kind === 'clock' ? 1 : 0), wanted)).toBe(expected);
  });

  it('covers itself and everything when it was sound', () => {
    for (const capability of [reach(['a.com'], { private: true }), db(['t'], ['select'])])
      expect(covers([capability], capability)).toBe(true);
    expect(covers([], can('clock'))).toBe(false);
  });
});

describe('the difference', () => {
  it('tells what is new from what reaches further and what is given up', () => {
    const before = [reach(['a.com'], { methods: ['GET'] }), can('clock'), can('fs', { globs: ['x'], mode: 'read' })];
    const after = [reach(['a.com', 'b.com'], { methods: ['GET'] }), can('random'), can('fs', { globs: ['x'], mode: 'write' })];
    expect(diffCapabilities(before, after)).toEqual({
      added: [can('random')],
      widened: [can('fs', { globs: ['x'], mode: 'write' }), reach(['a.com', 'b.com'], { methods: ['GET'] })],
      removed: [can('clock')],
    });
  });

  it('is nothing between equals, and between a wider one and a narrower one only what was lost', () => {
    const wide = [reach(['a.com', 'b.com'])];
    expect(diffCapabilities(wide, [reach(['B.com', 'a.com'])])).toEqual({ added: [], widened: [], removed: [] });
    expect(diffCapabilities(wide, [reach(['a.com'])])).toEqual({ added: [], widened: [], removed: wide });
    expect(diffCapabilities([reach(['a.com'])], [reach(['b.com'])])).toMatchObject({ added: [reach(['b.com'])], widened: [] });
  });
});

describe('codes', () => {
  it('are six of the letters and digits that nobody mistakes', () => {
    const codes = Array.from({ length: 2_000 }, newCode);
    for (const code of codes) expect(code).toMatch(/^[A-HJKMNP-Z2-9]{6}$/);
    expect(new Set(codes).size).toBeGreaterThan(1_990);
    expect(new Set(codes.join('')).size).toBe(31);
  });

  it('are read however they were typed', () => {
    expect(normaliseCode(' abc-2 3d\n')).toBe('ABC23D');
    expect(normaliseCode('x'.repeat(100_000))).toHaveLength(64);
  });

  it('are bound to key and purpose', () => {
    const [key, other] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
    const hashes = [
      hashCode(key, ['a'], 'X'),
      hashCode(other, ['a'], 'X'),
      hashCode(key, ['b'], 'X'),
      hashCode(key, ['a', 'X'], ''),
      hashCode(key, ['a'], 'Y'),
    ];
    expect(new Set(hashes).size).toBe(5);
    expect([sameText('a', 'a'), sameText('a', 'b'), sameText('a', 'aa')]).toEqual([true, false, false]);
  });
});
