import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { sqlite } from '../packages/burgeon/src/adapters/stores/sqlite.ts';
import { readPolicy, resignPolicy, writePolicy } from '../packages/burgeon/src/approval/policy.ts';
import { manualClock } from '../packages/burgeon/src/base/clock.ts';
import type { Home } from '../packages/burgeon/src/base/home.ts';
import { type Audit, openAudit, resignHead } from '../packages/burgeon/src/security/audit.ts';
import { type KeyRing, type Resigning, openKeyRing } from '../packages/burgeon/src/security/key-ring.ts';
import { signRing, successionOf } from '../packages/burgeon/src/security/known-keys.ts';
import { countersign } from '../packages/burgeon/src/security/sign.ts';
import {
  createOwnerKey,
  hasOwnerKey,
  newOwnerKey,
  openOwnerKey,
  publicText,
  readPublicKey,
} from '../packages/burgeon/src/security/keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-ring-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

const homeAt = (dir: string): Home => ({
  dir,
  path: (...parts) => join(dir, ...parts),
  interrupted: false,
  close: async () => {},
});

/** Opens a home as the composition root does. */
const open = async (home = homeAt(join(folder, String(++count)))) => {
  const clock = manualClock(Date.parse('2026-01-01T00:00:00Z') + 1_000 * count);
  if (!(await hasOwnerKey(home))) await createOwnerKey(home);
  const store = await sqlite.open(home.path('burgeon.db'), { clock });
  const ring: KeyRing = await openKeyRing({ home, store, clock, audit: () => audit });
  const audit: Audit = openAudit({ store, clock, key: ring.signer });
  const resigning: Resigning = {
    writes: (to, from) => resignHead(store, to, from),
    files: (to, from) => resignPolicy(home, to, from),
  };
  await ring.settle(resigning.files);
  return { home, store, clock, ring, audit, resigning };
};

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => {
      const { code: found, data } = BurgeonError.from(error);
      return found === 'SIGNATURE_INVALID' ? String((data as { differs: string }).differs) : found;
    },
  );

