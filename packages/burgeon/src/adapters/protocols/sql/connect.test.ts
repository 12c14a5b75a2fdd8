import { BurgeonError, type Interface, type JsonObject, type Provider } from '@burgeon/kit';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { canary, contextOf, engines, errorOf, fixture, readSource } from './fixtures/engines.ts';
import { callFault } from './fault.ts';
import { sql } from './index.ts';

const [sqlite, postgres] = await engines();

describe('connecting', () => {
  let description: Interface;
  let url = '';
  let drop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const made = await sqlite?.create(fixture('sqlite'));
    url = made?.url ?? '';
    drop = made?.drop;
    description = await readSource(url);
  });
  const drops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const each of [drop, ...drops]) await each?.();
  });

  const server = (): Interface => ({ ...description, locations: [{ url: 'postgres://db.example.org:5432/shop' }] });

  it('needs the connection string of a server, and only its egress', async () => {
    expect(await errorOf(sql.connect(server(), contextOf('', { credential: async () => undefined })))).toMatchObject({
      code: 'SECRET_MISSING',
      data: { scheme: 'connection' },
    });
    const asked: [string, number][] = [];
    const denied = contextOf(`postgres://someone:${canary}@db.example.org/shop`, {
      egress: {
        fetch: () => Promise.reject(new Error('not used')),
        resolve: async (host, port) => {
          asked.push([host, port]);
          throw new BurgeonError('CAPABILITY_DENIED', { message: `${host} is not allowed.` });
        },
      },
    });
    expect(await errorOf(sql.connect(server(), denied))).toMatchObject({ code: 'CAPABILITY_DENIED' });
    expect(
      await errorOf(sql.connect(server(), { ...denied, credential: async () => ({ value: 'mysql://u@m.example.org:3307/d' }) })),
    ).toMatchObject({ code: 'CAPABILITY_DENIED' });
    expect(asked).toEqual([
      ['db.example.org', 5432],
      ['m.example.org', 3307],
    ]);
  });

  it.skipIf(!postgres?.available)('goes to the address that the egress gives', async () => {
    const made = await postgres?.create('CREATE TABLE a (b integer PRIMARY KEY)');
    drops.push(async () => made?.drop());
    const real = new URL(made?.url ?? '');
    const named = new URL(real.href);
    named.hostname = 'database.invalid';
    const resolve = async (host: string, port: number): Promise<{ address: string; port: number }> => {
      expect(host).toBe('database.invalid');
      return { address: real.hostname, port };
    };
    const context = contextOf(named.href, { egress: { fetch: () => Promise.reject(new Error('not used')), resolve } });
    const described = await sql.introspect(named.href, context);
    expect(described.locations[0]?.url).toMatch(/^postgres:\/\/database\.invalid:/);
    const connection = await sql.connect(described, context);
    expect((await connection.call('countAs', {})).output).toEqual({ count: 0 });
    await connection.close();
  });

  it('refuses what it does not know', async () => {
    const foreign: Interface = { ...description, operations: description.operations.map((each) => ({ ...each, bindings: {} })) };
    const connection = await sql.connect(foreign, contextOf(url));
    expect(await errorOf(connection.call('countGrowers', {}))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(await errorOf(connection.call('toString', {}))).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
    await connection.close();
  });

  it('tells answers that are not as described, when asked to', async () => {
    const database = new DatabaseSync(new URL(url.replace('sqlite:', 'file:')).pathname);
    database.exec("INSERT INTO plants (id, grower_id, name, big) VALUES (77, 1, 'Odd', 'no number')");
    database.close();
    const [strict, easy] = [
      await sql.connect(description, contextOf(url)),
      await sql.connect(description, contextOf(url, { validateOutput: false })),
    ];
    expect(await errorOf(strict.call('getPlant', { id: 77 }))).toMatchObject({ code: 'REMOTE_INVALID' });
    expect((await easy.call('getPlant', { id: 77 })).output).toMatchObject({ big: 'no number' });
    await strict.close();
    await easy.close();
  });

  it('stands up only what has tables, and leaves out rows that do not fit', async () => {
    const options = { clock: systemClock, log: silentLogger };
    const none: Provider = { interface: { ...description, operations: [] }, call: () => Promise.reject(new Error('not used')) };
    expect(await errorOf(sql.expose(none, options))).toMatchObject({ code: 'UNSUPPORTED' });
    const odd: Provider = {
      interface: description,
      call: async (operation): Promise<{ output: JsonObject }> => {
        if (operation === 'listPlants') throw new BurgeonError('TIMEOUT', { message: 'slow' });
        return {
          output: {
            items: [{ id: 1, name: 'Ada' }, { id: 1, name: 'Twice' }, { id: {} }, 'x', { id: 2, name: 5 }],
            next: 'same',
          },
        };
      },
    };
    const exposure = await sql.expose(odd, options);
    const twin = await sql.connect(description, contextOf('', { location: exposure.url }));
    expect((await twin.call('listGrowers', {})).output).toEqual({
      items: [{ id: 1, name: 'Ada', email: null, mentor_id: null, active: true, note: 'new' }],
    });
    expect((await twin.call('countPlants', {})).output).toEqual({ count: 0 });
    await twin.close();
    await exposure.close();
  });
});

describe('callFault', () => {
  it.each<[unknown, string]>([
    [new TypeError('ours'), 'INTERNAL'],
    [Object.assign(new Error('gone'), { code: 'ECONNRESET' }), 'REMOTE_UNREACHABLE'],
    [{ code: 'unique-violation', message: 'x' }, 'REMOTE_ERROR'],
    [new BurgeonError('TIMEOUT', { message: 'x' }), 'TIMEOUT'],
  ])('%s is %s', (error, code) => expect(callFault('x', error, { dialect: 'postgres' }).code).toBe(code));
});
