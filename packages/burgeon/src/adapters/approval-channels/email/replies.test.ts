import { approvalQuestion } from '@burgeon/kit/suites';
import { createTransport } from 'nodemailer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AskedQuestion, judgingInbox } from '../fixtures/judging-inbox.ts';
import { type Mailbox, startMailbox } from './fixtures/mailbox.ts';
import { openEmail, owner } from './fixtures/open-email.ts';

let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox();
});
afterAll(() => mailbox.close());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('a reply', () => {
  const asked = async (more: Parameters<typeof openEmail>[1] = {}) => {
    const opened = openEmail(() => mailbox, more);
    const list: AskedQuestion[] = [];
    const ask = async (request: string) => {
      const question = { ...approvalQuestion(request), fingerprint: request.padStart(8, '0') };
      list.push({ question, code: (await opened.channel.ask(question)).code });
      return opened.last();
    };
    const judged = judgingInbox(list);
    const listener = (await opened.channel.listen?.(judged.inbox)) as { port: number; close(): Promise<void> };
    const transport = createTransport({ host: '127.0.0.1', port: listener.port, ignoreTLS: true, pool: true, maxConnections: 1 });
    closing.push(async () => transport.close(), listener.close);
    const reply = (mail: object): Promise<unknown> =>
      transport.sendMail({ from: owner, to: 'approve@example.org', subject: 'Re: ', ...mail });
    return { ...opened, ...judged, list, ask, reply };
  };

  it('with the code approves, and the owner hears of it', async () => {
    const { ask, reply, said, code, last } = await asked();
    const mail = await ask('req_1');
    const text = `Approve ${code().toLowerCase()}\n\nOn Monday Burgeon wrote:\n${(mail?.text ?? '').replace(/^/gm, '> ')}`;
    await reply({ text, inReplyTo: mail?.messageId, subject: `Re: ${mail?.subject}` });
    expect(said).toEqual([['approve', 'req_1']]);
    expect(last()?.text).toBe('api/req_1 1.0.0\n\nConfirmed here. Another channel is asked now.\n');
    expect(mailbox.mails.at(-1)?.envelope).toEqual({ from: '', to: [owner] });
    expect(mailbox.mails.at(-1)?.raw).toMatch(/^auto-submitted: auto-replied\r$/im);
  });

  it.each([
    ['Polish in base64', { text: 'zatwierdź CODE', textEncoding: 'base64' }],
    ['Polish in quoted-printable', { text: 'zatwierdź CODE\n', textEncoding: 'quoted-printable' }],
    ['with HTML beside it', { text: 'approve CODE', html: '<p>reject CODE</p>' }],
    ['with a greeting above', { text: 'Hi,\n\n  approve  CODE.\n\nbye' }],
  ] as [string, { text: string }][])('is read: %s', async (_name, mail) => {
    const { ask, reply, said, code } = await asked();
    await ask('req_1');
    await reply({ ...mail, text: mail.text.replaceAll('CODE', code()) });
    expect(said).toEqual([['approve', 'req_1']]);
  });

  it('rejects with the code, in Polish', async () => {
    const { ask, reply, said, code, last } = await asked({ locale: 'pl' });
    await ask('req_1');
    await reply({ text: `ODRZUĆ ${code()}` });
    expect(said).toEqual([['reject', 'req_1']]);
    expect(last()?.text).toContain('Odrzucono ostatecznie.');
  });

  it('with a wrong code counts, and the owner hears how many tries are left', async () => {
    const { ask, reply, said, last } = await asked();
    await ask('req_1');
    await reply({ text: 'approve WRONG1' });
    expect(said).toEqual(['wrong']);
    expect(last()?.text).toContain('The code is not right. (4)');
  });

  it('finds its question by the mail it answers or by the fingerprint, and guesses at none', async () => {
    const { ask, reply, said, list, last } = await asked();
    const first = await ask('req_1');
    const second = await ask('req_2');
    const [one, two] = list.map(({ code }) => code);
    await reply({ text: `approve ${one}` });
    expect([said, last()?.text]).toEqual([[], expect.stringContaining('More than one question waits')]);
    await reply({ text: `approve ${one}`, inReplyTo: first?.messageId });
    await reply({ text: `approve ${two}`, subject: `AW: ${second?.subject}` });
    expect(said).toEqual([
      ['approve', 'req_1'],
      ['approve', 'req_2'],
    ]);
  });

  it('is told that nothing waits', async () => {
    const { reply, said, last } = await asked();
    await reply({ text: 'approve ABC123' });
    expect([said, last()?.text]).toEqual([[], expect.stringContaining('No question waits')]);
  });

  it('quoting all of the mail that asks answers nothing', async () => {
    const { ask, reply, said } = await asked();
    const mail = await ask('req_1');
    const bare = mail?.text ?? '';
    const wrapped = bare.replace(/(.{1,30})(?: |$)/gm, '$1\n');
    for (const text of [bare, wrapped, `ok\n\n${bare.replace(/^/gm, '> ')}`]) await reply({ text });
    await reply({ html: mail?.html });
    expect(said).toEqual([]);
  });

  it('without a listener set up takes nothing', async () => {
    const { channel } = openEmail(() => mailbox, { replies: false });
    const listener = await channel.listen?.(judgingInbox([]).inbox);
    await listener?.close();
    expect(listener).not.toHaveProperty('port');
  });

  it('that cannot be confirmed by mail counts all the same', async () => {
    const { ask, reply, said, code } = await asked();
    await ask('req_1');
    const right = code();
    await mailbox.close();
    await reply({ text: `approve ${right}` });
    expect(said).toEqual([['approve', 'req_1']]);
    mailbox = await startMailbox();
  });
});
