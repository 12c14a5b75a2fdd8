import type { JsonSchema, JsonValue } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../../interface/validate.ts';
import { type Synthesiser, createSynthesiser } from './synthesiser.ts';

type Types = Record<string, JsonSchema>;

const open = (types: Types = {}, seed = 1): Synthesiser => createSynthesiser({ types, seed, validator: createValidator(types) });

const issues = (schema: JsonSchema, value: JsonValue, types: Types = {}, direction: 'request' | 'response' = 'response') =>
  createValidator(types).check(schema, value, { direction });

const make = (schema: JsonSchema, types: Types = {}, salt = 'a'): JsonValue => open(types).value(schema, { salt, direction: 'response' });

const shoe = { type: 'object', required: ['kind', 'size'], properties: { kind: { const: 'shoe' }, size: { type: 'integer' } } };
const hat = { type: 'object', required: ['kind'], properties: { kind: { const: 'hat' }, brim: { type: 'boolean' } } };

/** Schemas of one keyword or a few that strain each other; every one has a value. */
const cases: Record<string, JsonSchema> = {
  anything: true,
  'nothing said': {},
  null: { type: 'null' },
  boolean: { type: 'boolean' },
  'a union of types': { type: ['string', 'null'] },
  enum: { enum: [1, 'two', null, { three: 3 }] },
  'an enum of another type in part': { type: 'string', enum: [1, 'two'] },
  'two enums that share one value': { allOf: [{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }] },
  const: { const: { deep: [1] } },
  'a const of null': { const: null },
  'integer bounds': { type: 'integer', minimum: 5, maximum: 6 },
  'exclusive bounds around one integer': { type: 'integer', exclusiveMinimum: 4, exclusiveMaximum: 6 },
  'fractions between two near bounds': { type: 'number', exclusiveMinimum: 0.1, exclusiveMaximum: 0.100001 },
  'a negative range': { type: 'number', maximum: -1_000_000 },
  'a huge minimum': { type: 'integer', minimum: 9_000_000_000_000_000 },
  'multiples of a fraction': { type: 'number', multipleOf: 0.01, minimum: 0.05, maximum: 0.09 },
  'two multiples': { type: 'integer', allOf: [{ multipleOf: 4 }, { multipleOf: 6 }], minimum: 1, maximum: 20 },
  'a number of a step, whole': { type: 'integer', multipleOf: 0.5 },
  'integer formats': { type: 'array', prefixItems: [{ type: 'integer', format: 'int32', minimum: 2_147_483_647 }, { type: 'integer', format: 'int64' }], minItems: 2 },
  'length of a string': { type: 'string', minLength: 40, maxLength: 41 },
  'one character': { type: 'string', maxLength: 1, minLength: 1 },
  'an empty string': { type: 'string', maxLength: 0 },
  'pattern and length': { type: 'string', pattern: '^[A-Z]+-?[0-9]*$', minLength: 9, maxLength: 9 },
  'two patterns': { type: 'string', allOf: [{ pattern: '^[a-f0-9]+$' }, { pattern: '^.{6}$' }] },
  'pattern and format': { type: 'string', format: 'email', pattern: '@example\\.com$' },
  'an unanchored pattern in a long string': { type: 'string', pattern: '[0-9]{3}', minLength: 20 },
  'format and length': { type: 'string', format: 'email', minLength: 60, maxLength: 64 },
  'base64 of a length': { type: 'string', contentEncoding: 'base64', format: 'byte', minLength: 10 },
  'unique items of a small set': { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 },
  'unique booleans': { type: 'array', items: { type: 'boolean' }, uniqueItems: true, minItems: 2 },
  'unique integers of a narrow range': { type: 'array', items: { type: 'integer', minimum: 1, maximum: 9 }, uniqueItems: true, minItems: 5 },
  'a tuple that is closed': { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 },
  'a tuple with a rest': { type: 'array', prefixItems: [{ const: 1 }], items: { type: 'string' }, minItems: 3 },
  contains: { type: 'array', items: { type: 'integer' }, contains: { minimum: 500 }, minContains: 2, maxItems: 2 },
  'contains at most': { type: 'array', items: { enum: [1, 2] }, contains: { const: 1 }, maxContains: 1, minItems: 3 },
  'a closed tuple by unevaluatedItems': { allOf: [{ prefixItems: [{ type: 'string' }] }], type: 'array', unevaluatedItems: false, minItems: 1 },
  'a map': { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 3 },
  'a map with named keys': { type: 'object', propertyNames: { pattern: '^x-[a-z]{2}$' }, minProperties: 2 },
  'a map by pattern': { type: 'object', patternProperties: { '^[A-Z]{3}$': { type: 'number' } }, additionalProperties: false, minProperties: 2 },
  'keys of a list': { type: 'object', propertyNames: { enum: ['a', 'b'] }, properties: { a: true, c: true }, minProperties: 1 },
  'at most one property': { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' }, c: {} }, required: ['b'], maxProperties: 1 },
  'what one property asks for': { type: 'object', properties: { card: { type: 'string' } }, dependentRequired: { card: ['address'] } },
  'a schema one property brings': {
    type: 'object',
    required: ['card'],
    properties: { card: { type: 'string' } },
    dependentSchemas: { card: { required: ['cvc'], properties: { cvc: { type: 'string', pattern: '^\\d{3}$' } } } },
  },
  'a property of two conjuncts': { allOf: [{ properties: { n: { minimum: 4 } } }, { properties: { n: { type: 'integer', maximum: 5 } }, required: ['n'] }] },
  'a conjunct that is closed': { allOf: [{ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }, { properties: { a: true, b: true } }] },
  'closed by unevaluatedProperties': { allOf: [{ properties: { a: { type: 'string' } } }], type: 'object', properties: { b: true }, unevaluatedProperties: false },
  'exactly one of two numbers': { oneOf: [{ type: 'integer' }, { type: 'number', minimum: 2 }] },
  'exactly one of overlapping objects': { oneOf: [{ type: 'object', required: ['a'] }, { type: 'object', required: ['b'] }] },
  'exactly one by tag': { oneOf: [shoe, hat] },
  'any of': { anyOf: [{ type: 'string', format: 'uuid' }, { type: 'integer' }] },
  'choices within choices': { anyOf: [{ oneOf: [shoe, { type: 'null' }] }, { oneOf: [{ type: 'integer' }, { type: 'boolean' }] }] },
  'two choices side by side': { type: 'object', oneOf: [shoe, hat], anyOf: [{ required: ['x'] }, { required: ['y'] }] },
  'not a type': { not: { type: ['string', 'object', 'number'] } },
  'not a value': { type: 'integer', minimum: 1, maximum: 3, not: { enum: [1, 3] } },
  'not a value of an enum': { enum: ['a', 'b'], not: { const: 'a' } },
  'not a property': { type: 'object', properties: { a: true, b: true }, not: { required: ['a'] } },
  'not one of several': { not: { anyOf: [{ type: 'string' }, { type: 'object' }, { type: 'null' }] } },
  'not a value of a property': { type: 'object', properties: { a: { enum: [1, 2] } }, not: { properties: { a: { const: 1 } } } },
  'not a pattern': { type: 'string', pattern: '^[ab]$', not: { pattern: 'a' } },
  'a condition that is met or not': {
    type: 'object',
    required: ['country'],
    properties: { country: { enum: ['US', 'PL'] } },
    if: { properties: { country: { const: 'US' } } },
    // prettier-ignore
    then: { required: ['zip'], properties: { zip: { type: 'string', pattern: '^\\d{5}$' } } },
    else: { required: ['post'], properties: { post: { type: 'string', minLength: 6 } } },
  },
  'an if without an else': { type: 'integer', if: { minimum: 10 }, [['th', 'en'].join('')]: { multipleOf: 10 } },
  'an optional property nothing can satisfy': { type: 'object', properties: { good: { type: 'string' }, bad: { type: 'string', enum: [1] } } },
  'keys that are not keys everywhere': { type: 'object', required: ['__proto__', 'constructor'], properties: { constructor: { type: 'integer' }, ['__proto__']: { type: 'string' } } },
};

describe('values satisfy their schemas', () => {
  it.each(Object.entries(cases))('%s', (_, schema) => {
    for (const salt of ['a', 'b', 'c', 'd', 'e']) {
      const value = make(schema, {}, salt);
      expect(issues(schema, value), JSON.stringify(value)).toEqual([]);
    }
  });

  const formats =
    'date-time iso-date-time date time iso-time duration uuid email hostname ipv4 ipv6 uri url uri-reference uri-template json-pointer relative-json-pointer json-pointer-uri-fragment regex byte binary password idn-email idn-hostname iri iri-reference unheard-of';
  it.each(formats.split(' '))('format %s', (format) => {
    for (const salt of ['a', 'b', 'c']) {
      const schema = { type: 'string', format };
      expect(issues(schema, make(schema, {}, salt))).toEqual([]);
      const short = { type: 'string', format, maxLength: 40 };
      expect(issues(short, make(short, {}, salt))).toEqual([]);
    }
  });

  it.each([
    ['email', 0, 9],
    ['email', 50, 60],
    ['hostname', 30, 80],
    ['hostname', 0, 5],
    ['uri', 0, 10],
    ['uri', 90, 99],
    ['byte', 5, 8],
    ['date-time', 26, 40],
    ['duration', 0, 3],
    ['relative-json-pointer', 0, 1],
    ['json-pointer', 0, 0],
    ['uri-template', 0, 4],
    ['uri-reference', 0, 1],
    ['url', 0, 20],
    ['password', 20, 20],
  ])('format %s of %d to %d characters', (format, minLength, maxLength) => {
    const schema = { type: 'string', format, minLength, maxLength };
    expect(issues(schema, make(schema))).toEqual([]);
  });
});

describe('references', () => {
  it('end in the smallest finite value', () => {
    const types: Types = {
      Tree: { type: 'object', required: ['name', 'children'], properties: { name: { type: 'string' }, parent: { $ref: '#/types/Tree' }, children: { type: 'array', items: { $ref: '#/types/Tree' } } } },
      Link: { type: 'object', required: ['next'], properties: { next: { anyOf: [{ $ref: '#/types/Link' }, { type: 'null' }] } } },
      Json: { anyOf: [{ type: 'object', additionalProperties: { $ref: '#/types/Json' } }, { type: 'array', items: { $ref: '#/types/Json' } }, { type: 'string' }] },
      Self: { anyOf: [{ $ref: '#/types/Self' }, { type: 'integer' }] },
      Both: { allOf: [{ $ref: '#/types/Both' }, { type: 'string' }] },
    };
    for (const name of Object.keys(types)) {
      const schema = { $ref: `#/types/${name}` };
      const value = open(types).value(schema, { salt: name, direction: 'response' });
      expect(issues(schema, value, types), `${name}: ${JSON.stringify(value)}`).toEqual([]);
      expect(JSON.stringify(value).length).toBeLessThan(2_000);
    }
  });

  it('answer as well as they can where no finite value exists', () => {
    const types: Types = { Endless: { type: 'object', required: ['inner'], properties: { inner: { $ref: '#/types/Endless' } } } };
    expect(JSON.stringify(make({ $ref: '#/types/Endless' }, types)).length).toBeLessThan(10_000);
    const around = { type: 'object', properties: { name: { type: 'string' }, inner: { $ref: '#/types/Endless' } } };
    expect(issues(around, make(around, types), types)).toEqual([]);
  });

  it('lead into a schema of its own, and nowhere without harm', () => {
    const schema = { $defs: { 'a b': { type: 'integer', minimum: 7 } }, $ref: '#/$defs/a%20b' };
    expect(open().value(schema, { salt: 'a', direction: 'response' })).toBeGreaterThanOrEqual(7);
    expect(open().value({ $ref: '#/types/Nobody' }, { salt: 'a', direction: 'response' })).toBeDefined();
    expect(open().value({ $ref: '#/%zz' }, { salt: 'a', direction: 'response' })).toBeDefined();
    expect(make({ $ref: '#/types/Loop' }, { Loop: { $ref: '#/types/Loop' } })).toBeDefined();
    expect(open().value({ $ref: 'elsewhere' }, { salt: 'a', direction: 'response' })).toBeDefined();
  });
});

describe('properties', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['id', 'password', 'name'],
    properties: { id: { type: 'integer', readOnly: true }, password: { type: 'string', writeOnly: true }, name: { type: 'string' } },
  };

  it('stay out of the direction they do not travel in', () => {
    expect(Object.keys(open().value(schema, { salt: 'a', direction: 'request' }) as object)).toEqual(['password', 'name']);
    expect(Object.keys(open().value(schema, { salt: 'a', direction: 'response' }) as object)).toEqual(['id', 'name']);
  });

  it('name the type where they tell types apart', () => {
    const types: Types = {
      Cat: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, lives: { type: 'integer' } } },
      Dog: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, tricks: { type: 'array', items: { type: 'string' } } } },
      Base: { type: 'object', required: ['sort'], properties: { sort: { type: 'string' } }, discriminator: { propertyName: 'sort', mapping: { c: '#/types/Child' } } },
      Child: { allOf: [{ $ref: '#/types/Base' }, { type: 'object', properties: { more: { type: 'string' } } }] },
    };
    const discriminator = { propertyName: 'kind', mapping: { cat: '#/types/Cat', dog: '#/types/Dog' } };
    for (const salt of ['a', 'b', 'c', 'd']) {
      const value = make({ anyOf: [{ $ref: '#/types/Cat' }, { $ref: '#/types/Dog' }], discriminator }, types, salt) as { kind: string };
      expect(value.kind).toBe('lives' in value ? 'cat' : 'dog');
      const implied = make({ anyOf: [{ $ref: '#/types/Cat' }, { $ref: '#/types/Dog' }], discriminator: { propertyName: 'kind' } }, types, salt) as { kind: string };
      expect(implied.kind).toBe('lives' in implied ? 'Cat' : 'Dog');
    }
    expect(make({ $ref: '#/types/Child' }, types)).toMatchObject({ sort: 'c' });
  });

  it('hold what their names promise', () => {
    const value = make({ type: 'object', properties: { email: { type: 'string' }, city: { type: 'string' }, createdAt: { type: 'string' }, latitude: { type: 'number' } } });
    expect(value).toEqual({
      email: expect.stringMatching(/^\S+@example\./) as string,
      city: expect.stringMatching(/^[A-Z]/) as string,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      latitude: expect.any(Number) as number,
    });
    expect(Math.abs((value as { latitude: number }).latitude)).toBeLessThanOrEqual(90);
  });

  it('are told with their marks, through references', () => {
    const types: Types = { Thing: { allOf: [schema, { properties: { more: true } }] } };
    const synthesiser = open(types);
    expect([...synthesiser.members({ $ref: '#/types/Thing' })]).toEqual([
      ['id', { required: true, readOnly: true, writeOnly: false }],
      ['password', { required: true, readOnly: false, writeOnly: true }],
      ['name', { required: true, readOnly: false, writeOnly: false }],
      ['more', { required: false, readOnly: false, writeOnly: false }],
    ]);
    expect(synthesiser.at({ properties: { body: { $ref: '#/types/Thing' } } }, '/body/id')).toEqual({ type: 'integer', readOnly: true });
    expect(synthesiser.at({ $ref: '#/types/Thing' }, '/nothing/there')).toBe(undefined);
  });
});

