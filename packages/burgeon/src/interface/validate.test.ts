import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '@burgeon/kit';
import { createValidator } from './validate.ts';

const check = (schema: JsonSchema, value: unknown, types: Record<string, JsonSchema> = {}) =>
  createValidator(types).check(schema, value);

describe('the first thing said of alternatives', () => {
  const range: JsonSchema = { type: 'object', properties: { gt: { type: 'integer' } } };
  const types: Record<string, JsonSchema> = { Range: range, Id: { anyOf: [{ type: 'integer' }, { $ref: '#/types/Range' }] } };
  const where = (id: JsonSchema): JsonSchema => ({ properties: { where: { properties: { id } } } });
  it.each<[string, JsonSchema, unknown, string]>([
    [
      'the one whose type fits',
      where({ anyOf: [{ type: 'integer' }, range] }),
      { where: { id: { gt: 'x' } } },
      '/where/id/gt must be integer, not string',
    ],
    [
      'through references',
      where({ oneOf: [{ type: 'null' }, { $ref: '#/types/Id' }] }),
      { where: { id: { gt: 'x' } } },
      '/where/id/gt must be integer, not string',
    ],
    ['a bound of the one that fits', { anyOf: [{ type: 'null' }, { minimum: 3 }] }, 2, ' must be at least 3'],
    ['an enumeration of its kind', { anyOf: [{ type: 'null' }, { enum: ['a', 1] }] }, 'b', ' must be one of "a", 1'],
    ['a constant of another kind', { anyOf: [{ type: 'string' }, { const: null }] }, 1, ' must be string, not number'],
    ['none that fits', where({ $ref: '#/types/Id' }), { where: { id: true } }, '/where/id must be integer, not boolean'],
    [
      'a property beside them',
      { properties: { a: { type: 'string' }, ab: { anyOf: [{ type: 'null' }] } } },
      { ab: 1 },
      '/ab must be null, not number',
    ],
    [
      'too many that fit',
      { oneOf: [{ type: 'string' }, { type: 'integer' }, { type: 'number' }] },
      5,
      ' fits several of the alternatives, but must fit exactly one',
    ],
    ['a pattern of some length', { pattern: 'a'.repeat(300) }, 'b', ` must match ${'a'.repeat(57)}...`],
  ])('%s', (_, schema, value, said) => {
    const [first] = check(schema, value, types);
    expect(`${first?.path} ${first?.message}`.replace(/^ (?= )/, '')).toBe(said);
  });

  it('everything, when all is asked for', () => {
    const issues = createValidator({}).check({ anyOf: [{ type: 'null' }, range] }, { gt: 'x' }, { all: true });
    expect(issues.map(({ path, keyword }) => [path, keyword])).toEqual([
      ['', 'type'],
      ['/gt', 'type'],
      ['', 'anyOf'],
    ]);
  });
});

