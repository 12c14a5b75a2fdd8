import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createReader } from './reader.ts';

const types: Record<string, JsonSchema> = {
  Loop: { anyOf: [{ $ref: '#/types/Loop' }, { type: 'integer' }] },
  Wide: { oneOf: [{ $ref: '#/types/Wide' }, { $ref: '#/types/Wide' }, { $ref: '#/types/Wide' }] },
};

describe('texts as the values that a schema means', () => {
  const cases: [JsonSchema, string, JsonValue][] = [
    [{ type: 'integer' }, '7', 7],
    [{ type: 'integer' }, '-7.0', -7],
    [{ type: 'integer' }, '1e3', 1000],
    [{ type: 'integer' }, '1e999', '1e999'],
    [{ type: 'number' }, '.5', 0.5],
    [{ type: 'number' }, '0x10', '0x10'],
    [{ type: 'number' }, '', ''],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'boolean' }, 'yes', 'yes'],
    [{ type: ['string', 'null'] }, 'null', null],
    [{ type: ['string', 'null'] }, '', ''],
    [{ type: 'null' }, '', null],
    [{ const: 1.5 }, '1.5', 1.5],
    [{ const: { a: 1 } }, '{"a":1}', { a: 1 }],
    [{ enum: [[1, 2], 'x'] }, '[1,2]', [1, 2]],
    [{ type: 'integer', enum: [1, 'a'] }, '2', 2],
    [{ type: 'number', enum: [1] }, '3', 3],
    [{ allOf: [{ type: ['integer', 'string'] }, { type: 'number' }] }, '4', 4],
    [{ allOf: [{ type: 'number' }, { type: 'integer' }] }, '4.5', '4.5'],
    [{ oneOf: [true, { type: 'integer' }] }, '5', '5'],
    [{ $ref: '#/types/Loop' }, '5', '5'],
    [{ $ref: '#/types/Wide' }, '5', '5'],
    [true, '5', '5'],
    [{ type: 'array' }, '{"a":1}', '{"a":1}'],
    [{ type: 'object' }, '{"a":', '{"a":'],
    [{ prefixItems: [{ type: 'integer' }] }, '[1]', [1]],
    [{ additionalProperties: { type: 'integer' } }, '{"a":1}', { a: 1 }],
    [{ type: 'made-up' }, 'x', 'x'],
  ];
  it.each(cases)('%o reads %s', (schema, text, value) => expect(createReader(schema, types).text(text)).toEqual(value));

  it('knows the parts of tuples, lists and objects', () => {
    const tuple = createReader({ prefixItems: [{ type: 'integer' }, { type: 'boolean' }], items: { type: 'number' } }, types);
    expect(['1', 'true', '1.5', '2.5'].map((text, index) => tuple.item(index).text(text))).toEqual([1, true, 1.5, 2.5]);
    expect(createReader({ type: 'array' }, types).item(3).text('1')).toBe('1');
    const object = createReader({ properties: { a: { type: 'integer' } }, additionalProperties: false }, types);
    expect([object.open, object.properties, object.property('a').text('1'), object.property('b').text('1')]).toEqual([
      false,
      ['a'],
      1,
      '1',
    ]);
  });
});