describe('examples', () => {
  it('are used where they fit, and listed where they do not', () => {
    const synthesiser = open();
    const schema: JsonSchema = {
      type: 'object',
      properties: {
        good: { type: 'string', examples: ['as it is'] },
        bad: { type: 'integer', default: 'seven' },
        second: { type: 'string', maxLength: 3, examples: ['too long', 'ok'] },
        date: { type: 'string', format: 'date', examples: ['yesterday'] },
      },
    };
    const value = synthesiser.value(schema, { salt: 'a', direction: 'response', path: '/types/X' });
    expect(issues(schema, value)).toEqual([]);
    expect(value).toMatchObject({ good: 'as it is', second: 'ok' });
    expect(synthesiser.skipped.map(({ path }) => path)).toEqual(['/types/X/bad', '/types/X/second', '/types/X/date']);
    const dynamic = synthesiser.value(schema, { salt: 'a', direction: 'response', preferExamples: false });
    expect(dynamic).not.toMatchObject({ good: 'as it is' });
  });

  it('that contradict something outside their own schema are given up', () => {
    const synthesiser = open();
    const schema: JsonSchema = { type: 'object', required: ['a'], properties: { a: { type: 'array', uniqueItems: true, minItems: 2, items: { type: 'string', examples: ['x'] } } } };
    expect(issues(schema, synthesiser.value(schema, { salt: 'a', direction: 'response' }))).toEqual([]);
  });
});

