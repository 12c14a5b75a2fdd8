import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '@burgeon/kit';
import {
  allowsNull,
  directReferences,
  isBytes,
  mapReferences,
  mapSchema,
  referencedTypes,
  resolveSchema,
  standalone,
  subschemas,
  typeNameIn,
  typeReference,
  walkSchema,
} from './schema.ts';

const types: Record<string, JsonSchema> = {
  Pet: { type: 'object', properties: { owner: { $ref: '#/types/Owner' }, kind: { enum: ['#/types/Owner'] } } },
  Owner: { type: 'object', properties: { pets: { type: 'array', items: { $ref: '#/types/Pet' } } } },
  Alias: { $ref: '#/types/Pet', description: 'again' },
  Loop: { $ref: '#/types/Loop' },
  'odd/~name': { type: 'null' },
  Nothing: false,
};

describe('walking', () => {
  const schema: JsonSchema = {
    properties: { a: { items: true }, 'b/c': { not: { const: 1 } } },
    allOf: [{ type: 'string' }],
    additionalProperties: false,
    enum: [{ properties: {} }],
  };

  it('names the direct subschemas by pointer', () => {
    expect(subschemas(schema).map(({ pointer }) => pointer)).toEqual([
      '/additionalProperties',
      '/allOf/0',
      '/properties/a',
      '/properties/b~1c',
    ]);
    expect(subschemas(true)).toEqual([]);
    expect(subschemas({ allOf: {} as never, properties: [] as never, items: 1 as never })).toEqual([]);
  });

  it('visits parents first and stays out where it is told to', () => {
    const seen: string[] = [];
    walkSchema(schema, (_schema, pointer) => {
      seen.push(pointer);
      return pointer !== '/properties/a';
    });
    expect(seen).toEqual(['', '/additionalProperties', '/allOf/0', '/properties/a', '/properties/b~1c', '/properties/b~1c/not']);
  });

  it('walks what recursion could not', () => {
    let deep: JsonSchema = true;
    for (let index = 0; index < 100_000; index++) deep = { items: deep };
    let count = 0;
    walkSchema(deep, () => void count++);
    expect(count).toBe(100_001);
    expect(JSON.stringify(mapSchema(deep, (node) => node)).length).toBeLessThan(10_000);
  });
});

describe('references', () => {
  it('read and write names with slashes and tildes', () => {
    expect(typeReference('odd/~name')).toBe('#/types/odd~1~0name');
    expect(typeNameIn('#/types/odd~1~0name')).toBe('odd/~name');
    expect(typeNameIn('#/other/Pet')).toBeUndefined();
    expect(typeNameIn(1)).toBeUndefined();
  });

  it('are found wherever schemas are, and in mappings', () => {
    const schema: JsonSchema = {
      oneOf: [{ $ref: '#/types/Pet' }],
      discriminator: { propertyName: 'kind', mapping: { owner: '#/types/Owner', other: 'x' } },
      examples: ['#/types/Alias'],
    };
    expect(directReferences(schema).toSorted()).toEqual(['Owner', 'Pet']);
    expect(directReferences({ discriminator: { propertyName: 'a', mapping: 1 as never } })).toEqual([]);
  });

  it('are followed through the types', () => {
    expect([...referencedTypes({ $ref: '#/types/Alias' }, types)]).toEqual(['Alias', 'Pet', 'Owner']);
    expect([...referencedTypes({ $ref: '#/types/Nobody' }, types)]).toEqual([]);
  });

  it('are renamed or dropped', () => {
    const schema: JsonSchema = {
      anyOf: [{ $ref: '#/types/A' }, { $ref: '#/types/B', title: 'b' }],
      discriminator: { propertyName: 'k', mapping: { a: '#/types/A', b: '#/types/B', c: 'C' } },
    };
    expect(mapReferences(schema, (name) => (name === 'A' ? '#/types/Z' : undefined))).toEqual({
      anyOf: [{ $ref: '#/types/Z' }, { title: 'b' }],
      discriminator: { propertyName: 'k', mapping: { a: '#/types/Z' } },
    });
  });
});

