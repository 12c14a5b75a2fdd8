import { defaultBudget, type Interface, type SchemaObject, type SourceInput } from '@burgeon/kit';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { canary, engines, errorOf, fixture, type Engine } from '../../protocols/sql/fixtures/engines.ts';
import { sql } from './index.ts';

const read = (location: string, more: Partial<SourceInput> = {}, deadlineMs = 20_000): Promise<Interface> =>
  sql.read(
    { kind: 'connection', location, ...more },
    { budget: { ...defaultBudget, deadlineMs }, clock: systemClock, log: silentLogger, signal: new AbortController().signal },
  );

const propertiesOf = (description: Interface, type: string): Record<string, SchemaObject> =>
  ((description.types[type] as SchemaObject).properties ?? {}) as Record<string, SchemaObject>;

const folder = mkdtempSync(join(tmpdir(), 'burgeon-source-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sql source: detection', () => {
  it.each<[SourceInput, number]>([
    [{ kind: 'connection', location: 'postgres://host/db' }, 1],
    [{ kind: 'connection', location: 'postgresql://host/db' }, 1],
    [{ kind: 'connection', location: 'mysql://host/db' }, 1],
    [{ kind: 'connection', location: 'MariaDB://host/db' }, 1],
    [{ kind: 'document', location: 'sqlite:garden.db' }, 1],
    [{ kind: 'document', location: 'garden.db' }, 0.9],
    [{ kind: 'document', location: '/some/where/garden.SQLite3' }, 0.9],
    [{ kind: 'document', location: 'garden.bin', text: 'SQLite format 3\0...' }, 1],
    [{ kind: 'document', location: 'garden.db', text: '{"openapi":"3.1.0"}' }, 0],
    [{ kind: 'document', location: 'https://example.org/garden.db' }, 0],
    [{ kind: 'folder', location: 'garden.db' }, 0],
    [{ kind: 'document', location: 'api.yaml' }, 0],
    [{ kind: 'connection', location: 'amqp://host' }, 0],
  ])('judges %j', (input, sure) => expect(sql.detect(input)).toBe(sure));
});

describe('sql source: what cannot be read', () => {
  const closedPort = async (): Promise<number> => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => void server.close(resolve));
    return port;
  };

  it.each(['postgres', 'mysql'])('a %s server that does not answer', async (scheme) => {
    const port = await closedPort();
    const error = await errorOf(read(`${scheme}://someone:${canary}@127.0.0.1:${port}/shop`));
    expect(error).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: `The database ${scheme}://127.0.0.1:${port}/shop does not answer.`,
      retryable: true,
    });
    expect(JSON.stringify(error)).not.toMatch(new RegExp(`${canary}|someone`));
  });

  it.each(['postgres', 'mysql'])('a %s server that speaks another language, or not at all', async (scheme) => {
    const server = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await errorOf(read(`${scheme}://someone:${canary}@127.0.0.1:${port}/shop`));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    expect(JSON.stringify(error)).not.toContain(canary);
    await new Promise((resolve) => void server.close(resolve));
  });

  it.each([
    ['oracle://host/db', 'SOURCE_INVALID'],
    ['postgres://', 'SOURCE_INVALID'],
    [`postgres://u:${canary}%@host/db`, 'SOURCE_INVALID'],
    [`postgres://u:${canary}@host:99999999/db`, 'SOURCE_INVALID'],
    [`postgres://u:${canary}@host/db?sslmode=maybe`, 'SOURCE_INVALID'],
    [`mysql://u:${canary}@host/`, 'SOURCE_INVALID'],
    ['sqlite:', 'SOURCE_INVALID'],
    ['sqlite::memory:', 'SOURCE_INVALID'],
    [`sqlite:${join(folder, 'missing.db')}`, 'SOURCE_NOT_FOUND'],
    [`sqlite:${folder}`, 'SOURCE_INVALID'],
  ])('%s', async (location, code) => {
    const error = await errorOf(read(location));
    expect(error.code).toBe(code);
    expect(error.hint).toBeTruthy();
    expect(JSON.stringify(error)).not.toContain(canary);
  });

  it('a file that is no database, or cut short', async () => {
    const path = join(folder, 'text.db');
    writeFileSync(path, 'this is not a database, '.repeat(100));
    expect(await errorOf(read(path))).toMatchObject({ code: 'SOURCE_INVALID' });
    const whole = join(folder, 'whole.db');
    const database = new DatabaseSync(whole);
    database.exec('CREATE TABLE a (b); CREATE TABLE c (d)');
    database.close();
    writeFileSync(path, `SQLite format 3\0${'\x7f'.repeat(200)}`, 'latin1');
    expect(await errorOf(read(path))).toMatchObject({ code: 'SOURCE_INVALID' });
  });
});

