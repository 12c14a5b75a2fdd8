/** Changes what lies in a store as an attacker would who knows the format: with the sum that goes with it. */
import { DatabaseSync } from 'node:sqlite';
import { rowSum } from '../packages/burgeon/src/adapters/stores/sqlite/rows.ts';

/** Puts another text in the place of a record's value; `path` is that of the database. */
export const changeRecord = (path: string, { table, id }: { table: string; id: string }, text: string): void => {
  const database = new DatabaseSync(path);
  try {
    database.function('row_sum', { varargs: true }, rowSum);
    const sum = 'row_sum(tenant, kind, id, rev, ?1, created_at, updated_at)';
    database.prepare(`update records set value = ?1, sum = ${sum} where kind = ?2 and id = ?3`).run(text, table, id);
  } finally {
    database.close();
  }
};
