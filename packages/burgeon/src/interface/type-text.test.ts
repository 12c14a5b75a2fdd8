import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import type { JsonSchema, Operation } from '@burgeon/kit';
import { markdownCode, markdownText, yamlText } from './prose-text.ts';
import { commentLines, commentText, docComment, propertyName, quoted } from './source-text.ts';
import { circularReferences } from './type-circles.ts';
import { signatureOf, typeText } from './type-text.ts';

const types: Record<string, JsonSchema> = {
  Pet: { type: 'object', properties: { name: { type: 'string' }, friend: { $ref: '#/types/Pet' } }, required: ['name'] },
  Cat: { type: 'object', properties: { kind: { type: 'string' } } },
};

const text = (schema: JsonSchema): string => typeText(schema, { types, inline: true, nameOf: (name) => name });

describe('typeText', () => {
  it.each<[JsonSchema, string]>([
    [true, 'unknown'],
    [false, 'never'],
    [{}, 'unknown'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'file' }, 'unknown'],
    [{ const: 'a' }, "'a'"],
    [{ const: { a: [1] } }, '{ a: [1] }'],
    [{ enum: ['a', "b'", null, 'a'] }, "'a' | 'b\\'' | null"],
    [{ type: 'string', enum: ['a', null] }, "'a'"],
    [{ type: 'integer', enum: [1, 2] }, '1 | 2'],
    [{ type: 'string', enum: [1] }, '1'],
    [{ $ref: '#/types/Pet' }, 'Pet'],
    [{ $ref: '#/types/Nobody' }, 'unknown'],
    [{ $ref: '#/types/Pet', required: ['age'] }, 'Pet & { age: unknown }'],
    [{ type: 'array' }, 'unknown[]'],
    [{ items: { type: ['string', 'null'] } }, '(string | null)[]'],
    [{ prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 1, items: false }, '[string, number?]'],
    [{ prefixItems: [{ type: 'string' }], minItems: 1 }, '[string, ...unknown[]]'],
    [{ prefixItems: Array.from({ length: 100 }, () => ({})) }, 'unknown[]'],
    [{ type: 'object' }, '{ [key: string]: unknown }'],
    [{ type: 'object', additionalProperties: false }, '{ [key: string]: never }'],
    [{ additionalProperties: { type: 'number' } }, '{ [key: string]: number }'],
    [
      { properties: { a: { type: 'string' } }, additionalProperties: { type: 'number' } },
      '{ a?: string; [key: string]: number | string | undefined }',
    ],
    [{ properties: { a: {} }, additionalProperties: true }, '{ a?: unknown; [key: string]: unknown }'],
    [{ patternProperties: { x: { type: 'string' } } }, '{ [key: string]: string }'],
    [
      { properties: { 'a-b': { readOnly: true }, __proto__x: {} }, required: ['a-b'] },
      "{ readonly 'a-b': unknown; __proto__x?: unknown }",
    ],
    [{ allOf: [{ $ref: '#/types/Pet' }, { type: 'object' }] }, 'Pet'],
    [{ allOf: [{ type: 'object' }, { type: 'object' }] }, '{ [key: string]: unknown }'],
    [{ allOf: [{ $ref: '#/types/Pet' }, { properties: { a: {} } }] }, 'Pet & { a?: unknown }'],
    [{ allOf: [false, { type: 'string' }] }, 'never'],
    [
      {
        oneOf: [{ $ref: '#/types/Pet' }, { $ref: '#/types/Cat' }],
        discriminator: { propertyName: 'kind', mapping: { cat: '#/types/Cat', pet: '#/types/Pet' } },
      },
      "Pet | (Cat & { kind: 'cat' })",
    ],
    [
      { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      '({ a: unknown } | { b: unknown }) & { a?: string }',
    ],
    [{ type: 'string', contentEncoding: 'base64' }, 'string'],
    [{ pattern: 'x' }, 'string'],
    [{ anyOf: [{}, { type: 'string' }] }, 'unknown'],
  ])('%j', (schema, expected) => {
    expect(text(schema)).toBe(expected);
  });

  it('leaves out on the way in what only comes back', () => {
    const schema: JsonSchema = {
      properties: { id: { readOnly: true }, secret: { writeOnly: true } },
      required: ['id', 'secret'],
    };
    expect(typeText(schema, { types, inline: true, direction: 'input' })).toBe('{ readonly id?: unknown; secret: unknown }');
    expect(typeText(schema, { types, inline: true, direction: 'output' })).toBe('{ readonly id: unknown; secret?: unknown }');
  });

  it('writes members with their documentation', () => {
    const schema: JsonSchema = {
      properties: {
        a: { type: 'string', description: 'A\n\nb', default: 'x', deprecated: true },
        b: { format: 'date' },
        c: { title: 'C' },
      },
      additionalProperties: true,
    };
    expect(typeText(schema, { types })).toBe(
      '{\n  /**\n   * A\n   *\n   * b\n   *\n   * @defaultValue "x"\n   * @deprecated\n   */\n  a?: string;\n  /** Format: date */\n  b?: unknown;\n  /** C */\n  c?: unknown;\n  [key: string]: unknown;\n}',
    );
  });

  it('follows references two levels deep when nothing names them, and does not multiply', () => {
    expect(typeText({ $ref: '#/types/Pet' }, { types, inline: true })).toBe(
      '{ name: string; friend?: { name: string; friend?: unknown } }',
    );
    const wide: Record<string, JsonSchema> = {
      Wide: {
        properties: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`p${index}`, { $ref: '#/types/Wide' }])),
      },
    };
    expect(typeText({ $ref: '#/types/Wide' }, { types: wide, inline: true }).length).toBeLessThan(300_000);
  });

  it('ends where a schema does not', () => {
    let deep: JsonSchema = true;
    for (let index = 0; index < 1_000; index++) deep = { items: deep };
    expect(text(deep)).toBe(`unknown${'[]'.repeat(25)}`);
  });
});

