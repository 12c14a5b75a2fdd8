import { randomBytes } from 'node:crypto';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { approvalChannelSuite, approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../../base/clock.ts';
import { type AskedQuestion, judgingInbox } from '../fixtures/judging-inbox.ts';
import { callbackPath } from './callback.ts';
import { gatewayEnd, serveRequests } from './fixtures/servers.ts';
import { createWebhook, webhook } from './index.ts';

const startMs = 1_900_000_000_000;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

/** A gateway that keeps what it is told, the channel that tells it, and the door at which it calls back. */
const open = async (
  more: { settings?: JsonObject; locale?: 'en' | 'pl'; answers?: (number | 'hang')[]; secret?: string | null } = {},
) => {
  const clock = manualClock(startMs);
  const store = memoryStore(clock);
  const secret = more.secret === undefined ? newSecret() : more.secret;
  const end = gatewayEnd(secret?.split(' ')[0] ?? newSecret(), () => clock.now());
  const told: Record<string, string>[] = [];
  const ids: string[] = [];
  const answers = [...(more.answers ?? [])];
  const gateway = await serveRequests(async (request) => {
    ids.push(request.headers.get('webhook-id') ?? '');
    const status = answers.shift() ?? 202;
    if (status === 'hang') return new Promise<Response>(() => {});
    if (status === 202) told.push(await end.open(request));
    return new Response(null, { status, headers: { location: '/elsewhere' } });
  });
  const asked: AskedQuestion[] = [];
  const { inbox, said } = judgingInbox(asked);
  const door = await serveRequests(async (request) => (await channel.handle?.(request, inbox)) ?? Response.error());
  closing.push(gateway.close, door.close);
  const context = {
    clock,
    store,
    write: () => {},
    secret: async () => secret ?? undefined,
    settings: { url: `${gateway.url}/ask`, deliver: 'sms', to: '+48 600-100-200', ...more.settings },
    pages: async () => door.url,
    ...(more.locale === undefined ? {} : { locale: more.locale }),
  };
  const channel = createWebhook(context);
  const ask = async (request = 'req_1') => {
    const question = approvalQuestion(request);
    const { code } = await channel.ask(question);
    asked.push({ question, code });
    return told.at(-1) ?? {};
  };
  const call = async (init: RequestInit, path = callbackPath) => {
    const response = await fetch(`${door.url}${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { channel, context, clock, store, end, told, ids, asked, inbox, said, ask, call, door };
};

approvalChannelSuite(
  { describe, it, expect },
  {
    name: 'webhook',
    open: async () => {
      const { channel, told } = await open();
      return { channel, answer: async () => told.at(-1)?.['code'] ?? '', shown: () => told.map(({ text }) => text).join() };
    },
  },
);

describe('a gateway for text messages', () => {
  it('hands on what the person writes, in Polish', async () => {
    const { ask, call, end, said } = await open({ locale: 'pl' });
    const { message = '', code = '', callback, ...rest } = await ask();
    expect(message.replaceAll(code, '123456')).toMatchInlineSnapshot(`
      "New module 'api/req_1' wants to:
      - Call api.example.com

      Kod: 123456
      Ważne do: 2030-01-01T00:00:00.000Z
      [Zatwierdź] zatwierdź 123456
      [Odrzuć] odrzuć 123456"
    `);
    expect(rest).toMatchObject({
      request: 'req_1',
      deliver: 'sms',
      to: '+48 600-100-200',
      fingerprint: '0123abcd',
      locale: 'pl',
    });
    // The person answers: the gateway knows the words, nothing else.
    const answer = await call(
      end.seal({ said: `Zatwierdz  ${code.slice(0, 3)} ${code.slice(3)}` }),
      new URL(callback ?? '').pathname,
    );
    expect(answer).toEqual({ status: 200, body: { request: 'req_1', state: 'half' } });
    expect(said).toEqual([['approve', 'req_1']]);
  });

  it('hands on a no, and why', async () => {
    const { ask, call, end, said } = await open();
    const { code } = await ask();
    const answer = await call(end.seal({ request: 'req_1', answer: 'reject', code, why: 'not\u202e mine' }));
    expect(answer.body).toEqual({ request: 'req_1', state: 'rejected' });
    expect(said).toEqual([['reject', 'req_1', 'not\\u{202e} mine']]);
  });

  it('is told that the code was wrong, and how many tries are left', async () => {
    const { ask, call, end, said } = await open();
    await ask();
    const answer = await call(end.seal({ said: 'approve WRONG1' }));
    expect(answer).toEqual({
      status: 403,
      body: expect.objectContaining({ code: 'APPROVAL_CODE_INVALID', data: { triesLeft: 4 } }),
    });
    expect(said).toEqual(['wrong']);
  });

  it('must name the request when more than one waits, or none', async () => {
    const { ask, call, end, said } = await open();
    expect(await call(end.seal({ said: 'approve 123456' }))).toMatchObject({ status: 404 });
    const { code } = await ask('req_1');
    await ask('req_2');
    expect(await call(end.seal({ said: `approve ${code}` }))).toMatchObject({ status: 404, body: { hint: 'Name the request.' } });
    expect(await call(end.seal({ said: `approve ${code}`, request: 'req_1' }))).toMatchObject({ status: 200 });
    expect(said).toEqual([['approve', 'req_1']]);
  });
});

describe('a telephone', () => {
  /** A telephony server: calls, reads the message out, waits for keys: 1 and the code approve, 2 and the code reject. */
  const press = (keys: string, { request }: Record<string, string>) => ({
    request,
    answer: keys.startsWith('1') ? 'approve' : 'reject',
    code: keys.slice(1),
  });

  it('is a class of its own, with codes for its keys', async () => {
    const { channel, ask, call, end, said } = await open({ settings: { deliver: 'voice' } });
    expect(channel.class).toBe('voice');
    const heard = await ask();
    expect(heard['code']).toMatch(/^\d{6}$/);
    expect(await call(end.seal(press(`1${heard['code']}`, heard)))).toMatchObject({ status: 200, body: { state: 'half' } });
    expect(await call(end.seal(press(`2${heard['code']}`, heard)))).toMatchObject({ status: 200, body: { state: 'rejected' } });
    expect(await call(end.seal(press('1000', heard)))).toMatchObject({ status: 403 });
    expect(said).toEqual([['approve', 'req_1'], ['reject', 'req_1'], 'wrong']);
  });

  it('may also understand what is said', async () => {
    const { ask, call, end, said } = await open({ settings: { deliver: 'voice' } });
    const heard = await ask();
    const spoken = `zatwierdzam ${(heard['code'] ?? '').split('').join(' ')}`;
    expect(await call(end.seal({ request: heard['request'], said: spoken }))).toMatchObject({ status: 200 });
    expect(said).toEqual([['approve', 'req_1']]);
  });

  it.each([
    [{ deliver: 'sms' }, /^\d{6}$/],
    [{ deliver: 'sms', digits: false }, /^[A-Z2-9]{6}$/],
    [{ deliver: 'push' }, /^[A-Z2-9]{6}$/],
    [{ deliver: 'chat', digits: true }, /^\d{6}$/],
  ] as const)('has digits where keys are: %j', async (settings, form) => {
    const { channel, ask } = await open({ settings });
    expect((await ask())['code']).toMatch(form);
    expect(channel.class).toBe(settings.deliver);
  });
});

describe('a callback that nobody signed', () => {
  type Opened = Awaited<ReturnType<typeof open>>;
  const signed = ({ end, asked }: Opened, more?: Parameters<Opened['end']['seal']>[1]) =>
    end.seal({ request: 'req_1', answer: 'approve', code: asked[0]?.code }, more);
  const bodyOf = (one: Opened): string => JSON.stringify({ request: 'req_1', answer: 'approve', code: one.asked[0]?.code });
  const changed = (init: RequestInit, headers: Record<string, string | undefined>): RequestInit => {
    const all = Object.entries({ ...(init.headers as Record<string, string>), ...headers });
    return { ...init, headers: all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]])) };
  };

  it.each<[string, (one: Opened) => RequestInit]>([
    ['without a signature', (one) => changed(signed(one), { 'webhook-signature': undefined })],
    ['without an id', (one) => changed(signed(one), { 'webhook-id': undefined })],
    ['without a time', (one) => changed(signed(one), { 'webhook-timestamp': undefined })],
    ['with another id', (one) => changed(signed(one), { 'webhook-id': 'other' })],
    ['with another time', (one) => changed(signed(one), { 'webhook-timestamp': String(startMs / 1_000 + 1) })],
    ['with another payload', (one) => ({ ...signed(one), body: bodyOf(one).replace('}', ',"why":"x"}') })],
    ['with a payload in other spaces', (one) => ({ ...signed(one), body: `${bodyOf(one)} ` })],
    ['by another secret', (one) => gatewayEnd(newSecret(), () => startMs).seal(bodyOf(one))],
    ['by an empty secret', (one) => gatewayEnd('whsec_', () => startMs).seal(bodyOf(one))],
    ['by another scheme', (one) => changed(signed(one), { 'webhook-signature': 'v1a,AAAA v0,AAAA' })],
    ['with a cut signature', (one) => changed(signed(one), { 'webhook-signature': 'v1,' })],
    ['with a dot in its id', (one) => signed(one, { id: 'a.1900000000' })],
    ['with a long id', (one) => signed(one, { id: 'a'.repeat(129) })],
    ['six minutes old', (one) => signed(one, { at: startMs - 301_000 })],
    ['six minutes ahead', (one) => signed(one, { at: startMs + 301_000 })],
    ['with a time that is none', (one) => changed(signed(one), { 'webhook-timestamp': '1e9' })],
    ['with ten thousand signatures', (one) => changed(signed(one), { 'webhook-signature': 'v1,A '.repeat(2_000) })],
  ])('is refused without a word: %s', async (_name, make) => {
    const one = await open();
    await one.ask();
    expect(await one.call(make(one))).toEqual({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(one.said).toEqual([]);
    // The right one still counts: nothing was used up.
    expect(await one.call(signed(one))).toMatchObject({ status: 200 });
  });

  it('is refused while there is no secret', async () => {
    const one = await open({ secret: null });
    expect(await one.call(one.end.seal({ said: 'approve 123456' }))).toMatchObject({ status: 401 });
    expect(await one.channel.ready().catch(BurgeonError.from)).toMatchObject({
      code: 'SECRET_MISSING',
      hint: expect.stringMatching(/approval\/webhook\/secret/) as string,
    });
  });

  it('is refused by another way or elsewhere', async () => {
    const one = await open();
    await one.ask();
    expect(await one.call({ ...signed(one), method: 'PUT' })).toMatchObject({ status: 405 });
    expect(await one.call(signed(one), '/approve/webhook/')).toMatchObject({ status: 404 });
    expect(await one.call(signed(one), `${callbackPath}/x`)).toMatchObject({ status: 404 });
    expect(one.said).toEqual([]);
  });

  it('is refused when it is too large', async () => {
    const one = await open();
    expect(await one.call(one.end.seal({ said: 'x'.repeat(70_000) }))).toEqual({ status: 413, body: { code: 'LIMIT_EXCEEDED' } });
  });
});

describe('a callback that is signed', () => {
  it('counts once, also when it comes twice at once, and also later', async () => {
    const { ask, asked, call, clock, end, said, store } = await open();
    await ask();
    const message = end.seal({ request: 'req_1', answer: 'approve', code: asked[0]?.code });
    const both = await Promise.all([call(message), call(message)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    clock.advance(299_000);
    expect(await call(message)).toMatchObject({ status: 409 });
    clock.advance(2_000);
    expect(await call(message)).toMatchObject({ status: 401 });
    expect(said).toEqual([['approve', 'req_1']]);
    // What is too old to be accepted again is forgotten.
    clock.advance(600_000);
    await call(end.seal({ said: 'approve 000000' }));
    expect(await store.list('approval-webhook')).toHaveLength(1);
  });

  it('may come with the clocks five minutes apart', async () => {
    for (const apart of [-300_000, 300_000]) {
      const { ask, asked, call, end } = await open();
      await ask();
      const message = end.seal({ request: 'req_1', answer: 'approve', code: asked[0]?.code }, { at: startMs + apart });
      expect(await call(message)).toMatchObject({ status: 200 });
    }
  });

  it.each<[string, unknown]>([
    ['no JSON', 'approve'],
    ['broken UTF-8', '"\ud800"'],
    ['a list', []],
    ['nothing', {}],
    ['another type', { type: 'approval.asked', answer: 'approve', code: '123456' }],
    ['another answer', { answer: 'yes', code: '123456' }],
    ['no code', { answer: 'approve' }],
    ['a code that is a number', { answer: 'approve', code: 123456 }],
    ['a request that is none', { answer: 'approve', code: '123456', request: {} }],
    ['a why that is none', { answer: 'reject', code: '123456', why: 1 }],
    ['words that are no answer', { said: 'yes please' }],
    ['more than is known', { answer: 'approve', code: '123456', admin: true }],
    ['a prototype', '{"__proto__":{"answer":"approve","code":"123456"}}'],
  ])('is told what to send instead of %s', async (_name, value) => {
    const { ask, call, end, said } = await open();
    await ask();
    expect(await call(end.seal(value))).toMatchObject({ status: 400, body: { code: 'USAGE' } });
    expect(said).toEqual([]);
  });

  it('is no answer when it is our own question come back', async () => {
    const one = await open();
    const question = await one.ask();
    expect(await one.call(one.end.seal(question))).toMatchObject({ status: 400 });
    expect(await one.call(one.end.seal({ ...question, answer: 'approve' }))).toMatchObject({ status: 400 });
    expect(one.said).toEqual([]);
  });

  it('may be sent again as it was when something failed here', async () => {
    const one = await open();
    await one.ask();
    const { approve } = one.inbox;
    one.inbox.approve = async () => Promise.reject(new TypeError('disk /secret'));
    const message = one.end.seal({ request: 'req_1', answer: 'approve', code: one.asked[0]?.code });
    expect(await one.call(message)).toEqual({ status: 500, body: { code: 'INTERNAL' } });
    one.inbox.approve = approve;
    expect(await one.call(message)).toMatchObject({ status: 200 });
  });

  it('may be signed by either of two secrets while one takes the place of the other', async () => {
    const [fresh, old] = [newSecret(), newSecret()];
    const one = await open({ secret: `${fresh} ${old}`, answers: [204] });
    await one.ask();
    const answer = { request: 'req_1', answer: 'approve', code: one.asked[0]?.code };
    for (const secret of [fresh, old]) {
      expect(await one.call(gatewayEnd(secret, () => startMs).seal(answer))).toMatchObject({ status: 200 });
    }
  });
});

describe('a gateway in trouble', () => {
  it.each<[string, (number | 'hang')[], number]>([
    ['is asked again', [503, 202], 2],
    ['is asked three times', [500, 429, 202], 3],
  ])('%s, with the same id', async (_name, answers, count) => {
    const { ask, ids } = await open({ answers });
    await ask();
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(1);
  });

  it.each<[string, (number | 'hang')[], number]>([
    ['that stays ill', [500, 502, 503, 202], 3],
    ['that says no', [403, 202], 1],
    ['that is gone', [410, 202], 1],
    ['that points elsewhere', [307, 202], 1],
  ])('%s is an error', async (_name, answers, count) => {
    const { ask, ids } = await open({ answers });
    await expect(ask()).rejects.toMatchObject({ code: 'REMOTE_ERROR', data: { status: answers[Math.min(count, 3) - 1] } });
    expect(ids).toHaveLength(count);
  });

  it('that is not there is an error', async () => {
    const { channel } = await open({ settings: { url: 'http://127.0.0.1:1/' } });
    await expect(channel.ask(approvalQuestion('a'))).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' });
  });
});

describe('setting it up', () => {
  const context = { clock: manualClock(0), store: memoryStore(), write: () => {}, secret: async () => undefined };

  it('is needed', async () => {
    const channel = webhook.open(context);
    expect([await channel.ready(), await channel.address?.(), channel.class]).toEqual([false, 'webhook', 'webhook']);
    await expect(channel.ask(approvalQuestion('a'))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('gives an address to compare', async () => {
    expect(await (await open()).channel.address?.()).toBe('+48600100200');
  });
});
