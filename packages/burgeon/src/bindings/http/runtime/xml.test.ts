import type { JsonSchema } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xmlShape } from '../xml-shape.ts';
import { XmlError, readXml, writeXml } from './xml.ts';

const text: JsonSchema = { type: 'string' };
const types: Record<string, JsonSchema> = {
  Tag: { type: 'object', properties: { id: { type: 'integer' }, name: text }, xml: { name: 'tag' } },
  Pet: {
    type: 'object',
    xml: { name: 'pet' },
    properties: {
      id: { type: 'integer', xml: { attribute: true } },
      name: text,
      good: { type: 'boolean' },
      photos: { type: 'array', xml: { name: 'pictures', wrapped: true }, items: { type: 'string', xml: { name: 'picture' } } },
      tags: { type: 'array', items: { $ref: '#/types/Tag' } },
      parent: { $ref: '#/types/Pet' },
    },
  },
  Plain: { type: 'object', properties: { a: { type: 'number' } } },
};
const shape = (schema: JsonSchema) => xmlShape(schema, types);
const pet = shape({ $ref: '#/types/Pet' });

/** The examples of the XML object, as its specification writes them. @see https://spec.openapis.org/oas/v3.2.0#xml-object-examples */
describe('the examples of OpenAPI', () => {
  const animals = (items: JsonSchema, more: object = {}): JsonSchema => ({
    type: 'object',
    xml: { name: 'r' },
    properties: { animals: { type: 'array', items, ...more } },
  });
  it.each([
    ['a plain list', animals(text), '<animals>a</animals><animals>b</animals>'],
    [
      'items with a name',
      animals({ ...(text as object), xml: { name: 'animal' } } as JsonSchema),
      '<animal>a</animal><animal>b</animal>',
    ],
    ['a wrapped list', animals(text, { xml: { wrapped: true } }), '<animals><animals>a</animals><animals>b</animals></animals>'],
    [
      'a name that has no wrapper to name',
      animals({ type: 'string', xml: { name: 'animal' } }, { xml: { name: 'aliens' } }),
      '<animal>a</animal><animal>b</animal>',
    ],
    [
      'both names',
      animals({ type: 'string', xml: { name: 'animal' } }, { xml: { name: 'aliens', wrapped: true } }),
      '<aliens><animal>a</animal><animal>b</animal></aliens>',
    ],
    [
      'an element node of 3.2',
      animals(text, { xml: { nodeType: 'element' } }),
      '<animals><animals>a</animals><animals>b</animals></animals>',
    ],
  ])('%s', (_name, schema, inner) => {
    expect(writeXml({ animals: ['a', 'b'] }, shape(schema))).toBe(`<r>${inner}</r>`);
    expect(readXml(`<r>${inner}</r>`, shape(schema))).toEqual({ animals: ['a', 'b'] });
  });

  it('attributes, prefixes and namespaces', () => {
    const schema: JsonSchema = {
      type: 'object',
      xml: { name: 'p', prefix: 's', namespace: 'http://e.org/s' },
      properties: { id: { type: 'integer', xml: { attribute: true } }, n: { type: 'string', xml: { namespace: 'urn:x' } } },
    };
    const written = '<s:p xmlns:s="http://e.org/s" id="1"><n xmlns="urn:x">x</n></s:p>';
    expect(writeXml({ id: 1, n: 'x' }, shape(schema))).toBe(written);
    expect(readXml(written, shape(schema))).toEqual({ id: 1, n: 'x' });
  });
});

