import { type ApprovalInbox, type ApprovalQuestion, BurgeonError } from '@burgeon/kit';
import { approvalChannelSuite, approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../base/clock.ts';
import { web } from './index.ts';

const base = 'http://127.0.0.1:4600';
const path = '/approve/web';
const minuteMs = 60_000;

/** A channel with keys `key-ada` and `key-bob` that may approve, and an inbox that lets the channel itself judge. */
const open = (options: { locale?: 'en' | 'pl'; pages?: string | undefined; questions?: ApprovalQuestion[] } = {}) => {
  const clock = manualClock(0);
  const keys = new Map(['ada', 'bob'].map((id) => [`key-${id}`, { id }]));
  let written = '';
  const channel = web.open({
    clock,
    store: memoryStore(clock),
    write: (text) => void (written += text),
    secret: async () => undefined,
    pages: async () => ('pages' in options ? options.pages : base),
    approver: async (token) => keys.get(token),
    ...(options.locale ? { locale: options.locale } : {}),
  });
  const questions = options.questions ?? [approvalQuestion('req_a'), approvalQuestion('req_b')];
  const answers: unknown[] = [];
  const judge = async (answer: { request: string; proof: string; by?: string }, said: string): Promise<void> => {
    const question = questions.find(({ request }) => request === answer.request);
    if (!question || (await channel.verify?.(question, answer.proof)) !== true)
      throw new BurgeonError('APPROVAL_CODE_INVALID', { message: 'No.', hint: 'Try.' });
    answers.push({ said, request: answer.request, by: answer.by });
  };
  const inbox: ApprovalInbox = {
    questions: async () => questions,
    approve: async (answer) => {
      await judge(answer, 'yes');
      return 'half';
    },
    reject: (answer) => judge(answer, 'no'),
  };
  const handle = async (at: string, init: RequestInit = {}, through = inbox): Promise<Response> =>
    (await channel.handle?.(new Request(base + path + at, init), through)) ?? expect.unreachable();
  const post = (at: string, fields: Record<string, string>, headers: Record<string, string> = {}, through = inbox) =>
    handle(at, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: base, ...headers } }, through);
  const signIn = async (key = 'key-ada', headers = {}): Promise<string> =>
    ((await post('', { key }, headers)).headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const get = (at: string, cookie = '') => handle(at, { headers: { cookie } });
  /** The fields of the form of a request as a signed-in browser sees it. */
  const fieldsOf = async (at: string, cookie: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      [...(await (await get(at, cookie)).text()).matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
        ([, name, value]) => [name, value],
      ),
    );
  return { channel, clock, keys, answers, inbox, handle, post, signIn, get, fieldsOf, written: () => written };
};

/** The proof as it is while an answer is under way. */
const proofOnTheWay = ({ post, fieldsOf, signIn, inbox }: ReturnType<typeof open>, request: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const waiting: ApprovalInbox = {
      ...inbox,
      approve: ({ proof }) => {
        resolve(proof);
        return new Promise(() => {});
      },
    };
    const send = async (): Promise<void> => {
      const cookie = await signIn();
      await post(`/${request}`, { ...(await fieldsOf(`/${request}`, cookie)), answer: 'approve' }, { cookie }, waiting);
    };
    send().catch(reject);
  });

approvalChannelSuite(
  { describe, it, expect },
  {
    name: 'web',
    open: async () => {
      const opened = open({ questions: [approvalQuestion('a'), approvalQuestion('b')] });
      return {
        channel: opened.channel,
        answer: () => proofOnTheWay(opened, 'a'),
        page: async () => opened.written().trim().split(' ').at(-1) ?? '',
      };
    },
  },
);

