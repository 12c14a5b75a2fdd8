import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interface } from '@burgeon/kit';
import { base, interfaces, operation, withOperation, withPet } from './fixtures/pets.ts';
import { fingerprint } from './fingerprint.ts';
import { mergeInterfaces } from './merge.ts';
import { checkInterface, normaliseInterface } from './normalise.ts';
import { originOf } from './origins.ts';

const reversed = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reversed(item)]),
  ) as T;
};

describe('normaliseInterface', () => {
  it('drops what nothing reaches and keeps what bindings reach', () => {
    const normal = normaliseInterface(base());
    expect(Object.keys(normal.types)).toEqual(['Extra', 'Pet']);
    expect(normal.types['Pet']).toMatchObject({ required: ['name'] });
    expect(Object.keys(normal.origins)).toEqual(['', '/operations/0', '/types/Pet']);
    expect(Object.keys(normal).slice(0, 4)).toEqual(['format', 'name', 'title', 'version']);
  });

  it('is idempotent and keeps the fingerprint', () => {
    fc.assert(
      fc.property(interfaces, (description) => {
        const once = normaliseInterface(description);
        expect(JSON.stringify(normaliseInterface(once))).toBe(JSON.stringify(once));
        expect(fingerprint(once)).toBe(fingerprint(description));
      }),
    );
  });

  it('covers every part of an operation', () => {
    const rich = withOperation({
      alternatives: [{ code: '201', schema: { required: [] } }],
      errors: [{ code: '404', schema: { required: ['b', 'a'] } }],
      stream: { item: { required: ['b', 'a'] } },
    });
    const [first] = normaliseInterface({ ...rich, bindings: { b: 1, a: 2 } }).operations;
    expect(first).toMatchObject({
      alternatives: [{ schema: {} }],
      errors: [{ schema: { required: ['a', 'b'] } }],
      stream: { item: { required: ['a', 'b'] } },
    });
  });
});

describe('checkInterface', () => {
  it.each<[string, Interface, string, string]>([
    [
      'two operations of one id',
      base({ operations: [operation('getPet'), operation('getPet')] }),
      'name-duplicate',
      '/operations/1/id',
    ],
    ['an empty id', base({ operations: [operation(''), operation('getPet')] }), 'name-empty', '/operations/0/id'],
    [
      'a broken reference in a reply',
      base({
        channels: [{ id: 'a', direction: 'in', message: true, reply: { $ref: '#/types/Nobody' }, auth: [], bindings: {} }],
      }),
      'reference-broken',
      '/channels/0/reply',
    ],
    ['a broken reference', withOperation({ output: { $ref: '#/types/Nobody' } }), 'reference-broken', '/operations/0/output'],
    [
      'a broken reference in an error',
      withOperation({ errors: [{ code: '1', schema: { $ref: '#/types/Nobody' } }] }),
      'reference-broken',
      '/operations/0/errors/0/schema',
    ],
    [
      'a broken reference in an alternative',
      withOperation({ alternatives: [{ code: '1', schema: { $ref: '#/types/Nobody' } }] }),
      'reference-broken',
      '/operations/0/alternatives/0/schema',
    ],
    [
      'a broken reference in a stream',
      withOperation({ stream: { item: { $ref: '#/types/Nobody' } } }),
      'reference-broken',
      '/operations/0/stream/item',
    ],
    ['an unknown auth scheme', withOperation({ auth: [{ other: [] }] }), 'auth-unknown', '/operations/0/auth/0/other'],
    [
      'a required input that is none',
      withOperation({ input: { type: 'object', properties: {}, required: ['x'] } }),
      'required-unknown',
      '/operations/0/input/required',
    ],
    [
      'an input that is no object',
      withOperation({ input: { type: 'string' } as never }),
      'input-no-object',
      '/operations/0/input',
    ],
    [
      'pages steered by nothing',
      withOperation({ pagination: { style: 'page', input: { position: 'page' }, output: { items: '' } } }),
      'pagination-unknown',
      '/operations/0/pagination/input',
    ],
    [
      'an entity of no operation',
      base({ entities: [{ name: 'a', type: true, key: [], operations: { get: { operation: 'x' } as never } }] }),
      'operation-unknown',
      '/entities/0/operations/get',
    ],
    [
      'a relation to nothing',
      base({
        entities: [
          {
            name: 'a',
            type: true,
            key: [],
            operations: {},
            relations: [{ name: 'r', entity: 'b', from: [], to: [], many: false }],
          },
        ],
      }),
      'entity-unknown',
      '/entities/0/relations/0',
    ],
  ])('finds %s', (_name, description, code, path) => {
    expect(checkInterface(description)).toEqual([expect.objectContaining({ severity: 'error', code, path })]);
  });

  it('finds nothing in a sound one', () => {
    expect(checkInterface(base())).toEqual([]);
  });
});

