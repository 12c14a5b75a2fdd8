import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interface, JsonSchema, Operation } from '@burgeon/kit';
import { diffInterfaces } from './diff.ts';
import { fingerprint } from './fingerprint.ts';
import { mergeInterfaces } from './merge.ts';
import { checkInterface, normaliseInterface } from './normalise.ts';
import { originOf } from './origins.ts';

const operation = (id: string, more: Partial<Operation> = {}): Operation => ({
  id,
  effect: 'read',
  idempotent: true,
  input: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'], additionalProperties: false },
  output: { $ref: '#/types/Pet' },
  errors: [],
  auth: [{ key: ['read'] }],
  examples: [],
  bindings: { wire: { schema: { $ref: '#/types/Extra' } } },
  ...more,
});

const base = (more: Partial<Interface> = {}): Interface => ({
  format: 'burgeon.interface/1',
  name: 'pets',
  title: 'Pets',
  version: '1',
  source: { kind: 'test', location: 'here', digest: '00' },
  locations: [{ url: 'https://example.com' }],
  operations: [
    operation('getPet'),
    operation('listPets', { output: { type: 'array', items: { $ref: '#/types/Pet' } }, summary: 'Lists' }),
  ],
  channels: [{ id: 'news', direction: 'in', message: { $ref: '#/types/Pet' }, auth: [], bindings: {} }],
  entities: [
    {
      name: 'pet',
      type: { $ref: '#/types/Pet' },
      key: ['id'],
      operations: { get: { operation: 'getPet', keys: { id: 'id' } } as never },
    },
  ],
  types: {
    Unused: { type: 'string' },
    Pet: {
      type: 'object',
      properties: { name: { type: 'string', description: 'Its name' }, age: { type: 'integer', minimum: 0 } },
      required: ['name', 'name'],
    },
    Extra: { type: 'string' },
  },
  auth: { key: { kind: 'apiKey', bindings: {} } },
  origins: { '': '/', '/operations/0': '/paths/~1pets/get', '/types/Pet': '/schemas/Pet', '/types/Unused': '/schemas/Unused' },
  diagnostics: [],
  ...more,
});

const withPet = (type: JsonSchema): Interface => base({ types: { ...base().types, Pet: type } });
const withOperation = (more: Partial<Operation>): Interface =>
  base({ operations: [operation('getPet', more), ...base().operations.slice(1)] });

/** Any schema over the types of `base`, small. */
const schemas: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.boolean(),
    fc.constantFrom<JsonSchema>(
      { $ref: '#/types/Pet' },
      { type: 'string', minLength: 1 },
      { enum: ['a', 1, null] },
      { type: ['integer', 'null'], maximum: 3 },
    ),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('schema')),
      required: fc.subarray(['b', 'a']),
    }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }), description: fc.string() }),
  ),
})).schema;

const interfaces: fc.Arbitrary<Interface> = fc
  .record({
    pet: schemas,
    output: schemas,
    errors: fc.uniqueArray(fc.constantFrom('404', '500', 'default')),
    effect: fc.constantFrom<Operation['effect']>('read', 'write'),
  })
  .map(({ pet, output, errors, effect }) =>
    base({
      types: { ...base().types, Pet: pet },
      operations: [
        operation('getPet', { output, effect, errors: errors.map((code) => ({ code, schema: output })) }),
        operation('listPets'),
      ],
    }),
  );

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

