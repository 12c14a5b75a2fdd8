/** Approval from end to end: a module, two channels of which one is a mailbox, and everything that must not lead to its activation. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@burgeon/kit';
import { createTransport } from 'nodemailer';
import { Secret, TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Mailbox, startMailbox } from '../packages/burgeon/src/adapters/approval-channels/email/fixtures/mailbox.ts';
import type { ApprovalRequest } from '../packages/burgeon/src/approval/request.ts';
import { runAs } from '../packages/burgeon/src/base/actor.ts';
import { manualClock } from '../packages/burgeon/src/base/clock.ts';
import { type Burgeon, createBurgeon } from '../packages/burgeon/src/burgeon.ts';
import { failure } from './open-burgeon.ts';

const day = 24 * 60 * 60 * 1_000;
const owner = 'owner@example.com';
const replyTo = 'approve@example.org';

let mailbox: Mailbox;
let root = '';
let home = '';
let homes = 0;
let burgeon: Burgeon;
let clock: ReturnType<typeof manualClock>;
let totp: TOTP;
let replyPort = 0;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const manage = async (operation: string, input: JsonObject = {}): Promise<JsonObject> =>
  (await burgeon.management.call(operation, input)).output as JsonObject;

const description = (operations: string[]): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Clock', version: '1' },
    servers: [{ url: 'https://clock.example' }],
    paths: Object.fromEntries(
      operations.map((id) => [`/${id}`, { get: { operationId: id, responses: { '200': { description: 'ok' } } } }]),
    ),
  });

const add = async (operations: string[] = ['now']): Promise<ApprovalRequest> =>
  (await manage('addModule', { what: 'clock.json', text: description(operations) }))['request'] as unknown as ApprovalRequest;

const state = async (): Promise<JsonValue | undefined> =>
  (await manage('showModule', { namespace: 'api', name: 'clock' }))['state'];

const token = (): string => totp.generate({ timestamp: clock.now() });
const mailed = (): string => mailbox.mails.at(-1)?.mail.text ?? '';
const code = (): string => /(?:Code|Kod): (\w{6})/.exec(mailed())?.[1] ?? '';
const link = (): string => /http:\S+/.exec(mailed())?.[0] ?? '';

const answer = async (request: string, given: JsonObject): Promise<ApprovalRequest> =>
  (await manage('approve', { request, ...given }))['request'] as unknown as ApprovalRequest;

const kinds = async (): Promise<string[]> =>
  ((await manage('listAudit')) as unknown as { kind: string }[]).map(({ kind }) => kind.replace('approval.', ''));

const open = async (locale: 'en' | 'pl' = 'en'): Promise<void> => {
  burgeon = await createBurgeon({ home, threads: false, clock, locale });
};

beforeAll(async () => {
  mailbox = await startMailbox();
  root = mkdtempSync(join(tmpdir(), 'burgeon-approval-'));
});

afterAll(async () => {
  await mailbox.close();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(async () => {
  home = join(root, String((homes += 1)));
  clock = manualClock(Date.parse('2026-06-01T12:00:00Z'));
  mailbox.mails.length = 0;
  replyPort = await freePort();
  await open();
  const made = await burgeon.init({ policy: 'two-channels', totp: true });
  totp = new TOTP({ secret: Secret.fromBase32(made.totp?.secret ?? '') });
  const smtp = `smtp://127.0.0.1:${mailbox.port}`;
  await manage('setChannel', { name: 'email', settings: { to: owner, from: 'burgeon@example.org', smtp, replyTo, replyPort } });
  await burgeon.close();
  await open();
});

afterEach(() => burgeon.close());

/** The request by mail first: the terminal, which is always ready, waits behind it. */
const ask = async (): Promise<string> => {
  const { id } = await add();
  await answer(id, { channel: 'email' });
  return id;
};

describe('a module that nobody approved', () => {
  it('is called by nobody, and by everybody right after the second channel', async () => {
    const id = await ask();
    expect(mailed()).toContain("New module 'api/clock' wants to:\n- Call clock.example");
    expect((await failure(burgeon.catalogue.call('clock.now', {}))).code).toBe('APPROVAL_PENDING');
    expect(await answer(id, { code: code(), channel: 'email' })).toMatchObject({ state: 'half' });
    expect((await failure(burgeon.catalogue.call('clock.now', {}))).code).toBe('APPROVAL_PENDING');
    expect(await answer(id, { code: token(), channel: 'totp' })).toMatchObject({ state: 'approved' });
    expect(await state()).toBe('active');
    expect((await failure(burgeon.catalogue.call('clock.now', {}))).code).not.toBe('APPROVAL_PENDING');
    expect(await kinds()).toContain('module.activated');
  });

  it('is approved by a reply to the mail, over a real mail server, in the language of the owner', async () => {
    await burgeon.close();
    await open('pl');
    const listening = await burgeon.approvals.listen();
    const id = await ask();
    expect(mailed()).toContain("Nowy moduł 'api/clock' chce:");
    const post = createTransport({ host: '127.0.0.1', port: replyPort, secure: false, ignoreTLS: true });
    const reply = (text: string): Promise<unknown> =>
      post.sendMail({
        from: owner,
        to: replyTo,
        subject: 'Re: Burgeon',
        text: `${text}\n\n> ${mailed().replaceAll('\n', '\n> ')}`,
      });
    const given = code();
    await reply(`  Zatwierdź ${given.slice(0, 3).toLowerCase()} ${given.slice(3)} `);
    await expect.poll(async () => (await manage('showApproval', { request: id }))['state'] as string).toBe('half');
    const shown = (await manage('showApproval', { request: id })) as unknown as ApprovalRequest;
    expect(shown.receipts).toMatchObject([{ channel: 'email', class: 'mail' }]);
    expect(await answer(id, { code: token(), channel: 'totp' })).toMatchObject({ state: 'approved' });
    const audit = (await manage('listAudit')) as unknown as { kind: string; actor: JsonObject }[];
    expect(audit.find(({ kind }) => kind === 'approval.confirmed')?.actor).toEqual({ kind: 'channel', id: 'email' });
    post.close();
    await listening.close();
  });
});