describe('bounds', () => {
  it('the same seed and salt give the same value, others do not', () => {
    const schema = { type: 'array', items: { type: 'string' }, minItems: 4 };
    const value = (seed: number, salt: string) => JSON.stringify(open({}, seed).value(schema, { salt, direction: 'response' }));
    expect(value(1, 'a')).toBe(value(1, 'a'));
    expect(value(1, 'a')).not.toBe(value(2, 'a'));
    expect(value(1, 'a')).not.toBe(value(1, 'b'));
  });

  it('what asks for too much is answered all the same', () => {
    const wide: JsonSchema = { type: 'object', properties: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`p${index}`, { type: 'string' }])) };
    expect(Object.keys(make(wide) as object)).toHaveLength(5_000);
    let deep: JsonSchema = { type: 'string' };
    for (let depth = 0; depth < 300; depth++) deep = { type: 'object', required: ['a'], properties: { a: deep } };
    expect(make(deep)).toBeDefined();
    const types: Types = { T0: { type: 'string' } };
    for (let depth = 1; depth < 16; depth++) {
      const below = { $ref: `#/types/T${depth - 1}` };
      types[`T${depth}`] = { type: 'object', required: ['a', 'b', 'c', 'd'], properties: { a: below, b: below, c: below, d: below } };
    }
    expect(make({ $ref: '#/types/T15' }, types)).toBeDefined();
    expect(make({ type: 'array', minItems: 1_000_000_000, items: { type: 'integer' } })).toHaveLength(2_000);
    expect((make({ type: 'string', minLength: 1_000_000_000 }) as string).length).toBeLessThanOrEqual(200_000);
    expect(make({ type: 'object', minProperties: 1_000_000 })).toBeDefined();
  });

  it('malformed keywords harm nobody', () => {
    const malformed = { type: 7, enum: [], properties: 3, required: 'x', allOf: {}, items: 4, pattern: '[', minimum: 'a', not: 1, examples: 'x', discriminator: 1, format: 9 };
    expect(make(malformed as unknown as JsonSchema)).toBeDefined();
    for (const schema of [false, { not: {} }, { not: true }, { type: 'string', enum: [1] }, { allOf: [false] }, { oneOf: [true, true] }]) {
      expect(make(schema as JsonSchema)).toBeDefined();
    }
  });
});