describe('createValidator', () => {
  it.each<[string, JsonSchema, unknown, unknown]>([
    ['a fitting value', { type: 'string' }, 'a', []],
    ['a wrong type', { type: 'string' }, 1, [{ path: '', message: 'must be string, not number', keyword: 'type' }]],
    [
      'one of several types',
      { type: ['string', 'null'] },
      [],
      [{ path: '', message: 'must be string or null, not array', keyword: 'type' }],
    ],
    ['a missing property', { required: ['a/b'] }, {}, [{ path: '/a~1b', message: 'is required', keyword: 'required' }]],
    [
      'an unknown property',
      { additionalProperties: false },
      { b: 1 },
      [{ path: '/b', message: 'is not a known property', keyword: 'additionalProperties' }],
    ],
    ['a value outside an enum', { enum: ['a', 'b'] }, 'c', [{ path: '', message: 'must be one of "a", "b"', keyword: 'enum' }]],
    [
      'a long enum',
      { enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
      0,
      [{ path: '', message: 'must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ... (11 values)', keyword: 'enum' }],
    ],
    ['a constant', { const: 'a' }, null, [{ path: '', message: 'must be "a"', keyword: 'const' }]],
    [
      'a format',
      { format: 'date-time' },
      'now',
      [{ path: '', message: 'must be a valid date-time, not "now"', keyword: 'format' }],
    ],
    ['a pattern', { pattern: '^a+$' }, 'b', [{ path: '', message: 'must match ^a+$', keyword: 'pattern' }]],
    ['a short text', { minLength: 1 }, '', [{ path: '', message: 'must have at least 1 character', keyword: 'minLength' }]],
    [
      'a long text counted in code points',
      { maxLength: 2 },
      '😀😀😀',
      [{ path: '', message: 'must have at most 2 characters', keyword: 'maxLength' }],
    ],
    ['few items', { minItems: 1 }, [], [{ path: '', message: 'must have at least 1 item', keyword: 'minItems' }]],
    ['many items', { maxItems: 0 }, [1], [{ path: '', message: 'must have at most 0 items', keyword: 'maxItems' }]],
    [
      'few properties',
      { minProperties: 1 },
      {},
      [{ path: '', message: 'must have at least 1 property', keyword: 'minProperties' }],
    ],
    [
      'many properties',
      { maxProperties: 0 },
      { a: 1 },
      [{ path: '', message: 'must have at most 0 properties', keyword: 'maxProperties' }],
    ],
    ['minimum', { minimum: 2 }, 1, [{ path: '', message: 'must be at least 2', keyword: 'minimum' }]],
    ['maximum', { maximum: 2 }, 3, [{ path: '', message: 'must be at most 2', keyword: 'maximum' }]],
    ['exclusiveMinimum', { exclusiveMinimum: 2 }, 2, [{ path: '', message: 'must be more than 2', keyword: 'exclusiveMinimum' }]],
    ['exclusiveMaximum', { exclusiveMaximum: 2 }, 2, [{ path: '', message: 'must be less than 2', keyword: 'exclusiveMaximum' }]],
    ['multipleOf', { multipleOf: 2 }, 3, [{ path: '', message: 'must be a multiple of 2', keyword: 'multipleOf' }]],
    [
      'a repeated item',
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [{ path: '', message: 'must not hold the same item twice', keyword: 'uniqueItems' }],
    ],
    ['uniqueItems off', { uniqueItems: false }, [1, 1], []],
    ['not', { not: {} }, 1, [{ path: '', message: 'has a form that is not allowed', keyword: 'not' }]],
    [
      'overlapping alternatives',
      { oneOf: [{}, { type: 'string' }] },
      'a',
      [{ path: '', message: 'fits several of the alternatives, but must fit exactly one', keyword: 'oneOf' }],
    ],
    [
      'dependentRequired',
      { dependentRequired: { a: ['b'] } },
      { a: 1 },
      [{ path: '/b', message: 'is required beside "a"', keyword: 'dependentRequired' }],
    ],
    [
      'contains',
      { contains: { type: 'string' } },
      [1],
      expect.arrayContaining([{ path: '', message: 'does not hold the items that are asked for', keyword: 'contains' }]),
    ],
    [
      'property names',
      { propertyNames: { maxLength: 1 } },
      { ab: 1 },
      expect.arrayContaining([expect.objectContaining({ keyword: 'propertyNames' })]),
    ],
    ['the schema false', false, 1, [{ path: '', message: 'nothing is allowed here', keyword: 'false' }]],
    ['the schema true', true, 1, []],
    [
      'a property with the schema false',
      { properties: { a: false } },
      { a: 1 },
      [{ path: '/a', message: 'is not allowed', keyword: 'false schema' }],
    ],
    [
      'a condition',
      { if: { type: 'number' }, else: { maxLength: 1 } },
      'ab',
      [{ path: '', message: 'must have at most 1 character', keyword: 'maxLength' }],
    ],
    [
      'unevaluatedProperties',
      { allOf: [{ properties: { a: {} } }], unevaluatedProperties: false },
      { a: 1, b: 2 },
      [{ path: '/b', message: 'is not a known property', keyword: 'unevaluatedProperties' }],
    ],
    ['byte', { format: 'byte' }, 'a', [expect.objectContaining({ keyword: 'format' })]],
    ['formats of numbers', { type: 'integer', format: 'int32' }, 2 ** 31, [expect.objectContaining({ keyword: 'format' })]],
    ['formats nobody knows', { format: 'colour' }, 'x', []],
    ['double, password and binary', { allOf: [{ format: 'password' }, { format: 'binary' }] }, 'x', []],
  ])('%s', (_name, schema, value, expected) => {
    expect(check(schema, value)).toEqual(expected);
  });

  it('keeps several patterns of one schema apart', () => {
    const schema = {
      properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } },
      patternProperties: { '^c': { pattern: '^c$' } },
    };
    expect(check(schema, { a: 'a', b: 'b', c: 'c' })).toEqual([]);
    expect(check(schema, { a: 'a', b: 'a', c: 'c' }).map(({ path }) => path)).toEqual(['/b']);
  });

  it('follows references between types, recursive ones too', () => {
    const types: Record<string, JsonSchema> = {
      Node: { type: 'object', properties: { next: { $ref: '#/types/Node' }, 'odd/name': { $ref: '#/types/Odd ~1 name' } } },
      'Odd / name': { type: 'string' },
    };
    const validator = createValidator(types);
    expect(validator.check({ $ref: '#/types/Node' }, { next: { next: { next: 1 } } })).toEqual([
      { path: '/next/next/next', message: 'must be object, not number', keyword: 'type' },
    ]);
    expect(validator.check({ $ref: '#/types/Node' }, { 'odd/name': 1 })).toHaveLength(1);
    expect(validator.unchecked).toEqual([]);
  });

  it('asks for what travels in the direction only', () => {
    const types: Record<string, JsonSchema> = {
      Id: { type: 'string', readOnly: true },
      User: {
        type: 'object',
        properties: { id: { $ref: '#/types/Id' }, password: { type: 'string', writeOnly: true } },
        required: ['id', 'password'],
      },
    };
    const validator = createValidator(types);
    const user = { $ref: '#/types/User' };
    expect(validator.check(user, { password: 'x' }, { direction: 'request' })).toEqual([]);
    expect(validator.check(user, { id: 'x' }, { direction: 'response' })).toEqual([]);
    expect(validator.check(user, {}, { direction: 'request' }).map(({ path }) => path)).toEqual(['/password']);
    expect(validator.check(user, {}, { direction: 'response' }).map(({ path }) => path)).toEqual(['/id']);
    expect(validator.check(user, {}, { all: true }).map(({ path }) => path)).toEqual(['/id', '/password']);
  });

  it.each<[string, JsonSchema, string]>([
    ['look-ahead', { pattern: '^(?=a)' }, 'pattern'],
    ['a back reference', { pattern: '(a)\\1' }, 'pattern'],
    ['an invalid pattern', { pattern: '(' }, 'pattern'],
    ['an unknown type', { type: 'file' }, 'type'],
    ['a boolean required', { required: true as never }, 'required'],
    ['an empty enum', { enum: [] }, 'enum'],
    ['a reference to nowhere', { $ref: '#/types/Nobody' }, '$ref'],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }, '$ref'],
    ['a bound of text', { minimum: '1' as never }, 'minimum'],
    ['properties of another shape', { properties: [] as never }, 'properties'],
  ])('counts as satisfied and lists: %s', (_name, schema, keyword) => {
    const validator = createValidator({});
    expect(validator.check(schema, 'anything')).toEqual([]);
    validator.check(structuredClone(schema), 'anything');
    expect(validator.unchecked).toEqual([expect.objectContaining({ path: '', keyword })]);
  });

  it('lets names pass that an unchecked pattern might allow', () => {
    const validator = createValidator({});
    expect(
      validator.check({ patternProperties: { '^(?!x)': {}, '^y': { type: 'string' } }, additionalProperties: false }, { b: 1 }),
    ).toEqual([]);
    expect(
      validator.check({ patternProperties: { '^y': { type: 'string' } }, additionalProperties: false }, { y: 1 }),
    ).toHaveLength(1);
  });

  it('survives identifiers, circles, and names that look like code', () => {
    const hostile = '"]);process.exit(1);//';
    const types: Record<string, JsonSchema> = {
      [hostile]: { properties: JSON.parse(`{"__proto__": {"type": "string"}}`) as Record<string, JsonSchema> },
      Circle: { $ref: '#/types/Circle' },
      A: {
        $id: 'https://example.com/a',
        $anchor: 'x',
        $async: true,
        nullable: true,
        properties: { [hostile]: { const: hostile } },
      },
    };
    const validator = createValidator(types);
    expect(validator.check({ $ref: `#/types/${hostile.replaceAll('/', '~1')}` }, JSON.parse('{"__proto__": 1}'))).toEqual([]);
    expect(validator.check({ $ref: '#/types/A' }, { [hostile]: hostile })).toEqual([]);
    expect(validator.check({ $ref: '#/types/Circle' }, 1)).toEqual([expect.objectContaining({ path: '' })]);
  });

  it('gives up on values that are too deep or too entangled instead of hanging', () => {
    const nested = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
    const deep = createValidator({ Deep: { properties: { a: { $ref: '#/types/Deep' } } } });
    expect(deep.check({ $ref: '#/types/Deep' }, nested(2_000))).toEqual([]);
    expect(deep.check({ $ref: '#/types/Deep' }, nested(1_000_000))).toEqual([expect.objectContaining({ keyword: 'depth' })]);
    const twice: JsonSchema = {
      oneOf: [{ properties: { a: { $ref: '#/types/Twice' } } }, { properties: { a: { $ref: '#/types/Twice' } } }],
    };
    const entangled = createValidator({ Twice: twice });
    expect(entangled.check({ $ref: '#/types/Twice' }, nested(60))).toEqual([expect.objectContaining({ keyword: 'complexity' })]);
  });

  it('gives at most 20 issues', () => {
    const required = Array.from({ length: 50 }, (_, index) => `p${index}`);
    expect(createValidator({}).check({ required }, {}, { all: true })).toHaveLength(20);
  });
});
