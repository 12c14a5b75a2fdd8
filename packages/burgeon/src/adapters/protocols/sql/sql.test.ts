import {
  BurgeonError,
  defaultBudget,
  type ConnectContext,
  type Connection,
  type Interface,
  type JsonObject,
  type JsonValue,
  type Provider,
} from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { createValidator } from '../../../interface/validate.ts';
import { sql as source } from '../../sources/sql/index.ts';
import { canary, engines, fixture, type Engine } from './fixtures/engines.ts';
import { sql } from './index.ts';

const egress: ConnectContext['egress'] = {
  fetch: (url, init) => fetch(url, init),
  resolve: async (address, port) => ({ address, port }),
};

const contextOf = (url: string, more: Partial<ConnectContext> = {}): ConnectContext => ({
  egress,
  clock: systemClock,
  log: silentLogger,
  credential: async (scheme) => (scheme === 'connection' ? { value: url } : undefined),
  validateOutput: true,
  ...more,
});

const readSource = (location: string): Promise<Interface> =>
  source.read(
    { kind: 'connection', location },
    { budget: defaultBudget, clock: systemClock, log: silentLogger, signal: new AbortController().signal, egress },
  );

const errorOf = async (work: Promise<unknown>): Promise<ReturnType<BurgeonError['toJSON']>> => {
  try {
    await work;
  } catch (error) {
    return BurgeonError.from(error).toJSON();
  }
  throw new Error('nothing was thrown');
};

const dataOf = async (work: Promise<unknown>): Promise<JsonObject> => {
  const { code, data } = await errorOf(work);
  return { error: code, ...(data as JsonObject) };
};

