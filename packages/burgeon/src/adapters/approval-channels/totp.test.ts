import { approvalChannelSuite, approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import { Secret, TOTP } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../base/clock.ts';
import { createTotp, newTotpSecret, totp } from './totp.ts';

const question = approvalQuestion('req_1');

const open = (secret: string | undefined = newTotpSecret('owner').secret, startMs = 1_700_000_000_000) => {
  const clock = manualClock(startMs);
  const store = memoryStore(clock);
  const context = { clock, store, secret: async () => secret, write: () => {} };
  const at = (ms: number): string =>
    new TOTP({ secret: Secret.fromBase32(secret ?? 'A') }).generate({ timestamp: clock.now() + ms });
  return { clock, store, channel: createTotp(context), context, at, answer: async () => at(0) };
};

approvalChannelSuite({ describe, it, expect }, { name: 'totp', open: async () => open() });

describe('the authenticator', () => {
  const rfc = Secret.fromLatin1('12345678901234567890').base32;
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('agrees with RFC 6238 appendix B at %d', async (seconds, digits) => {
    expect(await open(rfc, seconds * 1_000).channel.verify?.(question, digits.slice(2))).toBe(true);
  });

  it('takes the step before and after, and no other', async () => {
    for (const [ms, expected] of [
      [-60_000, false],
      [-30_000, true],
      [0, true],
      [30_000, true],
      [60_000, false],
    ] as const) {
      const { channel, at } = open();
      expect(await channel.verify?.(question, at(ms)), String(ms)).toBe(expected);
    }
  });

  it('takes no step again, nor an earlier one, also after a restart', async () => {
    const { channel, at, clock, context } = open();
    const [before, now] = [at(-30_000), at(0)];
    expect(await channel.verify?.(question, now)).toBe(true);
    expect(await channel.verify?.(question, before)).toBe(false);
    expect(await totp.open(context).verify?.(question, now)).toBe(false);
    clock.advance(30_000);
    expect(await channel.verify?.(question, now)).toBe(false);
    expect(await channel.verify?.(question, at(0))).toBe(true);
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６', ' '.repeat(1_000)])('refuses %j', async (code) => {
    expect(await open().channel.verify?.(question, code)).toBe(false);
  });

  it('takes digits typed in groups', async () => {
    const { channel, at } = open();
    expect(await channel.verify?.(question, ` ${at(0).slice(0, 3)} ${at(0).slice(3)}`)).toBe(true);
  });

  it('is not ready, and judges nothing, before it is set up', async () => {
    const { channel } = { channel: createTotp({ ...open().context, secret: async () => undefined }) };
    expect(await channel.ready()).toBe(false);
    await expect(channel.verify?.(question, '123456')).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      hint: expect.stringMatching(/init --totp/) as string,
    });
  });

  it('says when the store fails, and takes a lost race as a no', async () => {
    const { context, at } = open();
    const failing = (code: string) => ({
      ...context.store,
      transact: async () => Promise.reject(Object.assign(new Error(code))),
    });
    await expect(createTotp({ ...context, store: failing('disk') }).verify?.(question, at(0))).rejects.toThrow('disk');
  });

  it('makes secrets that an app can read', () => {
    const { secret, url } = newTotpSecret('me@home');
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(url).toContain(`secret=${secret}`);
    expect(url).toMatch(/^otpauth:\/\/totp\/Burgeon:me%40home\?issuer=Burgeon/);
    expect(newTotpSecret('a').secret).not.toBe(secret);
  });
});