describe('the list of keys', () => {
  it('holds the owner and who was added, and comes back', async () => {
    const { ring, home, store, audit } = await open();
    const friend = newOwnerKey();
    expect(ring.list()).toMatchObject([{ id: ring.signer.id, role: 'owner', trust: 'own' }]);
    const pem = friend.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    await ring.add(pem, { name: 'Friend', scope: ['skill/*'], expiresAt: '2026-06-01' });
    expect(ring.find(friend.id)).toMatchObject({ name: 'Friend', trust: 'community', expiresAt: '2026-06-01T00:00:00.000Z' });
    await ring.add(publicText(friend.publicKey), { trust: 'verified' });
    expect(ring.find(friend.id)).toMatchObject({ name: 'Friend', trust: 'verified', scope: ['skill/*'] });
    expect((await audit.list()).map(({ kind }) => kind)).toEqual(['key.added', 'key.added']);
    await store.close();
    const again = await open(home);
    expect(again.ring.list().map(({ id }) => id)).toEqual([ring.signer.id, friend.id]);
    await again.store.close();
  });

  it('counts only as the owner signed it', async () => {
    const { ring, store, home } = await open();
    await ring.add(publicText(newOwnerKey().publicKey), {});
    const value = (await store.get('keys', 'ring'))?.value;
    const forged = signRing(newOwnerKey(), 2, ring.list());
    await store.transact([{ kind: 'put', table: 'keys', id: 'ring', value: forged as never }]);
    await store.close();
    expect(await code(open(home))).toBe('key');
    expect(value).toBeDefined();
  });

  it.each([
    ['no key', 'nothing', 'INPUT_INVALID'],
    ['a private key', newOwnerKey().privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, 'INPUT_INVALID'],
    ['something endless', 'x'.repeat(5_000), 'INPUT_INVALID'],
    ['a document that is none', '{"publicKey":7}', 'INPUT_INVALID'],
    ['a broken document', '{', 'INPUT_INVALID'],
  ])('refuses %s', async (_, text, expected) => {
    const { ring, store } = await open();
    expect(await code(ring.add(text, {}))).toBe(expected);
    await store.close();
  });

  it('takes no other kind of key', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const kinds = [
      generateKeyPairSync('rsa', { modulusLength: 2_048 }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      generateKeyPairSync('ed448'),
    ];
    for (const { publicKey } of kinds)
      expect(() => readPublicKey(publicText(publicKey))).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  it.each([[{ name: '\u202eevil' }], [{ name: '' }], [{ scope: ['a b'] }], [{ expiresAt: 'soon' }]])(
    'refuses to say %j of a key',
    async (introduction) => {
      const { ring, store } = await open();
      expect(await code(ring.add(publicText(newOwnerKey().publicKey), introduction))).toMatch(/^(INPUT_INVALID|USAGE)$/);
      await store.close();
    },
  );

  it('forgets a revoked key never', async () => {
    const { ring, store } = await open();
    const friend = newOwnerKey();
    await ring.add(publicText(friend.publicKey), {});
    expect(await code(ring.revoke('0'.repeat(16), {}))).toBe('KEY_NOT_FOUND');
    expect(await code(ring.revoke(ring.signer.id, {}))).toBe('CONFLICT');
    expect(await ring.revoke(friend.id, { why: 'lost' })).toMatchObject({ revoked: { why: 'lost' } });
    expect(ring.trusted(friend.id)).toMatchObject({ revoked: { why: 'lost' } });
    expect(await code(ring.add(publicText(friend.publicKey), {}))).toBe('CONFLICT');
    expect(await code(ring.add(publicText(ring.signer.publicKey), {}))).toBe('CONFLICT');
    await store.close();
  });
});

describe('rotation', () => {
  it('puts a new key in the place of the old one, for the record and the policy too', async () => {
    const { ring, home, store, audit, clock, resigning } = await open();
    await writePolicy(home, ring.signer, { mode: 'one-channel', clock });
    await audit.commit([{ kind: 'test' }]);
    const before = ring.signer.id;
    const entry = await ring.rotate(resigning);
    expect(ring.signer.id).toBe(entry.id);
    expect(ring.list()).toMatchObject([{ id: entry.id }, { id: before, retiredAt: expect.any(String) }]);
    await audit.commit([{ kind: 'test' }]);
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 3 });
    expect((await readPolicy(home, [ring.signer])).mode).toBe('one-channel');
    expect((await openOwnerKey(home)).id).toBe(entry.id);
    expect(statSync(home.path('keys', 'owner.pem')).mode & 0o777).toBe(0o600);
    expect(existsSync(home.path('keys', 'next.pem'))).toBe(false);
    await store.close();
    const again = await open(home);
    expect(again.ring.signer.id).toBe(entry.id);
    expect((await again.audit.verify()).ok).toBe(true);
    await again.store.close();
  });

  it.each<[string, (resigning: Resigning) => Resigning, 'old' | 'new']>([
    ['before the transaction', (whole) => ({ ...whole, writes: () => Promise.reject(new Error('died')) }), 'old'],
    ['after the transaction', (whole) => ({ ...whole, files: () => Promise.reject(new Error('died')) }), 'new'],
    [
      'before the last step',
      (whole) => ({ ...whole, files: async (...all) => whole.files(...all).then(() => Promise.reject(new Error('died'))) }),
      'new',
    ],
  ])('that ends %s leaves a usable home', async (_, broken, expected) => {
    const { ring, home, store, clock, resigning } = await open();
    await writePolicy(home, ring.signer, { mode: 'one-channel', clock });
    const before = ring.signer.id;
    await expect(ring.rotate(broken(resigning))).rejects.toThrow('died');
    await store.close();
    const again = await open(home);
    expect(again.ring.signer.id === before).toBe(expected === 'old');
    expect((await readPolicy(home, [again.ring.signer])).mode).toBe('one-channel');
    await again.audit.commit([{ kind: 'test' }]);
    expect((await again.audit.verify()).ok).toBe(true);
    expect(existsSync(home.path('keys', 'next.pem'))).toBe(false);
    expect((await openOwnerKey(home)).id).toBe(again.ring.signer.id);
    await again.store.close();
  });

  it('is followed by those who know the key before', async () => {
    const publisher = await open();
    const reader = await open();
    const first = publisher.ring.signer.id;
    await reader.ring.add(publicText(publisher.ring.signer.publicKey), { name: 'Pub', trust: 'verified', scope: ['api/*'] });
    await publisher.ring.rotate(publisher.resigning);
    await publisher.ring.rotate(publisher.resigning);
    const document = publisher.ring.document('Pub');
    expect(document.endorsements).toHaveLength(2);
    const stranger = { ...document, publicKey: publicText(newOwnerKey().publicKey) };
    expect(await code(reader.ring.add(JSON.stringify(stranger), {}))).toBe('key');
    const shuffled = { ...document, endorsements: document.endorsements.toReversed() };
    expect(await code(reader.ring.add(JSON.stringify(shuffled), {}))).toBe('key');
    const added = await reader.ring.add(JSON.stringify(document), {});
    expect(added).toMatchObject({ id: publisher.ring.signer.id, name: 'Pub', trust: 'verified', scope: ['api/*'] });
    const third = newOwnerKey();
    expect(await code(reader.ring.add(publicText(third.publicKey), {}))).toBe('nothing');
    await reader.ring.revoke(first, {});
    await publisher.ring.rotate(publisher.resigning);
    expect(await code(reader.ring.add(JSON.stringify(publisher.ring.document()), {}))).toBe('revoked');
    await publisher.store.close();
    await reader.store.close();
  });

  it('is a line: whoever has an earlier key makes no other one follow it', async () => {
    const [publisher, reader] = [await open(), await open()];
    const stolen = { ...publisher.ring.signer };
    await reader.ring.add(publicText(stolen.publicKey), { name: 'Pub', trust: 'verified' });
    await publisher.ring.rotate(publisher.resigning);
    await publisher.ring.rotate(publisher.resigning);
    const document = JSON.stringify(publisher.ring.document('Pub'));
    await reader.ring.add(document, {});
    const other = newOwnerKey();
    const endorsements = [countersign(other, successionOf(stolen, other, '2026-01-01T00:00:00Z'))];
    const forged = JSON.stringify({ publicKey: publicText(other.publicKey), endorsements });
    expect(await code(reader.ring.add(forged, {}))).toBe('succession');
    expect(await reader.ring.add(document, {})).toMatchObject({ trust: 'verified' });
    await publisher.store.close();
    await reader.store.close();
  });

  it('leaves a usable home wherever it is killed', async () => {
    const of = (path: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
    const { home, store, ring, clock } = await open();
    await writePolicy(home, ring.signer, { mode: 'one-channel', clock });
    await store.close();
    const script = `
      import { sqlite } from ${of('../packages/burgeon/src/adapters/stores/sqlite.ts')};
      import { resignPolicy } from ${of('../packages/burgeon/src/approval/policy.ts')};
      import { systemClock as clock } from ${of('../packages/burgeon/src/base/clock.ts')};
      import { openAudit, resignHead } from ${of('../packages/burgeon/src/security/audit.ts')};
      import { openKeyRing } from ${of('../packages/burgeon/src/security/key-ring.ts')};
      import { join } from 'node:path';
      const dir = ${JSON.stringify(home.dir)};
      const home = { dir, path: (...parts) => join(dir, ...parts), interrupted: false, close: async () => {} };
      const store = await sqlite.open(home.path('burgeon.db'), { clock });
      const ring = await openKeyRing({ home, store, clock, audit: () => audit });
      const audit = openAudit({ store, clock, key: ring.signer });
      const files = (to, from) => resignPolicy(home, to, from);
      await ring.settle(files);
      process.stdout.write('ready\\n');
      for (;;) { await ring.rotate({ writes: (to, from) => resignHead(store, to, from), files }); process.stdout.write(ring.signer.id + '\\n'); }`;
    for (const delayMs of [0, 2, 5, 9]) {
      const said = await new Promise<string>((resolve) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += String(chunk);
          if (text.split('\n').length > 2) setTimeout(() => child.kill('SIGKILL'), delayMs);
        });
        child.on('close', () => resolve(text));
      });
      const again = await open(home);
      const acknowledged = said.trimEnd().split('\n').at(-1);
      expect(again.ring.list().map(({ id }) => id)).toContain(acknowledged);
      expect((await readPolicy(home, [again.ring.signer])).mode).toBe('one-channel');
      expect((await again.audit.verify()).ok).toBe(true);
      expect((await openOwnerKey(home)).id).toBe(again.ring.signer.id);
      await again.store.close();
    }
  });

  it('does not take a key that nothing was signed with', async () => {
    const { home, store, ring } = await open();
    await ring.add(publicText(newOwnerKey().publicKey), {});
    await store.close();
    const stranger = newOwnerKey().privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(home.path('keys', 'next.pem'), stranger, { mode: 0o600 });
    const again = await open(home);
    expect(again.ring.signer.id).toBe(ring.signer.id);
    expect(readFileSync(home.path('keys', 'owner.pem'), 'utf8')).not.toBe(stranger);
    await again.store.close();
  });
});
