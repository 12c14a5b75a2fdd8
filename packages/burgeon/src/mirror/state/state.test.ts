import type { Entity, JsonObject, JsonSchema, Operation } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../base/clock.ts';
import { operation } from '../../interface/fixtures/operation.ts';
import { createValidator } from '../../interface/validate.ts';
import { shop } from '../fixtures/shop.ts';
import { createSynthesiser } from '../synthesise/synthesiser.ts';
import { createCollection } from './collection.ts';
import { filterRecords, sliceRecords, steering } from './query.ts';
import { type State, createState } from './state.ts';

const open = (operations: Operation[], entities: Entity[]): State => {
  const validator = createValidator({});
  const synthesiser = createSynthesiser({ types: {}, seed: 1, validator });
  return createState({ ...shop, types: {}, operations, entities }, { synthesiser, validator, clock: manualClock(0) });
};

describe('collections', () => {
  const [, visits] = shop.entities as [Entity, Entity];

  it('find by the text of a key, whatever else is known', () => {
    const collection = createCollection(visits);
    const entry = { facts: { petId: 7, id: 'a' }, record: { id: 'a', reason: 'x' } };
    collection.put(entry);
    expect(collection.find({ id: 'a' })).toBe(entry);
    expect(collection.find({ id: 'a', petId: '7' })).toBe(entry);
    expect(collection.find({ id: 'a', petId: 8 })).toBe(undefined);
    expect(collection.find({ petId: 7 })).toBe(entry);
    expect(collection.find({ reason: 'x' })).toBe(entry);
    expect(collection.find({ nothing: 1 })).toBe(undefined);
    collection.remove({ facts: { id: 'b' }, record: {} });
    collection.remove(entry);
    expect(collection.all({})).toEqual([]);
  });

  it('remember what is gone until it is made again', () => {
    const collection = createCollection(visits);
    collection.bury({ petId: 7, id: 'a' });
    expect([collection.isGone({ id: 'a' }), collection.isGone({ id: 'a', petId: 8 }), collection.isGone({ id: 'b' })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(collection.isGone({ petId: 7 })).toBe(true);
    collection.put({ facts: { id: 'a', petId: 7 }, record: {} });
    expect(collection.isGone({ id: 'a' })).toBe(false);
  });

  it('grow to a bound and say so', () => {
    const collection = createCollection(visits);
    for (let id = 0; id < 20_000; id++) collection.put({ facts: { id }, record: {} });
    expect(() => collection.put({ facts: { id: 'more' }, record: {} })).toThrow(/20000 records of "Visit"/);
    collection.put({ facts: { id: 5 }, record: { again: true } });
    expect(collection.find({ id: 5 })?.record).toEqual({ again: true });
    expect(collection.largest('id')).toBe(19_999);
    for (let id = 0; id <= 20_000; id++) collection.bury({ id: -id - 1 });
    expect(collection.isGone({ id: -1 })).toBe(false);
    expect(collection.isGone({ id: -2 })).toBe(true);
  });
});

describe('queries', () => {
  const records: JsonObject[] = [
    { id: 1, tags: ['a', 'b'], open: true },
    { id: 2, tags: ['b'], open: false },
    { id: 3, open: true, nothing: null },
  ];
  const ids = (input: JsonObject): unknown[] =>
    filterRecords(records, input, (name) => name !== 'unknown', new Set(['limit'])).map(({ id }) => id);

  it.each([
    [{}, [1, 2, 3]],
    [{ limit: 1, unknown: 'x' }, [1, 2, 3]],
    [{ open: 'true' }, [1, 3]],
    [{ id: ['1', 3] }, [1, 3]],
    [{ tags: 'b' }, [1, 2]],
    [{ tags: [] }, [1, 2, 3]],
    [{ tags: [{}] }, [1, 2, 3]],
    [{ open: null }, [1, 2, 3]],
    [{ open: { not: true } }, [1, 2, 3]],
  ])('filter by %j', (input, wanted) => expect(ids(input as JsonObject)).toEqual(wanted));

  const listing = (style: 'offset' | 'page' | 'cursor', position: JsonSchema = {}): Operation =>
    operation('list', {
      input: { type: 'object', properties: { size: {}, at: position } },
      pagination: { style, input: { limit: 'size', position: 'at' }, output: { items: '' } },
    });

  it.each([
    ['offset', {}, {}, [1, 2, 3], undefined],
    ['offset', {}, { size: '2' }, [1, 2], '2'],
    ['offset', {}, { size: 2, at: 2 }, [3], undefined],
    ['offset', {}, { size: 0 }, [1, 2, 3], undefined],
    ['offset', {}, { size: 'many', at: -1 }, [1, 2, 3], undefined],
    ['page', {}, { size: 2, at: 2 }, [3], undefined],
    ['page', {}, { size: 1 }, [1], '2'],
    ['page', { default: 0 }, { size: 1, at: 0 }, [1], '1'],
    ['page', { default: 0 }, { size: 1, at: 1 }, [2], '2'],
    ['cursor', {}, { size: 1, at: '1' }, [2], '2'],
    ['cursor', {}, { size: 1, at: 'x' }, [1], '1'],
  ] as const)('slice by %s of %j with %j', (...[style, position, input, wanted, next]) => {
    const slice = sliceRecords(records, listing(style, position), input);
    expect([slice.records.map(({ id }) => id), slice.next, slice.total]).toEqual([wanted, next, 3]);
  });

  it('take all where nothing is said about pages', () => {
    expect(sliceRecords(records, operation('list'), { limit: 1 }).records).toHaveLength(3);
    expect(
      sliceRecords(records, operation('x', { pagination: { style: 'page', input: {}, output: { items: '' } } }), {}).records,
    ).toHaveLength(3);
    expect(steering(listing('page'), { operation: 'list', key: { petId: 'petId' } }).has('petId')).toBe(true);
  });
});

describe('what a client may send', () => {
  const order: JsonSchema = {
    type: 'object',
    required: ['id', 'status'],
    properties: {
      id: { type: 'integer', readOnly: true },
      status: { type: 'string', readOnly: true },
      total: { type: 'integer', readOnly: true },
    },
  };
  const body: JsonSchema = {
    type: 'object',
    properties: { status: { type: 'string' }, total: { type: 'integer', readOnly: true } },
  };
  const input = { type: 'object', properties: { id: {}, body } } as const;
  const entity: Entity = {
    name: 'Order',
    type: order,
    key: ['id'],
    operations: {
      create: { operation: 'make', key: {}, record: '/body', result: '' },
      get: { operation: 'get', key: { id: 'id' }, result: '' },
      update: { operation: 'change', key: { id: 'id' }, record: '/body', result: '' },
      replace: { operation: 'swap', key: { id: 'id' }, record: '/body', result: '' },
    },
  };

  it('is kept where the record calls it read-only and the request does not', () => {
    const state = open([], [entity]);
    const call = (id: string, given: JsonObject): unknown => state.answer(operation(id, { input, output: order }), given);
    const made = call('make', { body: { status: 'new', total: -7 } }) as { output: JsonObject };
    expect(made.output).toMatchObject({ id: 4, status: 'new' });
    expect(made.output['total']).not.toBe(-7);
    expect(call('change', { id: 4, body: { status: 'paid', total: -7 } })).toEqual({
      output: { ...made.output, status: 'paid' },
    });
    expect(call('swap', { id: 4, body: { status: 'sent' } })).toEqual({ output: { ...made.output, status: 'sent' } });
    expect(call('get', { id: 4 })).toEqual({ output: { ...made.output, status: 'sent' } });
  });
});

describe('odd entities', () => {
  const project: JsonSchema = {
    type: 'object',
    required: ['id', 'key'],
    properties: { id: { type: 'integer' }, key: { type: 'string' } },
  };

  it('are found under any of the names their operation speaks of', () => {
    const state = open(
      [operation('make', { output: project }), operation('get', { output: project }), operation('drop')],
      [
        {
          name: 'Project',
          type: project,
          key: [],
          operations: {
            create: { operation: 'make', key: {}, record: '/body', result: '' },
            get: { operation: 'get', key: { projectIdOrKey: 'projectIdOrKey' }, result: '' },
            delete: { operation: 'drop', key: { projectIdOrKey: 'projectIdOrKey' } },
          },
        },
      ],
    );
    const answer = state.answer(operation('make', { output: project }), { body: { id: 5, key: 'ABC' } });
    expect(answer).toEqual({ output: { id: 5, key: 'ABC' } });
    const get = operation('get', { output: project });
    expect(state.answer(get, { projectIdOrKey: 'ABC' })).toEqual(answer);
    expect(state.answer(get, { projectIdOrKey: '5' })).toEqual(answer);
    expect(state.answer(operation('drop', { output: { type: 'null' } }), { projectIdOrKey: 'ABC' })).toEqual({ output: null });
    expect(state.answer(get, { projectIdOrKey: 'ABC' })).toEqual({ missing: true });
    expect(state.answer(operation('else'), {})).toBe(undefined);
  });

  it('are written several at once, and one without any key at all', () => {
    const many: JsonSchema = { type: 'object', required: ['items'], properties: { items: { type: 'array', items: project } } };
    const entity: Entity = {
      name: 'Project',
      type: project,
      key: ['id'],
      operations: {
        create: { operation: 'make', key: {}, record: '/items', result: '/items' },
        list: { operation: 'list', key: {}, result: '' },
        update: { operation: 'change', key: {}, record: '', result: '' },
      },
    };
    const state = open([], [entity]);
    const made = state.answer(operation('make', { output: many }), { items: [{ key: 'A' }, { key: 'B' }] });
    expect(made).toMatchObject({
      output: {
        items: [
          { key: 'A', id: 4 },
          { key: 'B', id: 5 },
        ],
      },
    });
    expect(state.answer(operation('list', { output: { type: 'array', items: project } }), {})).toMatchObject({
      output: { length: 5 },
    });
    expect(state.answer(operation('change', { output: project }), { id: 5, key: 'C' })).toEqual({ output: { id: 5, key: 'C' } });
    expect(state.answer(operation('make', { output: many }), {})).toMatchObject({ output: { items: [{ id: 6 }] } });
    const settings: Entity = {
      name: 'Settings',
      type: { type: 'string' },
      key: [],
      operations: { get: { operation: 'get', key: {}, result: '' } },
    };
    expect(open([], [settings]).answer(operation('get', { output: { type: 'string' } }), {})).toEqual({
      output: expect.any(String) as string,
    });
  });
});
