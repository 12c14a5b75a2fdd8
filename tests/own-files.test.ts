import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { failure, openBurgeon } from './open-burgeon.ts';

const { root, home, manage, call, reopen } = openBurgeon('own-files');
const database = join(home, 'burgeon.db');

describe('the data directory of Burgeon itself', () => {
  it('is no source, whatever way leads there', async () => {
    symlinkSync(database, join(root, 'innocent.db'));
    symlinkSync(home, join(root, 'folder'));
    const ways = [
      database,
      `sqlite:${database}`,
      `sqlite://${database}`,
      join(root, 'innocent.db'),
      join(root, 'folder', 'burgeon.db'),
    ];
    for (const what of [...ways, join(home, 'keys'), join(home, 'policy.json'), home])
      expect(await failure(manage('addModule', { what })), what).toMatchObject({ code: 'SOURCE_FORBIDDEN' });
  });

  it('is opened by no module, also where a link leads there since it was approved', async () => {
    const shop = join(root, 'shop.db');
    const made = new DatabaseSync(shop);
    made.exec('create table item (id integer primary key, name text)');
    made.close();
    await manage('addModule', { what: shop, name: 'shop' });
    expect(await call('db/shop', 'listItems')).toBeDefined();
    renameSync(shop, join(root, 'before.db'));
    symlinkSync(database, shop);
    await reopen();
    expect(await failure(call('db/shop', 'listItems'))).toMatchObject({ code: 'CAPABILITY_DENIED' });
    rmSync(shop);
  });
});