describe('fingerprint', () => {
  it('does not depend on order, words, or where it was found', () => {
    fc.assert(
      fc.property(interfaces, (description) => {
        const shuffled = reversed({ ...description, operations: description.operations.toReversed() });
        const moved = {
          ...shuffled,
          name: 'other',
          title: 'T',
          version: '9',
          description: 'x',
          origins: {},
          source: { kind: 'x', location: 'y', digest: 'z' },
        };
        expect(fingerprint(moved)).toBe(fingerprint(description));
      }),
    );
    const worded = withPet({
      title: 'T',
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0, examples: [1] } },
      required: ['name'],
    });
    expect(fingerprint(worded)).toBe(fingerprint(base()));
    expect(
      fingerprint(withOperation({ summary: 'S', tags: ['t'], deprecated: true, examples: [{ name: 'e', output: 1 }] })),
    ).toBe(fingerprint(base()));
  });

  it('changes with what can be called', () => {
    const others = [
      withPet({ type: 'object', properties: { description: { type: 'string' } } }),
      withPet({ type: 'string' }),
      withOperation({ effect: 'write' }),
      withOperation({ bindings: {} }),
      base({ locations: [] }),
      base({ auth: {} }),
      base({ channels: [] }),
      base({
        channels: [{ id: 'news', direction: 'in', message: { $ref: '#/types/Pet' }, reply: true, auth: [], bindings: {} }],
      }),
      base({ entities: [] }),
      withOperation({ alternatives: [{ code: '201', schema: true }] }),
      withOperation({ stream: { item: true } }),
    ];
    const all = [base(), ...others].map(fingerprint);
    expect(new Set(all).size).toBe(all.length);
    expect(fingerprint(withOperation({ bindings: { wire: { required: ['b', 'a'], description: 'x' } } }))).toBe(
      fingerprint(withOperation({ bindings: { wire: { required: ['a', 'b'] } } })),
    );
  });
});

describe('originOf', () => {
  it.each([
    ['/operations/0/input', '/paths/~1pets/get/input'],
    ['/types/Pet', '/schemas/Pet'],
    ['/types/Petty', '//types/Petty'],
  ])('%s', (pointer, origin) => {
    expect(originOf(base(), pointer)).toBe(origin);
  });

  it('is undefined when nothing above is known', () => {
    expect(originOf(base({ origins: { '/types/Pet': '/x' } }), '/operations/0')).toBeUndefined();
    expect(originOf(base({ origins: {} }), 'nonsense')).toBeUndefined();
  });
});

describe('mergeInterfaces', () => {
  const identity = { name: 'all', version: '1' };

  it('prefixes what has a name and moves what points', () => {
    const whole = mergeInterfaces(
      [
        { prefix: 'a', interface: base() },
        {
          prefix: 'b',
          interface: base({
            channels: base().channels.map((channel) => ({
              ...channel,
              reply: { required: ['b', 'a'], items: { $ref: '#/types/Extra' } },
            })),
            entities: [
              {
                name: 'x',
                type: true,
                key: [],
                operations: {},
                relations: [{ name: 'r', entity: 'x', from: [], to: [], many: true }],
              },
            ],
          }),
        },
      ],
      identity,
    );
    expect(whole.operations.map(({ id }) => id)).toEqual(['a.getPet', 'a.listPets', 'b.getPet', 'b.listPets']);
    expect(Object.keys(whole.types)).toEqual(['AUnused', 'APet', 'AExtra', 'BUnused', 'BPet', 'BExtra']);
    expect(whole.operations[2]).toMatchObject({
      output: { $ref: '#/types/BPet' },
      auth: [{ 'b.key': ['read'] }],
      bindings: { wire: { schema: { $ref: '#/types/BExtra' } } },
    });
    expect(whole.entities).toMatchObject([
      { name: 'a.pet', operations: { get: { operation: 'a.getPet' } } },
      { name: 'b.x', relations: [{ entity: 'b.x' }] },
    ]);
    expect(whole.origins).toMatchObject({ '/operations/2': 'b:/paths/~1pets/get', '/types/BPet': 'b:/schemas/Pet' });
    expect(whole.channels[1]?.reply).toMatchObject({ items: { $ref: '#/types/BExtra' } });
    expect(normaliseInterface(whole).channels[1]?.reply).toMatchObject({ required: ['a', 'b'] });
    expect(whole.channels.map(({ id, message }) => [id, message])).toEqual([
      ['a.news', { $ref: '#/types/APet' }],
      ['b.news', { $ref: '#/types/BPet' }],
    ]);
    expect(whole.locations).toEqual([{ url: 'https://example.com' }]);
    expect(checkInterface(whole)).toEqual([]);
  });

  it('keeps shared facts about the whole and names those it drops', () => {
    const whole = mergeInterfaces(
      [
        { prefix: 'a', interface: base({ bindings: { same: 1, other: 1 } }) },
        {
          prefix: 'b',
          interface: base({
            bindings: { same: 1 },
            diagnostics: [{ severity: 'info', code: 'c', message: 'm', path: '/auth/key' }],
          }),
        },
      ],
      identity,
    );
    expect(whole.bindings).toEqual({ same: 1 });
    expect(whole.diagnostics.map(({ code, path }) => [code, path])).toEqual([
      ['merge-binding-dropped', '/bindings'],
      ['c', '/auth/b.key'],
    ]);
  });

  it('does not depend on the order of the parts, types that would collide included', () => {
    const parts = [
      { prefix: 'a b', interface: base() },
      { prefix: 'a', interface: base({ types: { ...base().types, BPet: true } }) },
    ];
    const [one, other] = [mergeInterfaces(parts, identity), mergeInterfaces(parts.toReversed(), identity)];
    expect(Object.keys(one.types)).toHaveLength(7);
    expect(Object.keys(one.types).toSorted()).toEqual(Object.keys(other.types).toSorted());
    expect(fingerprint(one)).toBe(fingerprint(other));
  });

  it('names the same operations however it is grouped', () => {
    const part = (prefix: string) => ({ prefix, interface: base() });
    const flat = mergeInterfaces([part('a'), part('b'), part('c')], identity).operations.map(({ id }) => id);
    const pairs = [
      ...mergeInterfaces([part('a'), part('b')], identity).operations,
      ...mergeInterfaces([part('c')], identity).operations,
    ].map(({ id }) => id);
    expect(pairs).toEqual(flat);
  });
});
