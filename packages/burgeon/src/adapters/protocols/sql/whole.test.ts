import type { Connection, Interface, JsonObject, JsonValue, Provider } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { contextOf, dataOf, engines, errorOf, fixture, plants, readSource } from './fixtures/engines.ts';
import { sql } from './index.ts';

const available = await engines();

for (const engine of available) {
  describe.skipIf(!engine.available)(`sql as a whole over ${engine.name}`, () => {
    let url = '';
    let drop = async (): Promise<void> => {};
    let description: Interface;
    let connection: Connection;
    const call = async (operation: string, input: JsonObject): Promise<JsonValue> =>
      (await connection.call(operation, input)).output;

    beforeAll(async () => {
      ({ url, drop } = await engine.create(fixture(engine.name)));
      description = await readSource(url);
      connection = await sql.connect(description, contextOf(url));
    });

    afterAll(async () => {
      await connection?.close();
      await drop();
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
