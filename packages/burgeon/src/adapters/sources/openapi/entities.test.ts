import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { read, readPaths } from './fixtures/read.ts';

const library = readFileSync(new URL('./fixtures/library.yaml', import.meta.url), 'utf8');
const path = (...names: string[]) => names.map((name) => ({ name, in: 'path', schema: { type: 'string' } }));
const ok = (schema: unknown) => ({ responses: { '200': { content: { 'application/json': { schema } } } } });
const sends = (schema: unknown) => ({ requestBody: { content: { 'application/json': { schema } } } });
const object = (...names: string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
});

describe('entities', () => {
  it('are collections with members, nested ones with the keys of their parents', async () => {
    const { entities } = await read(library, { location: 'library.yaml' });
    expect(entities).toEqual([
      {
        name: 'Book',
        type: { $ref: '#/types/Book' },
        key: ['id'],
        operations: {
          list: { operation: 'listBooks', key: {}, result: '/items' },
          get: { operation: 'getBook', key: { bookId: 'id' }, result: '' },
          create: { operation: 'createBook', key: {}, record: '/body', result: '' },
          update: { operation: 'updateBook', key: { bookId: 'id' }, record: '/body', result: '' },
          delete: { operation: 'deleteBook', key: { bookId: 'id' } },
        },
      },
      {
        name: 'Loan',
        type: { $ref: '#/types/Loan' },
        key: ['id'],
        operations: {
          list: { operation: 'listBookLoans', key: { bookId: 'bookId' }, result: '/data' },
          get: { operation: 'getBookLoan', key: { bookId: 'bookId', id: 'id' }, result: '/data' },
          create: { operation: 'createBookLoan', key: { bookId: 'bookId' }, record: '/body/data', result: '/data' },
        },
        relations: [{ name: 'book', entity: 'Book', from: ['bookId'], to: ['id'], many: false }],
      },
    ]);
  });

  it.each([
    ['petId', object('id', 'name'), 'id'],
    ['pet_id', object('petId', 'id'), 'petId'],
    ['id', object('pet_id'), 'pet_id'],
    ['petUUID', object('uuid'), 'uuid'],
    ['name', object('name'), 'name'],
    ['petName', object('name', 'id'), 'name'],
    ['pet', object('id', 'name'), 'id'],
    ['pet', object('name'), 'name'],
    ['pid', object('id'), 'id'],
  ])('find the key {%s} in %j', async (variable, record, key) => {
    const { entities } = await readPaths({
      [`/pets/{${variable}}`]: { parameters: path(variable), get: ok(record), delete: ok({}) },
    });
    expect(entities[0]?.key).toEqual([key]);
  });

  it('remember by the path what the record does not show', async () => {
    const { entities } = await readPaths({
      '/notes': { get: ok({ type: 'array', items: object('text') }), post: { ...sends(object('text')), ...ok(object('text')) } },
      '/notes/{number}': { parameters: path('number'), get: ok(object('text')), put: { ...sends(object('text')), ...ok({}) } },
    });
    expect(entities).toMatchObject([
      {
        name: 'Note',
        key: [],
        operations: { get: { key: { number: 'number' } }, replace: { key: { number: 'number' }, record: '/body' } },
      },
    ]);
  });

  it('never take a parent for the record itself', async () => {
    const { entities } = await readPaths({
      '/users/{id}/posts/{postId}': { parameters: path('id', 'postId'), get: ok(object('id', 'user_id')), delete: ok({}) },
    });
    expect(entities[0]?.operations.get?.key).toEqual({ id: 'user_id', postId: 'id' });
    const without = await readPaths({
      '/users/{id}/posts/{postId}': { parameters: path('id', 'postId'), get: ok(object('id')), delete: ok({}) },
    });
    expect(without.entities[0]?.operations.get?.key).toEqual({ id: 'user_id', postId: 'id' });
  });

  it('have names that tell them apart', async () => {
    const crud = (...names: string[]) => ({ parameters: path(...names), get: ok(object('id')), delete: ok({}) });
    const { entities } = await readPaths({
      '/teams/{team}/members/{memberId}': crud('team', 'memberId'),
      '/clubs/{club}/members/{memberId}': crud('club', 'memberId'),
      '/v1/admin/keys/{keyId}': crud('keyId'),
      '/v1/user/keys/{keyId}': crud('keyId'),
      '/Accounts/{Sid}.json': { parameters: path('Sid'), get: ok(object('sid')), delete: ok({}) },
    });
    expect(entities.map(({ name }) => name)).toEqual(['Account', 'ClubMember', 'TeamMember', 'V1AdminKey', 'V1UserKey']);
  });

  it.each([
    ['one way in only', { '/a/{id}': { get: ok(object('id')) } }],
    ['no record', { '/a/{id}': { get: ok({ type: 'string' }), delete: ok({}) } }],
    ['a list of keys', { '/a/{ids}': { get: ok(object('ids')), delete: ok({}) } }],
    ['a variable first', { '/{id}': { get: ok(object('id')), delete: ok({}) } }],
    ['a query in the path', { '/a/{id}?x=1': { get: ok(object('id')), delete: ok({}) } }],
    [
      'a wrapper nobody can see into',
      { '/a/{name}': { get: ok({ type: 'object', properties: { as: { type: 'array', items: object('x') } } }), delete: ok({}) } },
    ],
    [
      'a list of something else',
      { '/a': { get: ok({ type: 'array', items: object('z') }) }, '/a/{id}': { get: ok(object('id')) } },
    ],
    [
      'a payload of something else',
      { '/a': { post: { ...sends(object('z')), ...ok({}) } }, '/a/{id}': { get: ok(object('id')) } },
    ],
    [
      'a payload that is a list',
      { '/a': { post: { ...sends({ type: 'array', items: object('id') }), ...ok({}) } }, '/a/{id}': { get: ok(object('id')) } },
    ],
    [
      'keys of another kind',
      { '/a/{id}': { get: ok({ type: 'object', properties: { id: { type: 'object' } } }), delete: ok({}) } },
    ],
  ])('are none: %s', async (_, paths) => {
    expect((await readPaths(paths)).entities).toEqual([]);
  });

  it('of one operation is one', async () => {
    const { entities } = await readPaths({
      '/a/{id}': { parameters: path('id'), get: ok(object('id')), post: { ...sends(object('id')), ...ok(object('id')) } },
      '/a/{id}/': { parameters: path('id'), get: ok(object('id')) },
    });
    expect(entities).toHaveLength(1);
    expect(Object.keys(entities[0]!.operations)).toEqual(['get', 'update']);
  });
});
