import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../../interface/validate.ts';
import { type Synthesiser, createSynthesiser } from './synthesiser.ts';

type Types = Record<string, JsonSchema>;

const open = (types: Types = {}, seed = 1): Synthesiser => createSynthesiser({ types, seed, validator: createValidator(types) });

const issues = (schema: JsonSchema, value: JsonValue, types: Types = {}, direction: 'request' | 'response' = 'response') =>
  createValidator(types).check(schema, value, { direction });

const make = (schema: JsonSchema, types: Types = {}, salt = 'a'): JsonValue =>
  open(types).value(schema, { salt, direction: 'response' });

describe('references', () => {
  it('end in the smallest finite value', () => {
    const types: Types = {
      Tree: {
        type: 'object',
        required: ['name', 'children'],
        properties: {
          name: { type: 'string' },
          parent: { $ref: '#/types/Tree' },
          children: { type: 'array', items: { $ref: '#/types/Tree' } },
        },
      },
      Link: { type: 'object', required: ['next'], properties: { next: { anyOf: [{ $ref: '#/types/Link' }, { type: 'null' }] } } },
      Json: {
        anyOf: [
          { type: 'object', additionalProperties: { $ref: '#/types/Json' } },
          { type: 'array', items: { $ref: '#/types/Json' } },
          { type: 'string' },
        ],
      },
      Query: {
        type: 'object',
        minProperties: 1,
        maxProperties: 1,
        additionalProperties: false,
        properties: { not: { $ref: '#/types/Not' }, all: { type: 'boolean' } },
      },
      Not: { type: 'object', required: ['query'], properties: { query: { $ref: '#/types/Query' } } },
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
    expect(make({ $ref: '#/types/Both' }, { Both: { allOf: [{ $ref: '#/types/Both' }, { type: 'string' }] } })).toEqual(
      expect.any(String),
    );
    expect(make({ $ref: '#/types/Self' }, { Self: { anyOf: [{ $ref: '#/types/Self' }, { type: 'integer' }] } })).toBeDefined();
    expect(open().value({ $ref: 'elsewhere' }, { salt: 'a', direction: 'response' })).toBeDefined();
  });
});

describe('properties', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['id', 'password', 'name'],
    properties: {
      id: { type: 'integer', readOnly: true },
      password: { type: 'string', writeOnly: true },
      name: { type: 'string' },
    },
  };

  it('stay out of the direction they do not travel in', () => {
    expect(Object.keys(open().value(schema, { salt: 'a', direction: 'request' }) as object)).toEqual(['password', 'name']);
    expect(Object.keys(open().value(schema, { salt: 'a', direction: 'response' }) as object)).toEqual(['id', 'name']);
  });

  it('name the type where they tell types apart', () => {
    const types: Types = {
      Cat: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, lives: { type: 'integer' } } },
      Dog: {
        type: 'object',
        required: ['kind'],
        properties: { kind: { type: 'string' }, tricks: { type: 'array', items: { type: 'string' } } },
      },
      Base: {
        type: 'object',
        required: ['sort'],
        properties: { sort: { type: 'string' } },
        discriminator: { propertyName: 'sort', mapping: { c: '#/types/Child' } },
      },
      Child: { allOf: [{ $ref: '#/types/Base' }, { type: 'object', properties: { more: { type: 'string' } } }] },
    };
    const discriminator = { propertyName: 'kind', mapping: { cat: '#/types/Cat', dog: '#/types/Dog' } };
    for (const salt of ['a', 'b', 'c', 'd']) {
      const value = make({ anyOf: [{ $ref: '#/types/Cat' }, { $ref: '#/types/Dog' }], discriminator }, types, salt) as {
        kind: string;
      };
      expect(value.kind).toBe('lives' in value ? 'cat' : 'dog');
      const implied = make(
        { anyOf: [{ $ref: '#/types/Cat' }, { $ref: '#/types/Dog' }], discriminator: { propertyName: 'kind' } },
        types,
        salt,
      ) as { kind: string };
      expect(implied.kind).toBe('lives' in implied ? 'Cat' : 'Dog');
    }
    expect(make({ $ref: '#/types/Child' }, types)).toMatchObject({ sort: 'c' });
  });

  it('hold what their names promise', () => {
    const value = make({
      type: 'object',
      properties: {
        email: { type: 'string' },
        city: { type: 'string' },
        createdAt: { type: 'string' },
        latitude: { type: 'number' },
      },
    });
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
    expect(synthesiser.at({ properties: { body: { $ref: '#/types/Thing' } } }, '/body/id')).toEqual({
      type: 'integer',
      readOnly: true,
    });
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
    const schema: JsonSchema = {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'array', uniqueItems: true, minItems: 2, items: { type: 'string', examples: ['x'] } } },
    };
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
    const wide: JsonSchema = {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`p${index}`, { type: 'string' }])),
    };
    expect(Object.keys(make(wide) as object)).toHaveLength(5_000);
    let deep: JsonSchema = { type: 'string' };
    for (let depth = 0; depth < 300; depth++) deep = { type: 'object', required: ['a'], properties: { a: deep } };
    expect(make(deep)).toBeDefined();
    const types: Types = { T0: { type: 'string' } };
    for (let depth = 1; depth < 16; depth++) {
      const below = { $ref: `#/types/T${depth - 1}` };
      types[`T${depth}`] = {
        type: 'object',
        required: ['a', 'b', 'c', 'd'],
        properties: { a: below, b: below, c: below, d: below },
      };
    }
    expect(make({ $ref: '#/types/T15' }, types)).toBeDefined();
    expect(make({ type: 'array', minItems: 1_000_000_000, items: { type: 'integer' } })).toHaveLength(2_000);
    expect((make({ type: 'string', minLength: 1_000_000_000 }) as string).length).toBeLessThanOrEqual(200_000);
    expect(make({ type: 'object', minProperties: 1_000_000 })).toBeDefined();
  });

  /** Types that double from one to the next: a value of `L0` has two to the power of `levels` leaves. */
  const doubling = (levels: number): Types => ({
    ...Object.fromEntries(
      Array.from({ length: levels }, (_, level) => {
        const next = { $ref: `#/types/L${level + 1}` };
        return [`L${level}`, { type: 'object', required: ['a', 'b'], properties: { a: next, b: next } }];
      }),
    ),
    [`L${levels}`]: { type: 'string' },
  });
  const [all, some]: JsonSchema[] = [{ $ref: '#/types/L0' }, { $ref: '#/types/L12' }];
  const twin: JsonSchema = {
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { $ref: '#/types/Twin' }, b: { $ref: '#/types/Twin' } },
  };

  it.each<[string, JsonSchema, Types, JsonValue]>([
    ['an object', all as JsonSchema, doubling(22), {}],
    ['an object deeper than any look ahead', all as JsonSchema, doubling(60), {}],
    ['an object around it', { type: 'object', required: ['x'], properties: { x: all as JsonSchema } }, doubling(22), {}],
    ['a list', { type: 'array', minItems: 1, items: all as JsonSchema }, doubling(22), []],
    ['a choice', { oneOf: [{ ...all }, { type: 'array', minItems: 2, items: all as JsonSchema }] }, doubling(22), null],
    ['what has no end', { $ref: '#/types/Twin' }, { Twin: twin }, {}],
  ])('what must be too large is given up at once: %s', (_, schema, types, wanted) => {
    const synthesiser = open(types);
    expect(synthesiser.value(schema, { salt: 'a', direction: 'response' })).toEqual(wanted);
    expect(synthesiser.isTooLarge(schema)).toBe(true);
  });

  it.each<[string, JsonSchema, Types]>([
    ['a thousand leaves', some as JsonSchema, doubling(22)],
    ['a choice with a small way out', { anyOf: [all as JsonSchema, { type: 'integer' }] }, doubling(22)],
    ['what need not be there', { type: 'object', properties: { x: all as JsonSchema } }, doubling(22)],
  ])('what may be small is made: %s', (_, schema, types) => {
    const synthesiser = open(types);
    const value = synthesiser.value(schema, { salt: 'a', direction: 'response' });
    expect([issues(schema, value, types), synthesiser.isTooLarge(schema)]).toEqual([[], false]);
  });

  it('what is too large and need not be there costs few checks', () => {
    const types = doubling(22);
    const validator = createValidator(types);
    let checks = 0;
    const check: typeof validator.check = (...given) => {
      checks++;
      return validator.check(...given);
    };
    const schema: JsonSchema = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'integer' }, x: all as JsonSchema },
    };
    const value = createSynthesiser({ types, seed: 1, validator: { check } }).value(schema, { salt: 'a', direction: 'response' });
    expect(Object.keys(value as object)).toEqual(['id']);
    expect(checks).toBeLessThanOrEqual(1);
  });

  it('malformed keywords harm nobody', () => {
    const malformed = {
      type: 7,
      enum: [],
      properties: 3,
      required: 'x',
      allOf: {},
      items: 4,
      pattern: '[',
      minimum: 'a',
      not: 1,
      examples: 'x',
      discriminator: 1,
      format: 9,
    };
    expect(make(malformed as unknown as JsonSchema)).toBeDefined();
    for (const schema of [
      false,
      { not: {} },
      { not: true },
      { type: 'string', enum: [1] },
      { allOf: [false] },
      { oneOf: [true, true] },
    ]) {
      expect(make(schema as JsonSchema)).toBeDefined();
    }
  });
});