describe('the web channel', () => {
  it('says on the terminal where to answer, and no code', async () => {
    const { channel, written } = open();
    expect(await channel.ask(approvalQuestion('req_a'))).toEqual({});
    expect(written()).toBe(`Read and answer here: ${base}${path}/req_a\n`);
  });

  it('is not ready while no server runs', async () => {
    const { channel } = open({ pages: undefined });
    expect(await channel.ready()).toBe(false);
    await expect(channel.ask(approvalQuestion('a'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.stringMatching(/serve/) as string,
    });
  });

  it.each([
    ['en', 'Sign in to approve', 'Approve', 'Half done'],
    ['pl', 'Zaloguj się', 'Zatwierdź', 'Połowa za nami'],
  ] as const)('goes from signing in to an answer: %s', async (locale, signInText, approveText, halfText) => {
    const { get, post, signIn, fieldsOf, answers } = open({ locale });
    const first = await get('/req_a');
    expect([first.status, await first.text()]).toEqual([401, expect.stringContaining(signInText)]);
    const entered = await post('/req_a', { key: 'key-ada' });
    expect([entered.status, entered.headers.get('location')]).toEqual([303, `${path}/req_a`]);
    expect(entered.headers.get('set-cookie')).toMatch(
      /^burgeon-approve=[\w-]{43}; Path=\/approve\/web; HttpOnly; SameSite=Strict$/,
    );
    const cookie = await signIn();
    const shown = await (await get('/req_a', cookie)).text();
    for (const part of [approvalQuestion('req_a').request, 'Call api.example.com', '0123abcd', approveText])
      expect(shown).toContain(part);
    const done = await post('/req_a', { ...(await fieldsOf('/req_a', cookie)), answer: 'approve' }, { cookie });
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining(halfText)]);
    expect(answers).toEqual([{ said: 'yes', request: 'req_a', by: 'ada' }]);
  });

  it('lists what waits, and says when nothing does', async () => {
    const some = open();
    const list = await (await some.get('', await some.signIn())).text();
    for (const part of ['/approve/web/req_a', '/approve/web/req_b', 'ada']) expect(list).toContain(part);
    const none = open({ questions: [] });
    expect(await (await none.get('/', await none.signIn())).text()).toContain('Nothing waits');
  });

  it('takes a no', async () => {
    const { post, signIn, fieldsOf, answers } = open();
    const cookie = await signIn('key-bob');
    const response = await post('/req_b', { ...(await fieldsOf('/req_b', cookie)), answer: 'reject' }, { cookie });
    expect(await response.text()).toContain('Rejected');
    expect(answers).toEqual([{ said: 'no', request: 'req_b', by: 'bob' }]);
  });

  it('approves by no GET, whatever stands in it', async () => {
    const { get, handle, signIn, fieldsOf, answers } = open();
    const cookie = await signIn();
    const query = new URLSearchParams({ ...(await fieldsOf('/req_a', cookie)), answer: 'approve' }).toString();
    for (const headers of [{}, { 'sec-purpose': 'prefetch' }, { origin: base }])
      expect((await handle(`/req_a?${query}`, { headers: { cookie, ...headers } })).status).toBe(200);
    expect((await get(`/req_a/approve?${query}`, cookie)).status).toBe(404);
    expect((await handle(`/req_a?${query}`, { method: 'HEAD', headers: { cookie } })).status).toBe(200);
    expect((await handle('/req_a', { method: 'PUT', headers: { cookie } })).status).toBe(405);
    expect(answers).toEqual([]);
  });

  it('takes a form from nobody but its own page and session', async () => {
    const { post, signIn, fieldsOf, answers } = open();
    const [ada, bob] = [await signIn(), await signIn('key-bob')];
    const fields = { ...(await fieldsOf('/req_a', ada)), answer: 'approve' };
    const status = async (more: Record<string, string>, headers: Record<string, string>): Promise<number> =>
      (await post('/req_a', { ...fields, ...more }, { cookie: ada, ...headers })).status;
    expect(await status({}, { origin: 'http://evil.example' })).toBe(403);
    expect(await status({}, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ form: '' }, {})).toBe(403);
    expect(await status({}, { cookie: bob })).toBe(403);
    expect(await status({}, { cookie: '' })).toBe(401);
    expect(await status({ digest: 'f'.repeat(64) }, {})).toBe(409);
    expect(await status({ capabilities: 'f'.repeat(64) }, {})).toBe(409);
    expect(await status({ answer: 'perhaps' }, {})).toBe(400);
    expect((await post('/other', fields, { cookie: ada })).status).toBe(404);
    expect(answers).toEqual([]);
  });

  it('shows what the gateway says', async () => {
    const { post, signIn, fieldsOf, inbox } = open();
    const cookie = await signIn();
    const fields = { ...(await fieldsOf('/req_a', cookie)), answer: 'approve' };
    const failing = (error: Error): ApprovalInbox => ({ ...inbox, approve: async () => Promise.reject(error) });
    const closed = new BurgeonError('APPROVAL_CLOSED', { message: 'It is <closed>.' });
    const response = await post('/req_a', fields, { cookie }, failing(closed));
    expect([response.status, await response.text()]).toEqual([409, expect.stringContaining('It is &lt;closed&gt;.')]);
    await expect(post('/req_a', fields, { cookie }, failing(new RangeError('x')))).rejects.toThrow(RangeError);
  });

  it('judges nothing that was typed elsewhere', async () => {
    const { channel } = open();
    for (const proof of ['', '123456', 'key-ada', 'x'.repeat(43)])
      expect(await channel.verify?.(approvalQuestion('req_a'), proof)).toBe(false);
  });

  it('takes a proof for the very bundle and capabilities that were read', async () => {
    const opened = open();
    const proof = await proofOnTheWay(opened, 'req_a');
    const question = approvalQuestion('req_a');
    const other = 'f'.repeat(64);
    for (const wrong of [{ digest: other }, { capabilitiesDigest: other }, { request: 'req_b' }])
      expect(await opened.channel.verify?.({ ...question, ...wrong }, proof)).toBe(false);
    expect(await opened.channel.verify?.(question, proof)).toBe(true);
  });
});

