import type { JsonSchema, Operation } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { exampleInput, typeText } from './signature.ts';

const types: Record<string, JsonSchema> = {
  Pet: { type: 'object', required: ['id'], properties: { id: { type: 'integer' }, 'the name': { type: ['string', 'null'] } } },
  Tree: { type: 'object', required: ['left'], properties: { left: { $ref: '#/types/Tree' } } },
  'A/B': { const: 5 },
};
const many = Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`p${index}`, { type: 'string' }]));

describe('typeText', () => {
  it.each<[string, JsonSchema | undefined, string]>([
    ['never', false, 'never'],
    ['anything', true, 'unknown'],
    ['nothing said', undefined, 'unknown'],
    ['a missing reference', { $ref: '#/types/None' }, 'unknown'],
    ['a number', { type: 'integer' }, 'number'],
    ['several types', { type: ['string', 'null'] }, 'string | null'],
    ['an enumeration', { enum: ['a', 1, null] }, '"a" | 1 | null'],
    ['a constant behind an escaped name', { $ref: '#/types/A~1B' }, '5'],
    ['a union', { oneOf: [{ type: 'string' }, { type: 'boolean' }] }, 'string | boolean'],
    ['a list of a union', { items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }, '(string | number)[]'],
    ['a list of anything', { type: 'array' }, 'unknown[]'],
    ['an open object', { type: 'object' }, 'Record<string, unknown>'],
    ['an object', { $ref: '#/types/Pet' }, '{\n  id: number;\n  "the name"?: string | null;\n}'],
    [
      'members together',
      { allOf: [{ $ref: '#/types/Pet' }, { properties: { good: true } }] },
      '{\n  id: number;\n  "the name"?: string | null;\n  good?: unknown;\n}',
    ],
  ])('writes %s', (_, schema, expected) => {
    expect(typeText(schema, types)).toBe(expected);
  });

  it('cuts what is deep, wide or long', () => {
    expect(typeText({ $ref: '#/types/Tree' }, types)).toContain('left: Tree;');
    expect(typeText({ type: 'object', properties: many }, types)).toContain('// and 1 more');
    expect(typeText({ enum: Array.from({ length: 20 }, (_, index) => index) }, types)).toMatch(/ \| \.\.\.$/);
    expect(
      typeText({ items: { items: { items: { items: { items: { items: { items: { items: true } } } } } } } }, types),
    ).toContain('...');
  });
});

describe('exampleInput', () => {
  const example = (properties: Record<string, JsonSchema>, more: Partial<Operation> = {}): unknown => {
    const input = { type: 'object' as const, properties, required: Object.keys(properties) };
    return exampleInput({ input, examples: [], ...more } as unknown as Operation, types);
  };

  it('prefers what the description gives', () => {
    expect(example({ a: true }, { examples: [{ name: 'x', input: { a: 9 } }] })).toEqual({ a: 9 });
    expect(example({ a: { examples: [1] }, b: { example: 2 }, c: { default: 3 }, d: { const: 4 }, e: { enum: [5] } })).toEqual({
      a: 1,
      b: 2,
      c: 3,
      d: 4,
      e: 5,
    });
  });

  it('makes up what the type asks for', () => {
    expect(
      example({
        text: { type: 'string' },
        day: { type: 'string', format: 'date' },
        at: { type: 'string', format: 'date-time' },
        yes: { type: 'boolean' },
        none: { type: 'null' },
        least: { type: 'integer', minimum: 7 },
        list: { type: 'array', items: { type: 'number' } },
        pet: { $ref: '#/types/Pet' },
        either: { oneOf: [{ type: 'string' }] },
        any: true,
      }),
    ).toEqual({
      text: 'text',
      day: '2026-01-31',
      at: '2026-01-31T12:00:00Z',
      yes: true,
      none: null,
      least: 7,
      list: [1],
      pet: { id: 1 },
      either: 'text',
      any: {},
    });
  });

  it('ends in circles', () => {
    expect(JSON.stringify(example({ tree: { $ref: '#/types/Tree' } }))).toMatch(/^\{"tree":(\{"left":){5,6}\{\}\}+$/);
  });
});
