/** Probes P57 to P59 and P62 to P64 of the threat table. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { BurgeonError, defaultLimits, type Interface } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { sqlite } from '../../packages/burgeon/src/adapters/stores/sqlite.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { createHostCalls } from '../../packages/burgeon/src/runtime/host-calls.ts';
import { openAudit } from '../../packages/burgeon/src/security/audit.ts';
import { newOwnerKey } from '../../packages/burgeon/src/security/keys.ts';
import { openVault, type Vault } from '../../packages/burgeon/src/security/vault.ts';
import { changeRecord } from '../tamper.ts';
import { isAsked } from './door-probes.ts';
import { api, bin, burgeon, document, note, root, seen } from './vault-probes.ts';

/** A module with code of its own. */
const formatter = fileURLToPath(new URL('../../examples/formatter', import.meta.url));

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name));

/** Every process below one, with itself. */
const familyOf = (pid: number): number[] => {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const line = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.set(Number(name), Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const family = [pid];
  for (const each of family) for (const [child, parent] of parents) if (parent === each) family.push(child);
  return family;
};

describe.skipIf(!isAsked)('secrets at rest and under way', () => {
  const home = join(root, 'home');
  const passphrase = `pass ${randomBytes(12).toString('hex')}`;
  const planted = Object.fromEntries(
    ['key', 'bearer', 'basic', 'connection', 'oauth'].map((name) => [name, `plant-${name}-${randomBytes(12).toString('hex')}`]),
  );

  it('P57, P58, P63, P64: a server that is locked, then open, and what lies around afterwards', async () => {
    writeFileSync(join(root, 'echo.json'), document());
    expect((await burgeon(home, ['init', '--policy', 'unattended', '--passphrase'], `${passphrase}\n`)).code).toBe(0);
    const added = await burgeon(home, ['add', join(root, 'echo.json')], '');
    expect(added.code, added.out + added.err).toBe(0);
    const child = spawn(
      'sh',
      ['-c', 'umask 000; exec "$@"', 'sh', process.execPath, bin, 'serve', '--port', '0', '--json', '--verbose', '--home', home],
      { stdio: 'pipe' },
    );
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const first = await new Promise<{ url: string; token: string }>((resolve) => {
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        if (said.includes('"url"'))
          resolve(JSON.parse(said.split('\n').find((line) => line.includes('"url"')) ?? '') as { url: string; token: string });
      });
    });
    try {
      const ask = async (path: string, body?: object): Promise<{ status: number; text: string }> => {
        const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
        const answer = await fetch(`${first.url}${path}`, {
          ...init,
          headers: { authorization: `Bearer ${first.token}`, 'content-type': 'application/json' },
        });
        return { status: answer.status, text: await answer.text() };
      };
      const state = async (): Promise<number> => (await ask('/readyz')).status;
      expect(await state()).toBe(503);
      const set = (name: string, value: string) => burgeon(home, ['secret', 'set', `api/echo/${name}`], value);
      expect((await set('key', planted['key'] ?? '')).out).toContain('VAULT_LOCKED');
      expect((await burgeon(home, ['list'])).code).toBe(0);
      note('P64', 'locked at the start: /readyz, a secret, the list of modules', '503, VAULT_LOCKED, works');
      const took: number[] = [];
      for (let n = 0; n < 4; n += 1) {
        const before = performance.now();
        expect((await burgeon(home, ['vault', 'unlock'], 'wrong')).out).toContain('VAULT_LOCKED');
        took.push(performance.now() - before);
      }
      expect((took[3] ?? 0) - Math.min(...took.slice(0, 3))).toBeGreaterThan(700);
      note('P64', 'wrong passphrase, four times', took.map((ms) => `${Math.round(ms)} ms`).join(', '));
      expect((await burgeon(home, ['vault', 'unlock'], passphrase)).code).toBe(0);
      expect(await state()).toBe(200);
      for (const [name, value] of Object.entries(planted)) expect((await set(name, value)).code).toBe(0);
      const heard = JSON.stringify([
        await ask('/api/modules/api/echo/operations/plain', {}),
        await ask('/api/modules/api/echo/operations/base64', {}),
        await ask('/api/modules/api/echo/operations/error', {}),
      ]);
      expect(seen.map(({ key }) => key)).toContain(planted['key']);
      for (const form of formsOf(planted['key'] ?? '')) expect(heard).not.toContain(form);
      expect(heard).toContain('[secret]');
      const echoed = JSON.parse((await burgeon(home, ['audit', 'api/echo'])).out) as
        { kind: string }[] | { entries: { kind: string }[] };
      expect(JSON.stringify(echoed)).toContain('secret.echoed');
      note('P63', 'a header, the body, an error and base64 of the key', 'scrubbed, secret.echoed in the record');

      // A jailed process of a module with code has to be there when the processes are looked at.
      expect((await burgeon(home, ['add', formatter])).code).toBe(0);
      await ask('/api/modules/parsers/formatter/load', {});
      const places = familyOf(child.pid ?? 0).flatMap((pid) => ['cmdline', 'environ'].map((name) => `/proc/${pid}/${name}`));
      expect(places.length).toBeGreaterThan(2);
      const files = filesOf(home).filter((path) => statSync(path).isFile());
      const texts = [...files, ...places].map((path) => [path, readOr(path)] as const);
      texts.push(['logs', Buffer.from(said)]);
      const hits = [...Object.values(planted), passphrase].flatMap((value) =>
        formsOf(value).flatMap((form) => texts.filter(([, text]) => text.includes(form)).map(([path]) => path)),
      );
      expect(hits).toEqual([]);
      note(
        'P57',
        `5 planted secrets and the passphrase in ${files.length} files, ${places.length / 2} processes, logs`,
        `${hits.length} hits`,
      );
    } finally {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    const open = filesOf(home).filter((path) => (statSync(path).mode & 0o077) !== 0);
    expect([statSync(home).mode & 0o777, open]).toEqual([0o700, []]);
    note('P58', `${filesOf(home).length} files and folders under umask 000`, 'all 0600 and 0700');
    chmodSync(join(home, 'keys', 'master.json'), 0o644);
    expect((await burgeon(home, ['vault', 'show'])).out).toContain('HOME_DAMAGED');
    chmodSync(join(home, 'keys', 'master.json'), 0o600);
    note('P58', 'a master key that others may read', 'HOME_DAMAGED');
  }, 180_000);
});

