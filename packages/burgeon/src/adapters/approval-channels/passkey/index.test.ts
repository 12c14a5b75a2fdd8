import { type ApprovalInbox, type ApprovalQuestion, BurgeonError, type JsonObject, type StoreWrite } from '@burgeon/kit';
import { approvalChannelSuite, approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../base/clock.ts';
import { createAuthenticator } from './fixtures/authenticator.ts';
import { passkey } from './index.ts';
import { listPasskeys, removePasskey } from './keys.ts';
import { createRegistrationLink } from './registration.ts';

const base = 'http://localhost:4600';
const path = '/approve/passkey';
const minuteMs = 60_000;
const party = { origin: base, party: 'localhost' };

type Authenticator = ReturnType<typeof createAuthenticator>;

/** A channel on a server of this machine, with an inbox that lets the channel itself judge and counts what was refused. */
const open = (options: { pages?: string | undefined; questions?: ApprovalQuestion[] } = {}) => {
  const clock = manualClock(1_700_000_000_000);
  const store = memoryStore(clock);
  const events: unknown[] = [];
  let written = '';
  const context = {
    clock,
    store,
    write: (text: string) => void (written += text),
    secret: async () => undefined,
    pages: async () => ('pages' in options ? options.pages : 'http://127.0.0.1:4600'),
    record: async (event: { kind: string; data: JsonObject }, writes: StoreWrite[]) => {
      await store.transact(writes);
      events.push(event);
    },
  };
  const channel = passkey.open(context);
  const questions = options.questions ?? [approvalQuestion('req_a'), approvalQuestion('req_b')];
  const record: string[] = [];
  const judge = async ({ request, proof }: { request: string; proof: string }, said: string): Promise<void> => {
    const question = questions.find((each) => each.request === request);
    const good = question !== undefined && (await channel.verify?.(question, proof)) === true;
    record.push(`${good ? said : 'refused'} ${request}`);
    if (!good) throw new BurgeonError('APPROVAL_CODE_INVALID', { message: 'No.', hint: 'Try again.' });
  };
  const inbox: ApprovalInbox = {
    questions: async () => questions,
    approve: async (answer) => {
      await judge(answer, 'yes');
      return 'half';
    },
    reject: (answer) => judge(answer, 'no'),
  };
  const handle = async (at: string, init: RequestInit = {}): Promise<Response> =>
    (await channel.handle?.(new Request(base + path + at, init), inbox)) ?? expect.unreachable();
  const post = async (at: string, value: unknown, headers: Record<string, string> = {}) => {
    const response = await handle(at, {
      method: 'POST',
      headers: { origin: base, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(value),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> & { challenge: string } };
  };
  const link = async (): Promise<string> => (await createRegistrationLink(context)).url.split('#')[1] ?? '';
  const register = async (authenticator: Authenticator = createAuthenticator(party), name = 'Phone') => {
    const token = await link();
    const { body } = await post('/register/options', { token });
    const done = await post('/register', { token, name, response: authenticator.register(body) });
    return { authenticator, token, done };
  };
  const challenge = async (request: string, answer = 'approve') => (await post(`/${request}/options`, { answer })).body;
  const answer = async (authenticator: Authenticator, request = 'req_a', said = 'approve') =>
    post(`/${request}`, { answer: said, response: authenticator.assert(await challenge(request, said)) });
  return {
    channel,
    clock,
    store,
    context,
    record,
    handle,
    post,
    link,
    register,
    challenge,
    answer,
    questions,
    events,
    written: () => written,
  };
};

approvalChannelSuite(
  { describe, it, expect },
  {
    name: 'passkey',
    open: async () => {
      const { channel, register, challenge, written } = open({ questions: [approvalQuestion('a'), approvalQuestion('b')] });
      const { authenticator } = await register();
      const page = async (): Promise<string> => written().trim().split(' ').at(-1) ?? '';
      return { channel, page, answer: async () => JSON.stringify(authenticator.assert(await challenge('a'))) };
    },
  },
);

describe('registering a passkey', () => {
  it('is done once by a link, at the name of this machine', async () => {
    const { context, register, store, written, channel, post, events } = open();
    expect(await channel.ready()).toBe(false);
    expect(await createRegistrationLink(context)).toEqual({
      url: expect.stringMatching(/^http:\/\/localhost:4600\/approve\/passkey\/register#[\w-]{43}$/),
      expiresAt: '2023-11-14T22:23:20.000Z',
    });
    const { authenticator, token, done } = await register(undefined, '  Phone \n of Ada ');
    expect(done).toEqual({ status: 200, body: { outcome: 'registered' } });
    expect(await listPasskeys(store)).toEqual([
      { id: authenticator.id, name: 'Phone of Ada', createdAt: '2023-11-14T22:13:20.000Z', party: 'localhost' },
    ]);
    expect(written()).toBe('The passkey "Phone of Ada" was registered.\n');
    expect(events.slice(-2)).toEqual([
      { kind: 'passkey.invited', data: { expiresAt: '2023-11-14T22:23:20.000Z' } },
      { kind: 'passkey.registered', data: { passkey: authenticator.id, name: 'Phone of Ada' } },
    ]);
    expect(await channel.ready()).toBe(true);
    expect(await post('/register/options', { token })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('asks for a verified person and no attestation, and not for a device that is registered', async () => {
    const { register, post, link } = open();
    const { authenticator } = await register();
    const { body } = await post('/register/options', { token: await link() });
    expect(body).toMatchObject({
      rp: { id: 'localhost' },
      attestation: 'none',
      authenticatorSelection: { userVerification: 'required' },
      excludeCredentials: [{ id: authenticator.id }],
    });
  });

  it('ends with the link: after ten minutes, with the next link, with its use', async () => {
    const { post, link, clock, register, store } = open();
    const first = await link();
    const second = await link();
    expect((await post('/register/options', { token: first })).status).toBe(403);
    const authenticator = createAuthenticator(party);
    const { body } = await post('/register/options', { token: second });
    const made = { token: second, name: '', response: authenticator.register(body) };
    clock.advance(10 * minuteMs);
    expect((await post('/register', made)).status).toBe(403);
    expect(await listPasskeys(store)).toEqual([]);
    const { token } = await register();
    expect((await post('/register', { ...made, token })).status).toBe(403);
  });

  it('lets one of two through that use a link at once', async () => {
    const { post, link, store } = open();
    const token = await link();
    const { body } = await post('/register/options', { token });
    const both = [createAuthenticator(party), createAuthenticator(party)].map((each) =>
      post('/register', { token, name: '', response: each.register(body) }),
    );
    expect(new Set((await Promise.all(both)).map(({ status }) => status))).toEqual(new Set([200, 403]));
    expect(await listPasskeys(store)).toMatchObject([{ name: 'passkey' }]);
  });

  it.each([
    ['another page', { origin: 'http://evil.example' }],
    ['another name', { party: 'evil.example' }],
    ['a person who was not verified', { verified: false }],
  ])('refuses %s', async (_, said) => {
    const { register, store } = open();
    const { done } = await register(createAuthenticator({ ...party, ...said }));
    expect(done).toMatchObject({ status: 422, body: { code: 'INPUT_INVALID' } });
    expect(await listPasskeys(store)).toEqual([]);
  });

  it('refuses what was made for another challenge, and what is no passkey', async () => {
    const { post, link } = open();
    const token = await link();
    expect((await post('/register', { token, response: {} })).status).toBe(422);
    await post('/register/options', { token });
    const response = createAuthenticator(party).register({ challenge: 'AAAA' });
    for (const wrong of [response, {}, null, 'x', { ...response, response: { attestationObject: '////' } }])
      expect((await post('/register', { token, response: wrong })).status).toBe(422);
  });

  it('says when the store fails', async () => {
    const { post, link, store } = open();
    const token = await link();
    const { body } = await post('/register/options', { token });
    store.transact = async () => Promise.reject(new BurgeonError('HOME_FULL', { message: 'Full.' }));
    expect((await post('/register', { token, response: createAuthenticator(party).register(body) })).status).toBe(507);
  });

  it('needs a server that browsers allow passkeys on', async () => {
    for (const pages of [undefined, 'http://10.0.0.5:4600', 'http://burgeon.example']) {
      const { context, channel, post } = open({ pages });
      await expect(createRegistrationLink(context)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      await expect(channel.ask(approvalQuestion('a'))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      expect(await channel.ready()).toBe(false);
      expect(await channel.verify?.(approvalQuestion('a'), '{}')).toBe(false);
      expect((await post('/register/options', { token: 'x' })).status).toBe(501);
    }
  });
});

describe('the passkey channel', () => {
  it('says on the terminal where to answer', async () => {
    const { channel, written } = open();
    expect(await channel.ask(approvalQuestion('req_a'))).toEqual({});
    expect(written()).toBe(`Read and confirm with your passkey here: ${base}${path}/req_a\n`);
  });

  it('takes a signed yes and a signed no', async () => {
    const { register, answer, record } = open();
    const { authenticator } = await register();
    expect(await answer(authenticator)).toEqual({ status: 200, body: { outcome: 'half' } });
    expect(await answer(authenticator, 'req_b', 'reject')).toEqual({ status: 200, body: { outcome: 'rejected' } });
    expect(record).toEqual(['yes req_a', 'no req_b']);
  });

  it('asks a verified person by the keys it knows', async () => {
    const { register, challenge, post } = open();
    expect(await post('/req_a/options', { answer: 'approve' })).toMatchObject({
      status: 501,
      body: { hint: expect.stringMatching(/--register/) as string },
    });
    const { authenticator } = await register();
    expect(await challenge('req_a')).toMatchObject({
      rpId: 'localhost',
      userVerification: 'required',
      allowCredentials: [{ id: authenticator.id, transports: ['internal'] }],
    });
  });

  it.each([
    ['request', { request: 'req_b' }],
    ['artefact', { digest: 'f'.repeat(64) }],
    ['capabilities', { capabilitiesDigest: 'f'.repeat(64) }],
  ])('refuses, and lets be recorded, a signature for another %s', async (_, other) => {
    const opened = open();
    const { authenticator } = await opened.register();
    const response = authenticator.assert(await opened.challenge('req_a'));
    opened.questions[0] = { ...approvalQuestion('req_a'), ...other };
    const request = opened.questions[0].request;
    if (request === 'req_b') await opened.challenge('req_b');
    expect(await opened.post(`/${request}`, { answer: 'approve', response })).toMatchObject({
      status: 403,
      body: { code: 'APPROVAL_CODE_INVALID' },
    });
    expect(opened.record).toEqual([`refused ${request}`]);
  });

  it('refuses a signature again, and a no as a yes', async () => {
    const { register, challenge, post, record } = open();
    const { authenticator } = await register();
    const response = authenticator.assert(await challenge('req_a'));
    expect((await post('/req_a', { answer: 'approve', response })).status).toBe(200);
    expect((await post('/req_a', { answer: 'approve', response })).status).toBe(403);
    await challenge('req_a');
    expect((await post('/req_a', { answer: 'approve', response })).status).toBe(403);
    const no = authenticator.assert(await challenge('req_b', 'reject'));
    expect((await post('/req_b', { answer: 'approve', response: no })).status).toBe(403);
    expect(record).toEqual(['yes req_a', 'refused req_a', 'refused req_a', 'refused req_b']);
  });

  it('takes a yes that comes as a no for no answer but a no', async () => {
    const { register, challenge, post, record } = open();
    const { authenticator } = await register();
    const yes = authenticator.assert(await challenge('req_a'));
    await post('/req_a', { answer: 'reject', response: yes });
    expect(record).toEqual(['no req_a']);
  });

  it.each([
    ['a person who was not verified', { verified: false }],
    ['another page', { origin: 'http://localhost:9999' }],
    ['another server', { party: 'evil.example' }],
    ['a copy of the authenticator', { counter: -1 }],
  ])('refuses, and lets be recorded, %s', async (_, said) => {
    const { register, answer, record, challenge, post } = open();
    const { authenticator } = await register();
    expect((await answer(authenticator)).status).toBe(200);
    Object.assign(authenticator.say, said);
    const response = authenticator.assert(await challenge('req_b'));
    expect((await post('/req_b', { answer: 'approve', response })).status).toBe(403);
    expect(record).toEqual(['yes req_a', 'refused req_b']);
  });

  it('lets strangers use up no try', async () => {
    const { register, challenge, post, record } = open();
    const { authenticator } = await register();
    const stranger = createAuthenticator(party).assert(await challenge('req_a'));
    const forged = { ...stranger, id: authenticator.id, rawId: authenticator.id };
    for (const response of [stranger, forged, {}, null, [], 'x', { id: authenticator.id }])
      expect(await post('/req_a', { answer: 'approve', response })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(record).toEqual([]);
  });

  it('gives a challenge time, and no more than that', async () => {
    const { register, challenge, clock, post } = open();
    const { authenticator } = await register();
    const first = await challenge('req_a');
    clock.advance(4 * minuteMs);
    expect((await challenge('req_a')).challenge).toBe(first.challenge);
    clock.advance(6 * minuteMs);
    expect((await post('/req_a', { answer: 'approve', response: authenticator.assert(first) })).status).toBe(403);
    expect((await challenge('req_a')).challenge).not.toBe(first.challenge);
  });

  it('forgets its challenge when the question is taken back', async () => {
    const { register, challenge, channel, post } = open();
    const { authenticator } = await register();
    const response = authenticator.assert(await challenge('req_a'));
    await channel.withdraw('req_a');
    expect((await post('/req_a', { answer: 'approve', response })).status).toBe(403);
  });

  it('lets a passkey go that was taken away', async () => {
    const { register, answer, challenge, post, store, context, channel, events } = open();
    const { authenticator } = await register();
    const options = await challenge('req_a');
    expect(await removePasskey(context, authenticator.id)).toMatchObject({ name: 'Phone' });
    expect(events.at(-1)).toEqual({ kind: 'passkey.removed', data: { passkey: authenticator.id, name: 'Phone' } });
    await expect(removePasskey({ store }, authenticator.id)).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND' });
    expect((await post('/req_a', { answer: 'approve', response: authenticator.assert(options) })).status).toBe(403);
    expect(await channel.ready()).toBe(false);
    await register();
    expect((await answer(authenticator)).status).toBe(403);
  });

  it('takes one of two answers that come at once, also by two passkeys', async () => {
    const { register, challenge, channel } = open();
    const authenticators = [(await register()).authenticator, (await register()).authenticator];
    const options = await challenge('req_a');
    const verdicts = await Promise.all(
      authenticators.map(async (each) => channel.verify?.(approvalQuestion('req_a'), JSON.stringify(each.assert(options)))),
    );
    expect(new Set(verdicts)).toEqual(new Set([false, true]));
  });

  it('says when the store fails', async () => {
    const { register, challenge, channel, store } = open();
    const { authenticator } = await register();
    const proof = JSON.stringify(authenticator.assert(await challenge('req_a')));
    store.transact = async () => Promise.reject(new RangeError('disk'));
    await expect(channel.verify?.(approvalQuestion('req_a'), proof)).rejects.toThrow(RangeError);
  });
});

describe('its pages', () => {
  it('show, and only show, by GET', async () => {
    const { handle, record, register, link, post } = open();
    await register();
    const page = await handle('/req_a?answer=approve', { headers: { 'sec-purpose': 'prefetch' } });
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const text = await page.text();
    for (const part of ['Call api.example.com', '0123abcd', '<script type="module" src="/approve/passkey/script.js">'])
      expect(text).toContain(part);
    const token = await link();
    expect(await (await handle('/register')).text()).toContain('Register a passkey');
    expect((await post('/register/options', { token })).status).toBe(200);
    expect(await Promise.all(['', '/', '/other', '/req_a/options'].map(async (at) => (await handle(at)).status))).toEqual([
      404, 404, 404, 404,
    ]);
    expect((await handle('/req_a', { method: 'PUT' })).status).toBe(405);
    expect(record).toEqual([]);
  });

  it('speak Polish', async () => {
    const { context } = open();
    const channel = passkey.open({ ...context, locale: 'pl' });
    const inbox = { questions: async () => [] } as unknown as ApprovalInbox;
    const page = await channel.handle?.(new Request(`${base}${path}/register`), inbox);
    expect(await page?.text()).toContain('Zarejestruj klucz dostępu');
  });

  it('bring one script, without a word of its own in the page', async () => {
    const { handle } = open();
    const script = await handle('/script.js');
    expect(Object.fromEntries(script.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    const text = await script.text();
    expect(text).toContain('navigator.credentials');
    expect(text).not.toMatch(/innerHTML|eval|document\.write|insertAdjacent/);
  });

  it('hear nobody but themselves, and not too often', async () => {
    const { post, handle, register, clock } = open();
    await register();
    const asked = { answer: 'approve' };
    expect((await post('/req_a/options', asked, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await post('/req_a/options', asked, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await post('/req_a/options', asked, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await post('/req_a/options', { answer: 'perhaps' })).status).toBe(400);
    for (const at of ['/other/options', '/req_a/elsewhere', '/req_a/options/more', '/register/elsewhere', ''])
      expect((await post(at, asked)).status, at).toBe(404);
    for (let sent = 0; sent < 60; sent += 1) await post('/req_a/options', asked);
    expect((await post('/req_a/options', asked)).status).toBe(429);
    clock.advance(minuteMs);
    expect((await post('/req_a/options', asked)).status).toBe(200);
    expect((await handle('/script.js')).status).toBe(200);
  });

  it('leave defects to the server', async () => {
    const { channel } = open();
    const inbox = { questions: async () => Promise.reject(new RangeError('x')) } as unknown as ApprovalInbox;
    const request = new Request(`${base}${path}/req_a`, {
      method: 'POST',
      headers: { origin: base, 'content-type': 'application/json' },
      body: '{}',
    });
    await expect(channel.handle?.(request, inbox)).rejects.toThrow(RangeError);
  });
});
