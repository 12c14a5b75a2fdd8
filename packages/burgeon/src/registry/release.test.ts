import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../base/json.ts';
import { newOwnerKey } from '../security/keys.ts';
import { signStatement, statementType } from '../security/sign.ts';
import { type Fixture, factsOf, failure, key, open, release } from './fixtures/modules.ts';
import { type VersionRecord, tables } from './records.ts';
import { signRelease, verifySignature } from './release.ts';

describe('tampering', () => {
  const rewrite = async ({ store }: Fixture, change: (record: VersionRecord) => Partial<VersionRecord>): Promise<void> => {
    const value = (await store.get(tables.versions, 'api/a@1.0.0'))?.value as unknown as VersionRecord;
    const changed = { ...value, ...change(value) } as unknown as JsonObject;
    await store.transact([{ kind: 'put', table: tables.versions, id: 'api/a@1.0.0', value: changed }]);
  };

  it('with any byte of any file is found, and which', async () => {
    const fixture = await open();
    const record = await release(fixture, 'api/a', '1.0.0');
    for (const { path, sha256: name } of record.files) {
      const file = join(fixture.blobFolder, name);
      const whole = readFileSync(file);
      for (let at = 0; at < whole.length; at += 7) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        writeFileSync(file, bytes);
        expect(await failure(fixture.registry.load('api/a'))).toMatchObject({
          code: 'SIGNATURE_INVALID',
          data: { differs: 'file', path },
        });
      }
      rmSync(file);
      expect((await failure(fixture.registry.load('api/a'))).code).toBe('SIGNATURE_INVALID');
      writeFileSync(file, whole);
    }
    await fixture.registry.load('api/a');
  });

  it.each<[string, (record: VersionRecord) => Partial<VersionRecord>, string]>([
    ['no signature', () => ({ signature: undefined }) as never, 'envelope'],
    ['another list of files', ({ files }) => ({ files: files.slice(1) }), 'bundle'],
    [
      'another path',
      ({ files }) => ({ files: files.map((file, index) => (index === 2 ? { ...file, path: 'src/other.ts' } : file)) }),
      'bundle',
    ],
    [
      'a digest that is no digest',
      ({ files }) => ({ files: files.map((file) => ({ ...file, sha256: '../../etc/passwd' })) }),
      'bundle',
    ],
    [
      'the signature of another version',
      (record) => ({ signature: signRelease(key, { ...record, version: '9.9.9' }, factsOf(record)) }),
      'statement',
    ],
    ['a signature of another key', (record) => ({ signature: signRelease(newOwnerKey(), record, factsOf(record)) }), 'key'],
    [
      'other approved capabilities',
      (record) => ({ signature: signRelease(key, { ...record, capabilitiesDigest: '0' }, factsOf(record)) }),
      'capabilities',
    ],
    [
      'another kind of statement',
      (record) => ({
        signature: signStatement(key, {
          _type: statementType,
          subject: [{ name: 'api/a@1.0.0', digest: { sha256: record.digest } }],
          predicateType: 'https://example.com/other',
          predicate: {},
        }),
      }),
      'statement',
    ],
  ])('with the record is found: %s', async (_, change, differs) => {
    const fixture = await open();
    await release(fixture, 'api/a', '1.0.0');
    await rewrite(fixture, change);
    expect(await failure(fixture.registry.load('api/a'))).toMatchObject({ code: 'SIGNATURE_INVALID', data: { differs } });
  });

  it('by signed bytes that are no module is found', async () => {
    const fixture = await open();
    await release(fixture, 'api/a', '1.0.0');
    await release(fixture, 'api/b', '1.0.0');
    const other = await fixture.registry.show('api/b');
    const sign = (record: VersionRecord, files: VersionRecord['files']): Partial<VersionRecord> => {
      const changed = { ...record, files, digest: digestOf(files) };
      return { ...changed, signature: signRelease(key, changed, factsOf(record)) };
    };
    await rewrite(fixture, (record) => sign(record, other.files));
    expect((await failure(fixture.registry.load('api/a'))).data).toMatchObject({ differs: 'manifest' });
    for (const text of ['[]', '{']) {
      const [name = ''] = await fixture.blobs.put([text]);
      await rewrite(fixture, (record) => sign(record, [{ path: 'plugin.json', sha256: name, bytes: text.length }]));
      expect((await failure(fixture.registry.load('api/a'))).data).toMatchObject({ differs: 'file', path: 'plugin.json' });
    }
  });
});

describe('another key in the place of the signer', () => {
  it('signs nothing that was not signed before', async () => {
    const fixture = await open();
    await release(fixture, 'api/a', '1.0.0');
    const record = await release(fixture, 'api/b', '1.0.0');
    const forged = { ...record, signature: { ...signRelease(newOwnerKey(), record, factsOf(record)), signatures: [] } };
    const id = 'api/b@1.0.0';
    await fixture.store.transact([{ kind: 'put', table: tables.versions, id, value: forged as unknown as JsonObject }]);
    const next = newOwnerKey();
    const writes = await fixture.registry.resign(next);
    expect(writes.map((write) => write.kind === 'put' && write.id)).toEqual(['api/a@1.0.0']);
  });
});

describe('a publisher whose key was revoked from some time on', () => {
  it.each([
    ['let in before it', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', undefined],
    [
      'let in after it, whatever time its publisher wrote down',
      '2026-01-03T00:00:00.000Z',
      '2026-01-02T00:00:00.000Z',
      'SIGNATURE_INVALID',
    ],
  ])('counts for what was %s', async (_name, at, since, expected) => {
    const fixture = await open();
    const publisher = newOwnerKey();
    const publication = {
      key: publisher.id,
      name: 'Pub',
      trust: 'verified',
      digest: '',
      attestation: '',
      publishedAt: '2025-12-01T00:00:00.000Z',
    } as const;
    const record = { ...(await release(fixture, 'api/a', '1.0.0')), publication };
    const signed = { ...record, signature: signRelease(key, record, { ...factsOf(record), at }) };
    const trust = { owners: () => [key], publisher: () => ({ ...publisher, revoked: { since } }) };
    const judged = await Promise.resolve()
      .then(() => verifySignature(signed, trust))
      .then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
    expect(judged).toBe(expected);
  });
});
