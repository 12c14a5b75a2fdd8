/** What is signed of a module, read by others than us; and what happens when a byte, a key or a day is another one. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { manifestExtension, type JsonObject } from '@burgeon/kit';
import { describe, expect, it, vi } from 'vitest';
import { createBurgeon } from '../packages/burgeon/src/burgeon.ts';
import { manualClock } from '../packages/burgeon/src/base/clock.ts';
import type { Envelope, Statement } from '../packages/burgeon/src/security/sign.ts';
import { failure, openBurgeon } from './open-burgeon.ts';
import { changeRecord } from './tamper.ts';

const { root, home, reopen, manage, call } = openBurgeon('trust');
const doubler = { namespace: 'skill', name: 'doubler' };

const writeModule = (code: string): string => {
  const folder = mkdtempSync(join(root, 'doubler-'));
  const operations = {
    double: { effect: 'read', input: { properties: { of: { type: 'integer' } } }, output: { type: 'integer' } },
  };
  const manifest = { name: 'skill.doubler', extensions: { [manifestExtension]: { operations } } };
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'index.ts'), code);
  return folder;
};
const code = 'export const operations = { double: async ({ of = 1 }: { of?: number }) => of * 2 };\n';

/** The attestation checked by nothing but what the specifications say. */
const verifiedBySpecification = ({ envelope }: { envelope: Envelope }, publicKey: string): Statement => {
  const { payload, payloadType, signatures } = envelope;
  const body = Buffer.from(payload, 'base64');
  // DSSE, protocol.md: PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  const good = signatures.some(({ sig }) => verify(null, pae, key, Buffer.from(sig, 'base64')));
  expect(good).toBe(true);
  return JSON.parse(body.toString('utf8')) as Statement;
};