describe('what does not lead to an activation, and is in the record', () => {
  const refused = async (work: Promise<unknown>, expected: string, left = 'pending'): Promise<void> => {
    expect((await failure(work)).code).toBe(expected);
    expect(await state()).toBe(left);
    expect((await failure(burgeon.catalogue.call('clock.now', {}))).code).toMatch(/APPROVAL_/);
  };

  it('one channel twice', async () => {
    const id = await ask();
    const given = code();
    await answer(id, { code: given, channel: 'email' });
    await refused(answer(id, { code: given, channel: 'email' }), 'APPROVAL_CODE_INVALID');
    expect(await kinds()).toContain('code-again');
    expect((await answer(id, { channel: 'email' })).state).toBe('half');
    expect(await state()).toBe('pending');
    expect((await kinds()).filter((kind) => kind === 'confirmed')).toHaveLength(1);
  });

  it("a code that was used, or is another module's", async () => {
    const id = await ask();
    const old = code();
    await answer(id, { channel: 'email' });
    await refused(answer(id, { code: old, channel: 'email' }), 'APPROVAL_CODE_INVALID');
    const used = token();
    await answer(id, { code: code(), channel: 'email' });
    await answer(id, { code: used, channel: 'totp' });
    expect(await state()).toBe('active');
    const second = await add(['now', 'later']);
    await failure(answer(second.id, { code: used, channel: 'totp' }));
    expect((await manage('showApproval', { request: second.id }))['state']).toBe('pending');
    expect(await kinds()).toContain('code-wrong');
  });

  it('ten wrong codes', async () => {
    const id = await ask();
    const codes: string[] = [];
    for (let n = 0; n < 10; n += 1) codes.push((await failure(answer(id, { code: 'WRONG2', channel: 'email' }))).code);
    expect(codes).toEqual([...Array<string>(5).fill('APPROVAL_CODE_INVALID'), ...Array<string>(5).fill('APPROVAL_CLOSED')]);
    await refused(answer(id, { code: code(), channel: 'email' }), 'APPROVAL_CLOSED', 'rejected');
    expect((await kinds()).filter((kind) => kind === 'code-wrong')).toHaveLength(5);
    expect(await kinds()).toContain('rejected');
  });

  it('a bundle that changed after it was asked about', async () => {
    const id = await ask();
    const given = code();
    await add(['now', 'later']);
    expect((await failure(answer(id, { code: given, channel: 'email' }))).code).toBe('APPROVAL_CLOSED');
    expect(await kinds()).toContain('superseded');
    expect(await state()).toBe('pending');
  });

  it('a link that something fetches, however often', async () => {
    burgeon.servedAt('http://127.0.0.1:4600');
    const id = await ask();
    const page = link();
    for (const method of ['GET', 'HEAD', 'GET', 'OPTIONS', 'GET'])
      await burgeon.approvals.handle('email', new Request(page, { method, headers: { 'user-agent': 'scanner' } }));
    expect(((await manage('showApproval', { request: id })) as unknown as ApprovalRequest).receipts).toEqual([]);
    const shown = await burgeon.approvals.handle('email', new Request(page));
    expect(await shown?.text()).toContain('clock.example');
  });

  it.each([
    ['24 hours and a second', () => clock.advance(day + 1_000)],
    ['24 hours, with the clock set back', () => (clock.advance(day), clock.set(Date.parse('2026-05-01T00:00:00Z')))],
  ])('an answer after %s', async (_, pass) => {
    const id = await ask();
    const given = code();
    pass();
    await refused(answer(id, { code: given, channel: 'email' }), 'APPROVAL_CLOSED', 'rejected');
    expect(await kinds()).toContain('expired');
  });

  it('a rejection after the first channel confirmed', async () => {
    const id = await ask();
    await answer(id, { code: code(), channel: 'email' });
    await manage('reject', { request: id, why: 'on second thoughts' });
    expect((await failure(answer(id, { code: token(), channel: 'totp' }))).code).toBe('APPROVAL_CLOSED');
    expect(await state()).toBe('rejected');
    expect(await kinds()).toContain('rejected');
  });

  it('whoever asked for it, over a key of the API', async () => {
    const key = { kind: 'key', id: 'key_1' } as const;
    const { id } = await runAs(key, () => add());
    await answer(id, { channel: 'email' });
    await runAs(key, () => refused(answer(id, { code: code(), channel: 'email' }), 'FORBIDDEN'));
    expect(await kinds()).toContain('self-refused');
  });
});

it('what nobody answers is rejected when its time is up', async () => {
  const id = await ask();
  clock.advance(day + 1);
  expect((await manage('showApproval', { request: id }))['state']).toBe('expired');
});
