import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../../interface/validate.ts';
import { createSynthesiser } from './synthesiser.ts';

const validator = createValidator({});

const issues = (schema: JsonSchema, value: JsonValue) => validator.check(schema, value, { direction: 'response' });

const make = (schema: JsonSchema, salt: string): JsonValue =>
  createSynthesiser({ types: {}, seed: 1, validator }).value(schema, { salt, direction: 'response' });

/** The branches of a condition. */
const branches = (met: JsonSchema, unmet: JsonSchema = true): object => {
  const [yes, no] = ['then', 'else'] as const;
  return Object.fromEntries([
    [yes, met],
    [no, unmet],
  ]);
};

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
  'integer formats': {
    type: 'array',
    prefixItems: [
      { type: 'integer', format: 'int32', minimum: 2_147_483_647 },
      { type: 'integer', format: 'int64' },
    ],
    minItems: 2,
  },
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
  'unique integers of a narrow range': {
    type: 'array',
    items: { type: 'integer', minimum: 1, maximum: 9 },
    uniqueItems: true,
    minItems: 5,
  },
  'a tuple that is closed': { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 },
  'a tuple with a rest': { type: 'array', prefixItems: [{ const: 1 }], items: { type: 'string' }, minItems: 3 },
  contains: { type: 'array', items: { type: 'integer' }, contains: { minimum: 500 }, minContains: 2, maxItems: 2 },
  'contains at most': { type: 'array', items: { enum: [1, 2] }, contains: { const: 1 }, maxContains: 1, minItems: 3 },
  'a closed tuple by unevaluatedItems': {
    allOf: [{ prefixItems: [{ type: 'string' }] }],
    type: 'array',
    unevaluatedItems: false,
    minItems: 1,
  },
  'a map': { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 3 },
  'a map with named keys': { type: 'object', propertyNames: { pattern: '^x-[a-z]{2}$' }, minProperties: 2 },
  'a map by pattern': {
    type: 'object',
    patternProperties: { '^[A-Z]{3}$': { type: 'number' } },
    additionalProperties: false,
    minProperties: 2,
  },
  'keys of a list': { type: 'object', propertyNames: { enum: ['a', 'b'] }, properties: { a: true, c: true }, minProperties: 1 },
  'at most one property': {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' }, c: {} },
    required: ['b'],
    maxProperties: 1,
  },
  'what one property asks for': {
    type: 'object',
    properties: { card: { type: 'string' } },
    dependentRequired: { card: ['address'] },
  },
  'a schema one property brings': {
    type: 'object',
    required: ['card'],
    properties: { card: { type: 'string' } },
    dependentSchemas: { card: { required: ['cvc'], properties: { cvc: { type: 'string', pattern: '^\\d{3}$' } } } },
  },
  'a property of two conjuncts': {
    allOf: [{ properties: { n: { minimum: 4 } } }, { properties: { n: { type: 'integer', maximum: 5 } }, required: ['n'] }],
  },
  'a conjunct that is closed': {
    allOf: [
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
      { properties: { a: true, b: true } },
    ],
  },
  'closed by unevaluatedProperties': {
    allOf: [{ properties: { a: { type: 'string' } } }],
    type: 'object',
    properties: { b: true },
    unevaluatedProperties: false,
  },
  'exactly one of two numbers': { oneOf: [{ type: 'integer' }, { type: 'number', minimum: 2 }] },
  'exactly one of overlapping objects': {
    oneOf: [
      { type: 'object', required: ['a'] },
      { type: 'object', required: ['b'] },
    ],
  },
  'exactly one by tag': { oneOf: [shoe, hat] },
  'exactly one of two texts': { oneOf: [{ type: 'string' }, { type: ['string', 'null'] }] },
  'exactly one of open objects': {
    oneOf: [
      { type: 'object', properties: { a: { type: 'string' } } },
      { type: 'object', properties: { b: { type: 'integer' } } },
      { type: 'object', properties: { c: { type: 'array', items: true } } },
    ],
  },
  'any of': { anyOf: [{ type: 'string', format: 'uuid' }, { type: 'integer' }] },
  'choices within choices': {
    anyOf: [{ oneOf: [shoe, { type: 'null' }] }, { oneOf: [{ type: 'integer' }, { type: 'boolean' }] }],
  },
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
    ...branches(
      { required: ['zip'], properties: { zip: { type: 'string', pattern: '^\\d{5}$' } } },
      { required: ['post'], properties: { post: { type: 'string', minLength: 6 } } },
    ),
  },
  'an if without an else': { type: 'integer', if: { minimum: 10 }, ...branches({ multipleOf: 10 }) },
  'an optional property nothing can satisfy': {
    type: 'object',
    properties: { good: { type: 'string' }, bad: { type: 'string', enum: [1] } },
  },
  'keys that are not keys everywhere': {
    type: 'object',
    required: ['__proto__', 'constructor'],
    properties: { constructor: { type: 'integer' }, ['__proto__']: { type: 'string' } },
  },
};

describe('values satisfy their schemas', () => {
  it.each(Object.entries(cases))('%s', (_, schema) => {
    for (const salt of ['a', 'b', 'c']) {
      const value = make(schema, salt);
      expect(issues(schema, value), JSON.stringify(value)).toEqual([]);
    }
  });

  const formats =
    'date-time iso-date-time date time iso-time duration uuid email hostname ipv4 ipv6 uri url uri-reference uri-template json-pointer relative-json-pointer json-pointer-uri-fragment regex byte binary password idn-email idn-hostname iri iri-reference unheard-of';
  it.each(formats.split(' '))('format %s', (format) => {
    for (const salt of ['a', 'b', 'c']) {
      const schema = { type: 'string', format };
      expect(issues(schema, make(schema, salt))).toEqual([]);
      const short = { type: 'string', format, maxLength: 40 };
      expect(issues(short, make(short, salt))).toEqual([]);
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
    expect(issues(schema, make(schema, 'a'))).toEqual([]);
  });
});