describe('diffInterfaces', () => {
  it('finds nothing between equals', () => {
    fc.assert(
      fc.property(interfaces, (description) => {
        expect(diffInterfaces(description, structuredClone(description))).toEqual({ verdict: 'none', changes: [] });
      }),
    );
  });

  it('is none exactly when it is none the other way round, and never hides a fingerprint', () => {
    fc.assert(
      fc.property(interfaces, interfaces, (one, other) => {
        const [there, back] = [diffInterfaces(one, other).verdict, diffInterfaces(other, one).verdict];
        expect(there === 'none').toBe(back === 'none');
        if (fingerprint(one) !== fingerprint(other)) expect(['major', 'minor']).toContain(there);
        else expect(['none', 'patch']).toContain(there === 'minor' || there === 'major' ? 'none' : there);
      }),
    );
  });

  const pet = (more: object, required: string[] = ['name']): Interface =>
    withPet({
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 }, ...more },
      required,
    } as JsonSchema);
  const input = (properties: Record<string, JsonSchema>, required: string[] = []): Interface =>
    withOperation({ input: { type: 'object', properties, required, additionalProperties: false } });

  it.each<[string, Interface, Interface, string, string]>([
    [
      'an added operation',
      base({ operations: [operation('getPet')], entities: [] }),
      base({ entities: [] }),
      'minor',
      'operation-added',
    ],
    [
      'a removed operation',
      base({ entities: [] }),
      base({ operations: [operation('getPet')], entities: [] }),
      'major',
      'operation-removed',
    ],
    ['an added output property', pet({}), pet({ kind: { type: 'string' } }), 'minor', 'property-added'],
    ['a removed output property', pet({ kind: {} }), pet({}), 'major', 'property-removed'],
    ['an output no longer required', pet({}), pet({}, []), 'major', 'required-widened'],
    ['an output now required', pet({}), pet({}, ['name', 'age']), 'minor', 'required-narrowed'],
    ['a wider output type', pet({}), pet({ name: { type: ['string', 'null'] } }), 'major', 'type-widened'],
    ['an added output value', pet({ kind: { enum: ['a'] } }), pet({ kind: { enum: ['a', 'b'] } }), 'major', 'values-widened'],
    ['a removed output value', pet({ kind: { enum: ['a', 'b'] } }), pet({ kind: { enum: ['a'] } }), 'minor', 'values-narrowed'],
    ['other values', pet({ kind: { const: 'a' } }), pet({ kind: { const: 'b' } }), 'major', 'values-changed'],
    ['values that come', pet({ kind: {} }), pet({ kind: { enum: [1] } }), 'minor', 'values-narrowed'],
    ['values that go', pet({ kind: { enum: [1] } }), pet({ kind: {} }), 'major', 'values-widened'],
    ['a lower output minimum', pet({}), pet({ age: { type: 'integer', minimum: -1 } }), 'major', 'bound-widened'],
    ['an integer that becomes a number', pet({}), pet({ age: { type: 'number', minimum: 0 } }), 'major', 'type-widened'],
    ['other words', pet({}), pet({ name: { type: 'string', description: 'x' } }), 'patch', 'description-changed'],
    ['a new default', pet({}), pet({ name: { type: 'string', default: 'x' } }), 'minor', 'default-changed'],
    ['a property that is now read only', pet({}), pet({ name: { type: 'string', readOnly: true } }), 'minor', 'access-changed'],
    ['an added optional input', input({}), input({ a: { type: 'string' } }), 'minor', 'property-added'],
    ['an added required input', input({}), input({ a: { type: 'string' } }, ['a']), 'major', 'property-added'],
    ['an input now required', input({ a: {} }), input({ a: {} }, ['a']), 'major', 'required-narrowed'],
    ['an input no longer required', input({ a: {} }, ['a']), input({ a: {} }), 'minor', 'required-widened'],
    ['a removed input', input({ a: {} }), input({}), 'major', 'property-removed'],
    ['a wider input type', input({ a: { type: 'integer' } }), input({ a: { type: 'number' } }), 'minor', 'type-widened'],
    [
      'a pattern for an input',
      input({ a: { type: 'string' } }),
      input({ a: { type: 'string', pattern: 'x' } }),
      'major',
      'restriction-narrowed',
    ],
    [
      'a pattern less for an input',
      input({ a: { type: 'string', pattern: 'x' } }),
      input({ a: { type: 'string' } }),
      'minor',
      'restriction-widened',
    ],
    [
      'another format',
      input({ a: { type: 'string', format: 'date' } }),
      input({ a: { type: 'string', format: 'time' } }),
      'major',
      'restriction-changed',
    ],
    [
      'another member of a choice',
      input({ a: { anyOf: [{ type: 'string' }] } }),
      input({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
      'minor',
      'alternatives-widened',
    ],
    [
      'a member of a choice less',
      input({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
      input({ a: { anyOf: [{ type: 'string' }] } }),
      'major',
      'alternatives-narrowed',
    ],
    [
      'another part of a whole',
      input({ a: { allOf: [{ type: 'string' }] } }),
      input({ a: { allOf: [{ type: 'string' }, { minLength: 1 }] } }),
      'major',
      'alternatives-narrowed',
    ],
    ['a choice that comes', input({ a: {} }), input({ a: { oneOf: [{ type: 'string' }] } }), 'major', 'alternatives-narrowed'],
    [
      'a place of a tuple',
      input({ a: { prefixItems: [] as JsonSchema[] } }),
      input({ a: { prefixItems: [{ type: 'string' }] } }),
      'major',
      'schema-narrowed',
    ],
    ['an input that takes anything', input({ a: { type: 'string' } }), input({ a: true }), 'minor', 'schema-widened'],
    [
      'an item of an array',
      input({ a: { items: { type: 'string' } } }),
      input({ a: { items: { type: 'boolean' } } }),
      'major',
      'type-changed',
    ],
    ['more to know', withOperation({ auth: [] }), withOperation({}), 'major', 'auth-changed'],
    ['less to know', withOperation({}), withOperation({ auth: [] }), 'minor', 'auth-changed'],
    ['another scope', withOperation({}), withOperation({ auth: [{ key: ['read', 'write'] }] }), 'major', 'auth-changed'],
    ['another way in', withOperation({}), withOperation({ auth: [{ key: ['read'] }, {}] }), 'minor', 'auth-changed'],
    ['another effect', withOperation({}), withOperation({ effect: 'write' }), 'major', 'effect-changed'],
    ['no longer idempotent', withOperation({}), withOperation({ idempotent: false }), 'major', 'idempotence-changed'],
    ['now idempotent', withOperation({ idempotent: false }), withOperation({}), 'minor', 'idempotence-changed'],
    ['a stream', withOperation({}), withOperation({ stream: { item: true } }), 'major', 'stream-changed'],
    [
      'another item of a stream',
      withOperation({ stream: { item: { type: 'string' } } }),
      withOperation({ stream: { item: { type: 'number' } } }),
      'major',
      'type-changed',
    ],
    [
      'pages',
      withOperation({}),
      withOperation({ pagination: { style: 'page', input: {}, output: { items: '' } } }),
      'minor',
      'pagination-changed',
    ],
    [
      'another ordinary code',
      withOperation({ outputCode: '200' }),
      withOperation({ outputCode: '201' }),
      'minor',
      'output-code-changed',
    ],
    ['a new error', withOperation({}), withOperation({ errors: [{ code: '404', schema: true }] }), 'minor', 'error-added'],
    ['an error less', withOperation({ errors: [{ code: '404', schema: true }] }), withOperation({}), 'minor', 'error-removed'],
    [
      'an error told otherwise',
      withOperation({ errors: [{ code: '404', schema: true }] }),
      withOperation({ errors: [{ code: '404', schema: true, description: 'x' }] }),
      'patch',
      'description-changed',
    ],
    ['another way to carry it out', withOperation({}), withOperation({ bindings: {} }), 'minor', 'binding-changed'],
    ['words of an operation', withOperation({}), withOperation({ summary: 'x' }), 'patch', 'description-changed'],
    ['another address', base(), base({ locations: [] }), 'minor', 'locations-changed'],
    ['facts about the whole', base(), base({ bindings: { a: 1 } }), 'minor', 'binding-changed'],
    ['words of the whole', base(), base({ version: '2' }), 'patch', 'description-changed'],
    [
      'a new scheme',
      base(),
      base({ auth: { ...base().auth, other: { kind: 'basic', bindings: {} } } }),
      'minor',
      'auth-scheme-added',
    ],
    [
      'a scheme less',
      base({ auth: { ...base().auth, other: { kind: 'basic', bindings: {} } } }),
      base(),
      'minor',
      'auth-scheme-removed',
    ],
    ['another kind of scheme', base(), base({ auth: { key: { kind: 'basic', bindings: {} } } }), 'major', 'auth-scheme-changed'],
    [
      'another place of a credential',
      base(),
      base({ auth: { key: { kind: 'apiKey', bindings: { a: 1 } } } }),
      'minor',
      'auth-scheme-changed',
    ],
    [
      'words of a scheme',
      base(),
      base({ auth: { key: { kind: 'apiKey', description: 'x', bindings: {} } } }),
      'patch',
      'description-changed',
    ],
    ['a channel less', base(), base({ channels: [] }), 'major', 'channel-removed'],
    [
      'another direction',
      base(),
      base({ channels: [{ id: 'news', direction: 'out', message: { $ref: '#/types/Pet' }, auth: [], bindings: {} }] }),
      'major',
      'direction-changed',
    ],
    [
      'both directions',
      base(),
      base({
        channels: [{ id: 'news', direction: 'both', message: { $ref: '#/types/Pet' }, auth: [], bindings: {}, summary: 'x' }],
      }),
      'minor',
      'direction-changed',
    ],
    ['an entity less', base(), base({ entities: [] }), 'minor', 'entity-removed'],
    [
      'another entity',
      base(),
      base({ entities: [{ ...(base().entities[0] as Interface['entities'][number]), key: [] }] }),
      'minor',
      'entity-changed',
    ],
  ])('%s', (_name, before, after, verdict, code) => {
    const diff = diffInterfaces(before, after);
    expect([diff.verdict, diff.changes.some((change) => change.code === code)]).toEqual([verdict, true]);
  });

  it('tells both sides of a circle apart', () => {
    const tree = (leaf: string): Interface =>
      withPet({ type: 'object', properties: { child: { $ref: '#/types/Pet' }, leaf: { type: leaf } } });
    expect(diffInterfaces(tree('string'), tree('string')).verdict).toBe('none');
    expect(diffInterfaces(tree('string'), tree('number')).changes).toEqual([
      {
        impact: 'breaking',
        code: 'type-changed',
        path: '/types/Pet/properties/leaf',
        message: 'The type was string and is number, integer.',
      },
    ]);
  });
});
