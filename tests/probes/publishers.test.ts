/** Who published a package, and what comes again: P100-P104. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { asText, canonicalJson } from '../../packages/burgeon/src/base/json.ts';
import { newOwnerKey, publicText, type OwnerKey } from '../../packages/burgeon/src/security/keys.ts';
import { countersign, readStatement, signStatement, type Envelope } from '../../packages/burgeon/src/security/sign.ts';
import { adder, changed, jsonFile, openHomes, refusalOf, writeModule } from './package-homes.ts';

const { root, publisher, reader, open, addVersion, packed, take, probe } = openHomes('publishers');
const dayMs = 86_400_000;
const attestation = 'attestation.dsse.json';
const envelopeIn = (files: Map<string, Buffer>): Envelope => JSON.parse(String(files.get(attestation))) as Envelope;

describe('P100: signatures', () => {
  const stranger: OwnerKey = newOwnerKey();
  const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
  /** The same point with a scalar that is one order of the group larger. @see RFC 8032 section 5.1.7 */
  const malleable = (sig: string): string => {
    const bytes = Buffer.from(sig, 'base64');
    let scalar = order;
    for (let at = 0; at < 32; at += 1) scalar += BigInt(bytes[32 + at] ?? 0) << BigInt(8 * at);
    for (let at = 0; at < 32; at += 1) bytes[32 + at] = Number((scalar >> BigInt(8 * at)) & 0xffn);
    return bytes.toString('base64');
  };
  const cases: [what: string, change: (envelope: Envelope) => unknown, expected: string][] = [
    ['none', () => ({}), 'envelope'],
    ['no signature in the envelope', (envelope) => ({ ...envelope, signatures: [] }), 'key'],
    ['by another key', (envelope) => signStatement(stranger, readStatement(envelope) as never), 'key'],
    [
      'by another key under the name of this one',
      (envelope) => ({
        ...envelope,
        signatures: [
          {
            keyid: envelope.signatures[0]?.keyid,
            sig: signStatement(stranger, readStatement(envelope) as never).signatures[0]?.sig,
          },
        ],
      }),
      'signature',
    ],
    [
      'cut off',
      (envelope) => ({
        ...envelope,
        signatures: envelope.signatures.map(({ keyid, sig }) => ({
          keyid,
          sig: Buffer.from(sig, 'base64').subarray(0, 63).toString('base64'),
        })),
      }),
      'signature',
    ],
    [
      'written in another base64',
      (envelope) => ({
        ...envelope,
        signatures: envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: sig.replace(/.==$/, 'B==') })),
      }),
      'signature',
    ],
    [
      'in its malleable form',
      (envelope) => ({ ...envelope, signatures: envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: malleable(sig) })) }),
      'signature',
    ],
    ['of another payload type', (envelope) => ({ ...envelope, payloadType: 'application/json' }), 'signature'],
    [
      'over a re-ordered manifest',
      (envelope) => ({
        ...envelope,
        payload: Buffer.from(
          JSON.stringify(Object.fromEntries(Object.entries(readStatement(envelope) as object).toReversed())),
        ).toString('base64'),
      }),
      'signature',
    ],
    [
      'of no known algorithm',
      (envelope) => ({
        ...envelope,
        signatures: envelope.signatures.map(({ keyid }) => ({ keyid, sig: createHash('sha512').update(keyid).digest('base64') })),
      }),
      'signature',
    ],
    ['that is no text', (envelope) => ({ ...envelope, signatures: [{ keyid: 7, sig: null }] }), 'envelope'],
  ];

  it.each(cases)('%s', async (what, change, expected) => {
    const bytes = await changed((await packed()).bytes, (files) => files.set(attestation, jsonFile(change(envelopeIn(files)))));
    probe(
      'P100',
      `signature ${what}`,
      await refusalOf(take(reader(), bytes, { allowUnknown: true })),
      `SIGNATURE_INVALID ${expected}`,
    );
  });

  it('for other bytes', async () => {
    await addVersion(publisher(), 2);
    const [one, two] = [await packed('1.0.0'), await packed('1.0.1')];
    let other: Buffer = Buffer.alloc(0);
    await changed(two.bytes, (files) => (other = files.get(attestation) ?? other));
    const bytes = await changed(one.bytes, (files) => files.set(attestation, other));
    probe(
      'P100',
      'signature for another version',
      await refusalOf(take(reader(), bytes, { allowUnknown: true })),
      'SIGNATURE_INVALID statement',
    );
    const flipped = await changed(one.bytes, (files) =>
      files.set('module/index.ts', Buffer.from('export const operations = {};')),
    );
    probe(
      'P100',
      'signature for another hash',
      await refusalOf(take(reader(), flipped, { allowUnknown: true })),
      'SIGNATURE_INVALID file',
    );
    const less = await changed(one.bytes, (files) => files.delete('module/SKILL.md'));
    probe(
      'P100',
      'a signed file taken away',
      await refusalOf(take(reader(), less, { allowUnknown: true })),
      'SIGNATURE_INVALID file',
    );
  });

  it('by keys of another kind, expired and revoked', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey;
    const confused = await changed((await packed()).bytes, (files) => files.set('publisher.key', Buffer.from(publicText(rsa))));
    probe(
      'P100',
      'a key of another algorithm',
      await refusalOf(take(reader(), confused, { allowUnknown: true })),
      'PACKAGE_INVALID key',
    );
    probe(
      'P100',
      'nobody here knows the key',
      await refusalOf(take(reader(), (await packed()).bytes)),
      'PACKAGE_INVALID unknown-publisher',
    );
    const other = await open('judge');
    const document = await publisher().manage('exportKey', { name: 'Pub' });
    const [{ id: key } = { id: '' }] = (await publisher().manage('listKeys')) as unknown as { id: string }[];
    const publicKey = JSON.stringify(document);
    await other.manage('addKey', { publicKey, name: 'Pub', expiresAt: '2026-05-01' });
    probe('P100', 'the key ran out', await refusalOf(take(other, (await packed()).bytes)), 'SIGNATURE_INVALID expired');
    await other.manage('addKey', { publicKey, scope: ['api/*'], expiresAt: '2030-01-01' });
    probe(
      'P100',
      'the key may publish others only',
      await refusalOf(take(other, (await packed()).bytes)),
      'SIGNATURE_INVALID scope',
    );
    await other.manage('addKey', { publicKey, scope: ['skill/*'] });
    const extra = await changed((await packed()).bytes, (files) =>
      files.set(attestation, jsonFile(countersign(stranger, envelopeIn(files)))),
    );
    probe('P100', 'a signature of an unknown key beside a known one', await refusalOf(take(other, extra)), 'taken');
    await other.manage('callOperation', { ...adder, operation: 'add', input: { to: 40 } });
    const revoked = await other.manage('revokeKey', { key, why: 'stolen' });
    expect(revoked['stopped']).toEqual(['skill/adder']);
    expect(await other.manage('listRunning')).toMatchObject({ modules: [] });
    probe(
      'P100',
      'a call after its publisher was revoked',
      await refusalOf(other.manage('callOperation', { ...adder, operation: 'add', input: {} })),
      'SIGNATURE_INVALID revoked',
    );
    probe(
      'P100',
      'a package by a revoked key',
      await refusalOf(take(other, (await packed('1.0.0')).bytes)),
      'SIGNATURE_INVALID revoked',
    );
    await other.burgeon.close();
  });
});