describe('sql source: SQLite', () => {
  let description: Interface;
  const path = join(folder, 'garden.sqlite3');

  beforeAll(async () => {
    const database = new DatabaseSync(path);
    database.exec(fixture('sqlite'));
    database.close();
    description = await read(path);
  });

  it('names the file without its ending, and says where it is', () => {
    expect(description).toMatchObject({ name: 'garden', source: { kind: 'sql', location: `sqlite:${path}` }, auth: {} });
  });

  it('follows affinity, and STRICT to the letter', () => {
    expect(propertiesOf(description, 'Plant')).toMatchObject({
      id: { $ref: '#/types/Int64' },
      price: { type: ['string', 'null'], pattern: '^-?[0-9]{1,8}(?:\\.[0-9]{1,2})?$' },
      seen: { anyOf: [{ $ref: '#/types/StoredValue' }, { type: 'null' }] },
      photo: { type: ['string', 'null'], contentEncoding: 'base64' },
      label: { readOnly: true },
    });
    expect(propertiesOf(description, 'StrictBox')).toMatchObject({
      amount: { type: 'number' },
      thing: { anyOf: [{ $ref: '#/types/StoredValue' }, { type: 'null' }] },
    });
  });

  it('keeps going past a broken view, and reads virtual tables only', () => {
    expect(description.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'table-unreadable', severity: 'warning', path: '/broken' }),
    );
    const ids = description.operations.map(({ id }) => id);
    expect(ids).toContain('listNotes');
    expect(ids).not.toContain('createNote');
    expect(ids.filter((id) => /Notes?(Data|Idx|Content|Config)/.test(id))).toEqual([]);
  });

  it('changes its digest with the tables and not with the rows', async () => {
    const database = new DatabaseSync(path);
    database.exec('INSERT INTO journal VALUES (1, 2)');
    expect((await read(path)).source.digest).toBe(description.source.digest);
    database.exec('CREATE TABLE further (a INTEGER)');
    const grown = await read(path);
    expect(grown.source.digest).not.toBe(description.source.digest);
    const names = new Set(grown.operations.map(({ id }) => id));
    expect(description.operations.filter(({ id }) => !names.has(id))).toEqual([]);
    database.exec('DROP TABLE further');
    database.close();
  });

  it('tells where each type comes from', () => {
    expect(description.origins['/types/Plant']).toBe('/plants');
    const index = description.operations.findIndex(({ id }) => id === 'listPlants');
    expect(description.origins[`/operations/${index}`]).toBe('/plants');
  });
});

const servers = (await engines()).filter(({ name }) => name !== 'sqlite');

const withEngine = (name: Engine['name'], body: (url: () => string, description: () => Interface) => void): void => {
  const engine = servers.find((each) => each.name === name);
  describe.skipIf(!engine?.available)(`sql source: ${name}`, () => {
    let made: Awaited<ReturnType<Engine['create']>> | undefined;
    let description: Interface;
    beforeAll(async () => {
      made = await engine?.create(fixture(name));
      description = await read(made?.url ?? '');
    });
    afterAll(() => made?.drop());
    body(
      () => made?.url ?? '',
      () => description,
    );
  });
};

