import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import type { Home } from '../base/home.ts';
import { newOwnerKey } from '../security/keys.ts';
import { signStatement, statementType } from '../security/sign.ts';
import { type PolicyMode, demandOf, readPolicy, writePolicy } from './policy.ts';

const dir = mkdtempSync(join(tmpdir(), 'burgeon-policy-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const home: Home = { dir, path: (...parts) => join(dir, ...parts), interrupted: false, close: async () => {} };
const key = newOwnerKey();
const clock = manualClock(0);
beforeEach(() => rmSync(home.path('policy.json'), { force: true }));

describe('the policy', () => {
  it('is signed, private and read back', async () => {
    await expect(readPolicy(home, [key])).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND', hint: 'Run burgeon init.' });
    const policy = await writePolicy(home, key, { mode: 'two-channels', unchanged: 'unattended', clock });
    expect(policy).toEqual({ mode: 'two-channels', unchanged: 'unattended', createdAt: '1970-01-01T00:00:00.000Z' });
    expect(await readPolicy(home, [key])).toEqual(policy);
    expect(statSync(home.path('policy.json')).mode & 0o777).toBe(0o600);
    await writePolicy(home, key, { mode: 'one-channel', clock });
    expect(await readPolicy(home, [key])).toEqual({ mode: 'one-channel', createdAt: '1970-01-01T00:00:00.000Z' });
  });

  it('is not read when it was changed, signed by another or is something else', async () => {
    await writePolicy(home, key, { mode: 'two-channels', clock });
    const envelope = JSON.parse(readFileSync(home.path('policy.json'), 'utf8')) as { payload: string };
    const payload = Buffer.from(envelope.payload, 'base64').toString().replace('two-channels', 'unattended');
    const write = (value: unknown): void => writeFileSync(home.path('policy.json'), JSON.stringify(value));
    write({ ...envelope, payload: Buffer.from(payload).toString('base64') });
    await expect(readPolicy(home, [key])).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', data: { differs: 'signature' } });
    writeFileSync(home.path('policy.json'), 'no json');
    await expect(readPolicy(home, [key])).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringContaining(home.path('policy.json')),
      hint: expect.stringContaining('remove policy.json'),
    });
    await writePolicy(home, newOwnerKey(), { mode: 'unattended', clock });
    await expect(readPolicy(home, [key])).rejects.toMatchObject({ data: { differs: 'key' } });
    const sign = (predicateType: string, predicate: JsonObject): unknown =>
      signStatement(key, { _type: statementType, subject: [], predicateType, predicate });
    for (const other of [
      sign('https://burgeon.dev/attestations/policy/v1', { mode: 'anything', createdAt: '' }),
      sign('https://burgeon.dev/attestations/policy/v1', { mode: 'unattended', unchanged: 'x', createdAt: '' }),
      sign('https://burgeon.dev/attestations/policy/v1', { mode: 'unattended', grave: 'passkey', createdAt: '' }),
      sign('https://burgeon.dev/attestations/policy/v1', { mode: 'unattended', channels: { email: 1 }, createdAt: '' }),
      sign('https://burgeon.dev/attestations/release/v1', { mode: 'unattended', createdAt: '' }),
    ]) {
      write(other);
      await expect(readPolicy(home, [key])).rejects.toMatchObject({ data: { differs: 'statement' } });
    }
  });

  it.each<[PolicyMode, PolicyMode | undefined, Omit<Parameters<typeof demandOf>[1], 'grave'>, number]>([
    ['two-channels', undefined, { capabilitiesChanged: true, sound: true }, 2],
    ['two-channels', undefined, { capabilitiesChanged: false, sound: true }, 2],
    ['two-channels', 'one-channel', { capabilitiesChanged: false, sound: true }, 1],
    ['two-channels', 'one-channel', { capabilitiesChanged: true, sound: true }, 2],
    ['two-channels', 'unattended', { capabilitiesChanged: false, sound: true }, 0],
    ['two-channels', 'unattended', { capabilitiesChanged: false, sound: false }, 2],
    ['one-channel', undefined, { capabilitiesChanged: true, sound: true }, 1],
    ['unattended', undefined, { capabilitiesChanged: true, sound: true }, 0],
    ['unattended', undefined, { capabilitiesChanged: true, sound: false }, 2],
  ])('%s, unchanged %s, %j: %d', (mode, unchanged, facts, channels) => {
    const policy = { mode, ...(unchanged ? { unchanged } : {}) };
    expect(demandOf(policy, { ...facts, grave: false })).toEqual({ channels });
    expect(demandOf(policy, { ...facts, grave: true })).toEqual({ channels });
    expect(demandOf({ ...policy, grave: ['passkey'] }, { ...facts, grave: true })).toEqual({ channels: 2, among: ['passkey'] });
  });
});