describe('P101-P104: what comes again', () => {
  it('takes a package in, byte by byte as it was published', async () => {
    await reader().manage('addKey', {
      publicKey: JSON.stringify(await publisher().manage('exportKey')),
      name: 'Pub',
      trust: 'verified',
    });
    const { bytes, integrity } = await packed('1.0.0');
    expect((await packed('1.0.0')).bytes).toEqual(bytes);
    const added = await take(reader(), bytes, { integrity });
    expect(added).toMatchObject({ module: { id: 'skill/adder', version: '1.0.0', state: 'active' } });
    const digests = await Promise.all(
      [publisher(), reader()].map(async (home) => (await home.manage('showModule', { ...adder, version: '1.0.0' }))['digest']),
    );
    expect(digests[0]).toBe(digests[1]);
    expect((added['disclosure'] as JsonObject)['text']).toContain('Published by Pub (verified)');
    expect((await reader().manage('callOperation', { ...adder, operation: 'add', input: { to: 41 } }))['output']).toBe(42);
    const { statement } = await reader().manage('attestModule', adder);
    expect(canonicalJson(statement)).toContain('"trust":"verified"');
    probe('P109', 'a package from a file, offline', 'taken', 'taken');
  });

  it('P101: the same version with other bytes', async () => {
    const twin = await open('twin');
    await addVersion(twin, 7);
    const { base64 } = await twin.manage('packageModule', adder);
    await reader().manage('addKey', {
      publicKey: JSON.stringify(await twin.manage('exportKey')),
      name: 'Twin',
      trust: 'verified',
    });
    const bytes = Buffer.from(asText(base64), 'base64');
    probe('P101', 'the same version, published again with other bytes', await refusalOf(take(reader(), bytes)), 'LOCK_MISMATCH');
    await addVersion(twin, 8);
    await addVersion(twin, 9);
    const later = Buffer.from(asText((await twin.manage('packageModule', adder))['base64']), 'base64');
    probe('P102', 'the same name by another publisher', await refusalOf(take(reader(), later)), 'PACKAGE_INVALID publisher');
    await reader().manage('removeModule', adder);
    probe('P101', 'the same, after the module was removed', await refusalOf(take(reader(), bytes)), 'LOCK_MISMATCH');
    await take(reader(), (await packed('1.0.0')).bytes);
    await twin.burgeon.close();
  });

  it('P102: a name that is nearly another', async () => {
    const code = 'export const operations = { add: async () => 1 };\n';
    await publisher().manage('addModule', { what: writeModule(root, { name: 'skill.addder', code }) });
    const { base64 } = await publisher().manage('packageModule', { namespace: 'skill', name: 'addder' });
    const added = await take(reader(), Buffer.from(asText(base64), 'base64'));
    const codes = (added['diagnostics'] as { code: string }[]).map((each) => each.code).join();
    probe('P102', 'a name that is nearly one that is here', codes, 'near-name');
  });

  it('P103: an update that wants more waits, and what is there goes on', async () => {
    const strict = await open('strict');
    await strict.manage('addKey', {
      publicKey: JSON.stringify(await publisher().manage('exportKey')),
      name: 'Pub',
      trust: 'verified',
    });
    await take(strict, (await packed('1.0.0')).bytes);
    await strict.burgeon.init({ policy: 'two-channels', unchanged: 'unattended', totp: false });
    const code = `import { clock } from 'burgeon:cap/clock';
export const operations = { add: async ({ to = 0 }: { to?: number }) => to + Math.sign(await clock.now()) };\n`;
    const made = await publisher().manage('addModule', { what: writeModule(root, { name: 'skill.adder', code }) });
    const version = asText((made['module'] as JsonObject)['version']);
    const added = await take(strict, (await packed(version)).bytes);
    probe('P103', 'an update with a new capability', asText((added['module'] as JsonObject)['state']), 'pending');
    expect((await strict.manage('callOperation', { ...adder, operation: 'add', input: { to: 1 } }))['output']).toBe(2);
    expect(await strict.manage('resolveModule', { reference: 'skill/adder' })).toMatchObject({ version: '1.0.0' });
    await strict.burgeon.close();
  });

  it('P104: a version of a moment ago', async () => {
    const late = await open('late');
    await late.manage('addKey', {
      publicKey: JSON.stringify(await publisher().manage('exportKey')),
      name: 'Pub',
      trust: 'verified',
    });
    const { bytes } = await packed('1.0.0');
    probe(
      'P104',
      'a version younger than 72 hours',
      await refusalOf(take(late, bytes, { allowFresh: false })),
      'PACKAGE_INVALID fresh',
    );
    late.clock.advance(3 * dayMs);
    expect(await take(late, bytes, { allowFresh: false })).toMatchObject({ module: { state: 'active' } });
    probe('P104', 'the same after 72 hours', 'taken', 'taken');
    const own = await take(publisher(), (await packed()).bytes, { allowFresh: false });
    probe('P104', 'a fresh one of our own', asText(own['unchanged'] ?? own['module']), 'true');
    await late.burgeon.close();
  });

  it('an unknown publisher is shown as one, and asked about whatever the policy', async () => {
    const anybody = await open('anybody');
    const added = await take(anybody, (await packed('1.0.0')).bytes, { allowUnknown: true });
    probe(
      'P100',
      'an unknown publisher, let in by --allow-unknown, under a policy that asks nobody',
      asText((added['module'] as JsonObject)['state']),
      'pending',
    );
    expect((added['disclosure'] as JsonObject)['text']).toContain('Published by somebody nobody here knows');
    const keys = (await anybody.manage('listKeys')) as unknown as JsonObject[];
    expect(keys).toMatchObject([{ role: 'owner' }, { role: 'publisher', trust: 'unknown' }]);
    await anybody.burgeon.close();
  });
});