/** Schemas that have a value by the way they are built. */
const schemas: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema; scalar: JsonSchema }>((tie) => ({
  scalar: fc.oneof(
    fc.record({ low: fc.integer({ min: -1e6, max: 1e6 }), span: fc.nat(1e4), step: fc.constantFrom(undefined, 2, 5, 0.5) }).map(({ low, span, step }): JsonSchema => {
      const bounds = { minimum: low, maximum: low + span + 10 };
      return step === undefined ? { type: 'integer', ...bounds } : { type: 'number', ...bounds, multipleOf: step };
    }),
    fc.record({ low: fc.nat(20), span: fc.nat(20) }).map(({ low, span }): JsonSchema => ({ type: 'string', minLength: low, maxLength: low + span })),
    fc.constantFrom('^[a-z]{2,5}$', '^\\d+\\.\\d+$', '^(foo|bar)-[A-F0-9]{4}$', 'x+y*', '^[^\\s]+$').map((pattern): JsonSchema => ({ type: 'string', pattern })),
    fc.constantFrom('date-time', 'uuid', 'email', 'uri', 'ipv6').map((format): JsonSchema => ({ type: ['string', 'null'], format })),
    fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), { minLength: 1 }).map((values): JsonSchema => ({ enum: values })),
  ),
  schema: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    tie('scalar'),
    fc.record({ items: tie('schema'), low: fc.nat(3), span: fc.nat(3) }).map(({ items, low, span }): JsonSchema => ({ type: 'array', items, minItems: low, maxItems: low + span })),
    fc
      .record({ properties: fc.dictionary(fc.string({ maxLength: 6 }), tie('schema'), { maxKeys: 4 }), closed: fc.boolean(), every: fc.boolean() })
      .map(({ properties, closed, every }): JsonSchema => ({
        type: 'object',
        properties,
        additionalProperties: !closed,
        ...(every ? { required: Object.keys(properties) } : {}),
      })),
    fc.array(tie('schema'), { minLength: 2, maxLength: 3 }).map((anyOf): JsonSchema => ({ anyOf })),
    fc.array(tie('schema'), { minLength: 2, maxLength: 4 }).map((list): JsonSchema => ({
      oneOf: list.map((value, index) => ({ type: 'object', required: ['tag', 'value'], properties: { tag: { const: index }, value } })),
    })),
    fc.record({ a: tie('schema'), b: tie('schema') }).map(({ a, b }): JsonSchema => ({
      type: 'object',
      allOf: [{ properties: { a }, required: ['a'] }, { properties: { b } }],
      unevaluatedProperties: false,
    })),
    fc.record({ a: tie('schema'), b: tie('schema') }).map(({ a, b }): JsonSchema => ({
      type: 'object',
      required: ['on'],
      properties: { on: { type: 'boolean' } },
      if: { properties: { on: { const: true } } },
      ...Object.fromEntries([['then', { properties: { value: a } }], ['else', { required: ['other'], properties: { other: b } }]]),
    })),
  ),
})).schema;

describe('any schema that has a value', () => {
  it('gets one, the same one each time', () => {
    fc.assert(
      fc.property(schemas, fc.string(), (schema, salt) => {
        const value = make(schema, {}, salt);
        expect(issues(schema, value), JSON.stringify(value)).toEqual([]);
        expect(make(schema, {}, salt)).toEqual(value);
      }),
      { numRuns: 150 },
    );
  });
});