describe('signing in', () => {
  it('needs a key that may approve, and lets five be tried in a minute', async () => {
    const { post, clock } = open();
    for (let tried = 0; tried < 5; tried += 1) {
      const response = await post('', { key: `guess-${tried}` });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null]);
      expect(await response.text()).toContain('may not approve');
    }
    const limited = await post('', { key: 'key-ada' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60']);
    clock.advance(minuteMs);
    expect((await post('/sign-out', { key: 'key-ada' })).headers.get('location')).toBe(path);
  });

  it('ends after 15 minutes away and after 8 hours at the latest', async () => {
    const { get, signIn, clock } = open();
    const cookie = await signIn();
    for (let away = 0; away < 34; away += 1) {
      clock.advance(14 * minuteMs);
      expect((await get('', cookie)).status).toBe(200);
    }
    clock.advance(5 * minuteMs);
    expect((await get('', cookie)).status).toBe(401);
    const second = await signIn();
    clock.advance(15 * minuteMs);
    expect((await get('', second)).status).toBe(401);
    const third = await signIn();
    clock.set(0);
    expect((await get('', third)).status).toBe(401);
  });

  it('ends with the key, at once', async () => {
    const { get, post, signIn, fieldsOf, keys, answers } = open();
    const cookie = await signIn();
    const fields = { ...(await fieldsOf('/req_a', cookie)), answer: 'approve' };
    keys.delete('key-ada');
    expect((await post('/req_a', fields, { cookie })).status).toBe(401);
    keys.set('key-ada', { id: 'ada' });
    expect((await get('', cookie)).status).toBe(401);
    expect(answers).toEqual([]);
  });

  it('ends with signing out', async () => {
    const { get, post, signIn, fieldsOf } = open();
    const cookie = await signIn();
    const out = await post('/sign-out', await fieldsOf('', cookie), { cookie });
    expect(out.headers.get('set-cookie')).toBe('burgeon-approve=; Path=/approve/web; HttpOnly; SameSite=Strict; Max-Age=0');
    expect((await get('', cookie)).status).toBe(401);
  });

  it('keeps to this host and to https where there is https', async () => {
    const { get, signIn } = open();
    const cookie = await signIn('key-ada', { origin: base.replace('http', 'https') });
    expect(cookie).toMatch(/^__Host-burgeon-approve=/);
    expect((await get('', `a=b; ${cookie}; c=d`)).status).toBe(200);
    expect((await get('', cookie.replace('__Host-', ''))).status).toBe(401);
  });

  it('keeps 64 browsers, the latest ones', async () => {
    const { get, signIn, clock } = open();
    const cookies: string[] = [];
    for (let signed = 0; signed < 65; signed += 1) {
      clock.advance(12_500);
      cookies.push(await signIn());
    }
    expect(await Promise.all([0, 1, 64].map(async (at) => (await get('', cookies[at])).status))).toEqual([401, 200, 200]);
  });
});
