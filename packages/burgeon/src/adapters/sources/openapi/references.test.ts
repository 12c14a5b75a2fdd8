import { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { codesOf, read, readPaths } from './fixtures/read.ts';

const answering = (schema: unknown) => ({ get: { responses: { '200': { content: { 'application/json': { schema } } } } } });
const outputOf = async (schema: unknown, more: Record<string, unknown> = {}) => {
  const found = await readPaths({ '/x': answering(schema) }, more);
  return { output: found.operations[0]!.output, types: found.types, codes: codesOf(found.diagnostics) };
};

describe('references', () => {
  it.each([
    ['2.0 idiom in 3.x', '#/definitions/Pet', ['location-missing', 'ref-repaired']],
    ['a lost slash', '#components/schemas/Pet', ['location-missing', 'ref-repaired']],
    ['a bare name', 'Pet', ['location-missing']],
    ['a percent-encoded pointer', '#/components/schemas/%50et', ['location-missing']],
    ['a singular', '#/components/schema/Pet', ['location-missing', 'ref-repaired']],
    ['an anchor', '#pet', ['location-missing']],
    ['an identifier', 'https://pets.example/pet', ['location-missing']],
    ['the document itself by name', 'api.json#/components/schemas/Pet', ['location-missing']],
  ])('follows %s', async (_, $ref, codes) => {
    const found = await outputOf(
      { $ref },
      { components: { schemas: { Pet: { type: 'object', $anchor: 'pet', $id: 'https://pets.example/pet' } } } },
    );
    expect(found.output).toEqual({ $ref: '#/types/Pet' });
    expect(found.codes).toEqual(codes);
  });

  it('follows $dynamicRef as if it were static', async () => {
    const found = await outputOf({ $dynamicRef: '#node' }, { components: { schemas: { Node: { $dynamicAnchor: 'node' } } } });
    expect(found.output).toEqual({ $ref: '#/types/Node' });
  });

  it('follows $defs from the enclosing schema', async () => {
    const found = await outputOf(
      { $ref: '#/components/schemas/A' },
      { components: { schemas: { A: { $ref: '#/$defs/Inner', $defs: { Inner: { type: 'string' } } } } } },
    );
    expect(found.types).toMatchObject({ A: { $ref: '#/types/AInner' }, AInner: { type: 'string' } });
  });

  it.each([
    '#/components/schemas/Lost',
    '#/nowhere',
    '#lost',
    '#/%E0%A4%A',
    '#/components/schemas/Pet/__proto__',
    '#/constructor',
  ])('reports %s', async ($ref) => {
    const found = await outputOf({ $ref }, { components: { schemas: { Pet: {} } } });
    expect(found.output).toBe(true);
    expect(found.codes).toContain('dangling-ref');
  });

  it.each(['./other.yaml#/X', 'file:///etc/passwd', 'http://127.0.0.1/x', '//evil.example/x', '\\\\share\\x'])(
    'never reads %s by itself',
    async ($ref) => {
      const found = await outputOf({ $ref });
      expect(found.output).toBe(true);
      expect(found.codes).toEqual(['external-ref-refused', 'location-missing']);
    },
  );

  it('reads other documents when it may, and theirs', async () => {
    const documents: Record<string, string> = {
      'https://api.example/types/pet.yaml':
        'Pet: {type: object, properties: {owner: {$ref: "../owner.json#/definitions/Owner"}, self: {$ref: "#/Pet"}}}',
      'https://api.example/owner.json':
        '{"definitions": {"Owner": {"type": "string"}, "Back": {"$ref": "openapi.json#/components/schemas/Root"}}}',
    };
    const asked: string[] = [];
    const found = await read(
      {
        openapi: '3.1.0',
        paths: {
          '/x': answering({ $ref: 'types/pet.yaml#/Pet' }),
          '/y': answering({ $ref: 'owner.json#/definitions/Back' }),
          '/z': answering({ $ref: 'lost.json' }),
        },
        components: { schemas: { Root: { type: 'integer' } } },
      },
      {
        location: 'https://api.example/openapi.json',
        document: async (location) => {
          asked.push(location);
          const text = documents[location];
          if (text === undefined) throw new BurgeonError('SOURCE_FORBIDDEN', { message: `${location} is not allowed.` });
          return text;
        },
      },
    );
    expect(asked).toEqual(
      ['https://api.example/lost.json', 'https://api.example/owner.json', 'https://api.example/types/pet.yaml'].toSorted(
        (a, b) => asked.indexOf(a) - asked.indexOf(b),
      ),
    );
    expect(found.operations.map(({ output }) => output)).toEqual([{ $ref: '#/types/Pet' }, { $ref: '#/types/Back' }, true]);
    expect(found.types).toMatchObject({
      Pet: { properties: { owner: { $ref: '#/types/Owner' }, self: { $ref: '#/types/Pet' } } },
      Owner: { type: 'string' },
      Back: { $ref: '#/types/Root' },
    });
    expect(codesOf(found.diagnostics)).toEqual(['external-ref-refused']);
    expect(found.origins['/types/Owner']).toBe('https://api.example/owner.json#/definitions/Owner');
  });

  it('stops at too many documents', async () => {
    const chain = read(
      { openapi: '3.1.0', paths: { '/x': answering({ $ref: 'https://x.example/1' }) } },
      { document: async (location) => `{"$ref": "https://x.example/${Number(location.split('/').at(-1)) + 1}"}` },
    );
    await expect(chain).rejects.toMatchObject({ code: 'SPEC_TOO_COMPLEX' });
  });

  it('does not unfold references that double at each step', async () => {
    const schemas: Record<string, unknown> = { S0: { type: 'string' } };
    const parameters: Record<string, unknown> = {};
    for (let index = 1; index <= 22; index++) {
      const $ref = `#/components/schemas/S${index - 1}`;
      schemas[`S${index}`] = { type: 'object', properties: { a: { $ref }, b: { $ref } }, allOf: [{ $ref }, { $ref }] };
      parameters[`P${index}`] = { $ref: `#/components/parameters/P${index - 1}` };
    }
    parameters['P0'] = { name: 'q', in: 'query', schema: {} };
    const found = await readPaths(
      {
        '/x/{id}': { parameters: [{ $ref: '#/components/parameters/P22' }], ...answering({ $ref: '#/components/schemas/S22' }) },
        '/x': answering({ type: 'array', items: { $ref: '#/components/schemas/S22' } }),
      },
      { components: { schemas, parameters } },
    );
    expect(Object.keys(found.types)).toHaveLength(23);
    expect(found.operations[0]?.input.properties).toHaveProperty('q');
  });
});