describe('resolveSchema', () => {
  it.each<[string, JsonSchema, JsonSchema]>([
    ['no reference', { type: 'string' }, { type: 'string' }],
    [
      'a chain, whose words win',
      { $ref: '#/types/Alias', title: 't' },
      { ...(types['Pet'] as object), description: 'again', title: 't' },
    ],
    ['restrictions beside it', { $ref: '#/types/odd~1~0name', minLength: 1 }, { allOf: [{ type: 'null' }, { minLength: 1 }] }],
    ['nowhere', { $ref: '#/types/Nobody' }, true],
    ['nowhere with words', { $ref: '#/types/Nobody', title: 't' }, { title: 't' }],
    ['nowhere with restrictions', { $ref: 'x', minLength: 1 }, { minLength: 1 }],
    ['a circle', { $ref: '#/types/Loop' }, true],
    ['the schema false', { $ref: '#/types/Nothing', title: 't' }, false],
    ['a boolean', true, true],
  ])('%s', (_name, schema, expected) => {
    expect(resolveSchema(schema, types)).toEqual(expected);
  });
});

describe('standalone', () => {
  it('carries what it needs and nothing else', () => {
    expect(standalone({ $ref: '#/types/odd~1~0name' }, types)).toEqual({
      $ref: '#/$defs/odd~1~0name',
      $defs: { 'odd/~name': { type: 'null' } },
    });
    expect(standalone(true, types)).toBe(true);
    expect(standalone({ type: 'string' }, types)).toEqual({ type: 'string' });
    expect(standalone({ $ref: '#/types/Nobody' }, types)).toEqual({});
  });

  it('rewrites references and leaves data alone', () => {
    expect(standalone({ $ref: '#/types/Pet' }, types)).toEqual({
      $ref: '#/$defs/Pet',
      $defs: {
        Pet: { type: 'object', properties: { owner: { $ref: '#/$defs/Owner' }, kind: { enum: ['#/types/Owner'] } } },
        Owner: { type: 'object', properties: { pets: { type: 'array', items: { $ref: '#/$defs/Pet' } } } },
      },
    });
  });

  it('lets the farthest types give way', () => {
    expect(standalone({ $ref: '#/types/Pet' }, types, { maxDepth: 1 })).toMatchObject({ $defs: { Owner: {} } });
    expect(standalone({ $ref: '#/types/Pet' }, types, { maxBytes: 10 })).toEqual({ $ref: '#/$defs/Pet', $defs: { Pet: {} } });
  });
});

describe('what values may be', () => {
  it.each<[JsonSchema, boolean]>([
    [true, true],
    [false, false],
    [{}, true],
    [{ type: 'null' }, true],
    [{ type: ['string', 'null'] }, true],
    [{ type: 'string' }, false],
    [{ enum: ['a', null] }, true],
    [{ enum: ['a'] }, false],
    [{ const: null }, true],
    [{ const: 1 }, false],
    [{ $ref: '#/types/Pet' }, false],
    [{ $ref: '#/types/odd~1~0name' }, true],
    [{ $ref: '#/types/Loop' }, false],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, true],
    [{ anyOf: [{ type: 'string' }] }, false],
    [{ oneOf: [{ type: 'string' }] }, false],
    [{ allOf: [{ type: 'string' }, {}] }, false],
    [{ allOf: [{}, {}] }, true],
  ])('allowsNull(%j) is %s', (schema, expected) => {
    expect(allowsNull(schema, types)).toBe(expected);
  });

  it('knows bytes by their encoding', () => {
    expect([isBytes({ type: 'string', contentEncoding: 'base64' }), isBytes({ type: 'string' }), isBytes(true)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
