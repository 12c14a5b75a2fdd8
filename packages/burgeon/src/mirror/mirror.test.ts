import {
  BurgeonError,
  type CallOptions,
  type Interface,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  type Operation,
} from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { createValidator } from '../interface/validate.ts';
import { shop } from './fixtures/shop.ts';
import { type Mirror, type MirrorOptions, createMirror } from './mirror.ts';

const open = (options: Partial<MirrorOptions> = {}): Mirror =>
  createMirror(shop, { clock: manualClock(Date.UTC(2026, 10, 20)), ...options });
const validator = createValidator(shop.types);

/** Calls and asserts that the output fits the description. */
const answer = async (mirror: Mirror, id: string, input: JsonObject = {}, options: CallOptions = {}): Promise<JsonValue> => {
  const { output } = await mirror.call(id, input, options);
  const operation = shop.operations.find((each) => each.id === id);
  if (operation && options.variant?.code === undefined)
    expect(validator.check(operation.output, output, { direction: 'response' })).toEqual([]);
  return output;
};

const record = async (mirror: Mirror, id: string, input: JsonObject = {}): Promise<JsonObject> =>
  (await answer(mirror, id, input)) as JsonObject;
const list = async (mirror: Mirror, id: string, input: JsonObject = {}): Promise<JsonObject[]> =>
  (await answer(mirror, id, input)) as JsonObject[];

const failure = async (work: Promise<unknown>): Promise<BurgeonError> => {
  try {
    await work;
  } catch (error) {
    if (BurgeonError.is(error)) return error;
    throw error;
  }
  return new BurgeonError('INTERNAL', { message: 'nothing was thrown' });
};

const remote = async (work: Promise<unknown>): Promise<JsonObject> => {
  const error = await failure(work);
  expect(error.code).toBe('REMOTE_ERROR');
  return error.data as JsonObject;
};