const formsOf = (value: string): string[] => [
  value,
  Buffer.from(value).toString('base64').slice(0, -4),
  Buffer.from(value).toString('hex'),
];
const readOr = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
};

describe.skipIf(!isAsked)('what lies in the store', () => {
  it('P59: every byte, a cut, an exchange and an older copy', async () => {
    const path = join(root, 'p59.db');
    const key = newOwnerKey();
    const masterKey = randomBytes(32);
    const within = async <T>(work: (vault: Vault) => Promise<T>): Promise<T> => {
      const store = await sqlite.open(path, { clock: systemClock });
      try {
        const audit = openAudit({ store, clock: systemClock, key });
        return await work(openVault({ store, masterKey, clock: systemClock, audit }));
      } finally {
        await store.close();
      }
    };
    const code = (name: string): Promise<string> =>
      within((vault) =>
        vault.read(name).then(
          (value) => `value ${value}`,
          (error: unknown) => BurgeonError.from(error).code,
        ),
      ).catch((error: unknown) => BurgeonError.from(error).code);
    const database = (work: (database: DatabaseSync) => void): void => {
      const opened = new DatabaseSync(path);
      work(opened);
      opened.close();
    };
    const read = (table: string, id: string): string => {
      let text = '';
      database(
        (each) => (text = String(each.prepare('select value from records where kind = ? and id = ?').get(table, id)?.['value'])),
      );
      return text;
    };
    const write = (table: string, id: string, text: string): void => changeRecord(path, { table, id }, text);
    const [a, b] = ['api/m/a', 'api/m/b'];
    await within(async (vault) => {
      await vault.set(a, 'first');
      await vault.set(b, 'other');
    });
    const older = [read('secrets', a), read('vault', 'ledger')] as const;
    await within((vault) => vault.rotate(a, 'second'));
    const now = [read('secrets', a), read('vault', 'ledger')] as const;
    let silent = 0;
    for (let at = 0; at < now[0].length; at += 1) {
      const bytes = Buffer.from(now[0]);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      write('secrets', a, bytes.toString());
      if ((await code(a)).startsWith('value')) silent += 1;
    }
    expect(silent).toBe(0);
    note('P59', `${now[0].length} bytes of a record, each flipped alone`, `${silent} went unseen`);
    for (const length of [0, 1, now[0].length >> 1, now[0].length - 1]) {
      write('secrets', a, now[0].slice(0, length));
      expect(await code(a)).toBe('HOME_DAMAGED');
    }
    const other = read('secrets', b);
    write('secrets', a, other);
    write('secrets', b, now[0]);
    expect([await code(a), await code(b)]).toEqual(['HOME_DAMAGED', 'HOME_DAMAGED']);
    write('secrets', b, other);
    write('secrets', a, older[0]);
    expect([await code(a), await code(b)]).toEqual(['HOME_DAMAGED', 'value other']);
    write('vault', 'ledger', older[1]);
    expect([await code(a), await code(b)]).toEqual(['HOME_DAMAGED', 'value other']);
    note('P59', 'cut, exchanged, put back alone, put back with the ledger', 'HOME_DAMAGED each; the other secret goes on');
    write('secrets', a, now[0]);
    write('vault', 'ledger', now[1]);
    expect(await code(a)).toBe('value second');
  }, 120_000);

  it('P62: the secret of another module', async () => {
    const store = await sqlite.open(join(root, 'p62.db'), { clock: systemClock });
    const audit = openAudit({ store, clock: systemClock, key: newOwnerKey() });
    const vault = openVault({ store, masterKey: randomBytes(32), clock: systemClock, audit });
    await vault.set('api/other/key', 'of the other');
    const host = `127.0.0.1:${(api.address() as AddressInfo).port}`;
    const grants = [
      { kind: 'net.http', scope: { hosts: [host] }, request: 'r' },
      { kind: 'secret.use', scope: { names: ['api/other/key'] }, request: 'r' },
    ];
    const description = { auth: {}, locations: [], operations: [], types: {} } as unknown as Interface;
    const parts = { clock: systemClock, log: silentLogger, vault, audit };
    const calls = createHostCalls({
      id: 'skill/mine',
      description,
      grants,
      limits: defaultLimits,
      parts,
      call: () => Promise.reject(new TypeError('nobody')),
    });
    await expect(calls.call('net.http', 'fetch', [`http://${host}/`, { auth: 'api/other/key' }])).rejects.toMatchObject({
      code: 'CAPABILITY_DENIED',
    });
    await calls.close();
    expect((await audit.list({ module: 'skill/mine' })).map(({ kind }) => kind)).toEqual(['secret.denied']);
    expect(seen.map(({ key }) => key)).not.toContain('of the other');
    await store.close();
    note('P62', 'another module by name, although it was granted', 'CAPABILITY_DENIED, secret.denied in the record');
  });
});
