import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../../interface/validate.ts';
import { reconcile } from './reconcile.ts';

const validator = createValidator({});
const fit = (value: JsonValue, schema: JsonSchema, template: JsonValue): JsonValue =>
  reconcile(value, { schema, direction: 'response', validator, template: () => structuredClone(template) });

const property = (schema: JsonSchema, more: object = {}): JsonSchema => ({ type: 'object', properties: { a: schema }, ...more });

const cases: readonly (readonly [name: string, value: JsonValue, schema: JsonSchema, template: JsonValue, wanted: JsonValue])[] = [
  ['what fits stays', { a: 1 }, property({ type: 'integer' }), { a: 2 }, { a: 1 }],
  ['a number written as text', { a: '5' }, property({ type: 'integer' }), { a: 2 }, { a: 5 }],
  ['a text given as a number', { a: 5 }, property({ type: 'string' }), { a: 'x' }, { a: '5' }],
  ['a boolean given as a number', { a: 1 }, property({ type: 'boolean' }), { a: false }, { a: true }],
  ['a boolean given as a text', { a: 'false' }, property({ type: 'boolean' }), { a: true }, { a: false }],
  ['a number given as a boolean', { a: true }, property({ type: 'integer' }), { a: 3 }, { a: 1 }],
  ['a text without a model', { a: 7 }, property({ type: 'string' }), {}, { a: '7' }],
  ['a key in place of the thing', { a: 7 }, property({ type: 'object', required: ['id'] }), { a: { id: 1, name: 'x' } }, { a: { id: 7, name: 'x' } }],
  ['a text in place of a thing without a key', { a: 'x' }, property({ type: 'object' }), { a: { size: 1 } }, { a: { size: 1 } }],
  ['a word that is no number', { a: 'many' }, property({ type: 'integer' }), { a: 2 }, { a: 2 }],
  ['a word that is no truth', { a: 'maybe' }, property({ type: 'boolean' }), { a: true }, { a: true }],
  ['a list in place of a thing', { a: [1] }, property({ type: 'object' }), { a: {} }, { a: {} }],
  ['a null that is no value goes', { a: null }, property({ type: 'string' }), { a: 'x' }, {}],
  ['a required null is replaced', { a: null }, property({ type: 'string' }, { required: ['a'] }), { a: 'x' }, { a: 'x' }],
  ['what is missing comes from the template', {}, property({ type: 'string' }, { required: ['a'] }), { a: 'x' }, { a: 'x' }],
  ['what is not allowed goes', { a: 1, b: 2 }, property(true, { additionalProperties: false }), {}, { a: 1 }],
  ['items take any item of the template', [{ a: 1 }, {}], { type: 'array', items: property(true, { required: ['a'] }) }, [{ a: 9 }], [{ a: 1 }, { a: 9 }]],
  ['items that have no model go', [1, 'x'], { type: 'array', items: { type: 'integer' } }, [], [1]],
  ['a deep part', { a: { b: { c: 'x' } } }, property(property(property({ type: 'integer' }))), {}, { a: { b: { c: 'x' } } }],
  ['the whole where nothing helps', 'x', { type: 'object', required: ['a'] }, { a: 1 }, { a: 1 }],
  ['a value of the template that does not help either', { a: 'y' }, property({ const: 'z' }), { a: 'y' }, {}],
]; // prettier-ignore

describe('reconcile', () => {
  it.each(cases.map(([name, ...rest]) => [name, rest] as const))('%s', (_, [value, schema, template, wanted]) => {
    const result = fit(structuredClone(value), schema, template);
    expect(result).toEqual(wanted);
    expect(validator.check(schema, result, { direction: 'response' })).toEqual([]);
  });

  it('gives the template when a value has too many faults', () => {
    const items = Array.from({ length: 200 }, () => ({}));
    const schema = { type: 'array', items: { type: 'integer' } };
    expect(fit(items, schema, [1])).toEqual([1]);
  });
});