withEngine('postgres', (url, description) => {
  it('reads types through domains, arrays and enums', () => {
    expect(propertiesOf(description(), 'Everything')).toMatchObject({
      id: { type: 'integer', readOnly: true },
      exact: { type: ['string', 'null'], pattern: '^-?[0-9]+(?:\\.[0-9]+)?$' },
      tiny: { minimum: -32768, maximum: 32767 },
      tags: { type: ['array', 'null'], items: { type: ['string', 'null'] } },
      grid: { items: { type: 'array', items: { type: ['integer', 'null'] } } },
      bigs: { items: { anyOf: [{ $ref: '#/types/Int64' }, { type: 'null' }] } },
      address: { type: ['string', 'null'], description: 'inet, as the database writes it.' },
      clock: { pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,3})?$' },
      fixed: { maxLength: 4 },
      price: { pattern: '^-?[0-9]{1,8}(?:\\.[0-9]{1,2})?$' },
      doc: {},
    });
    expect(propertiesOf(description(), 'Plant')['kind']).toEqual({ $ref: '#/types/PlantKind' });
    expect(description().types['PlantKind']).toEqual({ type: 'string', enum: ['tree', 'shrub', 'herb'] });
  });

  it('reads comments, schemas, materialised views and the parents of partitions', () => {
    const ids = description().operations.map(({ id }) => id);
    expect((description().types['Grower'] as SchemaObject).description).toBe('People who grow "things".');
    expect(propertiesOf(description(), 'Grower')['name']?.description).toBe('As they are called.');
    expect(ids).toEqual(expect.arrayContaining(['listStockRoomSelects', 'getPlantCount', 'createReading']));
    expect(ids).not.toContain('listReading2026');
    expect(ids).not.toContain('createPlantCount');
    const create = description().operations.find(({ id }) => id === 'createStockRoomSelect');
    expect(create?.input.required).toEqual([]);
  });

  it('does not repeat the connection string', () => {
    const { port, pathname } = new URL(url());
    expect(description().locations).toEqual([{ url: `postgres://127.0.0.1:${port || '5432'}${pathname}` }]);
    expect(JSON.stringify(description())).not.toContain(canary);
    expect(description().auth).toHaveProperty('connection');
  });

  it('says what is missing and who may not', async () => {
    const gone = new URL(url());
    gone.pathname = '/burgeon_no_such_database';
    expect(await errorOf(read(gone.href))).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    const nobody = new URL(url());
    nobody.username = 'burgeon_nobody';
    const error = await errorOf(read(nobody.href));
    expect(error.code).toBe('SOURCE_FORBIDDEN');
    expect(JSON.stringify(error)).not.toMatch(/burgeon_nobody|c4n4ry/);
  });

  it('trusts only certificates it is told to trust', async () => {
    const error = await errorOf(read(`${url()}?sslmode=verify-full`));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    expect(JSON.stringify(error)).not.toContain(canary);
  });
});

withEngine('mariadb', (url, description) => {
  it('reads types as they are declared', () => {
    expect(propertiesOf(description(), 'Everything')).toMatchObject({
      id: { type: 'integer', minimum: 0, maximum: 4_294_967_295 },
      huge: { anyOf: [{ $ref: '#/types/UnsignedInt64' }, { type: 'null' }] },
      medium: { minimum: -8_388_608, maximum: 8_388_607 },
      choice: { type: ['string', 'null'] },
      born: { type: ['integer', 'null'] },
      clock: { pattern: '^-?[0-8]?[0-9]{2}:[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,2})?$' },
      switch: { type: ['boolean', 'null'] },
      mask: { anyOf: [{ $ref: '#/types/UnsignedInt64' }, { type: 'null' }] },
      code: { contentEncoding: 'base64', maxLength: 8 },
      exact: { pattern: '^-?[0-9]{1,20}(?:\\.[0-9]{1,10})?$' },
      fixed: { maxLength: 4 },
      plain: { minimum: -128, maximum: 127 },
    });
    expect(propertiesOf(description(), 'Plant')).toMatchObject({ data: {}, kind: { enum: ['tree', 'shrub', 'herb'] } });
  });

  it('reads comments and knows defaults', () => {
    expect((description().types['Grower'] as SchemaObject).description).toBe('People who grow "things".');
    const create = description().operations.find(({ id }) => id === 'createGrower');
    expect(create?.input).toMatchObject({
      required: ['name'],
      properties: { note: { default: 'new' }, active: { default: true } },
    });
  });

  it('says what is missing and who may not', async () => {
    const gone = new URL(url());
    gone.pathname = '/burgeon_no_such_database';
    expect(await errorOf(read(gone.href))).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    const nobody = new URL(url());
    nobody.username = 'burgeon_nobody';
    nobody.password = canary;
    const error = await errorOf(read(nobody.href));
    expect(error.code).toBe('SOURCE_FORBIDDEN');
    expect(JSON.stringify(error)).not.toMatch(/burgeon_nobody|c4n4ry/);
  });

  it('reaches no server in the clear when it must not', async () => {
    expect(await errorOf(read(`${url()}?sslmode=require`))).toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  });
});