/** Records that must come back as they went in, beside what the engine adds. */
const plants: Record<Engine['name'], JsonObject> = {
  sqlite: {
    grower_id: 1,
    name: "Pear'); DROP TABLE plants; --",
    kind: 'tree',
    planted: '2024-02-29',
    seen: '2024-02-29 10:00:00',
    price: '12345678.90',
    weight: 0.1,
    big: '9007199254740993',
    photo: 'AP8QIA==',
    data: { a: [1, null, 'x'], b: {} },
  },
  postgres: {
    grower_id: 1,
    name: "Pear'); DROP TABLE plants; --",
    kind: 'shrub',
    planted: '2024-02-29',
    seen: '2024-02-29T10:00:00.123456',
    changed: '2024-02-29T10:00:00.5Z',
    price: '12345678.90',
    weight: 0.1,
    ratio: 0.1,
    big: '9007199254740993',
    photo: 'AP8QIA==',
    data: { a: [1, null, 'x'], b: {} },
  },
  mariadb: {
    grower_id: 1,
    name: "Pear'); DROP TABLE plants; --",
    kind: 'shrub',
    planted: '2024-02-29',
    seen: '2024-02-29T10:00:00.123456',
    changed: '2024-02-29T10:00:00.500Z',
    price: '12345678.90',
    weight: 0.1,
    ratio: 0.1,
    big: '9007199254740993',
    photo: 'AP8QIA==',
    data: { a: [1, null, 'x'], b: {} },
  },
};

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
      expect(entity('Grower')?.relations).toEqual(
        [
          { name: 'Grower', entity: 'Grower', from: ['mentor_id'], to: ['id'], many: false },
          { name: 'Growers', entity: 'Grower', from: ['id'], to: ['mentor_id'], many: true },
          { name: 'Plants', entity: 'Plant', from: ['id'], to: ['grower_id'], many: true },
        ].toSorted(
          (a, b) =>
            (entity('Grower')?.relations?.findIndex((r) => r.name === a.name) ?? 0) -
            (entity('Grower')?.relations?.findIndex((r) => r.name === b.name) ?? 0),
        ),
      );
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
      expect(made).toEqual({ ...plant, id: made['id'], label: `${String(plant['name'])}!` });
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
      const values = whole.items.map((row) => row[String(orderBy[0]?.['column'])]);
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

    it('runs free queries, bound and bounded', async () => {
      const marker = engine.name === 'postgres' ? '$1' : '?';
      expect(await call('query', { text: `SELECT id, name, name FROM grower WHERE id = ${marker};`, parameters: [1] })).toEqual({
        columns: ['id', 'name', 'name_2'],
        rows: [{ id: 1, name: 'Ada', name_2: 'Ada' }],
        truncated: false,
      });
      const some = (await call('query', { text: 'SELECT id FROM measurement ORDER BY id', limit: 3 })) as JsonObject;
      expect(some).toEqual({ columns: ['id'], rows: [{ id: 1 }, { id: 2 }, { id: 3 }], truncated: true });
      expect(await call('query', { text: 'SELECT id FROM measurement WHERE id < 3 ORDER BY id -- all', limit: 2 })).toMatchObject(
        { truncated: false },
      );
      const big = (await call('query', { text: 'SELECT 9007199254740993 AS big, NULL AS empty' })) as { rows: JsonObject[] };
      expect(JSON.stringify(big.rows[0])).toMatch(/"9007199254740993".*"empty":null/);
      expect(await dataOf(call('query', { text: 'SELECT * FROM missing' }))).toMatchObject({
        error: 'REMOTE_ERROR',
        code: 'table-missing',
      });
      expect(await dataOf(call('query', { text: 'SELECT FROM WHERE' }))).toMatchObject({ code: 'statement-invalid' });
    });

    it.each([
      'DELETE FROM grower',
      'SELECT 1; DELETE FROM grower',
      'SELECT 1; SELECT 2',
      '/* x */ UPDATE grower SET name = 1',
      'WITH x AS (SELECT 1) DELETE FROM grower',
      'EXPLAIN ANALYZE DELETE FROM grower',
      "SELECT 'a' INTO OUTFILE '/tmp/burgeon-must-not-be'",
      '/*!50000 DELETE FROM grower */',
      "COPY grower TO PROGRAM 'touch /tmp/burgeon-must-not-be'",
      'SELECT * INTO stolen FROM grower',
      "ATTACH DATABASE '/tmp/burgeon-must-not-be' AS other",
      "VACUUM INTO '/tmp/burgeon-must-not-be'",
      'PRAGMA query_only = 0',
      'SET TRANSACTION READ WRITE',
      'COMMIT',
      "SELECT 'open",
      '',
    ])('reads only, whatever the text says: %s', async (text) => {
      const error = await errorOf(call('query', { text }));
      expect(['REMOTE_ERROR', 'INPUT_INVALID']).toContain(error.code);
      expect(await call('countGrowers', {})).toEqual({ count: 2 });
    });

    it('stops when it is told to', async () => {
      const controller = new AbortController();
      const text =
        engine.name === 'sqlite'
          ? 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n'
          : engine.name === 'postgres'
            ? 'SELECT pg_sleep(20)'
            : 'SELECT SLEEP(20)';
      const running = connection.call('query', { text }, { signal: controller.signal });
      setTimeout(() => controller.abort(), 150);
      expect(await errorOf(running)).toMatchObject({ code: 'CANCELLED' });
      expect(await errorOf(connection.call('countGrowers', {}, { signal: AbortSignal.abort() }))).toMatchObject({
        code: 'CANCELLED',
      });
      expect(await call('query', { text: 'SELECT 1 AS one' })).toMatchObject({ rows: [{ one: 1 }] });
      expect(await call('countGrowers', {})).toEqual({ count: 2 });
    });

    it('stands up as a file that answers alike', async () => {
      const provider: Provider = {
        interface: description,
        call: (operation, input, options) => connection.call(operation, input, options),
      };
      const exposure = await sql.expose(provider, { clock: systemClock, log: silentLogger });
      try {
        const twin = await sql.connect(description, contextOf('unused', { location: exposure.url }));
        const plant = plants[engine.name];
        for (const operation of ['listGrowers', 'listPlants', 'listActiveGrowers', 'listBedPlants', 'listJournals']) {
          expect((await twin.call(operation, {})).output).toEqual(await call(operation, {}));
        }
        const made = (await twin.call('createPlant', plant)).output as JsonObject;
        expect(made).toMatchObject({ ...plant, ...(plant['changed'] === undefined ? {} : { changed: made['changed'] ?? null }) });
        expect((await twin.call('getPlant', { id: made['id'] ?? 0 })).output).toEqual(made);
        expect((await twin.call('countPlants', { where: { price: { gt: '99.5' }, big: '9007199254740993' } })).output).toEqual({
          count: 1,
        });
        expect((await twin.call('countMeasurements', {})).output).toEqual({ count: 10_000 });
        await twin.close();
        const again = await sql.introspect(exposure.url, contextOf('unused'));
        const described = description.operations.map(({ id }) => id);
        expect(
          described.filter((id) => !again.operations.some((operation) => operation.id === id) && !/StockRoom|Room/.test(id)),
        ).toEqual([]);
      } finally {
        await exposure.close();
      }
      expect(await errorOf(sql.connect(description, contextOf('unused', { location: exposure.url })))).toMatchObject({
        code: 'REMOTE_UNREACHABLE',
      });
    });
  });
}
