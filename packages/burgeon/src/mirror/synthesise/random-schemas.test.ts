import type { JsonSchema, JsonValue } from '@burgeon/kit';
import fc from 'fast-check';
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

/** Schemas that have a value by the way they are built. */
const schemas: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema; scalar: JsonSchema }>((tie) => ({
  scalar: fc.oneof(
    fc
      .record({ low: fc.integer({ min: -1e6, max: 1e6 }), span: fc.nat(1e4), step: fc.constantFrom(undefined, 2, 5, 0.5) })
      .map(({ low, span, step }): JsonSchema => {
        const bounds = { minimum: low, maximum: low + span + 10 };
        return step === undefined ? { type: 'integer', ...bounds } : { type: 'number', ...bounds, multipleOf: step };
      }),
    fc
      .record({ low: fc.nat(20), span: fc.nat(20) })
      .map(({ low, span }): JsonSchema => ({ type: 'string', minLength: low, maxLength: low + span })),
    fc
      .constantFrom('^[a-z]{2,5}$', '^\\d+\\.\\d+$', '^(foo|bar)-[A-F0-9]{4}$', 'x+y*', '^[^\\s]+$')
      .map((pattern): JsonSchema => ({ type: 'string', pattern })),
    fc
      .constantFrom('date-time', 'uuid', 'email', 'uri', 'ipv6')
      .map((format): JsonSchema => ({ type: ['string', 'null'], format })),
    fc
      .uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), { minLength: 1 })
      .map((values): JsonSchema => ({ enum: values })),
  ),
  schema: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    tie('scalar'),
    fc
      .record({ items: tie('schema'), low: fc.nat(3), span: fc.nat(3) })
      .map(({ items, low, span }): JsonSchema => ({ type: 'array', items, minItems: low, maxItems: low + span })),
    fc
      .record({
        properties: fc.dictionary(fc.string({ maxLength: 6 }), tie('schema'), { maxKeys: 4 }),
        closed: fc.boolean(),
        every: fc.boolean(),
      })
      .map(({ properties, closed, every }): JsonSchema => ({
        type: 'object',
        properties,
        additionalProperties: !closed,
        ...(every ? { required: Object.keys(properties) } : {}),
      })),
    fc.array(tie('schema'), { minLength: 2, maxLength: 3 }).map((anyOf): JsonSchema => ({ anyOf })),
    fc.array(tie('schema'), { minLength: 2, maxLength: 4 }).map((list): JsonSchema => ({
      oneOf: list.map((value, index) => ({
        type: 'object',
        required: ['tag', 'value'],
        properties: { tag: { const: index }, value },
      })),
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
      ...branches({ properties: { value: a } }, { required: ['other'], properties: { other: b } }),
    })),
  ),
})).schema;

describe('any schema that has a value', () => {
  it('gets one, the same one each time', () => {
    fc.assert(
      fc.property(schemas, fc.string(), (schema, salt) => {
        const value = make(schema, salt);
        expect(issues(schema, value), JSON.stringify(value)).toEqual([]);
        expect(make(schema, salt)).toEqual(value);
      }),
      { numRuns: 80 },
    );
  });
});
