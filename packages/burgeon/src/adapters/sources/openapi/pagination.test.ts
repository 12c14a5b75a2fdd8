import { describe, expect, it } from 'vitest';
import { readOne } from './fixtures/read.ts';

const integer = { type: 'integer' };
const string = { type: 'string' };
const list = { type: 'array', items: { type: 'object' } };
const query = (parameters: Record<string, unknown>) =>
  Object.entries(parameters).map(([name, schema]) => ({ name, in: 'query', schema }));
const paged = (parameters: Record<string, unknown>, schema: unknown, headers: unknown = {}) =>
  readOne(
    { parameters: query(parameters), responses: { '200': { headers, content: { 'application/json': { schema } } } } },
    { components: { schemas: { Node: { properties: { next: { $ref: '#/components/schemas/Node' } } } } } },
  );
const object = (properties: Record<string, unknown>) => ({ type: 'object', properties });

describe('pagination', () => {
  it.each([
    [
      'limit and offset',
      { limit: integer, offset: integer },
      list,
      { style: 'offset', input: { limit: 'limit', position: 'offset' }, output: { items: '' } },
    ],
    [
      'skip and top',
      { $skip: integer, $top: integer },
      object({ value: list }),
      { style: 'offset', input: { limit: '$top', position: '$skip' }, output: { items: '/value' } },
    ],
    [
      'page',
      { page: integer, per_page: integer },
      object({ things: list, total_count: integer }),
      { style: 'page', input: { limit: 'per_page', position: 'page' }, output: { items: '/things', total: '/total_count' } },
    ],
    [
      'page in brackets',
      { 'page[number]': integer, 'page[size]': integer },
      object({ data: list, meta: object({ total: integer }) }),
      { style: 'page', input: { limit: 'pageSize', position: 'pageNumber' }, output: { items: '/data', total: '/meta/total' } },
    ],
    [
      'a page token',
      { pageToken: string, pageSize: integer },
      object({ items: list, nextPageToken: string }),
      {
        style: 'cursor',
        input: { limit: 'pageSize', position: 'pageToken' },
        output: { items: '/items', next: '/nextPageToken' },
      },
    ],
    [
      'a page that is a text',
      { page: string },
      object({ items: list }),
      { style: 'cursor', input: { position: 'page' }, output: { items: '/items' } },
    ],
    [
      'a deep cursor',
      { after: string, limit: integer },
      object({ results: list, paging: object({ next: object({ after: string, link: string }) }) }),
      {
        style: 'cursor',
        input: { limit: 'limit', position: 'after' },
        output: { items: '/results', next: '/paging/next/after' },
      },
    ],
    [
      'a next address alone',
      { limit: integer },
      object({ data: object({ items: list }), links: object({ next: string }) }),
      { style: 'link', input: { limit: 'limit' }, output: { items: '/data/items', next: '/links/next' } },
    ],
    [
      'a place to go on at',
      { from: integer, limit: integer },
      object({ results: list, next: integer }),
      { style: 'cursor', input: { limit: 'limit', position: 'from' }, output: { items: '/results', next: '/next' } },
    ],
  ])('by %s', async (_, parameters, schema, expected) => {
    expect((await paged(parameters, schema)).pagination).toEqual(expected);
  });

  it('by a Link header', async () => {
    expect((await paged({ limit: integer }, list, { Link: { schema: string } })).pagination).toEqual({
      style: 'link',
      input: { limit: 'limit' },
      output: { items: '' },
    });
  });

  it.each([
    ['a limit alone', { limit: integer }, list],
    ['no list', { page: integer }, object({ name: string })],
    ['two lists of which neither says so', { page: integer }, object({ alphas: list, betas: list })],
    ['a moment', { start: { type: 'integer', description: 'A timestamp.' }, limit: integer }, list],
    ['an object as a page', { page: object({}) }, list],
    ['no parameters', {}, list],
    ['a circle of types', { limit: integer }, { $ref: '#/components/schemas/Node' }],
  ])('is none: %s', async (_, parameters, schema) => {
    expect((await paged(parameters, schema)).pagination).toBeUndefined();
  });
});
