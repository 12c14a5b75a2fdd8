/** A provider as an SQLite file: tables of the same form, filled with the rows that the provider lists. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError, type ExposeOptions, type Exposure, type JsonObject, type JsonValue, type Provider } from '@burgeon/kit';
import { kebabOf } from '../../../interface/naming.ts';
import type { SqlDatabase } from '../../../bindings/sql/database/database.ts';
import { openDatabase } from '../../../bindings/sql/database/open.ts';
import type { SqlBinding } from '../../../bindings/sql/runtime/binding.ts';
import { perform } from '../../../bindings/sql/runtime/perform.ts';
import { callFault } from './fault.ts';
import { createTable, mirroredTables, type MirroredTable } from './tables.ts';

/** Rows copied from each table at most. */
const mostRows = 10_000;

/** Rows asked for at a time. */
const pageRows = 100;

/** The rows a provider lists, page by page. */
async function* rowsOf(provider: Provider, { list }: MirroredTable): AsyncGenerator<JsonObject> {
  let cursor: JsonValue | undefined;
  for (let count = 0; count < mostRows;) {
    const { output } = await provider.call(list.id, { limit: pageRows, ...(cursor === undefined ? {} : { cursor }) });
    const page = typeof output === 'object' && output !== null && !Array.isArray(output) ? output : {};
    const items = Array.isArray(page['items']) ? page['items'] : [];
    for (const item of items) if (typeof item === 'object' && item !== null && !Array.isArray(item)) yield item;
    count += items.length;
    const next = page['next'];
    // A mirror that answers every page alike would never end.
    if (typeof next !== 'string' || next === cursor || items.length === 0) return;
    cursor = next;
  }
}

/** Everything is written when a mirror is filled, also what the original writes itself. */
const writable = (binding: SqlBinding): SqlBinding => ({
  ...binding,
  action: 'create',
  columns: (binding.columns ?? []).map(({ readOnly: _, ...column }) => column),
});

const fill = async (database: SqlDatabase, provider: Provider, table: MirroredTable, { log }: ExposeOptions): Promise<void> => {
  const binding = writable(table.binding);
  let [kept, refused] = [0, 0];
  try {
    await database.use(
      async (query) => {
        for await (const row of rowsOf(provider, table)) {
          const written = await perform(binding, row, 'sqlite', query).then(
            ({ ok }) => ok,
            () => false,
          );
          if (written) kept += 1;
          else refused += 1;
        }
      },
      { atomic: true },
    );
  } catch (error) {
    log.warn('The rows of a table could not be listed.', {
      operation: table.list.id,
      code: callFault(table.list.id, error).code,
    });
  }
  if (refused > 0) log.info('Some rows do not fit their table and are left out.', { operation: table.list.id, kept, refused });
};

/**
 * Makes an SQLite file that only this user can read, with one table for every listed table or view. `close` removes it.
 * @throws {BurgeonError} UNSUPPORTED when nothing in the description can be listed as a table
 */
export const expose = async (provider: Provider, options: ExposeOptions): Promise<Exposure> => {
  const description = provider.interface;
  const tables = mirroredTables(description);
  if (tables.length === 0) {
    throw new BurgeonError('UNSUPPORTED', { message: `"${description.name}" has no tables that could stand in a database.` });
  }
  const folder = await mkdtemp(join(tmpdir(), 'burgeon-sql-'));
  const path = join(folder, `${kebabOf(description.name)}.db`);
  await writeFile(path, '');
  await chmod(path, 0o600);
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const database = await openDatabase({ dialect: 'sqlite', path }, { role: 'connection' });
    try {
      await database.use(async (query) => {
        for (const table of tables) await query(createTable(description, table), []);
      });
      for (const table of tables) await fill(database, provider, table, options);
    } finally {
      await database.close();
    }
  } catch (error) {
    await close();
    throw callFault('expose', error, { dialect: 'sqlite' });
  }
  return { url: `sqlite:${path}`, close };
};
