/** Probe P117 of the threat table, and a credential that is replaced under traffic. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { sqlite } from '../../packages/burgeon/src/adapters/stores/sqlite.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { openHome } from '../../packages/burgeon/src/base/home.ts';
import { createBurgeon } from '../../packages/burgeon/src/burgeon.ts';
import { openMasterKeys } from '../../packages/burgeon/src/security/master-key.ts';
import { openVault, type Vault } from '../../packages/burgeon/src/security/vault.ts';
import { isAsked } from './door-probes.ts';
import { burgeon, document, note, root, seen } from './vault-probes.ts';

describe.skipIf(!isAsked)('a credential that is replaced under traffic', () => {
  it('is the old one or the new one, fails nothing, and is the new one once that was said', async () => {
    const home = join(root, 'traffic');
    const open = () => createBurgeon({ home, threads: false });
    const first = await open();
    await first.init({ policy: 'unattended', totp: false });
    await first.close();
    const running = await open();
    const manage = async (operation: string, input: JsonObject): Promise<unknown> =>
      (await running.management.call(operation, input)).output;
    try {
      await manage('addModule', { what: 'echo.json', text: document() });
      const name = 'api/echo/key';
      await manage('setSecret', { name, value: 'value-0000' });
      const values = ['value-0000'];
      seen.length = 0;
      let failed = 0;
      // Of each call, the oldest value it may carry: the newest that was said to be kept when it began.
      const oldest: number[] = [];
      const call = async (): Promise<void> => {
        const n = oldest.push(values.length - 1) - 1;
        await manage('callOperation', { namespace: 'api', name: 'echo', operation: 'plain', input: { n } }).catch(
          () => (failed += 1),
        );
      };
      const until = performance.now() + 3_000;
      const pending: Promise<void>[] = [];
      const traffic = (async () => {
        while (performance.now() < until) {
          pending.push(call());
          await new Promise((resolve) => setTimeout(resolve, 4));
        }
      })();
      while (performance.now() < until - 200) {
        const value = `value-${String(values.length).padStart(4, '0')}`;
        await manage('rotateSecret', { name, value });
        values.push(value);
        pending.push(call());
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      await traffic;
      await Promise.all(pending);
      const late = seen.filter(({ key, url }) => values.indexOf(key) < (oldest[Number(url.searchParams.get('n'))] ?? 0));
      expect([failed, late.length, seen.length]).toEqual([0, 0, oldest.length]);
      note(
        'S0-205',
        `${oldest.length} calls in 3 s under ${values.length - 1} replacements`,
        'none failed, none carried an older value than was kept when it began',
      );
      await manage('revokeSecret', { name });
      const refused = await manage('callOperation', { namespace: 'api', name: 'echo', operation: 'plain', input: {} }).catch(
        (error: unknown) => BurgeonError.from(error).code,
      );
      expect(refused).toBe('SECRET_MISSING');
      note('S0-205', 'the call after the secret was revoked', 'SECRET_MISSING');
    } finally {
      await running.close();
    }
  }, 60_000);
});

describe.skipIf(!isAsked)('a crash while the master key is replaced', () => {
  it('P117: leaves every secret readable with the old key or the new one', async () => {
    const source = join(root, 'p117');
    expect((await burgeon(source, ['init', '--policy', 'unattended', '--passphrase'], 'old\n')).code).toBe(0);
    const values = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`api/m/${n}`, `value ${n}`]));
    const within = async <T>(dir: string, passphrase: string, work: (vault: Vault) => Promise<T>): Promise<T> => {
      const home = await openHome(dir, { clock: systemClock, waitMs: 5_000 });
      const store = await sqlite.open(home.path('burgeon.db'), { clock: systemClock });
      const masterKey = openMasterKeys({ home, clock: systemClock, passphrase });
      try {
        return await work(openVault({ store, masterKey, clock: systemClock }));
      } finally {
        await store.close();
        await home.close();
      }
    };
    await within(source, 'old', async (vault) => {
      for (const [name, value] of Object.entries(values)) await vault.set(name, value);
    });
    const readAll = (dir: string, passphrase: string): Promise<Record<string, string | undefined>> =>
      within(dir, passphrase, async (vault) =>
        Object.fromEntries(await Promise.all(Object.keys(values).map(async (name) => [name, await vault.read(name)]))),
      ).catch(() => ({}));
    const outcomes = { old: 0, either: 0, new: 0 };
    let points = 0;
    for (const call of ['fsync', 'rename', 'pwrite64', 'fdatasync'] as const) {
      for (let n = 1; n <= 60; n += 1) {
        const dir = join(root, `p117-${call}-${n}`);
        mkdirSync(dir);
        cpSync(source, dir, { recursive: true });
        const kill = [
          'strace',
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-P',
          join(dir, 'burgeon.db-wal'),
          '-P',
          join(dir, 'burgeon.db'),
          '-P',
          join(dir, 'keys'),
          '-P',
          join(dir, 'keys', 'master.json'),
        ];
        const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${n}`, 'env', 'BURGEON_PASSPHRASE=old'];
        const { code } = await burgeon(dir, ['vault', 'rotate', '--passphrase'], 'new\n', [...kill, ...inject]);
        const [old, next] = [JSON.stringify(await readAll(dir, 'old')), JSON.stringify(await readAll(dir, 'new'))].map(
          (text) => text === JSON.stringify(values),
        );
        expect(old || next, `${call} ${n}`).toBe(true);
        outcomes[old && next ? 'either' : old ? 'old' : 'new'] += 1;
        points += 1;
        rmSync(dir, { recursive: true, force: true });
        if (code === 0) break;
      }
    }
    note(
      'P117',
      `killed at ${points} system calls of vault rotate`,
      `all 8 secrets read each time: with the old passphrase ${outcomes.old}, with either ${outcomes.either}, with the new ${outcomes.new}`,
    );
  }, 600_000);
});
