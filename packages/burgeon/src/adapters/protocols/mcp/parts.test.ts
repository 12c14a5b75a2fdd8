import type { JsonSchema, JsonValue, Operation } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operation } from '../../../interface/fixtures/operation.ts';
import { described } from './fixtures/shop.ts';
import { shorten, writeResult } from './results.ts';
import { inputSchemaOf, outputShapeOf } from './schemas.ts';
import { plainText } from './text.ts';
import { aboutOperation, nameTools } from './tools.ts';

const takes = (properties: Record<string, JsonSchema>, more: Partial<Operation> = {}): Operation =>
  operation('op', { input: { type: 'object', properties }, ...more });

describe('schemas', () => {
  it.each<[string, Record<string, JsonSchema>]>([
    ['a broken pattern', { a: { type: 'string', pattern: '(' } }],
    ['broken pattern properties', { a: { patternProperties: { '(': true } } }],
    ['a type that is none', { a: { type: 'file' } }],
    ['a reference that leads nowhere', { a: { $ref: '#/types/Gone' } }],
    ['a reference out', { a: { $ref: 'https://example.com/x.json' } }],
    ['a number where a schema belongs', { a: { items: 7 as unknown as JsonSchema } }],
    ['hostile names', { ['__proto__']: true, constructor: { type: 'string' }, '': true }],
    ['an enum that is no list', { a: { enum: 'x' as unknown as [] } }],
  ])('write a tool whatever the input holds: %s', (_name, properties) => {
    expect(inputSchemaOf(takes(properties), {})).toMatchObject({ type: 'object' });
  });

  it('keep to their length, and say what they can', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`property${index}`, { type: 'string', description: 'd'.repeat(200) }]),
    );
    const schema = inputSchemaOf(takes(wide), {});
    expect(JSON.stringify(schema).length).toBeLessThan(64 * 1024);
    expect(Object.keys(schema.properties ?? {}).length).toBeGreaterThan(100);
    const vast = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${'n'.repeat(400)}${index}`, true]));
    expect(inputSchemaOf(takes(vast), {})).toMatchObject({ type: 'object' });
  });

  it('keep references in one place and bear circles', () => {
    const types = { Node: { type: 'object', properties: { next: { $ref: '#/types/Node' } } } };
    const schema = inputSchemaOf(takes({ a: { $ref: '#/types/Node' }, b: { $ref: '#/types/Node' } }), types);
    expect(Object.keys(schema.$defs ?? {})).toEqual(['Node']);
  });

  it('promise a result only where it can be kept', () => {
    const shape = (more: Partial<Operation>) => outputShapeOf(operation('op', more), {});
    expect(shape({ output: true })).toBeUndefined();
    expect(shape({ output: {} })).toBeUndefined();
    expect(shape({ output: { type: 'string' }, alternatives: [{ code: '202', schema: true }] })).toBeUndefined();
    expect(shape({ output: { type: 'string', contentEncoding: 'base64' } })).toBeUndefined();
    expect(shape({ output: { type: 'object' } })).toMatchObject({ wrapped: false });
    expect(shape({ output: { type: 'string' } })).toMatchObject({ wrapped: true, schema: { required: ['result'] } });
  });
});

describe('results', () => {
  it('shorten to JSON that fits, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 64, max: 2_000 }), (value, length) => {
        const short = shorten(value as JsonValue, length);
        expect(JSON.stringify(short.value).length).toBeLessThanOrEqual(Math.max(length, 64));
        expect(Array.isArray(short.value)).toBe(Array.isArray(value));
        if (!short.shortened) expect(short.value).toEqual(value);
      }),
    );
    const deep = JSON.parse(`${'['.repeat(60)}"${'x'.repeat(5_000)}"${']'.repeat(60)}`) as JsonValue;
    expect(JSON.stringify(shorten(deep, 300).value).length).toBeLessThanOrEqual(300);
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`${'k'.repeat(300)}${index}`, 1]));
    expect(shorten(wide, 256)).toEqual({ value: {}, shortened: true });
    expect(shorten('x'.repeat(999), 20).shortened).toBe(true);
  });
  it('do not send what is far too large', async () => {
    const bytes = operation('op', { output: { type: 'string', contentEncoding: 'base64' } });
    const result = await writeResult({ output: 'A'.repeat(5 * 1024 * 1024) }, { operation: bytes, length: 1_000 });
    expect(result.isError).toBe(true);
    const text = await writeResult({ output: 'not base64!' }, { operation: bytes, length: 1_000 });
    expect(text.content).toEqual([{ type: 'text', text: '"not base64!"' }]);
  });
});

describe('words', () => {
  it.each([
    ['plain text', 'plain text'],
    ['a\u200bb\u202ec\ufeffd', 'abcd'],
    ['tags \u{e0041}\u{e0042}', 'tags'],
    [' two\n\n lines\t', 'two lines'],
    ['nul\u0000l', 'nul l'],
    ['hangul\u3164filler', 'hangulfiller'],
    ['x'.repeat(50), `${'x'.repeat(27)}...`],
    ['\ud83d', '\ufffd'],
  ])('%j becomes %j', (text, expected) => expect(plainText(text, 30)).toBe(expected));

  it('say what an operation does, once', () => {
    expect(aboutOperation(operation('op', { summary: 'Do it', description: 'Do it now', deprecated: true }))).toBe(
      'Deprecated. Do it now',
    );
    expect(aboutOperation(operation('op', { summary: 'Do it', description: 'Carefully' }))).toBe('Do it - Carefully');
    expect(aboutOperation(operation('op'))).toBe('op');
  });

  it('names every tool validly, once, whatever the ids and their order', () => {
    const ids = ['a.b', 'a_b', 'A.B', '日本', '', ' ', '__proto__', 'constructor', 'x'.repeat(300), `${'x'.repeat(300)}y`];
    const names = (list: string[]) =>
      new Map(nameTools(described(list.map((id) => operation(id)))).operations.map((each) => [each.operation.id, each.name]));
    const found = names(ids);
    expect([...found.values()].every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true);
    expect(new Set(found.values()).size).toBe(ids.length);
    expect(names(ids.toReversed())).toEqual(new Map([...found].toReversed()));
  });
});
