import { approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { judgingInbox } from '../fixtures/judging-inbox.ts';
import { answerLink, linksTable } from './confirm-page.ts';
import { newLinkToken, openCode, sealCode } from './sealed-code.ts';

const pages = 'http://127.0.0.1:4600';

describe('a link', () => {
  const asked = async (locale: 'en' | 'pl' = 'en') => {
    const store = memoryStore();
    const question = approvalQuestion('req_1');
    const list = [{ question, code: 'ABC234' }];
    /** What the channel does when it asks: a code, sealed by the token of a fresh link. */
    const mail = async (code: string) => {
      const token = newLinkToken();
      await store.transact([
        { kind: 'put', table: linksTable, id: question.request, value: { sealed: sealCode(token, question, code) } },
      ]);
      return `${pages}/approve/email/req_1?t=${token}`;
    };
    return { store, question, code: 'ABC234', list, locale, mail, ...judgingInbox(list), link: await mail('ABC234') };
  };
  type Asked = Awaited<ReturnType<typeof asked>>;
  const handle = (page: Asked, url: string, init: RequestInit = {}): Promise<Response> =>
    answerLink(new Request(url, init), page);
  const post = (to: Asked, fields: Record<string, string>, url = to.link.split('?')[0] ?? '') =>
    handle(to, url, { method: 'POST', body: new URLSearchParams(fields) });
  const tokenOf = ({ link }: Asked): string => new URL(link).searchParams.get('t') ?? '';

  it('shows the question, and its button approves once', async () => {
    const one = await asked();
    const page = await handle(one, one.link);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain('Call api.example.com');
    expect(text).not.toContain(one.code);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    // What a browser sends when the button is pressed.
    const [, action = ''] = /action="([^"]+)"/.exec(text) ?? [];
    const [, token = ''] = /name="t" value="([^"]+)"/.exec(text) ?? [];
    const done = await post(one, { t: token, answer: 'approve' }, `${pages}${action}`);
    expect([done.status, one.said]).toEqual([200, [['approve', 'req_1']]]);
    const again = await post(one, { t: token, answer: 'approve' });
    expect([again.status, one.said.length]).toEqual([404, 1]);
    expect((await handle(one, one.link)).status).toBe(404);
  });

  it('rejects by its other button', async () => {
    const one = await asked('pl');
    const done = await post(one, { t: tokenOf(one), answer: 'reject' });
    expect(await done.text()).toContain('Odrzucono ostatecznie');
    expect(one.said).toEqual([['reject', 'req_1']]);
  });

  it('approves nothing when it is only fetched, however often', async () => {
    const one = await asked();
    for (let count = 0; count < 100; count += 1) {
      await handle(one, one.link);
      await handle(one, one.link, { method: 'HEAD' });
      await handle(one, `${one.link}&answer=approve`);
      for (const method of ['PUT', 'DELETE', 'OPTIONS']) await handle(one, one.link, { method });
    }
    expect(one.said).toEqual([]);
    expect(await (await handle(one, one.link, { method: 'HEAD' })).text()).toBe('');
    expect((await handle(one, one.link, { method: 'PUT' })).status).toBe(405);
    expect((await post(one, { t: tokenOf(one), answer: 'approve' })).status).toBe(200);
  });

  it('takes one of two answers that come at once', async () => {
    const one = await asked();
    const fields = { t: tokenOf(one) };
    const answers = await Promise.all([post(one, { ...fields, answer: 'approve' }), post(one, { ...fields, answer: 'reject' })]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 404]);
    expect(one.said).toHaveLength(1);
  });

  it.each<[string, (one: Asked) => Promise<Response>]>([
    ['another token', (one) => post(one, { t: 'A'.repeat(22), answer: 'approve' })],
    ['no token', (one) => post(one, { answer: 'approve' })],
    ['a token in the address only', (one) => post(one, { answer: 'approve' }, one.link)],
    ['a huge token', (one) => post(one, { t: 'A'.repeat(10_000), answer: 'approve' })],
    ['another request', (one) => post(one, { t: tokenOf(one), answer: 'approve' }, `${pages}/approve/email/req_2`)],
    ['no request', (one) => post(one, { t: tokenOf(one), answer: 'approve' }, `${pages}/approve/email/`)],
    ['a longer path', (one) => post(one, { t: tokenOf(one), answer: 'approve' }, `${pages}/approve/email/req_1/x`)],
    ['no answer', (one) => post(one, { t: tokenOf(one) })],
    ['another answer', (one) => post(one, { t: tokenOf(one), answer: 'yes' })],
  ])('answers nothing for %s', async (_name, send) => {
    const one = await asked();
    expect((await send(one)).status).toBe(404);
    expect(one.said).toEqual([]);
    expect((await handle(one, one.link)).status).toBe(200);
  });

  it.each<[string, RequestInit]>([
    ['JSON', { body: '{"answer":"approve"}', headers: { 'content-type': 'application/json' } }],
    ['text', { body: 'answer=approve' }],
    ['too much', { body: new URLSearchParams({ t: 'x'.repeat(70_000) }) }],
  ])('takes no %s', async (_name, init) => {
    const one = await asked();
    expect((await handle(one, one.link, { method: 'POST', ...init })).status).toBe(400);
    expect(one.said).toEqual([]);
  });

  it('is void after a newer mail, for other bytes, and once the question is closed', async () => {
    const one = await asked();
    const fresh = { ...one, link: await one.mail('XYZ234') };
    expect((await post(one, { t: tokenOf(one), answer: 'approve' })).status).toBe(404);
    one.list[0] = { question: { ...one.question, digest: 'f'.repeat(64) }, code: 'XYZ234' };
    expect((await handle(fresh, fresh.link)).status).toBe(404);
    one.list[0] = { question: one.question, code: 'XYZ234' };
    expect((await handle(fresh, fresh.link)).status).toBe(200);
    one.list.length = 0;
    expect((await handle(fresh, fresh.link)).status).toBe(404);
    expect(one.said).toEqual([]);
  });

  it('says why an answer was not taken, and nothing of what broke', async () => {
    const one = await asked();
    one.list[0] = { question: one.question, code: 'OTHER1' };
    const refused = await post(one, { t: tokenOf(one), answer: 'approve' });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('The code is not right.')]);
    const two = await asked();
    const inbox = { ...two.inbox, approve: async () => Promise.reject(new TypeError('disk /home/x')) };
    const broken = await post({ ...two, inbox }, { t: tokenOf(two), answer: 'approve' });
    expect([broken.status, await broken.text()]).toEqual([500, expect.not.stringContaining('/home/x')]);
    const three = await asked();
    const store = { ...three.store, transact: async () => Promise.reject(new TypeError('disk')) };
    expect((await post({ ...three, store }, { t: tokenOf(three), answer: 'approve' })).status).toBe(500);
    expect(three.said).toEqual([]);
  });

  it('leaves neither code nor token in the store', async () => {
    const one = await asked();
    const kept = JSON.stringify(await one.store.list(linksTable));
    expect(kept).not.toContain(one.code);
    expect(kept).not.toContain(tokenOf(one));
  });
});

describe('a sealed code', () => {
  const to = approvalQuestion('req_1');
  const token = newLinkToken();
  const sealed = sealCode(token, to, 'ABC234');

  it('opens by its token for what it is bound to', () => {
    expect(openCode(token, to, sealed)).toBe('ABC234');
    expect(sealCode(token, to, 'ABC234')).not.toBe(sealed);
    expect(token).toMatch(/^[\w-]{22}$/);
  });

  it.each<[string, () => string | undefined]>([
    ['another token', () => openCode(newLinkToken(), to, sealed)],
    ['no token', () => openCode('', to, sealed)],
    ['another request', () => openCode(token, { ...to, request: 'req_2' }, sealed)],
    ['other bytes', () => openCode(token, { ...to, digest: 'f'.repeat(64) }, sealed)],
    ['other powers', () => openCode(token, { ...to, capabilitiesDigest: 'f'.repeat(64) }, sealed)],
    ['a change', () => openCode(token, to, `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`)],
    ['a cut', () => openCode(token, to, sealed.slice(0, -4))],
    ['next to nothing', () => openCode(token, to, 'AAAA')],
  ])('stays closed for %s', (_name, open) => {
    expect(open()).toBeUndefined();
  });
});
