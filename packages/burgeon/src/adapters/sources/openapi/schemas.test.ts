import { describe, expect, it } from 'vitest';
import { codesOf, read } from './fixtures/read.ts';

const readSchemas = async (schemas: unknown, version = '3.0.0') => {
  const found = await read({ openapi: version, info: { title: 'T', version: '1' }, paths: {}, components: { schemas } });
  return {
    types: found.types,
    codes: codesOf(found.diagnostics).filter((code) => code !== 'no-operations' && code !== 'location-missing'),
  };
};

describe('schemas of every dialect become 2020-12', () => {
  const table: [name: string, given: unknown, expected: unknown, codes?: string[]][] = [
    ['true', true, true],
    ['false', false, false],
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['nullable enum', { type: 'string', enum: ['a'], nullable: true }, { type: ['string', 'null'], enum: ['a', null] }],
    ['nullable without a type', { nullable: true }, {}],
    [
      'nullable composition',
      { description: 'd', nullable: true, allOf: [{ type: 'object' }] },
      { description: 'd', anyOf: [{ allOf: [{ type: 'object' }] }, { type: 'null' }] },
    ],
    ['nullable type list', { type: ['string', 'integer'], 'x-nullable': true }, { type: ['string', 'integer', 'null'] }],
    [
      'exclusive bounds of old',
      { minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false },
      { exclusiveMinimum: 1, maximum: 5 },
    ],
    ['exclusive bounds of now', { exclusiveMinimum: 1, exclusiveMaximum: '9' }, { exclusiveMinimum: 1, exclusiveMaximum: 9 }],
    ['exclusive without bound', { exclusiveMinimum: true }, {}, ['invalid-keyword']],
    [
      'file',
      { type: 'file' },
      { type: 'string', format: 'binary', contentEncoding: 'base64', contentMediaType: 'application/octet-stream' },
    ],
    [
      'binary',
      { type: 'string', format: 'binary', minLength: 3 },
      { type: 'string', format: 'binary', contentEncoding: 'base64', contentMediaType: 'application/octet-stream' },
    ],
    ['byte', { type: 'string', format: 'byte' }, { type: 'string', format: 'byte', contentEncoding: 'base64' }],
    [
      'bytes of 3.1',
      { type: ['string', 'null'], contentMediaType: 'image/png' },
      { type: ['string', 'null'], contentMediaType: 'image/png', contentEncoding: 'base64' },
    ],
    [
      'embedded JSON',
      { type: 'string', contentMediaType: 'application/json' },
      { type: 'string', contentMediaType: 'application/json' },
    ],
    ['example', { type: 'integer', example: 3 }, { type: 'integer', examples: [3] }],
    ['examples by name', { examples: { a: { value: 1 }, b: 2 } }, { examples: [1, 2] }],
    ['loose types', { type: 'Int' }, { type: 'integer' }, ['invalid-type']],
    ['loose formats', { type: 'datetime' }, { type: 'string', format: 'date-time' }, ['invalid-type']],
    ['no type at all', { type: 'thing' }, {}, ['invalid-type']],
    ['an unquoted null', { type: ['string', null] }, { type: ['string', 'null'] }],
    [
      'a tuple',
      { items: [{ type: 'string' }, {}], additionalItems: false },
      { prefixItems: [{ type: 'string' }, {}], items: false },
      ['tuple-items'],
    ],
    [
      'a list of one',
      { type: 'array', items: [{ type: 'string' }] },
      { type: 'array', items: { type: 'string' } },
      ['tuple-items'],
    ],
    [
      'dependencies',
      { dependencies: { a: ['b'], c: { minProperties: 2 } } },
      { dependentRequired: { a: ['b'] }, dependentSchemas: { c: { minProperties: 2 } } },
    ],
    [
      'counts as texts',
      { maxLength: '5', minLength: -1, uniqueItems: 'true' },
      { maxLength: 5, uniqueItems: true },
      ['invalid-keyword'],
    ],
    ['multipleOf 0', { multipleOf: 0 }, {}, ['invalid-keyword']],
    ['divisibleBy', { divisibleBy: 5 }, { multipleOf: 5 }],
    ['required of old', { properties: { a: { required: true } } }, { properties: { a: {} } }, ['invalid-keyword']],
    ['required twice', { required: ['a', 'a', 1] }, { required: ['a'] }],
    ['required empty', { required: [] }, {}],
    ['enum of texts that are numbers', { type: 'integer', enum: ['1', 2, '2'] }, { type: 'integer', enum: [1, 2] }],
    [
      'enum of numbers that are texts',
      { type: 'string', enum: [1, true], default: 1 },
      { type: 'string', enum: ['1', 'true'], default: '1' },
    ],
    ['enum of objects', { enum: [{ a: 1 }, { a: 1 }, null] }, { enum: [{ a: 1 }, null] }],
    ['enum empty', { enum: [] }, {}, ['invalid-keyword']],
    ['truth as text', { type: 'boolean', default: 'false' }, { type: 'boolean', default: false }],
    ['default null', { type: 'string', default: null }, { type: 'string' }],
    ['not a list', { allOf: { type: 'object' }, anyOf: [], oneOf: 3 }, { allOf: [{ type: 'object' }] }, ['invalid-keyword']],
    ['not an object', { properties: [], patternProperties: null }, {}, ['invalid-keyword']],
    [
      'no schema',
      { properties: { a: 'string', b: 3, 'x-c': 'note' } },
      { properties: { a: { type: 'string' }, b: true } },
      ['invalid-schema'],
    ],
    ['what is not about values', { xml: {}, externalDocs: {}, $id: 'x', 'x-y': 1, $schema: 's' }, {}],
    [
      'additionalProperties',
      { additionalProperties: { type: 'string' }, not: { const: 1 } },
      { additionalProperties: { type: 'string' }, not: { const: 1 } },
    ],
    [
      'a pattern of another language',
      { pattern: '/^\\A(?P<x>[\\w\\-]+)\\Z$/i' },
      { pattern: '^^(?<x>[\\w\\-]+)$$' },
      ['pattern-repaired'],
    ],
    ['needless escapes', { pattern: '^\\@[a-z\\_]{2}\\-}$' }, { pattern: '^@[a-z_]{2}-\\}$' }, ['pattern-repaired']],
    ['no pattern', { pattern: '(', title: 5 }, { title: '5' }, ['invalid-keyword']],
    ['pattern keys', { patternProperties: { '^a': {}, '(': {} } }, { patternProperties: { '^a': {} } }, ['invalid-keyword']],
    ['a discriminator that names nothing', { discriminator: { mapping: {} } }, {}, ['invalid-keyword']],
  ];
  it.each(table)('%s', async (_, given, expected, codes = []) => {
    const found = await readSchemas({ A: given });
    expect(found.types['A']).toEqual(expected);
    expect(found.codes).toEqual(codes);
  });

  it('keeps __proto__ an ordinary property', async () => {
    const found = await read(
      '{"openapi":"3.0.0","components":{"schemas":{"A":{"properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}}}}',
    );
    expect(Object.keys((found.types['A'] as { properties: object }).properties)).toEqual(['__proto__']);
    expect(({} as { type?: string }).type).toBeUndefined();
  });

  it('lets annotations stand beside a reference in 3.0 and everything in 3.1', async () => {
    const given = { A: { $ref: '#/components/schemas/B', description: 'mine', maxLength: 3 }, B: { type: 'string' } };
    expect((await readSchemas(given)).types['A']).toEqual({ $ref: '#/types/B', description: 'mine' });
    expect((await readSchemas(given, '3.1.0')).types['A']).toEqual({ $ref: '#/types/B', description: 'mine', maxLength: 3 });
    expect((await readSchemas({ ...given, A: { $ref: '#/components/schemas/B', nullable: true } })).types['A']).toEqual({
      anyOf: [{ $ref: '#/types/B' }, { type: 'null' }],
    });
  });

  it('maps discriminators to types', async () => {
    const found = await readSchemas({
      Pet: {
        oneOf: [{ $ref: '#/components/schemas/Dog' }],
        discriminator: {
          propertyName: 'kind',
          mapping: { dog: '#/components/schemas/Dog', short: 'Dog', lost: '#/nowhere', odd: 7 },
        },
      },
      Dog: { type: 'object' },
    });
    expect(found.types['Pet']).toMatchObject({
      discriminator: { propertyName: 'kind', mapping: { dog: '#/types/Dog', short: '#/types/Dog' } },
    });
    expect(found.codes).toEqual(['dangling-ref']);
  });

  it('names types for code, and the same in any order', async () => {
    const schemas = {
      'com.example.Pet-Owner': {},
      'pet owner': {},
      import: {},
      '*/ evil': {},
      A: { properties: { b: { type: 'object' } } },
      B: { $ref: '#/components/schemas/A/properties/b' },
    };
    const found = await readSchemas(schemas);
    const turned = await readSchemas(Object.fromEntries(Object.entries(schemas).toReversed()));
    for (const name of Object.keys(found.types)) expect(name).toMatch(/^[A-Za-z_$][\w$]*$/);
    expect(Object.keys(turned.types).toSorted()).toEqual(Object.keys(found.types).toSorted());
    expect(found.types['B']).toEqual({ $ref: '#/types/AB' });
  });

  it('cuts circles that are made of nothing but themselves', async () => {
    const found = await readSchemas({
      Self: { allOf: [{ $ref: '#/components/schemas/Self' }, { type: 'object' }] },
      Ping: { $ref: '#/components/schemas/Pong' },
      Pong: { $ref: '#/components/schemas/Ping' },
      Not: { not: { $ref: '#/components/schemas/Not' } },
      Tree: { properties: { child: { $ref: '#/components/schemas/Tree' } } },
    });
    expect(found.types).toMatchObject({
      Self: { allOf: [true, { type: 'object' }] },
      Pong: {},
      Not: { not: true },
      Tree: { properties: { child: { $ref: '#/types/Tree' } } },
    });
    expect(found.codes).toEqual(['reference-cycle']);
  });
});
