import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { type Home, openHome } from '../base/home.ts';
import { createOwnerKey, hasOwnerKey, keyId, newOwnerKey, openOwnerKey } from './keys.ts';
import { type Statement, signStatement, statementType, verifyEnvelope } from './sign.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const homes: Home[] = [];
const fresh = async (): Promise<Home> => {
  const home = await openHome(join(folder, String(++count)), { clock: systemClock, waitMs: 0 });
  homes.push(home);
  return home;
};
afterAll(() => Promise.all(homes.map((home) => home.close())));

describe("the owner's key", () => {
  it('is made once, kept privately, and read back', async () => {
    const home = await fresh();
    expect(await hasOwnerKey(home)).toBe(false);
    await expect(openOwnerKey(home)).rejects.toMatchObject({
      code: 'RECORD_NOT_FOUND',
      hint: expect.stringContaining('burgeon init'),
    });
    const key = await createOwnerKey(home);
    expect(statSync(home.path('keys', 'owner.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(home.path('keys')).mode & 0o777).toBe(0o700);
    expect(key.id).toMatch(/^[0-9a-f]{16}$/);
    expect((await openOwnerKey(home)).id).toBe(key.id);
    await expect(createOwnerKey(home)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it.each([
    ['is garbled', 'nothing'],
    ['is of another kind', generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
  ])('is refused when it %s', async (_, text) => {
    const home = await fresh();
    await createOwnerKey(home);
    writeFileSync(home.path('keys', 'owner.pem'), text);
    await expect(openOwnerKey(home)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });

  it('is refused when it cannot be read', async () => {
    const home = await fresh();
    await createOwnerKey(home);
    rmSync(home.path('keys', 'owner.pem'));
    const { mkdirSync } = await import('node:fs');
    mkdirSync(home.path('keys', 'owner.pem'));
    await expect(openOwnerKey(home)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });
});

describe('signing', () => {
  const key = newOwnerKey();
  const other = newOwnerKey();
  const statement: Statement = {
    _type: statementType,
    subject: [{ name: 'a', digest: { sha256: 'b' } }],
    predicateType: 'https://example.com/type',
    predicate: { z: 1, a: ['ü'] },
  };

  it('is verified with the key that signed', () => {
    const envelope = signStatement(key, statement);
    expect(envelope.signatures[0]?.keyid).toBe(keyId(key.publicKey));
    expect(verifyEnvelope(envelope, [other, key])).toEqual(statement);
    expect(signStatement(key, structuredClone(statement))).toEqual(envelope);
  });

  it('signs the bytes that the envelope standard says', async () => {
    const { verify } = await import('node:crypto');
    const { payload, signatures } = signStatement(key, statement);
    const body = Buffer.from(payload, 'base64');
    const bytes = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${body.length} `), body]);
    expect(verify(null, bytes, key.publicKey, Buffer.from(signatures[0]?.sig ?? '', 'base64'))).toBe(true);
  });

  const good = signStatement(key, statement);
  const resigned = signStatement(other, statement);
  it.each([
    ['nothing', undefined, 'envelope'],
    ['no signatures', { ...good, signatures: undefined }, 'envelope'],
    ['a signature that is no text', { ...good, signatures: [{ keyid: key.id, sig: 7 }] }, 'envelope'],
    ['endless signatures', { ...good, signatures: Array.from({ length: 17 }, () => good.signatures[0]) }, 'envelope'],
    ['a payload that is not base64', { ...good, payload: `${good.payload}!` }, 'envelope'],
    ['no signature', { ...good, signatures: [] }, 'key'],
    ['a key that is not trusted', resigned, 'key'],
    [
      'a signature by another key under a trusted name',
      { ...good, signatures: [{ keyid: key.id, sig: resigned.signatures[0]?.sig }] },
      'signature',
    ],
    ['another payload', { ...good, payload: Buffer.from('{}').toString('base64') }, 'signature'],
    ['another type', { ...good, payloadType: 'text/plain' }, 'signature'],
    ['a signed thing that is no statement', signStatement(key, { a: 1 } as never), 'statement'],
    ['a statement without a subject', signStatement(key, { ...statement, subject: [{}] } as never), 'statement'],
  ])('refuses %s', (_, envelope, differs) => {
    expect(() => verifyEnvelope(envelope, [key])).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_INVALID', data: { differs } }),
    );
  });

  it('refuses any flipped bit', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), fc.constantFrom('payload', 'sig'), (position, bit, part) => {
        const envelope = structuredClone(good);
        const text = part === 'payload' ? envelope.payload : (envelope.signatures[0]?.sig ?? '');
        const bytes = Buffer.from(text, 'base64');
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        if (part === 'payload') envelope.payload = bytes.toString('base64');
        else envelope.signatures = [{ keyid: key.id, sig: bytes.toString('base64') }];
        expect(() => verifyEnvelope(envelope, [key])).toThrow();
      }),
    );
  });
});