describe('circularReferences', () => {
  it('cuts inheritance before choice, and nothing else', () => {
    const found = circularReferences({
      Animal: { oneOf: [{ $ref: '#/types/Dog' }], properties: { name: {} } },
      Dog: { allOf: [{ $ref: '#/types/Animal' }, { properties: { bark: {} } }] },
      Self: { $ref: '#/types/Self' },
      One: { anyOf: [{ $ref: '#/types/Two' }] },
      Two: { anyOf: [{ $ref: '#/types/One' }, { type: 'string' }] },
      Json: { anyOf: [{ items: { $ref: '#/types/Json' } }, { type: 'string' }] },
      Fine: { allOf: [{ $ref: '#/types/Animal' }] },
    });
    expect(Object.fromEntries([...found].map(([name, cut]) => [name, [...cut]]))).toEqual({
      Dog: ['Animal'],
      Self: ['Self'],
      One: ['Two'],
      Two: ['One'],
    });
  });
});

describe('signatureOf', () => {
  const operation: Operation = {
    id: 'getPet',
    effect: 'read',
    idempotent: true,
    input: { type: 'object', properties: { verbose: { type: 'boolean' }, id: { type: 'string' } }, required: ['id'] },
    output: { type: 'string' },
    errors: [],
    auth: [],
    examples: [],
    bindings: {},
  };

  it('puts required inputs first', () => {
    expect(signatureOf(operation, types)).toBe('getPet(input: { id: string; verbose?: boolean }): Promise<string>');
    expect(signatureOf({ ...operation, input: { type: 'object', properties: {} } }, types)).toBe('getPet(): Promise<string>');
    expect(
      signatureOf(
        { ...operation, input: { type: 'object', properties: { a: {} } }, stream: { item: { type: 'number' } } },
        types,
      ),
    ).toBe('getPet(input?: { a?: unknown }): AsyncIterable<number>');
    expect(signatureOf({ ...operation, id: 'a b`c', alternatives: [{ code: '204', schema: { type: 'null' } }] }, types)).toMatch(
      /^aBC\(.*Promise<string \| null>$/,
    );
  });

  it('stays within 600 characters', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `property${index}`,
        { enum: Array.from({ length: 50 }, (__, value) => `value ${value}`) } as JsonSchema,
      ]),
    );
    const signature = signatureOf(
      { ...operation, input: { type: 'object', properties }, output: { enum: Array.from({ length: 300 }, (_, index) => index) } },
      types,
    );
    expect(signature.length).toBeLessThanOrEqual(600);
    expect(signature).toContain('...');
    const named = signatureOf(
      { ...operation, input: { type: 'object', properties: { pet: { $ref: '#/types/Long' } } } },
      { Long: { properties } },
    );
    expect(named).toBe('getPet(input?: { pet?: Long }): Promise<string>');
    expect(signatureOf({ ...operation, id: 'x'.repeat(2_000), input: { type: 'object', properties: {} } }, types)).toHaveLength(
      600,
    );
  });
});

