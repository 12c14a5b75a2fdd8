import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../../interface/validate.ts';
import { createSynthesiser } from './synthesiser.ts';

const validator = createValidator({});
const make = (schema: JsonSchema, seed: number): JsonValue =>
  createSynthesiser({ types: {}, seed, validator }).value(schema, { salt: 'a', direction: 'response' });
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

const string: JsonSchema = { type: 'string' };
const number: JsonSchema = { type: 'number' };
const pet = (kind: string, more: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties: { kind: { const: kind }, ...more },
  required: ['kind', ...Object.keys(more)],
});

// Written as a literal, the second key would make the schema look like a promise.
const condition = (...parts: JsonSchema[]): object =>
  Object.fromEntries(['if', 'then'].map((keyword, index) => [keyword, parts[index]]));

describe('what is made fits', () => {
  it.each<[string, JsonSchema]>([
    ['types nobody knows beside one', { type: ['string', 'text'] as never }],
    ['two enumerations', { allOf: [{ enum: [1, 2, 'a'] }, { enum: [2, 'a', 3] }, { not: { const: 2 } }] }],
    ['an enumeration and a constant', { const: { a: 1 }, enum: [{ a: 1 }, { a: 2 }] }],
    ['bounds that are bounds twice', { type: 'number', minimum: 1, exclusiveMinimum: 1, maximum: 2, exclusiveMaximum: 2 }],
    ['bounds on both sides of members', { allOf: [{ maximum: 5 }, { type: 'integer', minimum: 3, exclusiveMaximum: 4 }] }],
    [
      'steps of several members',
      {
        allOf: [
          { type: 'integer', multipleOf: 4 },
          { multipleOf: 6, minimum: 1 },
        ],
      },
    ],
    ['a format of numbers', { type: 'integer', format: 'int8', minimum: 100 }],
    ['a list that ends with its head', { type: 'array', prefixItems: [string, number], items: false, minItems: 2 }],
    ['a list that nothing else may be in', { type: 'array', prefixItems: [string], unevaluatedItems: false, minItems: 1 }],
    [
      'a list with one of a kind',
      { type: 'array', items: { type: 'integer' }, contains: { const: 7 }, maxContains: 1, minItems: 3 },
    ],
    ['a list with several of a kind', { type: 'array', contains: { const: 7 }, minContains: 2 }],
    ['a list with none of a kind', { type: 'array', items: number, contains: { const: 'x' }, minContains: 0 }],
    ['one alternative', { oneOf: [string] }],
    ['one alternative of each sort', { anyOf: [{ type: 'integer' }], oneOf: [{ minimum: 3 }] }],
    ['alternatives that exclude each other', { oneOf: [{ type: 'integer' }, { type: 'number', minimum: 10 }] }],
    [
      'a condition without else',
      {
        properties: { a: { enum: [1, 2] } },
        required: ['a'],
        ...condition({ properties: { a: { const: 1 } } }, { required: ['b'] }),
      },
    ],
    ['a condition without then', { type: 'object', if: { required: ['a'] }, else: { required: ['b'] } }],
    ['a condition of nothing', { type: 'integer', if: { minimum: 5 } }],
    ['not a constant', { type: 'boolean', not: { const: true } }],
    ['not one of some', { enum: ['a', 'b', 'c'], not: { enum: ['a', 'c'], type: 'string' } }],
    ['not a type', { enum: ['a', 1, null], not: { type: ['number', 'null'] } }],
    ['not any of some', { type: ['integer', 'string', 'null'], not: { anyOf: [{ type: 'string' }, { type: 'null' }] } }],
    [
      'not with a property',
      { type: 'object', properties: { a: string, b: string }, required: ['a'], not: { required: ['a', 'b'] } },
    ],
    [
      'not with a property of a value',
      { type: 'object', properties: { a: { enum: [1, 2] } }, not: { properties: { a: { const: 1 } }, required: ['a'] } },
    ],
    [
      'not with a value, even absent',
      { type: 'object', properties: { a: { enum: [1, 2] } }, not: { properties: { a: { const: 1 } } } },
    ],
    ['not without a property', { type: 'object', properties: { a: string }, not: { properties: { a: false } } }],
    [
      'not both of two values',
      {
        properties: { a: { enum: [1, 2] }, b: { enum: [1, 2] } },
        required: ['a', 'b'],
        not: { properties: { a: { const: 1 }, b: { const: 1 } } },
      },
    ],
    [
      'a kind that is told by a property',
      {
        oneOf: [pet('cat', { lives: number }), pet('dog', { barks: { type: 'boolean' } })],
        discriminator: { propertyName: 'kind' },
      } as JsonSchema,
    ],
    [
      'needs that follow from others',
      {
        type: 'object',
        properties: { a: string, b: number },
        required: ['a'],
        dependentRequired: { a: ['b'] },
        dependentSchemas: { b: { required: ['c'] } },
      },
    ],
    ['names that fit', { type: 'object', propertyNames: { pattern: '^x-[a-z]{2,4}$' }, minProperties: 2, maxProperties: 3 }],
    [
      'members that each close',
      {
        allOf: [{ properties: { a: string }, required: ['a'] }],
        properties: { b: number },
        unevaluatedProperties: false,
        type: 'object',
      },
    ],
    [
      'a property that two members describe',
      {
        allOf: [{ properties: { a: { minimum: 3 } } }, { properties: { a: { type: 'integer', maximum: 4 } } }],
        required: ['a'],
        type: 'object',
      },
    ],
    ['a text of two patterns', { allOf: [{ type: 'string', pattern: '^[a-f]+$' }, { pattern: '^.{4}$' }] }],
    [
      'a text with bounds of several members',
      { allOf: [{ minLength: 3 }, { minLength: 5, maxLength: 9 }, { maxLength: 6, type: 'string' }] },
    ],
  ])('%s', (_, schema) => {
    for (const seed of seeds) {
      const value = make(schema, seed);
      expect(validator.check(schema, value), JSON.stringify(value)).toEqual([]);
    }
  });

  it.each<[string, JsonSchema]>([
    ['anything at all', { not: true }],
    ['the empty schema', { not: {} }],
    ['every kind', { not: { type: ['string', 'number', 'boolean', 'null', 'array', 'object'] } }],
    ['both of what excludes itself', { allOf: [{ const: 1 }, { const: 2 }] }],
    ['a type nobody knows', { type: 'string', not: { type: 'text' as never } }],
    [
      'malformed keywords',
      { type: 'object', required: 'a', properties: [], dependentRequired: { a: 1 }, oneOf: {}, examples: 1 } as never,
    ],
  ])('something is made where nothing can fit: not %s', (_, schema) => {
    expect(make(schema, 1)).toBeDefined();
  });
});
