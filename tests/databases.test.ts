import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BurgeonError, type Interface, type JsonObject, type JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf, engines, fixture } from '../packages/burgeon/src/adapters/protocols/sql/fixtures/engines.ts';
import { sql } from '../packages/burgeon/src/adapters/protocols/sql/index.ts';
import { createBurgeon, type Burgeon } from '../packages/burgeon/src/burgeon.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-databases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const engine of await engines()) {
  describe.skipIf(!engine.available)(`a module of ${engine.name}`, () => {
    let burgeon: Burgeon;
    let url = '';
    let drop = async (): Promise<void> => {};
    const call = async (operation: string, input: JsonObject): Promise<JsonObject> =>
      (await burgeon.management.call(operation, input)).output as JsonObject;

    beforeAll(async () => {
      ({ url, drop } = await engine.create(fixture(engine.name)));
      const home = join(folder, engine.name);
      const first = await createBurgeon({ home });
      await first.init({ policy: 'unattended', totp: false });
      await first.close();
      burgeon = await createBurgeon({ home });
    });
    afterAll(async () => {
      await burgeon.close();
      await drop();
    });

    it('passes its trial whole and reaches its database under its own grants', async () => {
      expect(await call('addModule', { what: url, name: 'garden' })).toMatchObject({
        module: { id: 'db/garden', state: 'active' },
        trial: { failed: 0 },
      });
      const operation = { namespace: 'db', name: 'garden', operation: 'listGrowers' };
      const { output } = await call('callOperation', { ...operation, input: { limit: 1 } });
      expect(output).toMatchObject({ items: [{ name: 'Ada' }] });
    });

    it.skipIf(engine.name === 'sqlite')('takes a new way in to the same place', async () => {
      const again = `${url}${url.includes('?') ? '&' : '?'}sslmode=disable`;
      const secret = async (): Promise<JsonValue> => (await burgeon.management.call('listSecrets', {})).output;
      expect(await call('addModule', { what: again, name: 'garden' })).toMatchObject({ unchanged: true });
      expect(await secret()).toMatchObject([{ name: 'db/garden/connection', version: 2 }]);
      expect(await call('addModule', { what: again, name: 'garden' })).toMatchObject({ unchanged: true });
      expect(await secret()).toMatchObject([{ version: 2 }]);
    });

    it('finds the server at its usual port', async () => {
      expect(await call('describe', { what: url.replace(/:\d+(?=\/)/, '') })).toMatchObject({ source: { kind: 'sql' } });
    });
  });
}

for (const engine of await engines()) {
  if (engine.name !== 'postgres') continue;
  it.skipIf(!engine.available)('a module reaches its database while a version for another one waits', async () => {
    const home = join(folder, 'moving');
    const said: string[] = [];
    const databases = [await engine.create(fixture('postgres')), await engine.create('CREATE TABLE shed (id int PRIMARY KEY)')];
    const [here = '', there = ''] = databases.map(({ url }) => url);
    const open = async (policy: 'unattended' | 'one-channel'): Promise<Burgeon> => {
      const first = await createBurgeon({ home });
      await first.init({ policy, totp: false });
      await first.close();
      return createBurgeon({ home, write: (text) => void said.push(text) });
    };
    const call = async (burgeon: Burgeon, operation: string, input: JsonObject): Promise<JsonObject> =>
      (await burgeon.management.call(operation, input)).output as JsonObject;
    const garden = { namespace: 'db', name: 'garden' };
    const growers = { ...garden, operation: 'countGrowers', input: {} };
    const before = await open('unattended');
    await call(before, 'addModule', { what: here, name: 'garden' });
    await before.close();
    const burgeon = await open('one-channel');
    try {
      const waiting = { module: { version: '2.0.0', state: 'pending' } };
      const { request } = await call(burgeon, 'addModule', { what: there, name: 'garden' });
      expect(await call(burgeon, 'addModule', { what: there, name: 'garden' })).toMatchObject({ ...waiting, unchanged: true });
      expect(await call(burgeon, 'callOperation', growers)).toMatchObject({ output: { count: expect.any(Number) } });
      await call(burgeon, 'reject', { request: (request as JsonObject)['id'] ?? '', why: 'no' });
      const again = (await call(burgeon, 'addModule', { what: there, name: 'garden' }))['request'] as JsonObject;
      const code = [...(/Code: (\w+)/g.exec(said.at(-1) ?? '') ?? [])][1] ?? '';
      expect(await call(burgeon, 'approve', { request: again['id'] ?? '', code })).toMatchObject({ module: { state: 'active' } });
      expect(await call(burgeon, 'callOperation', { ...garden, operation: 'countSheds', input: {} })).toMatchObject({
        output: { count: 0 },
      });
      await call(burgeon, 'rollbackModule', garden);
      expect(await call(burgeon, 'callOperation', growers)).toMatchObject({ output: { count: expect.any(Number) } });
      await call(burgeon, 'removeModule', garden);
      const secrets = (await burgeon.management.call('listSecrets', {})).output as JsonObject[];
      expect(secrets.map(({ revoked }) => revoked)).toEqual(secrets.map(() => true));
    } finally {
      await burgeon.close();
      for (const { drop } of databases) await drop();
    }
  });
}

it('a number that SQLite would round is refused, and the limit is told', async () => {
  const home = join(folder, 'exact');
  const path = join(folder, 'exact.db');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE price (id INTEGER PRIMARY KEY, amount DECIMAL(38,10))');
  database.close();
  const burgeon = await createBurgeon({ home });
  try {
    await burgeon.init({ policy: 'unattended', totp: false });
    const { output } = await burgeon.management.call('addModule', { what: path });
    expect(output).toMatchObject({ trial: { failed: 0 } });
    const interfaceOf = (await burgeon.management.call('describe', { what: path })).output as JsonObject;
    const [operation] = (interfaceOf['operations'] as JsonObject[]).filter(({ id }) => id === 'createPrice');
    expect(operation).toBeDefined();
    const connection = await sql.connect(interfaceOf as unknown as Interface, contextOf(`sqlite:${path}`));
    const create = (amount: string): Promise<unknown> =>
      connection.call('createPrice', { amount }).catch((error: unknown) => error);
    expect(await create('1234567890123.45')).toMatchObject({ output: { amount: '1234567890123.4500000000' } });
    expect(await create('12345678901234.567')).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('/amount does not fit the column "amount" of type decimal, which keeps 15 digits'),
    });
    await connection.close();
  } finally {
    await burgeon.close();
  }
});

describe('a password that is in an address', () => {
  it.each([
    [{ what: 'redis://user:c4nary@127.0.0.1/0' }, 'SOURCE_UNRECOGNISED'],
    [{ what: 'postgress://user:c4/na@ry@127.0.0.1/0?password=c4nary' }, 'SOURCE_UNRECOGNISED'],
    [{ what: 'x.json', text: '{}', location: 'https://user:c4nary@example.com' }, 'INPUT_INVALID'],
  ])('is not repeated: %j', async (input, code) => {
    const told: string[] = [];
    const burgeon = await createBurgeon({ home: join(folder, 'canary') });
    try {
      const error = await burgeon.management
        .call('addModule', input, { progress: (event) => void told.push(JSON.stringify(event)) })
        .then(
          () => expect.unreachable(),
          (thrown: unknown) => BurgeonError.from(thrown),
        );
      expect(error).toMatchObject({ code });
      expect(told.join() + JSON.stringify([error, String(error)])).not.toMatch(/c4/);
    } finally {
      await burgeon.close();
    }
  });
});
