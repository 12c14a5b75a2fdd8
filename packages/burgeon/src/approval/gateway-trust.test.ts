import type { ApprovalChannel, Clock } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { type Actor, runAs } from '../base/actor.ts';
import { day, failure, open, subject } from './fixtures/open-gateway.ts';

describe('who answers', () => {
  const operator: Actor = { kind: 'key', id: 'key_1' };

  it.each<Actor>([operator, { kind: 'model', id: 'key_1' }])('nobody approves what he asked for: %j', async (by) => {
    const { gateway, code, kinds } = open();
    await runAs(operator, () => gateway.open(subject()));
    const answered = await failure(runAs(by, () => gateway.answer('req_1', { code: code() })));
    expect(answered).toMatchObject({ code: 'FORBIDDEN' });
    expect(await kinds()).toEqual(['opened', 'asked', 'self-refused']);
    expect((await gateway.get('req_1')).state).toBe('pending');
    expect((await runAs({ kind: 'key', id: 'key_2' }, () => gateway.answer('req_1', { code: code() }))).state).toBe('half');
  });

  it.each<Actor>([
    { kind: 'model', id: 'm' },
    { kind: 'module', id: 'api/x' },
  ])('what is no person approves nothing: %j', async (by) => {
    const { gateway, code } = open();
    await gateway.open(subject());
    expect(await failure(runAs(by, () => gateway.answer('req_1', { code: code() })))).toMatchObject({
      code: 'FORBIDDEN',
      message: `A ${by.kind} approves nothing.`,
    });
  });

  it('the owner may, in person, and whoever asked may take it back', async () => {
    const { gateway, code } = open();
    expect((await gateway.open(subject())).requester).toEqual({ kind: 'owner', id: 'local' });
    expect((await gateway.answer('req_1', { code: code() })).state).toBe('half');
    expect((await runAs(operator, () => gateway.open(subject({ module: 'api/b' })))).requester).toEqual(operator);
    expect((await runAs(operator, () => gateway.reject('req_2'))).state).toBe('rejected');
  });
});

describe('two channels that answer from one place', () => {
  const sends = (name: string, kind: string, address: string): ApprovalChannel => ({
    name,
    class: kind,
    address: async () => address,
    ready: async () => true,
    ask: async () => ({ code: `${name.toUpperCase()}22`.slice(0, 6) }),
    withdraw: async () => {},
  });

  it('count once', async () => {
    const channels = [sends('first', 'sms', '+48 1'), sends('second', 'voice', '+48 1')];
    expect(await failure(open({ channels }).gateway.open(subject()))).toMatchObject({ code: 'UNSUPPORTED' });
    const { gateway } = open({ channels: [...channels, sends('third', 'mail', 'a@b')] });
    expect((await gateway.open(subject())).channels.map(({ name }) => name)).toEqual(['first', 'third']);
    expect((await gateway.answer('req_1', { code: 'first2' })).state).toBe('half');
    expect(await failure(gateway.answer('req_1', { code: 'second', channel: 'second' }))).toMatchObject({
      code: 'APPROVAL_CODE_INVALID',
      message: expect.stringMatching(/where a channel of the class voice has confirmed/) as string,
    });
  });

  it('a demanded one must be among those that confirm', async () => {
    const channels = [sends('first', 'sms', '1'), sends('second', 'mail', '2'), sends('third', 'passkey', '3')];
    const policy = { mode: 'unattended', grave: ['passkey'] } as const;
    const { gateway } = open({ channels, policy });
    expect((await gateway.open(subject())).state).toBe('approved');
    const grave = await gateway.open(subject({ grave: true }));
    expect(grave).toMatchObject({ needed: 2, among: ['passkey'], channels: [{ name: 'first' }, { name: 'third' }] });
    expect((await gateway.answer(grave.id, { code: 'first2' })).state).toBe('half');
    expect(await failure(gateway.answer(grave.id, { code: 'second', channel: 'second' }))).toMatchObject({
      message: 'What this version gains must be confirmed by passkey.',
    });
    expect((await gateway.answer(grave.id, { code: 'third2' })).state).toBe('approved');
    const again = await gateway.open(subject({ grave: true }));
    expect((await gateway.answer(again.id, { code: 'second', channel: 'second' })).channels).toMatchObject([
      { name: 'second', state: 'confirmed' },
      { name: 'third', state: 'asked' },
    ]);
    expect(await failure(open({ channels: channels.slice(0, 2), policy }).gateway.open(subject({ grave: true })))).toMatchObject({
      message: expect.stringMatching(/confirmed by passkey, and there is no such channel/) as string,
    });
  });
});

describe('time', () => {
  it('cannot be gained by setting the clock back', async () => {
    const { gateway, clock, code } = open();
    await gateway.open(subject());
    const given = code();
    clock.advance(day - 1_000);
    clock.set(1_700_000_000_000 - 10 * day);
    expect((await gateway.get('req_1')).state).toBe('pending');
    clock.advance(1_000);
    expect(await failure(gateway.answer('req_1', { code: given }))).toMatchObject({
      code: 'APPROVAL_CLOSED',
      data: { state: 'expired' },
    });
  });

  it('is known from the record where the machine was started anew', async () => {
    const { gateway, again, clock, audit } = open();
    await gateway.open(subject());
    clock.advance(2 * day);
    await audit.commit([{ kind: 'something.happened' }]);
    clock.set(1_700_000_000_000);
    const other: Clock = { now: () => clock.now(), sleep: clock.sleep, uptime: () => ({ start: 'another', ms: 0 }) };
    expect((await again({ clock: other }).get('req_1')).state).toBe('expired');
  });

  it('is up 24 hours after an approval that nobody used', async () => {
    const { gateway, clock, code } = open({ policy: { mode: 'one-channel' } });
    await gateway.open(subject());
    expect(await failure(gateway.redeem('req_1'))).toMatchObject({ code: 'APPROVAL_CLOSED' });
    await gateway.answer('req_1', { code: code() });
    clock.advance(day - 1);
    expect((await gateway.redeem('req_1')).state).toBe('approved');
    clock.advance(1);
    expect(await failure(gateway.redeem('req_1'))).toMatchObject({ code: 'APPROVAL_CLOSED', data: { state: 'expired' } });
    expect(await gateway.get('req_1')).toMatchObject({
      state: 'expired',
      reason: expect.stringMatching(/not used within 24 hours/) as string,
    });
  });
});

describe('answers by the own way of a channel', () => {
  it('are waited for from what was asked, and from what judges by itself', async () => {
    const { gateway, code, token } = open();
    await gateway.open(subject());
    const waits = async (name: string): Promise<string[]> => (await gateway.questions(name)).map(({ request }) => request);
    expect([await waits('terminal'), await waits('totp')]).toEqual([['req_1'], ['req_1']]);
    await gateway.answer('req_1', { code: code() });
    expect([await waits('terminal'), await waits('totp')]).toEqual([[], ['req_1']]);
    expect(await failure(gateway.reject('req_1', 'no', { code: '000000', channel: 'totp' }))).toMatchObject({
      code: 'APPROVAL_CODE_INVALID',
      data: { triesLeft: 4 },
    });
    expect(await gateway.reject('req_1', 'no', { code: token(), channel: 'totp' })).toMatchObject({
      state: 'rejected',
      reason: 'no',
    });
    expect(await waits('totp')).toEqual([]);
    expect(await failure(gateway.questions('pigeon'))).toMatchObject({ code: 'ADAPTER_UNKNOWN' });
  });
});
