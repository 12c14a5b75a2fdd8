import type { ApprovalChannel } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { createTerminal } from '../adapters/approval-channels/terminal.ts';
import { createTotp } from '../adapters/approval-channels/totp.ts';
import { day, failure, open, subject } from './fixtures/open-gateway.ts';

describe('two channels', () => {
  it('are asked one after the other, and both must confirm', async () => {
    const { gateway, code, token, kinds, audit } = open();
    const request = await gateway.open(subject());
    expect(request).toMatchObject({
      id: 'req_1',
      state: 'pending',
      needed: 2,
      expiresAt: '2023-11-15T22:13:20.000Z',
      channels: [
        { name: 'terminal', class: 'terminal', state: 'asked' },
        { name: 'totp', class: 'authenticator', state: 'waiting' },
      ],
    });
    const half = await gateway.answer('req_1', { code: code() });
    expect(half).toMatchObject({
      state: 'half',
      channels: [{ state: 'confirmed' }, { state: 'asked' }],
      receipts: [{ channel: 'terminal' }],
    });
    const done = await gateway.answer('req_1', { code: token() });
    expect(done).toMatchObject({ state: 'approved', channels: [{ state: 'confirmed' }, { state: 'confirmed' }] });
    expect(done.receipts.map((receipt) => receipt.class)).toEqual(['terminal', 'authenticator']);
    expect(await kinds()).toEqual(['opened', 'asked', 'confirmed', 'asked', 'approved']);
    expect(await audit.verify()).toMatchObject({ ok: true });
  });

  it('take codes however they are typed', async () => {
    const { gateway, code } = open();
    await gateway.open(subject());
    const typed = ` ${code().toLowerCase().slice(0, 3)} ${code().slice(3)} `;
    expect((await gateway.answer('req_1', { code: typed, channel: 'terminal' })).state).toBe('half');
  });

  it('keep no code, only its hash', async () => {
    const { gateway, store, code, audit } = open();
    const request = await gateway.open(subject());
    const stored = JSON.stringify([await store.list('approvals'), await audit.list(), request]);
    expect(stored).not.toContain(code());
    expect(JSON.stringify(request)).not.toContain('hash');
  });

  it('survive the process', async () => {
    const { gateway, again, code } = open();
    await gateway.open(subject());
    expect((await again().answer('req_1', { code: code() })).state).toBe('half');
    expect((await failure(again({ secret: new Uint8Array(32).fill(1) }).answer('req_1', { code: code() }))).code).toBe(
      'APPROVAL_CODE_INVALID',
    );
  });

  it('count each code once, and a confirmed channel no more', async () => {
    const { gateway, code, kinds } = open();
    await gateway.open(subject());
    const first = code();
    await gateway.answer('req_1', { code: first });
    const again = await failure(gateway.answer('req_1', { code: first, channel: 'terminal' }));
    expect([again.code, (await kinds()).at(-1)]).toEqual(['APPROVAL_CODE_INVALID', 'code-again']);
    expect((await gateway.answer('req_1', { channel: 'terminal' })).state).toBe('half');
    expect((await failure(gateway.answer('req_1', { code: first }))).code).toBe('APPROVAL_CODE_INVALID');
  });

  it('count one of two right answers that come at once as one', async () => {
    const { gateway, code } = open();
    await gateway.open(subject());
    const results = await Promise.allSettled([1, 2].map(() => gateway.answer('req_1', { code: code() })));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await gateway.get('req_1')).state).toBe('half');
  });

  it('of one class do not count as two', async () => {
    const terminals = ['a', 'b'].map((name): ApprovalChannel => ({ ...createTerminal({ write: () => {} }), name }));
    const { gateway } = open({ channels: terminals });
    expect(await failure(gateway.open(subject()))).toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.stringMatching(/init --totp/) as string,
    });
    expect((await failure(open({ channels: [] }).gateway.open(subject()))).message).toContain('there are 0');
  });

  it('cannot be had by naming another channel of a class that confirmed', async () => {
    const second: ApprovalChannel = { ...createTerminal({ write: () => {} }), name: 'other' };
    const { gateway, code, again, clock, store } = open();
    await gateway.open(subject());
    await gateway.answer('req_1', { code: code() });
    const more = again({
      channels: [createTerminal({ write: () => {} }), second, createTotp({ clock, store, secret: async () => 'A' })],
    });
    expect((await failure(more.answer('req_1', { channel: 'other' }))).code).toBe('APPROVAL_CODE_INVALID');
    expect((await failure(more.answer('req_1', { channel: 'fax' }))).code).toBe('ADAPTER_UNKNOWN');
  });
});

