import type { ApprovalChannel } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { failure, open, subject } from './fixtures/open-gateway.ts';
import type { GatewayOptions } from './gateway.ts';

type Decided = ReturnType<GatewayOptions['policy']>;

/** A channel whose place can be set anew, and what it has sent where. */
const movable = (name: string, kind: string, address: string) => {
  const sent: { to: string; code: string }[] = [];
  const place = { class: kind, address };
  const channel: ApprovalChannel = {
    name,
    get class() {
      return place.class;
    },
    address: async () => place.address,
    ready: async () => true,
    ask: async () => {
      const code = `${name.slice(0, 4).toUpperCase()}A${sent.length}`;
      sent.push({ to: place.address, code });
      return { code };
    },
    withdraw: async () => {},
  };
  return { channel, place, sent, code: (at: number) => sent.at(at)?.code ?? '' };
};

describe('a channel that is set anew while a request is open', () => {
  it('no longer takes the code that went to where it was', async () => {
    const mail = movable('mail', 'mail', 'lost@example.com');
    const { gateway } = open({ channels: [mail.channel], policy: { mode: 'one-channel' } });
    await gateway.open(subject());
    mail.place.address = 'mine@example.com';
    const answer = { code: mail.code(0), channel: 'mail' };
    expect(await failure(gateway.answer('req_1', answer))).toMatchObject({ code: 'APPROVAL_CODE_INVALID' });
    expect(await failure(gateway.reject('req_1', 'no', answer))).toMatchObject({ code: 'APPROVAL_CODE_INVALID' });
    await gateway.answer('req_1', {});
    expect(mail.sent.map(({ to }) => to)).toEqual(['lost@example.com', 'mine@example.com']);
    expect((await gateway.answer('req_1', { code: mail.code(1) })).state).toBe('approved');
  });

  it('is not asked at a place that has confirmed already, however that is written', async () => {
    const [sms, push] = [movable('sms', 'sms', '+48 600 100 200'), movable('push', 'push', 'me')];
    const { gateway, kinds } = open({ channels: [sms.channel, push.channel] });
    await gateway.open(subject());
    push.place.address = 'tel:0048600100200';
    expect((await gateway.answer('req_1', { code: sms.code(0) })).state).toBe('half');
    expect([push.sent, (await kinds()).at(-1)]).toEqual([[], 'ask-failed']);
    expect(await failure(gateway.answer('req_1', {}))).toMatchObject({
      code: 'APPROVAL_CODE_INVALID',
      message: expect.stringMatching(/where a channel of the class push has confirmed/) as string,
    });
    push.place.address = 'me';
    await gateway.answer('req_1', {});
    expect((await gateway.answer('req_1', { code: push.code(0) })).state).toBe('approved');
  });

  it('does not confirm twice, though it is of another class and address by then', async () => {
    const [hook, mail] = [movable('hook', 'sms', '1'), movable('mail', 'mail', 'a@b')];
    const { gateway } = open({ channels: [hook.channel, mail.channel] });
    await gateway.open(subject());
    await gateway.answer('req_1', { code: hook.code(0) });
    Object.assign(hook.place, { class: 'voice', address: '2' });
    expect((await gateway.answer('req_1', { channel: 'hook' })).state).toBe('half');
    expect((await gateway.get('req_1')).channels.map(({ name, state }) => [name, state])).toEqual([
      ['hook', 'confirmed'],
      ['mail', 'asked'],
    ]);
  });

  it('counts once with another at one mailbox in another spelling', async () => {
    const channels = [movable('mail', 'mail', 'me@example.com').channel, movable('chat', 'chat', 'Me+x@EXAMPLE.com.').channel];
    expect(await failure(open({ channels }).gateway.open(subject()))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('a policy that asks for more while a request is open', () => {
  it.each<[string, Decided]>([
    ['two channels', { mode: 'two-channels' }],
    ['one of some channels', { mode: 'one-channel', grave: ['totp'] }],
  ])('ends it: %s', async (_name, next) => {
    let now: Decided = { mode: 'one-channel' };
    const { gateway, code } = open({ policy: () => now });
    const [first, second] = [
      await gateway.open(subject({ grave: true })),
      await gateway.open(subject({ grave: true, module: 'api/b' })),
    ];
    await gateway.answer(second.id, { code: code() });
    now = next;
    for (const work of [gateway.answer(first.id, { code: code() }), gateway.redeem(second.id)])
      expect(await failure(work)).toMatchObject({
        code: 'APPROVAL_CLOSED',
        message: expect.stringMatching(/is stale: the policy asks for more/) as string,
      });
  });

  it('changes nothing where it asks for less', async () => {
    let now: Decided = { mode: 'two-channels', grave: ['terminal', 'totp'] };
    const { gateway, code, token } = open({ policy: () => now });
    await gateway.open(subject());
    now = { mode: 'unattended' };
    expect((await gateway.answer('req_1', { code: code() })).state).toBe('half');
    expect((await gateway.answer('req_1', { code: token(), channel: 'totp' })).state).toBe('approved');
  });
});

describe('what a request was compared with', () => {
  it.each([
    ['another version is active by now', { over: 'b' }, /another version is active/],
    ['none is active any more', {}, /another version is active/],
    ['the same bytes were added again', { over: 'a', run: 'run_2' }, /no longer the one/],
  ])('is the same when it is answered: %s', async (_name, later, why) => {
    const same = { digest: 'd'.repeat(64), capabilitiesDigest: 'c'.repeat(64) };
    let standing: object = { ...same, run: 'run_1', over: 'a' };
    const { gateway, code } = open({ current: async () => standing as never });
    await gateway.open(subject({ run: 'run_1' }));
    standing = { ...same, run: 'run_1', ...later };
    expect(await failure(gateway.answer('req_1', { code: code() }))).toMatchObject({
      code: 'APPROVAL_CLOSED',
      data: { state: 'stale' },
      message: expect.stringMatching(why) as string,
    });
  });
});
