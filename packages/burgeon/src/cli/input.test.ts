import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { JsonSchema } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInput, splitTarget } from './input.ts';

const types: Record<string, JsonSchema> = {
  Owner: { type: 'object', properties: { name: { type: 'string' }, age: { type: ['integer', 'null'] } } },
  Loop: { $ref: '#/types/Loop' },
};
const schema: JsonSchema = {
  type: 'object',
  properties: {
    petId: { type: 'integer' },
    ratio: { type: 'number' },
    dry: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'integer' } },
    text: { type: 'string' },
    free: true,
    loop: { $ref: '#/types/Loop' },
    either: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    choice: { enum: ['a', 1] },
    map: { type: 'object', additionalProperties: { type: 'integer' } },
    untypedList: { items: { type: 'integer' } },
    untypedRecord: { properties: { a: { type: 'integer' } } },
    gone: { $ref: '#/types/Gone' },
    elsewhere: { $ref: 'https://example.com/schema' },
    odd: { enum: [[1], 'a', null] },
    nothing: { const: null },
    body: {
      allOf: [
        { properties: { owner: { $ref: '#/types/Owner' } } },
        { type: 'object', properties: { name: { type: 'string' }, matrix: { type: 'array', items: { type: 'array' } } } },
      ],
    },
  },
};
const read = (words: string[], stdin = ''): Promise<unknown> =>
  readInput(words, { shape: async () => ({ schema, types }), stdin: async () => stdin });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burgeon-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('documents', () => {
  it('takes nothing, an argument, a file and standard input', async () => {
    const file = join(folder, 'pet.json');
    await writeFile(file, '{"petId":2}');
    expect(await read([])).toEqual({});
    expect(await read(['{"petId":1}'])).toEqual({ petId: 1 });
    expect(await read([`@${file}`])).toEqual({ petId: 2 });
    expect(await read(['-'], '{"petId":3}')).toEqual({ petId: 3 });
  });

  it('lays fields over a document', async () => {
    expect(await read(['{"petId":1,"dry":false}', '--dry', '--body.name', 'Rex'])).toEqual({
      petId: 1,
      dry: true,
      body: { name: 'Rex' },
    });
  });

  it.each([
    ['two documents', ['{}', '{}'], 'USAGE'],
    ['a bare word', ['rex'], 'USAGE'],
    ['broken JSON', ['{"a":'], 'USAGE'],
    ['a list', ['[1]'], 'USAGE'],
    ['a missing file', ['@nowhere.json'], 'SOURCE_NOT_FOUND'],
  ])('refuses %s', async (_, words, code) => {
    await expect(read(words)).rejects.toMatchObject({ code });
  });
});

describe('fields', () => {
  it.each<[string, string[], unknown]>([
    ['an integer', ['--petId', '5'], { petId: 5 }],
    ['kebab case', ['--pet-id=5'], { petId: 5 }],
    ['a negative number', ['--ratio', '-0.5e1'], { ratio: -5 }],
    ['an integer that a double cannot hold, as text', ['--petId', '9007199254740993'], { petId: '9007199254740993' }],
    ['what is no number, as text for the check to judge', ['--petId', 'abc'], { petId: 'abc' }],
    ['a flag', ['--dry'], { dry: true }],
    ['a flag with a value', ['--dry', 'false'], { dry: false }],
    ['a negated flag', ['--no-dry'], { dry: false }],
    ['digits as text where text is wanted', ['--text', '5'], { text: '5' }],
    ['a list by repetition', ['--tags', 'a', '--tags', 'b'], { tags: ['a', 'b'] }],
    ['a list with one item', ['--sizes', '1'], { sizes: [1] }],
    ['a list as JSON', ['--sizes', '[1,2]'], { sizes: [1, 2] }],
    ['a nested field', ['--body.owner.name', 'Ann', '--body.owner.age', 'null'], { body: { owner: { name: 'Ann', age: null } } }],
    ['a field of the payload without its prefix', ['--name', 'Rex'], { body: { name: 'Rex' } }],
    ['an object as JSON', ['--body', '{"name":"Rex"}'], { body: { name: 'Rex' } }],
    ['an open map', ['--map.k-v', '3'], { map: { 'k-v': 3 } }],
    ['a reference in circles as anything', ['--loop', '{"a":1}'], { loop: { a: 1 } }],
    ['anything', ['--free', 'true'], { free: true }],
    ['a union', ['--either', 'null'], { either: null }],
    ['an enumeration', ['--choice', '1'], { choice: 1 }],
    ['a list that is one by its items', ['--untyped-list', '1', '--untyped-list', '2'], { untypedList: [1, 2] }],
    ['a record that is one by its properties', ['--untypedRecord.a', '1'], { untypedRecord: { a: 1 } }],
    ['a reference to nothing as anything', ['--gone', '[1]'], { gone: [1] }],
    ['a reference to elsewhere as anything', ['--elsewhere', 'true'], { elsewhere: true }],
    ['a list of an enumeration', ['--odd', '[1]'], { odd: [1] }],
    ['a constant', ['--nothing', 'null'], { nothing: null }],
    ['the last of two scalars', ['--petId', '1', '--petId', '2'], { petId: 2 }],
  ])('reads %s', async (_, words, expected) => {
    expect(await read(words)).toEqual(expected);
  });

  it.each([
    ['an unknown one', ['--ptId', '5'], '--petId'],
    ['an unknown one of the payload', ['--nme', 'x'], '--body.name'],
    ['an empty part', ['--body..name', 'x'], 'Fields are names'],
    ['one without a value', ['--petId'], '--petId VALUE'],
    ['broken JSON', ['--body', '{"a"'], '--body'],
  ])('refuses %s', async (_, words, hint) => {
    await expect(read(words)).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining(hint) as string });
  });

  it('keeps __proto__ an ordinary key', async () => {
    const value = (await read(['--map.__proto__', '1'])) as { map: object };
    expect(Object.keys(value.map)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('gives an object or an error of ours for any words', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.string().map((text) => `--${text}`),
          ),
        ),
        async (words) => {
          const found = await read(words.filter((word) => !word.startsWith('@'))).catch((error: { code: string }) => error.code);
          expect(typeof found === 'object' || found === 'USAGE').toBe(true);
        },
      ),
    );
  });
});

describe('splitTarget', () => {
  it.each([
    ['api/petstore.getPetById', 'api/petstore', 'getPetById'],
    ['petstore@1.0.0.getPetById', 'petstore@1.0.0', 'getPetById'],
    ['api/my.mod.$op', 'api/my.mod', '$op'],
  ])('takes %s apart', (target, module, operation) => {
    expect(splitTarget(target)).toEqual({ module, operation });
  });

  it.each(['petstore', 'petstore@1.0.0', '.getPet', '', 'petstore.'])('refuses %s', (target) => {
    expect(() => splitTarget(target)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
