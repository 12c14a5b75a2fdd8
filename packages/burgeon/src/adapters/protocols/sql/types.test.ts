import type { Connection, Interface, JsonObject, JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlBinding } from '../../../bindings/sql/runtime/binding.ts';
import { contextOf, engines, errorOf, fixture, readSource, type Engine } from './fixtures/engines.ts';
import { sql } from './index.ts';

/** What goes in and comes out alike, in words of one engine. */
const everything: Partial<Record<Engine['name'], JsonObject[]>> = {
  postgres: [
    {
      exact: '123456789012345678901234567890.000000000123456789',
      tiny: -32768,
      tags: ['a', null, 'with "quotes", {braces} and \\'],
      grid: [
        [1, 2],
        [3, null],
      ],
      flags: [true, false, null],
      bigs: ['9007199254740993', 1],
      kinds: ['herb', 'tree'],
      blobs: ['AP8=', null],
      docs: [{ a: [1] }, 'x'],
      address: '192.168.0.1/32',
      span: 'P1Y2M3DT4H5M6S',
      during: '["2024-01-01 00:00:00+00","2024-01-02 00:00:00+00")',
      words: "'apple' 'pear'",
      spot: '(1.5,2)',
      clock: '23:59:59.999',
      zoned: '12:00:00+02',
      fixed: 'abcd',
      bits: '101',
      price: '0.50',
      doc: { b: null, a: [1, 'x', { deep: true }] },
    },
    { tags: [], grid: [], doc: 'text', exact: '-1' },
  ],
  mariadb: [
    {
      huge: '18446744073709551615',
      medium: -8388608,
      choice: 'a,c',
      born: 1999,
      clock: '-838:59:58.25',
      switch: true,
      mask: 255,
      code: 'AAECAw==',
      exact: '12345678901234567890.1234567891',
      fixed: 'ab',
      plain: -5,
    },
    { huge: 7, switch: false },
  ],
  sqlite: [],
};

for (const engine of await engines()) {
  describe.skipIf(!engine.available)(`types of ${engine.name}`, () => {
    let made: Awaited<ReturnType<Engine['create']>> | undefined;
    let description: Interface;
    let connection: Connection;
    const call = async (operation: string, input: JsonObject): Promise<JsonValue> =>
      (await connection.call(operation, input)).output;

    beforeAll(async () => {
      made = await engine.create(fixture(engine.name));
      description = await readSource(made.url);
      connection = await sql.connect(description, contextOf(made.url));
    });
    afterAll(async () => {
      await connection?.close();
      await connection?.close();
      await made?.drop();
    });

    it('come back as they went in, and can be filtered by', async () => {
      for (const record of everything[engine.name] ?? []) {
        const row = (await call('createEverything', record)) as JsonObject;
        expect(row).toMatchObject(record);
        const where = Object.fromEntries(
          Object.entries(record).filter(
            ([name]) => !['doc', 'docs', 'during', 'spot', 'words'].includes(name) && record[name] !== null,
          ),
        );
        expect(await call('countEverythings', { where: { ...where, id: row['id'] ?? 0 } })).toEqual({ count: 1 });
      }
    });

    it.runIf(engine.name === 'sqlite')('keep their storage class where columns have none', async () => {
      const things: JsonValue[] = ['text', 7, 1.5, null, { base64: 'AP8=' }, { integer: '9007199254740993' }];
      for (const [index, thing] of things.entries()) {
        const box = { id: index + 1, thing, amount: 0.5, raw: null };
        expect(await call('createStrictBox', box)).toEqual(box);
        expect(await call('countStrictBoxes', { where: { thing } })).toEqual({ count: 1 });
        const loose = { id: `k${index}`, thing, moment: '2024-01-01 00:00:00', twin_a: 'a', twin_b: `b${index}` };
        expect(await call('createLooseBox', loose)).toEqual(loose);
      }
      expect(await call('listNotes', { where: { title: 'first' } })).toEqual({
        items: [{ title: 'first', body: 'about apples' }],
      });
    });

    it.runIf(engine.name === 'postgres')('reach other schemas, materialised views and partitions', async () => {
      const made = (await call('createStockRoomSelect', {})) as JsonObject;
      expect(made).toMatchObject({ word: 'none' });
      expect(await call('getStockRoomSelect', { id: made['id'] ?? '' })).toEqual(made);
      expect(await call('getPlantCount', { grower_id: 1 })).toEqual({ grower_id: 1, plants: 1 });
      expect(await call('createReading', { at: '2026-05-01', n: 1 })).toEqual({ at: '2026-05-01', n: 1 });
      expect(await errorOf(call('createReading', { at: '2030-05-01', n: 1 }))).toMatchObject({
        data: { code: 'check-violation' },
      });
    });

    it.runIf(engine.name === 'mariadb')('are read again where the server cannot answer a write with its row', async () => {
      const plain: Interface = structuredClone(description);
      for (const operation of plain.operations) delete (operation.bindings['sql'] as unknown as SqlBinding).returning;
      const other = await sql.connect(plain, contextOf(made?.url ?? ''));
      const row = (await other.call('createGrower', { name: 'Zoe' })).output as JsonObject;
      expect(row).toMatchObject({ name: 'Zoe', active: true, note: 'new' });
      expect((await other.call('createBedPlant', { bed: 9, plant_id: 1 })).output).toEqual({ bed: 9, plant_id: 1, position: 0 });
      expect((await other.call('createJournal', { line: 'x' })).output).toEqual({ line: 'x', n: null });
      expect((await other.call('deleteGrower', { id: row['id'] ?? 0 })).output).toEqual(row);
      expect(await errorOf(other.call('deleteGrower', { id: row['id'] ?? 0 }))).toMatchObject({ data: { code: 'not-found' } });
      await other.close();
    });
  });
}