describe('state', () => {
  it('creates, gets, lists, updates, replaces and deletes one record in agreement', async () => {
    const mirror = open();
    const made = await record(mirror, 'createPet', { body: { name: 'Rex', weight: 4.5, tags: ['a'] } });
    expect(made).toEqual({
      id: 4,
      name: 'Rex',
      weight: 4.5,
      tags: ['a'],
      createdAt: '2026-11-20T00:00:00.000Z',
      updatedAt: '2026-11-20T00:00:00.000Z',
    });
    const key = { petId: made['id'] as number };
    expect(await record(mirror, 'getPet', key)).toEqual(made);
    expect((await list(mirror, 'listPets')).at(-1)).toEqual(made);
    const updated = await record(mirror, 'updatePet', { ...key, body: { name: 'Max', owner: { city: 'Oslo' } } });
    expect(updated).toEqual({ ...made, name: 'Max', owner: { city: 'Oslo' } });
    const merged = await record(mirror, 'updatePet', { ...key, body: { name: 'Max', weight: null, owner: { name: 'Ada' } } });
    expect(merged).toMatchObject({ weight: null, owner: { city: 'Oslo', name: 'Ada' } });
    const replaced = await record(mirror, 'replacePet', { ...key, body: { name: 'Tom' } });
    expect(replaced).toMatchObject({ id: made['id'], name: 'Tom', createdAt: made['createdAt'] });
    expect(replaced).not.toHaveProperty('weight');
    expect(await record(mirror, 'getPet', key)).toEqual(replaced);
    expect(await answer(mirror, 'deletePet', key)).toBe(null);
    expect(await remote(mirror.call('getPet', key))).toMatchObject({
      code: '404',
      body: { message: expect.any(String) as string },
    });
    expect(await list(mirror, 'listPets')).toHaveLength(3);
    for (const id of ['updatePet', 'replacePet', 'deletePet']) {
      expect(await remote(mirror.call(id, { ...key, body: { name: 'x' } }))).toMatchObject({ code: '404' });
    }
  });

  it('keeps what the client may not set and hides what it may not see', async () => {
    const mirror = open();
    const made = await record(mirror, 'createPet', { body: { id: 99, name: 'Rex', secret: 'hush', unknown: 1 } });
    expect(made).toMatchObject({ id: 99, name: 'Rex' });
    expect(made).not.toHaveProperty('secret');
    expect(made).not.toHaveProperty('unknown');
  });

  it('moves the time of a change with the clock', async () => {
    const clock = manualClock(0);
    const mirror = open({ clock });
    const { id } = await record(mirror, 'createPet', { body: { name: 'Rex' } });
    clock.advance(1_000);
    const after = await record(mirror, 'updatePet', { petId: id as number, body: { name: 'Rex' } });
    expect(after).toMatchObject({ createdAt: '1970-01-01T00:00:00.000Z', updatedAt: '1970-01-01T00:00:01.000Z' });
  });

  it('lists by limit, offset and equal properties', async () => {
    const mirror = open({ seedRecords: 0 });
    for (let index = 0; index < 10; index++) {
      await mirror.call('createPet', { body: { name: `Pet ${index}`, status: index % 2 === 0 ? 'sold' : 'available' } });
    }
    const names = async (input: JsonObject): Promise<JsonValue[]> =>
      (await list(mirror, 'listPets', input)).map(({ name }) => name as string);
    expect(await names({ limit: 2, offset: 3 })).toEqual(['Pet 3', 'Pet 4']);
    expect(await names({ offset: 8 })).toEqual(['Pet 8', 'Pet 9']);
    expect(await names({ status: 'sold', limit: 2, offset: 4 })).toEqual(['Pet 8']);
    expect(await names({ offset: 20 })).toEqual([]);
  });

  it('finds any key before it was deleted, and none but its own when strict', async () => {
    expect(await record(open(), 'getPet', { petId: 77 })).toMatchObject({ id: 77 });
    expect(await remote(open({ strict: true }).call('getPet', { petId: 77 }))).toMatchObject({ code: '404' });
    expect(await record(open({ strict: true }), 'getPet', { petId: 3 })).toMatchObject({ id: 3 });
    const mirror = open();
    expect(await record(mirror, 'getPet', { petId: 77 })).toEqual(await record(mirror, 'getPet', { petId: '77' }));
    expect((await list(mirror, 'listPets')).map(({ id }) => id)).toContain(77);
  });

  it('keeps nested records with their parent, in wrappers and pages', async () => {
    const mirror = open();
    const made = (
      (await record(mirror, 'createVisit', { petId: 8, body: { visit: { reason: 'cough' } } })) as { visit: JsonObject }
    ).visit;
    expect(made).toMatchObject({ petId: 8, reason: 'cough', id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
    expect(await record(mirror, 'getVisit', { petId: 8, visitId: made['id'] as string })).toMatchObject({ visit: made });
    const page = (await record(mirror, 'listVisits', { petId: 8, size: 3, page: 1 })) as { data: JsonObject[]; meta: JsonObject };
    expect(page.data).toHaveLength(3);
    expect(page.meta).toEqual({ total: 4, next: 2 });
    const last = (await record(mirror, 'listVisits', { petId: 8, size: 3, page: 2 })) as { data: JsonObject[]; meta: JsonObject };
    expect(last).toMatchObject({ data: [made], meta: { total: 4 } });
    expect(last.meta['next'] ?? null).toBe(null);
    const elsewhere = (await record(mirror, 'listVisits', { petId: 9 })) as { data: JsonObject[] };
    expect(elsewhere.data.map(({ petId }) => petId)).toEqual([9, 9, 9]);
    await mirror.call('deleteVisit', { petId: 8, visitId: made['id'] as string });
    const gone = await remote(mirror.call('getVisit', { petId: 8, visitId: made['id'] as string }));
    expect(gone).toMatchObject({ code: '404', body: { message: expect.any(String) as string } });
  });

  it('remembers a record without a key by what names it in the input', async () => {
    const mirror = open();
    await mirror.call('putNote', { slug: 'todo', text: 'water the plants' });
    expect(await record(mirror, 'getNote', { slug: 'todo' })).toEqual({ text: 'water the plants' });
    expect(await record(mirror, 'getNote', { slug: 'else' })).not.toEqual({ text: 'water the plants' });
  });

  it('goes back to a snapshot and to the beginning', async () => {
    const mirror = open();
    const fresh = await list(mirror, 'listPets');
    await mirror.call('createPet', { body: { name: 'Rex' } });
    await mirror.call('deletePet', { petId: 1 });
    const state = JSON.parse(JSON.stringify(mirror.snapshot())) as JsonValue;
    const then = await list(mirror, 'listPets');
    mirror.reset();
    expect(await list(mirror, 'listPets')).toEqual(fresh);
    mirror.restore(state);
    expect(await list(mirror, 'listPets')).toEqual(then);
    expect(JSON.stringify(mirror.snapshot())).toBe(JSON.stringify(state));
    expect(await remote(mirror.call('getPet', { petId: 1 }))).toMatchObject({ code: '404' });
    mirror.restore(null);
    expect(await list(mirror, 'listPets')).toEqual(fresh);
  });

  it.each([
    [7],
    [{}],
    [{ entities: { Pet: { count: 'x' } } }],
    [{ entities: { Pet: { count: 1, entries: [1], gone: [], entered: [] } } }],
  ])('refuses a state it did not write: %j', async (state) => {
    const mirror = open();
    expect((await failure((async () => mirror.restore(state as JsonValue))())).code).toBe('INPUT_INVALID');
  });
});

describe('lists', () => {
  const note: JsonSchema = {
    type: 'object',
    required: ['id', 'text'],
    properties: { id: { type: 'string' }, text: { type: 'string' } },
  };
  const brief: JsonSchema = {
    type: 'object',
    required: ['id'],
    additionalProperties: false,
    properties: { id: { type: 'integer' } },
  };
  const [listPets, createPet] = shop.operations as [Operation, Operation];
  const notes: Interface = {
    ...shop,
    operations: [
      { ...listPets, output: { type: 'array', items: brief } },
      { ...createPet, input: { type: 'object', properties: { body: note } }, output: note },
    ],
    entities: [
      {
        name: 'Note',
        type: note,
        key: ['id'],
        operations: {
          list: { operation: 'listPets', key: {} },
          create: { operation: 'createPet', key: {}, record: '/body', result: '' },
        },
      },
    ],
  };

  it('show each of many records in the form of the list', async () => {
    const mirror = createMirror(notes, { clock: manualClock(0), seedRecords: 0 });
    for (let id = 1; id <= 150; id++) await mirror.call('createPet', { body: { id: String(id), text: 'x' } });
    const { output } = await mirror.call('listPets', {});
    expect(output).toEqual(Array.from({ length: 150 }, (_, index) => ({ id: index + 1 })));
  });
});

describe('answers', () => {
  const sequence = async (mirror: Mirror): Promise<string> => {
    const answers: JsonValue[] = [];
    for (const [id, input] of [
      ['listPets', {}],
      ['createPet', { body: { name: 'Rex' } }],
      ['listVisits', { petId: 4 }],
      ['search', { query: 'x' }],
      ['getPet', { petId: 4 }],
    ] as const) {
      answers.push((await mirror.call(id, input)).output);
    }
    return JSON.stringify([answers, mirror.snapshot()]);
  };

  it('gives the same bytes for the same seed and the same calls', async () => {
    expect(await sequence(open())).toBe(await sequence(open()));
    expect(await sequence(open({ seed: 5 }))).not.toBe(await sequence(open({ seed: 6 })));
  });

  it('varies by input, not by order, where nothing is remembered', async () => {
    const mirror = open({ stateful: false });
    const first = await answer(mirror, 'search', { query: 'a' });
    const other = await answer(mirror, 'search', { query: 'b' });
    expect(first).not.toEqual(other);
    expect(await answer(mirror, 'search', { query: 'a' })).toEqual(first);
    expect(await answer(open({ stateful: false }), 'search', { query: 'b' })).toEqual(other);
    expect(mirror.snapshot()).toBe(null);
    mirror.reset();
    mirror.restore(null);
    expect(await answer(mirror, 'getPet', { petId: 5 })).toHaveProperty('id');
  });

  it('never names a further page that it could not give', async () => {
    expect(await answer(open(), 'search', { query: 'a' })).not.toHaveProperty('cursor');
  });

  it('gives the caller a value of its own each time', async () => {
    const mirror = open();
    const first = (await answer(mirror, 'search', { query: 'a' })) as { hits: JsonValue[] };
    first.hits.length = 0;
    expect(((await answer(mirror, 'search', { query: 'a' })) as { hits: JsonValue[] }).hits).toHaveLength(2);
  });

  it('streams three items', async () => {
    const { output, stream } = await open().call('watch', {});
    expect(output).toBe(null);
    const items: JsonValue[] = [];
    for await (const item of stream ?? []) items.push(item);
    expect(items).toHaveLength(3);
    for (const item of items) expect(validator.check({ $ref: '#/types/Pet' }, item, { direction: 'response' })).toEqual([]);
  });

  it('knows its operations', async () => {
    expect((await failure(open().call('nothing', {}))).code).toBe('OPERATION_NOT_FOUND');
    expect((await failure(open().call('constructor', {}))).code).toBe('OPERATION_NOT_FOUND');
    expect(open().interface).toBe(shop);
  });

  it('does not answer a cancelled call', async () => {
    expect((await failure(open().call('greet', {}, { signal: AbortSignal.abort() }))).code).toBe('CANCELLED');
  });
});

describe('variants', () => {
  const variant = (mirror: Mirror, id: string, wanted: NonNullable<CallOptions['variant']>) =>
    mirror.call(id, {}, { variant: wanted });

  it.each([
    ['429', '429'],
    ['503', '503'],
    ['404', '404'],
    ['5XX', '500'],
    ['default', '500'],
  ])('answers the error %s with code %s', async (code, given) => {
    const data = await remote(variant(open(), 'search', { code }));
    expect(data['code']).toBe(given);
    if (code === '429') expect(data['body']).toEqual({ message: expect.any(String) as string });
  });

  it('answers another result, the ordinary one by its code, and the ordinary one where a code is unknown', async () => {
    expect(await variant(open(), 'search', { code: '202' })).toEqual({ output: 'later', code: '202' });
    expect(await variant(open(), 'greet', { code: '200' })).toMatchObject({ output: 'good day' });
    expect(await variant(open(), 'greet', { code: '500' })).toMatchObject({ output: 'good day' });
  });

  it('answers examples by name, also those of errors, and lists those that do not fit', async () => {
    const mirror = open();
    expect(await variant(mirror, 'greet', { example: 'short' })).toMatchObject({ output: 'hello' });
    expect(await remote(variant(mirror, 'greet', { example: 'refusal' }))).toEqual({ code: '418', body: { message: 'no' } });
    expect((await variant(mirror, 'greet', { example: 'broken' })).output).toEqual(expect.any(String));
    expect(mirror.skippedExamples.map(({ path }) => path)).toEqual(['/operations/13/examples/0/output']);
  });

  it('synthesises on demand where examples exist', async () => {
    expect((await variant(open(), 'greet', { dynamic: true })).output).not.toBe('good day');
  });
});
