import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { BurgeonError } from '@burgeon/kit';
import { damaged, explain } from './failure.ts';
import { type Row, isInPlace, rowSum } from './rows.ts';
import { walDamage } from './wal.ts';

/** Numbered by position, applied once each, never edited after a release. */
const migrations: readonly string[] = [
  `create table records (
     tenant text not null, kind text not null, id text not null, rev integer not null,
     value text not null, created_at text not null, updated_at text not null,
     primary key (tenant, kind, id)) without rowid, strict;
   create table entries (
     tenant text not null, log text not null, sequence integer not null, entry text not null,
     primary key (tenant, log, sequence)) without rowid, strict;`,
  `alter table records add column sum text;
   update records set sum = row_sum(tenant, kind, id, rev, value, created_at, updated_at);`,
];

/** Files up to here are read through at opening (32 MiB: some 100 ms); in larger ones damage shows when it is come across. */
const checkedBytes = 32 * 1024 * 1024;

/**
 * Opens the file at `location` (mode 0600), made or brought up to date as need be, and looks for damage.
 * @throws {BurgeonError} HOME_DAMAGED, HOME_FULL, HOME_UNWRITABLE
 */
export const openDatabase = (location: string): DatabaseSync => {
  let database: DatabaseSync | undefined;
  try {
    // Made with its mode before SQLite sees it: the side files take the mode of the main one.
    closeSync(openSync(location, 'a', 0o600));
    chmodSync(location, 0o600);
    const lost = walDamage(`${location}-wal`);
    if (lost !== undefined) throw damaged(`${location}-wal`, lost);
    database = new DatabaseSync(location, { timeout: 5_000, enableForeignKeyConstraints: false });
    prepareFile(database, location);
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, location);
  }
};

const prepareFile = (database: DatabaseSync, location: string): void => {
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off');
  database.function('row_sum', { deterministic: true, varargs: true }, rowSum);
  const isSmall = statSync(location).size <= checkedBytes;
  if (isSmall) {
    const verdict = String((database.prepare('pragma quick_check(1)').get() as Row)['quick_check']);
    if (verdict !== 'ok') throw damaged(location, verdict);
  }
  migrate(database, location);
  if (isSmall) checkPlaces(database, location);
};

const migrate = (database: DatabaseSync, location: string): void => {
  const version = (): number => Number((database.prepare('pragma user_version').get() as Row)['user_version']);
  if (version() > migrations.length) {
    throw new BurgeonError('HOME_DAMAGED', {
      message: `${location} was written by a newer Burgeon (format ${version()}, this one knows ${migrations.length}).`,
      hint: 'Use the newer version, or another --home.',
    });
  }
  while (version() < migrations.length) {
    database.exec('begin immediate');
    const next = version();
    if (next < migrations.length) database.exec(`${migrations[next]}; pragma user_version = ${next + 1}`);
    database.exec('commit');
  }
};

/** A record whose key was changed on the disk is missing where it belongs; nothing but a look at all of them finds that. */
const checkPlaces = (database: DatabaseSync, location: string): void => {
  for (const row of database.prepare('select tenant, kind, id, sum from records').iterate() as Iterable<Row>) {
    if (!isInPlace(row)) throw damaged(location, `a record lies under ${row['kind']}/${row['id']}, where none was written`);
  }
};
