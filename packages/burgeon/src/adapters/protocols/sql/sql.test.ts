import type { Connection, Interface, JsonObject, JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createValidator } from '../../../interface/validate.ts';
import { canary, contextOf, dataOf, engines, errorOf, fixture, plants, readSource } from './fixtures/engines.ts';
import { sql } from './index.ts';

const available = await engines();

for (const engine of available) {
  describe.skipIf(!engine.available)(`sql over ${engine.name}`, () => {
    let url = '';
    let drop = async (): Promise<void> => {};
    let description: Interface;
    let connection: Connection;
    const call = async (operation: string, input: JsonObject): Promise<JsonValue> =>
      (await connection.call(operation, input)).output;
    const idOf = (pattern: RegExp): string => description.operations.find(({ id }) => pattern.test(id))?.id ?? 'none';

    beforeAll(async () => {
      ({ url, drop } = await engine.create(fixture(engine.name)));
      description = await readSource(url);
      connection = await sql.connect(description, contextOf(url));
    });

    afterAll(async () => {
      await connection?.close();
      await drop();
    });

    const all = async (operation: string, input: JsonObject): Promise<JsonObject[]> => {
      const items: JsonObject[] = [];
      let cursor: JsonValue | undefined;
      do {
        const page = (await call(operation, { ...input, ...(cursor === undefined ? {} : { cursor }) })) as JsonObject;
        items.push(...(page['items'] as JsonObject[]));
        cursor = page['next'];
      } while (cursor !== undefined);
      return items;
    };

    it('describes tables, views, keys and links', () => {
      const entity = (name: string) => description.entities.find((each) => each.name === name);
      expect(description.operations.map(({ id }) => id)).toEqual(
        expect.arrayContaining([
          'listGrowers',
          'getGrower',
          'createPlant',
          'updatePlant',
          'deletePlant',
          'countPlants',
          'listActiveGrowers',
          'query',
          'transaction',
        ]),
      );
      expect(description.operations.map(({ id }) => id)).not.toContain('createActiveGrower');
      expect(description.operations.map(({ id }) => id)).not.toContain('getJournal');
      expect(entity('BedPlant')).toMatchObject({
        key: ['bed', 'plant_id'],
        operations: { get: { operation: 'getBedPlant', key: { bed: 'bed', plant_id: 'plant_id' } } },
      });
      const relations = entity('Grower')?.relations ?? [];
      expect(relations.toSorted((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
        { name: 'Grower', entity: 'Grower', from: ['mentor_id'], to: ['id'], many: false },
        { name: 'Growers', entity: 'Grower', from: ['id'], to: ['mentor_id'], many: true },
        { name: 'Plants', entity: 'Plant', from: ['id'], to: ['grower_id'], many: true },
      ]);
      expect(description.diagnostics.map(({ code }) => code)).toContain('table-without-key');
    });

    it('gives the same description twice, valid examples of nothing, and no secret', async () => {
      const again = await readSource(url);
      expect(again).toEqual(description);
      expect(await sql.introspect(url, contextOf(url))).toEqual(description);
      expect(JSON.stringify(description)).not.toContain(canary);
      const validator = createValidator(description.types);
      for (const type of Object.values(description.types)) validator.check(type, {});
      expect(validator.unchecked).toEqual([]);
    });

    it('keeps every value exactly', async () => {
      const plant = plants[engine.name];
      const made = (await call('createPlant', plant)) as JsonObject;
      expect(made).toEqual({ ...plant, id: made['id'], label: `${plant['name'] as string}!` });
      expect(await call('getPlant', { id: made['id'] ?? 0 })).toEqual(made);
      const empty = Object.fromEntries(Object.keys(plant).map((key) => [key, null]));
      const kept = { grower_id: 1, name: 'Nothing', kind: 'tree' };
      const bare = (await call('createPlant', { ...empty, ...kept })) as JsonObject;
      expect(bare).toEqual({ ...empty, ...kept, id: bare['id'], label: 'Nothing!' });
      const changed = await call('updatePlant', {
        id: made['id'] ?? 0,
        changes: { big: '-9007199254740993', planted: null, name: 'Plum' },
      });
      expect(changed).toEqual({ ...made, big: '-9007199254740993', planted: null, name: 'Plum', label: 'Plum!' });
      expect(await call('deletePlant', { id: made['id'] ?? 0 })).toEqual(changed);
      expect(await dataOf(call('deletePlant', { id: made['id'] ?? 0 }))).toMatchObject({
        error: 'REMOTE_ERROR',
        code: 'not-found',
      });
      await call('deletePlant', { id: bare['id'] ?? 0 });
    });

    it('fills defaults and counts keys', async () => {
      const made = (await call('createGrower', { name: 'Cid' })) as JsonObject;
      expect(made).toEqual({ id: made['id'], name: 'Cid', email: null, mentor_id: null, active: true, note: 'new' });
      expect(Number(made['id'])).toBeGreaterThan(2);
      expect(await call('deleteGrower', { id: made['id'] ?? 0 })).toEqual(made);
    });

    it('works with composite keys', async () => {
      await call('createBedPlant', { bed: 1, plant_id: 1 });
      expect(await call('updateBedPlant', { bed: 1, plant_id: 1, changes: { position: 3 } })).toEqual({
        bed: 1,
        plant_id: 1,
        position: 3,
      });
      expect(await call('updateBedPlant', { bed: 1, plant_id: 1, changes: { bed: 2 } })).toEqual({
        bed: 2,
        plant_id: 1,
        position: 3,
      });
      expect(await dataOf(call('getBedPlant', { bed: 1, plant_id: 1 }))).toMatchObject({ code: 'not-found' });
      expect(await call('deleteBedPlant', { bed: 2, plant_id: 1 })).toEqual({ bed: 2, plant_id: 1, position: 3 });
    });

    it.each<[JsonObject, number]>([
      [{}, 12_000],
      [{ value: 5 }, 103],
      [{ value: null }, 1_714],
      [{ value: { isNull: true } }, 1_714],
      [{ value: { ne: null } }, 10_286],
      [{ value: { eq: null } }, 1_714],
      [{ value: { gte: 10, lt: 12 } }, 206],
      [{ value: { in: [1, 2, 1_000_000_000_000] } }, 206],
      [{ value: { in: [] } }, 0],
      [{ value: { not: { gt: 5 } } }, 618],
      [{ value: { not: 5 } }, 10_183],
      [{ place: { like: 'p1_' } }, 2_769],
      [{ place: 'p3', id: { lte: 13 } }, 1],
      [{ place: "' OR 1=1 --" }, 0],
      [{ id: { gt: 11_990 }, value: { ne: 0 } }, 7],
    ])('filters by %j', async (where, count) => {
      expect(await call('countMeasurements', { where })).toEqual({ count });
    });

    it('walks more than 10,000 rows without missing or repeating one', async () => {
      const rows = await all('listMeasurements', { limit: 1_000 });
      expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 12_000 }, (_, index) => index + 1));
    });

    it.each<[string, JsonObject[]]>([
      ['nulls last, up', [{ column: 'value' }]],
      ['nulls last, down', [{ column: 'value', direction: 'desc' }]],
      [
        'two columns',
        [
          { column: 'place', direction: 'desc' },
          { column: 'value', direction: 'asc' },
        ],
      ],
      ['the key itself, down', [{ column: 'id', direction: 'desc' }]],
    ])('pages in an order with ties: %s', async (_, orderBy) => {
      const input = { orderBy, where: { id: { lte: 400 } } };
      const whole = (await call('listMeasurements', { ...input, limit: 10_000 })) as { items: JsonObject[] };
      expect(whole.items).toHaveLength(400);
      expect(await all('listMeasurements', { ...input, limit: 7 })).toEqual(whole.items);
      const values = whole.items.map((row) => row[orderBy[0]?.['column'] as string]);
      if (orderBy[0]?.['column'] === 'value') expect(values.indexOf(null)).toBe(400 - 57);
    });

    it('counts pages where rows have no key', async () => {
      expect(await all('listJournals', { limit: 1 })).toEqual([
        { line: 'a', n: 1 },
        { line: 'a', n: 1 },
        { line: 'b', n: 2 },
        { line: 'c', n: null },
      ]);
      expect(await all('listActiveGrowers', { limit: 1 })).toHaveLength(2);
    });

    it.each<[string, JsonObject, string, string]>([
      ['createGrower', { name: 'X', email: 'ada@example.org' }, 'unique-violation', ''],
      ['createGrower', { id: 1, name: 'X' }, 'unique-violation', ''],
      ['createPlant', { name: 'X', grower_id: 999 }, 'foreign-key-violation', ''],
      ['deleteGrower', { id: 1 }, 'foreign-key-violation', ''],
      ['createPlant', { name: 'X', grower_id: 1, price: '-1.00' }, 'check-violation', ''],
      ['updateGrower', { id: 999, changes: { name: 'X' } }, 'not-found', ''],
      ['getGrower', { id: 999 }, 'not-found', ''],
    ])('names failures of the database: %s %j', async (operation, input, code) => {
      const error = await errorOf(call(operation, input));
      expect(error).toMatchObject({ code: 'REMOTE_ERROR', data: { code, body: { code } } });
      const type = description.types['DatabaseError'];
      expect(createValidator(description.types).check(type ?? false, (error.data as JsonObject)['body'])).toEqual([]);
      const results = description.operations.find(({ id }) => id === operation)?.errors.map((each) => each.code);
      expect(results).toContain(code);
    });

    it.each<[string, JsonObject, string]>([
      ['getGrower', { id: 'one' }, '/id'],
      ['getGrower', {}, '/id'],
      ['getGrower', { id: 1.5 }, '/id'],
      ['createGrower', { name: 5 }, '/name'],
      ['createGrower', {}, '/name'],
      ['createGrower', { name: 'X', colour: 'red' }, '/colour'],
      ['createPlant', { name: 'X', grower_id: 1, price: 12.5 }, '/price'],
      ['createPlant', { name: 'X', grower_id: 1, big: 2 ** 60 }, '/big'],
      ['createPlant', { name: 'X', grower_id: 1, photo: 'not base64!' }, '/photo'],
      ['createPlant', { name: 'X', grower_id: 1, label: 'mine' }, '/label'],
      ['updateGrower', { id: 1, changes: {} }, '/changes'],
      ['updateGrower', { id: 1, changes: { active: 'yes' } }, '/changes/active'],
      ['listGrowers', { where: { name: { like: 5 } } }, '/where/name/like'],
      ['listGrowers', { where: { nom: 'X' } }, '/where/nom'],
      ['listGrowers', { orderBy: [{ column: 'nom' }] }, '/orderBy/0/column'],
      ['listGrowers', { limit: 0 }, '/limit'],
      ['listGrowers', { limit: 10_001 }, '/limit'],
      ['listGrowers', { cursor: 'bm9uc2Vuc2U' }, '/cursor'],
      ['transaction', { steps: [{ operation: 'getGrower', input: { id: 'x' } }] }, '/steps/0/input/id'],
      ['transaction', { steps: [{ operation: 'query', input: {} }] }, '/steps/0/operation'],
      ['query', { text: 5 }, '/text'],
    ])('refuses what does not fit, by its path: %s %j', async (operation, input, path) => {
      const error = await errorOf(call(operation, input));
      expect(error.code).toBe('INPUT_INVALID');
      const { issues } = error.data as { issues: { path: string }[] };
      expect(issues.map((issue) => issue.path)).toContain(path);
    });

    it('refuses cursors of another order and forged ones', async () => {
      const page = (await call('listMeasurements', { limit: 1 })) as { next: string };
      const forged = Buffer.from(JSON.stringify({ order: '+id', after: [{ $gt: '' }] })).toString('base64url');
      for (const cursor of [page.next, forged, '', '%%%', Buffer.from('{').toString('base64url')]) {
        const input = cursor === page.next ? { cursor, orderBy: [{ column: 'value' }] } : { cursor };
        expect(await errorOf(call('listMeasurements', input))).toMatchObject({
          code: 'INPUT_INVALID',
          data: { issues: [{ path: '/cursor' }] },
        });
      }
    });

    it('does all steps of a transaction or none', async () => {
      const before = await call('countGrowers', {});
      const failed = await errorOf(
        call('transaction', {
          steps: [
            { operation: 'createGrower', input: { name: 'Eve' } },
            { operation: 'updateGrower', input: { id: 2, changes: { name: 'Changed' } } },
            { operation: 'deleteGrower', input: { id: 999 } },
          ],
        }),
      );
      expect(failed).toMatchObject({ code: 'REMOTE_ERROR', data: { code: 'not-found', body: { step: 2 } } });
      expect(await call('countGrowers', {})).toEqual(before);
      expect(await call('getGrower', { id: 2 })).toMatchObject({ name: 'Ben' });
      const done = (await call('transaction', {
        steps: [
          { operation: 'updateGrower', input: { id: 2, changes: { name: 'Bob' } } },
          { operation: 'getGrower', input: { id: 2 } },
          { operation: 'updateGrower', input: { id: 2, changes: { name: 'Ben' } } },
          { operation: 'countGrowers', input: {} },
        ],
      })) as { results: JsonObject[] };
      expect(done.results.map((each) => each['name'] ?? each)).toEqual(['Bob', 'Bob', 'Ben', before]);
    });

    it('keeps transactions apart from calls beside them', async () => {
      const steps = Array.from({ length: 20 }, (_, index) => ({
        operation: 'updateGrower',
        input: { id: 2, changes: { note: `t${index}` } },
      }));
      const failing = call('transaction', { steps: [...steps, { operation: 'getGrower', input: { id: 999 } }] });
      const beside = Array.from({ length: 20 }, () => call('updateGrower', { id: 1, changes: { note: 'beside' } }));
      await expect(failing).rejects.toThrow();
      await Promise.all(beside);
      expect(await call('getGrower', { id: 1 })).toMatchObject({ note: 'beside' });
      expect(await call('getGrower', { id: 2 })).toMatchObject({ note: 'new' });
    });

    it('takes names of any kind', async () => {
      const create = idOf(/^createWe/);
      const record: JsonObject = { toString: 1, constructor: 'c', 'a "b': 'q', changes: 'x' };
      expect(await call(create, record)).toEqual(record);
      const changes = { constructor: 'd', changes: "it's" };
      expect(await call(idOf(/^updateWe/), { toString: 1, changes })).toEqual({ ...record, ...changes });
      expect(await call(idOf(/^countWe/), { where: { toString: 1, constructor: { like: 'd%' } } })).toEqual({ count: 1 });
      expect(await call(idOf(/^deleteWe/), { toString: 1 })).toEqual({ ...record, ...changes });
    });
  });
}