describe('asking', () => {
  it('again gives a new code and voids the old', async () => {
    const { gateway, code } = open();
    await gateway.open(subject());
    const old = code();
    expect((await gateway.answer('req_1', {})).state).toBe('pending');
    expect(code()).not.toBe(old);
    expect((await failure(gateway.answer('req_1', { code: old }))).data).toEqual({ triesLeft: 4 });
    expect((await gateway.answer('req_1', { code: code() })).state).toBe('half');
  });

  it('begins with another channel when that is named', async () => {
    const { gateway, token, code } = open();
    await gateway.open(subject());
    const half = await gateway.answer('req_1', { channel: 'totp', code: token() });
    expect(half.channels).toMatchObject([
      { name: 'totp', state: 'confirmed' },
      { name: 'terminal', state: 'asked' },
    ]);
    expect(half.state).toBe('half');
    expect((await gateway.answer('req_1', { code: code() })).state).toBe('approved');
  });

  it('waits for a channel that is not set up yet', async () => {
    const { gateway, code, kinds } = open({}, { totp: false });
    await gateway.open(subject());
    const half = await gateway.answer('req_1', { code: code() });
    expect(half.channels[1]).toEqual({ name: 'totp', class: 'authenticator', state: 'waiting' });
    expect(await failure(gateway.answer('req_1', { code: '123456' }))).toMatchObject({
      code: 'UNSUPPORTED',
      hint: 'Run burgeon init --totp.',
    });
    expect(await kinds()).toContain('ask-failed');
  });

  it('prefers channels that are ready, and outlives one that fails', async () => {
    const broken: ApprovalChannel = {
      name: 'mail',
      class: 'mail',
      ready: async () => Promise.reject(new Error('down')),
      ask: async () => ({}),
      withdraw: async () => Promise.reject(new Error('down')),
    };
    const { gateway, again } = open();
    const options = { channels: [broken, createTerminal({ write: () => {} })], policy: { mode: 'one-channel' } as const };
    expect((await again(options).open(subject())).channels).toMatchObject([{ name: 'terminal' }]);
    const failing = { ...broken, ready: async () => true, ask: async () => Promise.reject(new Error('the server is down')) };
    const later = again({ ...options, channels: [failing] });
    const request = await later.open(subject());
    expect(request.channels).toMatchObject([{ name: 'mail', state: 'waiting' }]);
    expect((await failure(later.answer(request.id, {}))).message).toBe('the server is down');
    expect(
      (await again({ ...options, channels: [{ ...failing, ask: async () => ({}) }] }).answer(request.id, {})).channels[0]?.state,
    ).toBe('asked');
    expect((await failure(later.answer(request.id, { code: 'x' }))).code).toBe('APPROVAL_CODE_INVALID');
    expect((await later.reject(request.id)).state).toBe('rejected');
    expect(await gateway.list()).toHaveLength(2);
  });
});

describe('wrong codes', () => {
  it('are counted over all asking, and the fifth ends the request', async () => {
    const { gateway, code, kinds } = open();
    await gateway.open(subject());
    for (const triesLeft of [4, 3, 2, 1, 0]) {
      expect(await failure(gateway.answer('req_1', { code: 'WRONG2' }))).toMatchObject({
        code: 'APPROVAL_CODE_INVALID',
        data: { triesLeft },
      });
      if (triesLeft > 0) await gateway.answer('req_1', {});
    }
    expect(await gateway.get('req_1')).toMatchObject({ state: 'rejected', reason: 'too many wrong codes' });
    expect((await failure(gateway.answer('req_1', { code: code() }))).code).toBe('APPROVAL_CLOSED');
    expect((await kinds()).filter((kind) => kind === 'code-wrong')).toHaveLength(5);
  });

  it('follow the turn to another channel', async () => {
    const { gateway } = open();
    await gateway.open(subject());
    await failure(gateway.answer('req_1', { code: 'WRONG2' }));
    expect((await failure(gateway.answer('req_1', { code: '000000', channel: 'totp' }))).data).toEqual({ triesLeft: 3 });
    expect((await failure(gateway.answer('req_1', { code: 'WRONG2', channel: 'terminal' }))).data).toEqual({ triesLeft: 2 });
  });

  it('of one request do not open another', async () => {
    const { gateway, code } = open();
    await gateway.open(subject());
    const first = code();
    await gateway.open(subject({ module: 'api/other' }));
    expect((await failure(gateway.answer('req_2', { code: first }))).code).toBe('APPROVAL_CODE_INVALID');
  });
});