describe('reading is the inverse of writing', () => {
  const words = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((value) => !/[^\t\n -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(value));
  const tag = fc.record({ id: fc.integer(), name: words });
  const flat = {
    id: fc.integer(),
    name: words,
    good: fc.boolean(),
    photos: fc.array(words),
    tags: fc.array(tag, { minLength: 1 }),
  };
  it('for records, lists and references in a circle', () => {
    fc.assert(
      fc.property(fc.record({ ...flat, parent: fc.record(flat) }), (value) => {
        expect(readXml(writeXml(value, pet), pet)).toEqual(value);
      }),
    );
  });

  it('for lists as documents', () => {
    const list = shape({ type: 'array', items: { $ref: '#/types/Plain' } });
    expect(writeXml([{ a: 1.5 }], list)).toBe('<items><Plain><a>1.5</a></Plain></items>');
    fc.assert(
      fc.property(fc.array(fc.record({ a: fc.integer() })), (value) => {
        expect(readXml(writeXml(value, list), list)).toEqual(value);
      }),
    );
    expect(writeXml([1], shape({ type: 'array', items: { type: 'integer' } }))).toBe('<items><item>1</item></items>');
    expect(writeXml([1], {})).toBe('<items><item>1</item></items>');
  });
});

describe('writing', () => {
  it('leaves null out, escapes, and makes names that XML takes', () => {
    expect(writeXml({ a: null, '1 b<': 'x & <y> "z"\r\0', o: {} }, {})).toBe(
      '<root><_1_b_>x &amp; &lt;y&gt; &quot;z&quot;&#13;\uFFFD</_1_b_><o></o></root>',
    );
    expect(writeXml('x', { name: 'a' })).toBe('<a>x</a>');
    expect(writeXml(null, {})).toBe('');
  });

  it('ends at its depth', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 1_000; depth += 1) deep = { a: deep };
    expect(writeXml(deep, {})).toContain('{&quot;a&quot;');
  });
});

describe('reading', () => {
  it('takes comments, instructions, sections, entities, prefixes and quotes as they come', () => {
    const document = `\ufeff<?xml version="1.0"?>\n<!-- a > b -->\n<x:pet xmlns:x="u" x:id='7' other="a>b">\n <x:name>a&amp;b&#33;&#x21;<![CDATA[<c>]]></x:name><good> 1 </good><more/><more>2</more></x:pet>\n`;
    expect(readXml(document.slice(1), pet)).toEqual({ id: 7, name: 'a&b!!<c>', good: true, more: ['', '2'] });
  });

  it('reads without a shape as it comes, and leaves what is no number', () => {
    expect(readXml('<a><b>1</b><b>2</b><c d="e">f</c></a>', {})).toEqual({ b: ['1', '2'], c: {} });
    expect(readXml('<a>x</a>', { kind: 'number' })).toBe('x');
    expect(readXml('<a>maybe</a>', { kind: 'boolean' })).toBe('maybe');
    expect(readXml('<a><b/></a>', { kind: 'number' })).toBe('');
    expect(readXml('<a><k>1</k></a>', shape({ type: 'object', additionalProperties: { type: 'integer' } }))).toEqual({ k: 1 });
    expect(readXml('<a/>', shape({ type: 'object' }))).toEqual({});
    expect(readXml('<a><__proto__>1</__proto__></a>', {})).toEqual(JSON.parse('{"__proto__":"1"}'));
  });

  it('takes time in proportion to the text', () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `<n${index}/>`).join('');
    expect(Object.keys(readXml(`<a>${names}</a>`, {}) as object)).toHaveLength(50_000);
    expect(readXml(`<a ${'b'.repeat(300_000)}></a>`, {})).toBe('');
    expect(readXml(`<a ${'b '.repeat(100_000)}></a>`, {})).toBe('');
  });

  it.each([
    ['<a>', /root/],
    ['', /root/],
    ['<a/><b/>', /root/],
    ['</a>', /closes nothing/],
    ['<a></b>', /closes nothing/],
    ['<a', /not closed/],
    ['<a b="', /not closed/],
    ['<!-- x', /not closed/],
    ['< a/>', /without a name/],
    ['<a>&nope;</a>', /entity/],
    ['<a>& b</a>', /entity/],
    ['<a>&#x110000;</a>', /entity/],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /document type/],
    ['<a>'.repeat(300), /deeper/],
  ])('refuses %s', (document, message) => {
    expect(() => readXml(document, {})).toThrow(XmlError);
    expect(() => readXml(document, {})).toThrow(message);
  });
});

describe('shapes', () => {
  it('sees every composition and stays small', () => {
    const union: JsonSchema = {
      oneOf: [{ $ref: '#/types/Tag' }, { allOf: [{ properties: { extra: { type: ['null', 'boolean'] } } }] }],
    };
    expect(shape(union).properties).toMatchObject({ id: { kind: 'number' }, extra: { kind: 'boolean' } });
    expect(shape(true)).toEqual({});
    const wide: JsonSchema = {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`p${index}`, text])),
    };
    expect(JSON.stringify(shape(wide)).length).toBeLessThan(40_000);
    expect(JSON.stringify(pet).length).toBeLessThan(20_000);
  });
});