describe('foreign text in code', () => {
  it.each([
    ['plain', "'plain'"],
    ['it\'s "so"', "'it\\'s \"so\"'"],
    ['a\\b\nc', "'a\\\\b\\nc'"],
    ['\u2028\u202e\0', "'\\u2028\\u202e\\u0000'"],
    ['</script><!--', "'\\x3c/script>\\x3c!--'"],
    ['//# sourceMappingURL=x', "'\\//# sourceMappingURL=x'"],
    ['@ts-ignore', "'\\x40ts-ignore'"],
    ['\ud800', "'\\ud800'"],
  ])('quoted(%j)', (value, expected) => {
    expect(quoted(value)).toBe(expected);
    const { program } = parseSync('a.ts', quoted(value));
    expect(program.body).toMatchObject([{ type: 'ExpressionStatement', expression: { type: 'Literal', value } }]);
  });

  it('names properties', () => {
    expect(['a', '$a_1', '1a', 'é', 'a b', ''].map(propertyName)).toEqual(['a', '$a_1', "'1a'", "'é'", "'a b'", "''"]);
  });

  it.each([
    ['ends */ here', 'ends *\\/ here'],
    ['/* begins', '/\\* begins'],
    ['@internal a@b.c {@link x}', '\\@internal a@b.c {\\@link x}'],
    ['x@ts-nocheck @ts-ignore', 'xts-nocheck ts-ignore'],
    ['//# sourceMappingURL=x', '/\\/# source map=x'],
    ['a\u2028b\0c', 'a b c'],
  ])('commentText(%j)', (value, expected) => {
    expect(commentText(value)).toBe(expected);
  });

  it('makes comments of lines', () => {
    expect(commentLines('\n\na\r\n\n\nb\n')).toEqual(['a', '', 'b']);
    expect(docComment([])).toBe('');
    expect(docComment(['a'], ' ')).toBe(' /** a */\n');
    expect(docComment(['a', '', 'b'])).toBe('/**\n * a\n *\n * b\n */\n');
  });
});

describe('foreign text in prose', () => {
  it.each([
    ['a *b* [c](d) <e> `f`', 'a \\*b\\* \\[c\\](d) \\<e\\> \\`f\\`'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['1.0.0', '1.0.0'],
    ['a\n---\nb', 'a --- b'],
  ])('markdownText(%j)', (value, expected) => {
    expect(markdownText(value)).toBe(expected);
  });

  it('fences code and quotes scalars', () => {
    expect([markdownCode('a'), markdownCode('`a'), markdownCode('a``b'), markdownCode('')]).toEqual([
      '`a`',
      '`` `a ``',
      '```a``b```',
      '`  `',
    ]);
    expect(yamlText('a"\n\u2028😀')).toBe('"a\\"\\n\\u2028😀"');
  });
});