describe('the end of a request', () => {
  it('is final when the owner says no', async () => {
    const { gateway, code } = open();
    await gateway.open(subject());
    expect(await gateway.reject('req_1', 'not today')).toMatchObject({ state: 'rejected', reason: 'not today' });
    for (const work of [gateway.answer('req_1', { code: code() }), gateway.reject('req_1'), gateway.answer('req_1', {})]) {
      expect(await failure(work)).toMatchObject({
        code: 'APPROVAL_CLOSED',
        message: expect.stringMatching(/not today/) as string,
      });
    }
  });

  it('comes by itself after a day, to the millisecond', async () => {
    const { gateway, clock, code, kinds } = open();
    await gateway.open(subject());
    clock.advance(day - 1);
    expect((await gateway.get('req_1')).state).toBe('pending');
    clock.advance(1);
    expect((await failure(gateway.answer('req_1', { code: code() }))).code).toBe('APPROVAL_CLOSED');
    expect((await gateway.list())[0]).toMatchObject({ state: 'expired' });
    expect((await kinds()).at(-1)).toBe('expired');
  });

  it('comes with a later request for the same module, not for another', async () => {
    const { gateway, clock } = open();
    await gateway.open(subject({ module: 'api/other' }));
    clock.advance(1);
    await gateway.open(subject());
    clock.advance(1);
    await gateway.open(subject({ version: '1.1.0' }));
    expect((await gateway.list()).map(({ id, state }) => `${id} ${state}`)).toEqual([
      'req_1 pending',
      'req_2 superseded',
      'req_3 pending',
    ]);
  });

  it('comes when the bytes are no longer the ones that were asked about', async () => {
    let current: { digest: string; capabilitiesDigest: string } | undefined = subject();
    const { gateway, code } = open({ current: async () => current });
    await gateway.open(subject());
    expect((await gateway.answer('req_1', { code: code() })).state).toBe('half');
    current = { digest: 'other', capabilitiesDigest: 'c'.repeat(64) };
    expect((await failure(gateway.answer('req_1', { code: 'x' }))).code).toBe('APPROVAL_CLOSED');
    expect((await gateway.get('req_1')).state).toBe('stale');
    await gateway.open(subject());
    current = undefined;
    expect(await failure(gateway.answer('req_2', {}))).toMatchObject({ data: { state: 'stale' } });
  });

  it('keeps what was approved', async () => {
    const { gateway, code, clock, kinds } = open({ policy: { mode: 'one-channel' } });
    await gateway.open(subject());
    expect((await gateway.answer('req_1', { code: code() })).state).toBe('approved');
    clock.advance(2 * day);
    expect((await gateway.get('req_1')).state).toBe('approved');
    expect((await failure(gateway.reject('req_1'))).hint).toBe('Nothing needs to be done.');
    for (const answer of [{}, { channel: 'terminal' }]) expect((await gateway.answer('req_1', answer)).state).toBe('approved');
    expect(await failure(gateway.answer('req_1', { code: code() }))).toMatchObject({ code: 'APPROVAL_CODE_INVALID' });
    expect((await gateway.get('req_1')).state).toBe('approved');
    expect((await kinds()).at(-1)).toBe('code-again');
  });

  it('is told of what never was', async () => {
    const { gateway } = open();
    for (const work of [gateway.get('req_9'), gateway.answer('__proto__', {}), gateway.reject('')]) {
      expect((await failure(work)).code).toBe('REQUEST_NOT_FOUND');
    }
  });
});

describe('without a channel', () => {
  it('the policy approves by itself, and says so', async () => {
    const { gateway, kinds } = open({ policy: { mode: 'unattended' }, channels: [] });
    expect(await gateway.open(subject())).toMatchObject({
      state: 'approved',
      needed: 0,
      channels: [],
      receipts: [{ channel: 'policy' }],
    });
    expect(await kinds()).toEqual(['approved-by-policy']);
  });

  it('it does not when a check failed', async () => {
    const { gateway } = open({ policy: { mode: 'unattended' } });
    expect(await gateway.open(subject({ sound: false }))).toMatchObject({ state: 'pending', needed: 2 });
  });
});

it('many requests are all kept', async () => {
  const { gateway, clock } = open({ policy: { mode: 'one-channel' } });
  for (let n = 0; n < 30; n += 1) {
    clock.advance(1);
    await gateway.open(subject({ module: `api/m${n}` }));
  }
  expect((await gateway.list()).map(({ module }) => module)).toEqual(Array.from({ length: 30 }, (_, n) => `api/m${n}`));
});