describe('the attestation', () => {
  it('is an in-toto statement with SLSA provenance that anybody can verify', async () => {
    await manage('addModule', { what: writeModule(code) });
    const attested = (await manage('attestModule', doubler)) as unknown as { envelope: Envelope };
    const { publicKey } = (await manage('exportKey')) as { publicKey: string };
    const { _type, subject, predicateType, predicate } = verifiedBySpecification(attested, publicKey);
    expect([_type, predicateType]).toEqual(['https://in-toto.io/Statement/v1', 'https://slsa.dev/provenance/v1']);
    const shown = await manage('showModule', { ...doubler, files: true });
    const digests = (shown['files'] as { path: string; text: string }[]).map(({ path, text }) => ({
      name: path,
      digest: { sha256: createHash('sha256').update(text).digest('hex') },
    }));
    expect(subject).toEqual([{ name: 'skill/doubler@1.0.0', digest: { sha256: shown['digest'] } }, ...digests]);
    expect(predicate).toMatchObject({
      buildDefinition: {
        buildType: expect.stringMatching(/^https:/),
        externalParameters: { name: 'skill/doubler', source: { kind: 'module' } },
        internalParameters: { generator: expect.stringMatching(/^burgeon\//) },
        resolvedDependencies: [{ name: 'source', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
      },
      runDetails: {
        builder: { id: expect.stringMatching(/^https:/), version: { burgeon: expect.any(String) } },
        metadata: { invocationId: expect.stringMatching(/^run_/), startedOn: expect.any(String), finishedOn: expect.any(String) },
        byproducts: [{ name: 'checks' }, { name: 'trial' }],
      },
      burgeon_release: {
        checks: expect.arrayContaining([{ name: 'policy', ok: true, findings: expect.any(Number) }]),
        trial: { passed: 1, failed: 0 },
        approval: { request: expect.any(String), receipts: [{ channel: 'policy' }] },
      },
    });
  });

  it('was another kind before, which is still read', async () => {
    const { signStatement, statementType } = await import('../packages/burgeon/src/security/sign.ts');
    const { openOwnerKey } = await import('../packages/burgeon/src/security/keys.ts');
    const key = await openOwnerKey({
      dir: home,
      path: (...parts) => join(home, ...parts),
      interrupted: false,
      close: async () => {},
    });
    await rewrite((record) => {
      const earlier: Statement = {
        _type: statementType,
        subject: [{ name: 'skill/doubler@1.0.0', digest: { sha256: record['digest'] as string } }],
        predicateType: 'https://burgeon.dev/attestations/release/v1',
        predicate: { capabilities: { sha256: record['capabilitiesDigest'] ?? '' }, request: 'r', receipts: [] },
      };
      return { ...record, signature: signStatement(key, earlier) as unknown as JsonObject };
    });
    expect(await call('skill/doubler', 'double', { of: 4 })).toBe(8);
    expect(await failure(manage('packageModule', doubler))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

/** The record of the version, changed behind Burgeon's back. */
const rewrite = async (change: (record: JsonObject) => JsonObject): Promise<void> => {
  const database = new DatabaseSync(join(home, 'burgeon.db'));
  const place = { table: 'versions', id: 'skill/doubler@1.0.0' };
  const row = database.prepare('select value from records where kind = ? and id = ?').get(place.table, place.id) as {
    value: string;
  };
  database.close();
  changeRecord(join(home, 'burgeon.db'), place, JSON.stringify(change(JSON.parse(row.value) as JsonObject)));
  await reopen();
};

describe('one byte', () => {
  it('of any file, or of the attestation, keeps the module from being loaded', async () => {
    await manage('removeModule', doubler);
    await manage('addModule', { what: writeModule(code) });
    const registryOf = async (): Promise<JsonObject> => manage('attestModule', doubler);
    const { envelope } = (await registryOf()) as unknown as { envelope: Envelope };
    const { files } = (await manage('showModule', doubler)) as unknown as { files: { path: string; sha256: string }[] };
    for (const { path, sha256 } of files) {
      const blob = join(home, 'blobs', sha256);
      const whole = readFileSync(blob);
      const bytes = Buffer.from(whole);
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(blob, bytes);
      await reopen();
      expect(await failure(call('skill/doubler', 'double'))).toMatchObject({
        code: 'SIGNATURE_INVALID',
        data: { differs: 'file', path },
      });
      writeFileSync(blob, whole);
    }
    const text = JSON.stringify(envelope);
    // Every 40th byte of the record of the signature, and all of the signature itself.
    const places = Array.from({ length: text.length }, (_, at) => at).filter((at) => at % 40 === 0 || at > text.length - 130);
    const { verifyEnvelope, isEnvelope } = await import('../packages/burgeon/src/security/sign.ts');
    const { openOwnerKey } = await import('../packages/burgeon/src/security/keys.ts');
    const key = await openOwnerKey({
      dir: home,
      path: (...parts) => join(home, ...parts),
      interrupted: false,
      close: async () => {},
    });
    for (const at of places) {
      const flipped = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      let value: unknown;
      try {
        value = JSON.parse(flipped);
      } catch {
        continue;
      }
      expect(() => verifyEnvelope(value, [key]), `byte ${at}`).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
    }
    expect(isEnvelope(envelope)).toBe(true);
    await rewrite((record) => {
      const [signature] = envelope.signatures;
      const sig = (signature?.sig ?? '').replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
      return { ...record, signature: { ...envelope, signatures: [{ keyid: signature?.keyid ?? '', sig }] } };
    });
    expect(await failure(call('skill/doubler', 'double'))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      data: { differs: 'signature' },
    });
    await rewrite((record) => ({ ...record, signature: envelope as unknown as JsonObject }));
    expect(await call('skill/doubler', 'double', { of: 21 })).toBe(42);
  });
});

describe('another key', () => {
  it('takes over while modules are called, and the one before can be revoked', async () => {
    const before = ((await manage('listKeys')) as unknown as JsonObject[])[0]?.['id'] as string;
    const calling = Promise.all(Array.from({ length: 50 }, (_, of) => call('skill/doubler', 'double', { of })));
    const rotated = await manage('rotateKey');
    expect((await calling).at(-1)).toBe(98);
    expect(rotated).toMatchObject({ signs: true, follows: [before] });
    expect(await manage('attestModule', doubler)).toMatchObject({
      counts: true,
      envelope: { signatures: [{ keyid: before }, { keyid: rotated['id'] }] },
    });
    await reopen();
    expect(await call('skill/doubler', 'double', { of: 5 })).toBe(10);
    expect(await manage('verifyAudit')).toMatchObject({ ok: true });
    expect(await failure(manage('revokeKey', { key: rotated['id'] as string }))).toMatchObject({ code: 'CONFLICT' });
    expect(await manage('revokeKey', { key: before, since: '2999-01-01' })).toMatchObject({ stopped: [] });
    expect(await call('skill/doubler', 'double', { of: 6 })).toBe(12);
    expect(await manage('revokeKey', { key: before, why: 'lost' })).toMatchObject({ stopped: ['skill/doubler'] });
    expect(await failure(call('skill/doubler', 'double'))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      data: { differs: 'revoked' },
    });
    expect(await manage('listRunning')).toMatchObject({ modules: [] });
    await manage('addModule', { what: writeModule(code.replace('* 2', '* 2 * 1')) });
    expect(await call('skill/doubler', 'double', { of: 7 })).toBe(14);
  });
});

describe('thirty days', () => {
  it('without a call put a module away; a call on the 29th keeps it; it comes back', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const dayMs = 86_400_000;
    const clock = manualClock(Date.parse('2026-01-01T00:00:00Z'));
    const place = join(root, 'aging');
    const first = await createBurgeon({ home: place, threads: false, clock });
    await first.init({ policy: 'unattended', totp: false });
    await first.close();
    const aging = await createBurgeon({ home: place, threads: false, clock });
    const ask = async (operation: string, input: JsonObject = {}): Promise<JsonObject> =>
      (await aging.management.call(operation, input)).output as JsonObject;
    const stateOf = async (): Promise<unknown> => (await ask('showModule', doubler))['state'];
    const listening = await aging.approvals.listen();
    const later = async (days: number): Promise<void> => {
      clock.advance(days * dayMs);
      await vi.advanceTimersByTimeAsync(60_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await ask('addModule', { what: writeModule(code) });
    await later(29);
    await ask('callOperation', { ...doubler, operation: 'double', input: {} });
    await later(29);
    expect(await stateOf()).toBe('active');
    await later(1);
    await expect.poll(stateOf).toBe('archived');
    expect(await failure(ask('callOperation', { ...doubler, operation: 'double', input: {} }))).toMatchObject({
      code: 'MODULE_ARCHIVED',
    });
    const record = (await ask('listAudit', { module: 'skill/doubler' })) as unknown as JsonObject[];
    expect(record.at(-1)).toMatchObject({
      kind: 'module.archived',
      data: { why: expect.stringContaining('30 days') },
      actor: { kind: 'system' },
    });
    await ask('restoreModule', doubler);
    await later(29);
    expect(await stateOf()).toBe('active');
    expect(await ask('callOperation', { ...doubler, operation: 'double', input: { of: 2 } })).toMatchObject({ output: 4 });
    await listening.close();
    await aging.close();
    // What others share and was set meanwhile finds nothing left to do, and is set anew by whoever needs it next.
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
  });
});

describe('the sources in git', () => {
  it('follow what is released, when the owner wants it', async () => {
    const place = join(root, 'mirrored');
    const repository = join(root, 'sources.git');
    const first = await createBurgeon({ home: place, threads: false });
    await first.init({ policy: 'unattended', totp: false, git: repository });
    await first.close();
    const mirrored = await createBurgeon({ home: place, threads: false });
    await mirrored.management.call('addModule', { what: writeModule(code) });
    await mirrored.close();
    expect(readdirSync(repository)).toContain('HEAD');
    const { execFileSync } = await import('node:child_process');
    const log = execFileSync('git', ['--git-dir', repository, 'log', '--format=%an%n%B'], { encoding: 'utf8' });
    expect(log).toMatch(/skill\/doubler 1\.0\.0[^]*Request: req_[^]*Run: run_[^]*Key: [0-9a-f]{16}/);
  });
});
