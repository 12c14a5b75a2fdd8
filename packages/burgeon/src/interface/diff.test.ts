import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Channel, Interface, JsonSchema } from '@burgeon/kit';
import { diffInterfaces } from './diff.ts';
import { fingerprint } from './fingerprint.ts';
import { base, interfaces, operation, withOperation, withPet } from './fixtures/pets.ts';

describe('diffInterfaces', () => {
  it('finds nothing between equals', () => {
    fc.assert(
      fc.property(interfaces, (description) => {
        expect(diffInterfaces(description, structuredClone(description))).toEqual({ verdict: 'none', changes: [] });
      }),
    );
  });

  it('is none exactly when it is none the other way round, and never hides a fingerprint', () => {
    fc.assert(
      fc.property(interfaces, interfaces, (one, other) => {
        const [there, back] = [diffInterfaces(one, other).verdict, diffInterfaces(other, one).verdict];
        expect(there === 'none').toBe(back === 'none');
        if (fingerprint(one) !== fingerprint(other)) expect(['major', 'minor']).toContain(there);
        else expect(['none', 'patch']).toContain(there === 'minor' || there === 'major' ? 'none' : there);
      }),
    );
  });

  const news = (): Channel => ({ id: 'news', direction: 'in', message: { $ref: '#/types/Pet' }, auth: [], bindings: {} });
  const pet = (more: object, required: string[] = ['name']): Interface =>
    withPet({
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 }, ...more },
      required,
    } as JsonSchema);
  const input = (properties: Record<string, JsonSchema>, required: string[] = []): Interface =>
    withOperation({ input: { type: 'object', properties, required, additionalProperties: false } });

  it.each<[string, Interface, Interface, string, string]>([
    [
      'an added operation',
      base({ operations: [operation('getPet')], entities: [] }),
      base({ entities: [] }),
      'minor',
      'operation-added',
    ],
    [
      'a removed operation',
      base({ entities: [] }),
      base({ operations: [operation('getPet')], entities: [] }),
      'major',
      'operation-removed',
    ],
    ['an added output property', pet({}), pet({ kind: { type: 'string' } }), 'minor', 'property-added'],
    ['a removed output property', pet({ kind: {} }), pet({}), 'major', 'property-removed'],
    ['an output no longer required', pet({}), pet({}, []), 'major', 'required-widened'],
    ['an output now required', pet({}), pet({}, ['name', 'age']), 'minor', 'required-narrowed'],
    ['a wider output type', pet({}), pet({ name: { type: ['string', 'null'] } }), 'major', 'type-widened'],
    ['an added output value', pet({ kind: { enum: ['a'] } }), pet({ kind: { enum: ['a', 'b'] } }), 'major', 'values-widened'],
    ['a removed output value', pet({ kind: { enum: ['a', 'b'] } }), pet({ kind: { enum: ['a'] } }), 'minor', 'values-narrowed'],
    ['other values', pet({ kind: { const: 'a' } }), pet({ kind: { const: 'b' } }), 'major', 'values-changed'],
    ['values that come', pet({ kind: {} }), pet({ kind: { enum: [1] } }), 'minor', 'values-narrowed'],
    ['values that go', pet({ kind: { enum: [1] } }), pet({ kind: {} }), 'major', 'values-widened'],
    ['a lower output minimum', pet({}), pet({ age: { type: 'integer', minimum: -1 } }), 'major', 'bound-widened'],
    ['an integer that becomes a number', pet({}), pet({ age: { type: 'number', minimum: 0 } }), 'major', 'type-widened'],
    ['other words', pet({}), pet({ name: { type: 'string', description: 'x' } }), 'patch', 'description-changed'],
    ['a new default', pet({}), pet({ name: { type: 'string', default: 'x' } }), 'minor', 'default-changed'],
    ['a property that is now read only', pet({}), pet({ name: { type: 'string', readOnly: true } }), 'minor', 'access-changed'],
    ['an added optional input', input({}), input({ a: { type: 'string' } }), 'minor', 'property-added'],
    ['an added required input', input({}), input({ a: { type: 'string' } }, ['a']), 'major', 'property-added'],
    ['an input now required', input({ a: {} }), input({ a: {} }, ['a']), 'major', 'required-narrowed'],
    ['an input no longer required', input({ a: {} }, ['a']), input({ a: {} }), 'minor', 'required-widened'],
    ['a removed input', input({ a: {} }), input({}), 'major', 'property-removed'],
    ['a wider input type', input({ a: { type: 'integer' } }), input({ a: { type: 'number' } }), 'minor', 'type-widened'],
    [
      'a pattern for an input',
      input({ a: { type: 'string' } }),
      input({ a: { type: 'string', pattern: 'x' } }),
      'major',
      'restriction-narrowed',
    ],
    [
      'a pattern less for an input',
      input({ a: { type: 'string', pattern: 'x' } }),
      input({ a: { type: 'string' } }),
      'minor',
      'restriction-widened',
    ],
    [
      'another format',
      input({ a: { type: 'string', format: 'date' } }),
      input({ a: { type: 'string', format: 'time' } }),
      'major',
      'restriction-changed',
    ],
    [
      'another member of a choice',
      input({ a: { anyOf: [{ type: 'string' }] } }),
      input({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
      'minor',
      'alternatives-widened',
    ],
    [
      'a member of a choice less',
      input({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
      input({ a: { anyOf: [{ type: 'string' }] } }),
      'major',
      'alternatives-narrowed',
    ],
    [
      'another part of a whole',
      input({ a: { allOf: [{ type: 'string' }] } }),
      input({ a: { allOf: [{ type: 'string' }, { minLength: 1 }] } }),
      'major',
      'alternatives-narrowed',
    ],
    ['a choice that comes', input({ a: {} }), input({ a: { oneOf: [{ type: 'string' }] } }), 'major', 'alternatives-narrowed'],
    [
      'a place of a tuple',
      input({ a: { prefixItems: [] as JsonSchema[] } }),
      input({ a: { prefixItems: [{ type: 'string' }] } }),
      'major',
      'schema-narrowed',
    ],
    ['an input that takes anything', input({ a: { type: 'string' } }), input({ a: true }), 'minor', 'schema-widened'],
    [
      'an item of an array',
      input({ a: { items: { type: 'string' } } }),
      input({ a: { items: { type: 'boolean' } } }),
      'major',
      'type-changed',
    ],
    ['more to know', withOperation({ auth: [] }), withOperation({}), 'major', 'auth-changed'],
    ['less to know', withOperation({}), withOperation({ auth: [] }), 'minor', 'auth-changed'],
    ['another scope', withOperation({}), withOperation({ auth: [{ key: ['read', 'write'] }] }), 'major', 'auth-changed'],
    ['another way in', withOperation({}), withOperation({ auth: [{ key: ['read'] }, {}] }), 'minor', 'auth-changed'],
    ['another effect', withOperation({}), withOperation({ effect: 'write' }), 'major', 'effect-changed'],
    ['no longer idempotent', withOperation({}), withOperation({ idempotent: false }), 'major', 'idempotence-changed'],
    ['now idempotent', withOperation({ idempotent: false }), withOperation({}), 'minor', 'idempotence-changed'],
    ['a stream', withOperation({}), withOperation({ stream: { item: true } }), 'major', 'stream-changed'],
    [
      'another item of a stream',
      withOperation({ stream: { item: { type: 'string' } } }),
      withOperation({ stream: { item: { type: 'number' } } }),
      'major',
      'type-changed',
    ],
    [
      'pages',
      withOperation({}),
      withOperation({ pagination: { style: 'page', input: {}, output: { items: '' } } }),
      'minor',
      'pagination-changed',
    ],
    [
      'another ordinary code',
      withOperation({ outputCode: '200' }),
      withOperation({ outputCode: '201' }),
      'minor',
      'output-code-changed',
    ],
    ['a new error', withOperation({}), withOperation({ errors: [{ code: '404', schema: true }] }), 'minor', 'error-added'],
    ['an error less', withOperation({ errors: [{ code: '404', schema: true }] }), withOperation({}), 'minor', 'error-removed'],
    [
      'an error told otherwise',
      withOperation({ errors: [{ code: '404', schema: true }] }),
      withOperation({ errors: [{ code: '404', schema: true, description: 'x' }] }),
      'patch',
      'description-changed',
    ],
    ['another way to carry it out', withOperation({}), withOperation({ bindings: {} }), 'minor', 'binding-changed'],
    ['words of an operation', withOperation({}), withOperation({ summary: 'x' }), 'patch', 'description-changed'],
    ['another address', base(), base({ locations: [] }), 'minor', 'locations-changed'],
    ['facts about the whole', base(), base({ bindings: { a: 1 } }), 'minor', 'binding-changed'],
    ['words of the whole', base(), base({ version: '2' }), 'patch', 'description-changed'],
    [
      'a new scheme',
      base(),
      base({ auth: { ...base().auth, other: { kind: 'basic', bindings: {} } } }),
      'minor',
      'auth-scheme-added',
    ],
    [
      'a scheme less',
      base({ auth: { ...base().auth, other: { kind: 'basic', bindings: {} } } }),
      base(),
      'minor',
      'auth-scheme-removed',
    ],
    ['another kind of scheme', base(), base({ auth: { key: { kind: 'basic', bindings: {} } } }), 'major', 'auth-scheme-changed'],
    [
      'another place of a credential',
      base(),
      base({ auth: { key: { kind: 'apiKey', bindings: { a: 1 } } } }),
      'minor',
      'auth-scheme-changed',
    ],
    [
      'words of a scheme',
      base(),
      base({ auth: { key: { kind: 'apiKey', description: 'x', bindings: {} } } }),
      'patch',
      'description-changed',
    ],
    ['a channel less', base(), base({ channels: [] }), 'major', 'channel-removed'],
    [
      'another direction',
      base(),
      base({ channels: [{ id: 'news', direction: 'out', message: { $ref: '#/types/Pet' }, auth: [], bindings: {} }] }),
      'major',
      'direction-changed',
    ],
    [
      'both directions',
      base(),
      base({
        channels: [{ id: 'news', direction: 'both', message: { $ref: '#/types/Pet' }, auth: [], bindings: {}, summary: 'x' }],
      }),
      'minor',
      'direction-changed',
    ],
    [
      'a reply that must be another',
      base({ channels: [{ ...news(), reply: { type: ['string', 'null'] } }] }),
      base({ channels: [{ ...news(), reply: { type: 'string' } }] }),
      'major',
      'type-narrowed',
    ],
    [
      'a reply that promises more',
      base({ channels: [{ ...news(), direction: 'out', reply: { type: ['string', 'null'] } }] }),
      base({ channels: [{ ...news(), direction: 'out', reply: { type: 'string' } }] }),
      'minor',
      'type-narrowed',
    ],
    ['an entity less', base(), base({ entities: [] }), 'minor', 'entity-removed'],
    [
      'another entity',
      base(),
      base({ entities: [{ ...(base().entities[0] as Interface['entities'][number]), key: [] }] }),
      'minor',
      'entity-changed',
    ],
  ])('%s', (...row) => {
    const [, before, after, verdict, code] = row;
    const diff = diffInterfaces(before, after);
    expect([diff.verdict, diff.changes.some((change) => change.code === code)]).toEqual([verdict, true]);
  });

  it('tells both sides of a circle apart', () => {
    const tree = (leaf: string): Interface =>
      withPet({ type: 'object', properties: { child: { $ref: '#/types/Pet' }, leaf: { type: leaf } } });
    expect(diffInterfaces(tree('string'), tree('string')).verdict).toBe('none');
    expect(diffInterfaces(tree('string'), tree('number')).changes).toEqual([
      {
        impact: 'breaking',
        code: 'type-changed',
        path: '/types/Pet/properties/leaf',
        message: 'The type was string and is number, integer.',
      },
    ]);
  });
});
