import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqlColumn, SqlFacts, SqlTable } from '../facts.ts';
import { describeDatabase } from './interface.ts';
import { sharedTypes } from './value-types.ts';

const column = (name: string, more: Partial<SqlColumn> = {}): SqlColumn => ({
  name,
  declared: 'text',
  type: { kind: 'text' },
  nullable: false,
  ...more,
});

const table = (name: string, more: Partial<SqlTable> = {}): SqlTable => ({
  name,
  kind: 'table',
  columns: [column('id')],
  primaryKey: ['id'],
  uniqueKeys: [],
  foreignKeys: [],
  checks: [],
  ...more,
});

const described = (tables: SqlTable[], more: Partial<SqlFacts> = {}) =>
  describeDatabase(
    { facts: { dialect: 'postgres', product: 'PostgreSQL 15', name: 'Big Shop', tables, ...more }, diagnostics: [] },
    'postgres://host:5432/x',
  );

describe('describeDatabase', () => {
  it('offers only what the user may do', () => {
    const { operations, diagnostics } = described([table('album', { forbidden: ['create', 'delete'] })]);
    expect(operations.map(({ id }) => id)).toEqual([
      'listAlbums',
      'getAlbum',
      'countAlbums',
      'updateAlbum',
      'query',
      'transaction',
    ]);
    expect(diagnostics).toMatchObject([{ code: 'table-restricted', path: '/album' }]);
    expect(operations.at(-1)?.effect).toBe('write');
  });

  it('uses the shortest unique key without nulls where there is no primary key', () => {
    const columns = [column('a'), column('b'), column('c', { nullable: true })];
    const { entities } = described([table('album', { columns, primaryKey: [], uniqueKeys: [['a', 'b'], ['c'], ['b']] })]);
    expect(entities[0]?.key).toEqual(['b']);
  });

  it('keeps keys apart from changes', () => {
    const { operations, entities } = described([
      table('album', { columns: [column('changes'), column('changes_')], primaryKey: ['changes', 'changes_'] }),
    ]);
    const update = operations.find(({ id }) => id === 'updateAlbum');
    expect(Object.keys(update?.input.properties ?? {})).toEqual(['changes', 'changes_', 'changes__']);
    expect(update?.bindings['sql']).toMatchObject({ changes: 'changes__' });
    expect(entities[0]?.operations.update).toMatchObject({ record: '/changes__' });
  });

  it('gives each of two tables of one name its own, whatever their order', () => {
    const tables = [
      table('Album', { schema: 'public' }),
      table('albums', { schema: 'public' }),
      table('album', { schema: 'old' }),
    ];
    const ids = described(tables).operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const other = described(tables.toReversed());
    expect(other.operations.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(ids).toContain('getOldAlbum');
  });

  it.each<[Partial<SqlColumn>, unknown]>([
    [{ default: "'it''s'::text" }, "it's"],
    [{ default: 'now()' }, undefined],
    [{ default: '-5', type: { kind: 'integer' } }, -5],
    [{ default: "'7'::bigint", type: { kind: 'bigint' } }, 7],
    [{ default: '1.5', type: { kind: 'integer' } }, undefined],
    [{ default: '(0.5)', type: { kind: 'float' } }, 0.5],
    [{ default: 'random()', type: { kind: 'float' } }, undefined],
    [{ default: '0.00', type: { kind: 'decimal', precision: 8, scale: 2 } }, '0.00'],
    [{ default: 'TRUE', type: { kind: 'boolean' } }, true],
    [{ default: '0', type: { kind: 'boolean' } }, false],
    [{ default: 'maybe()', type: { kind: 'boolean' } }, undefined],
    [{ default: "'a'::mood", type: { kind: 'enum', values: ['a'] } }, 'a'],
    [{ default: "'z'::mood", type: { kind: 'enum', values: ['a'] } }, undefined],
    [{ default: "'{}'", type: { kind: 'json' } }, undefined],
  ])('tells plain defaults from expressions: %j', (more, value) => {
    const { operations } = described([table('album', { columns: [column('id'), column('x', more)] })]);
    const create = operations.find(({ id }) => id === 'createAlbum')?.input;
    expect(create?.required).toEqual(['id']);
    expect((create?.properties['x'] as { default?: unknown } | undefined)?.default).toEqual(value);
  });

  it('names relations apart, and links only to what is described', () => {
    const author = table('author');
    const key = (name: string, to = 'author') => ({ columns: [name], table: to, references: ['id'] });
    const book = table('book', {
      columns: [column('id'), column('writer'), column('editor')],
      foreignKeys: [key('writer'), key('editor'), key('id', 'elsewhere')],
    });
    const { entities } = described([author, book]);
    expect(entities.map(({ relations }) => relations?.map(({ name }) => name))).toEqual([
      ['Books', 'BooksByEditor'],
      ['Author', 'AuthorByEditor'],
    ]);
  });

  it('describes an empty database by its query alone', () => {
    const empty = described([]);
    expect(empty.operations.map(({ id }) => id)).toEqual(['query']);
    expect(empty).toMatchObject({ name: 'big-shop', auth: { connection: { kind: 'password' } } });
  });

  it('shares named enums, also inside arrays', () => {
    const mood = { kind: 'enum', name: 'public.mood', values: ['sad', 'ok'] } as const;
    const columns = [
      column('id'),
      column('mood', { type: { ...mood, values: [...mood.values] } }),
      column('moods', { type: { kind: 'array', element: { ...mood, values: [...mood.values] } } }),
    ];
    const { types } = described([table('person', { columns })]);
    expect(types['Mood']).toEqual({ type: 'string', enum: ['sad', 'ok'] });
    expect(types).toHaveProperty('MoodFilter');
    expect(types['PersonWhere']).toMatchObject({ properties: { mood: { $ref: '#/types/MoodFilter' } } });
  });
});

describe('whole numbers as text', () => {
  const patternOf = (name: string): RegExp => {
    const texts = (sharedTypes[name]?.anyOf ?? []) as { pattern?: string }[];
    return new RegExp(texts.find(({ pattern }) => pattern !== undefined)?.pattern ?? '$^');
  };
  const signed: [string, boolean][] = [
    ['9007199254740991', false],
    ['9007199254740992', true],
    ['10000000000000000', true],
    ['9223372036854775807', true],
    ['9223372036854775808', false],
    ['-9223372036854775808', true],
    ['-9223372036854775809', false],
    ['09007199254740993', false],
  ];
  it.each(signed)('Int64 takes %s: %s', (text, taken) => expect(patternOf('Int64').test(text)).toBe(taken));
  it.each<[string, boolean]>([
    ['9007199254740992', true],
    ['18446744073709551615', true],
    ['18446744073709551616', false],
    ['-9007199254740992', false],
  ])('UnsignedInt64 takes %s: %s', (text, taken) => expect(patternOf('UnsignedInt64').test(text)).toBe(taken));
  it('takes exactly what 64 bits hold', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), (number) => {
        const beyond = number > BigInt(Number.MAX_SAFE_INTEGER) || number < BigInt(Number.MIN_SAFE_INTEGER);
        expect(patternOf('Int64').test(String(number))).toBe(beyond && BigInt.asIntN(64, number) === number);
        expect(patternOf('UnsignedInt64').test(String(number))).toBe(
          number > 0n && beyond && BigInt.asUintN(64, number) === number,
        );
      }),
    );
  });
});
