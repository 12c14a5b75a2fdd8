/** What strangers, and machines in the owner's name, may try at the port that takes replies. */
import { approvalQuestion } from '@burgeon/kit/suites';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from 'node:net';
import { once } from 'node:events';
import { manualClock } from '../../../base/clock.ts';
import { type AskedQuestion, judgingInbox } from '../fixtures/judging-inbox.ts';
import { say } from './fixtures/mailbox.ts';
import type { Outcome } from './mail.ts';
import { type ReplyListener, listenForReplies } from './replies.ts';

const owner = 'owner@example.com';
const asked: AskedQuestion[] = [{ question: approvalQuestion('req_1'), code: 'ABC234' }];
const { inbox, said } = judgingInbox(asked);
const told: Outcome[] = [];
const replies = { address: 'approve@example.org', port: 0, host: '127.0.0.1' };
const tell = async (outcome: Outcome) => void told.push(outcome);
const clock = manualClock(0);
const listen = (limits?: Parameters<typeof listenForReplies>[0]['limits'], more: { inbox?: typeof inbox } = {}) =>
  listenForReplies({ replies, owner, inbox, tell, clock, ...more, ...(limits === undefined ? {} : { limits }) });

let listener: ReplyListener;
beforeAll(async () => {
  listener = await listen();
});
afterAll(() => listener.close());
beforeEach(() => {
  said.length = 0;
  told.length = 0;
  clock.advance(60_000);
});

const envelope = (from = owner, to = replies.address): string =>
  `EHLO client\r\nMAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`;

const send = (mail: string | Buffer, start = envelope(), port = listener.port): Promise<string> =>
  say(port, Buffer.concat([Buffer.from(start), Buffer.from(mail), Buffer.from('\r\n.\r\nQUIT\r\n')]));

const plain = (body: string, headers = ''): string => `From: ${owner}\r\nSubject: Re: x\r\n${headers}\r\n${body}`;

describe('a stranger at the port', () => {
  it.each([
    ['a mail of another sender', envelope('thief@example.com'), /^550 /m],
    ['a mail of nobody, as bounces are', envelope(''), /^550 /m],
    ['a sender that only begins like the owner', envelope(`${owner}.evil.example`), /^550 /m],
    ['another recipient', envelope(owner, 'root@example.org'), /^550 /m],
    ['a second recipient', envelope().replace('DATA', `RCPT TO:<${replies.address}x>\r\nDATA`), /^(?:452|550) /m],
  ])('is refused %s', async (_name, start, answer) => {
    const heard = await send(plain('approve ABC234'), start.replace('DATA\r\n', ''));
    expect(heard).toMatch(answer);
    expect([said, told]).toEqual([[], []]);
  });

  it('is offered neither a login nor an encryption that would be none', async () => {
    const heard = await say(
      listener.port,
      'EHLO me\r\nAUTH PLAIN AHgAeA==\r\nSTARTTLS\r\nVRFY owner\r\nEXPN all\r\nHELP\r\nQUIT\r\n',
    );
    expect(heard).not.toMatch(/^250.(?:AUTH|STARTTLS)/m);
    expect(heard).not.toMatch(/^235 |220 (?!burgeon)/m);
  });

  it('cannot send too fast', async () => {
    const slow = await listen({ mailsPerMinute: 2 });
    const start = envelope().replace('DATA\r\n', '');
    const heard = await say(slow.port, `${start}RSET\r\n${start}RSET\r\n${start}QUIT\r\n`);
    await slow.close();
    expect(heard.match(/^451 Too many mails/gm)).toHaveLength(1);
  });

  it('cannot stay for ever, nor come in crowds', async () => {
    const small = await listen({ connections: 1, connectionMs: 250 });
    const first = connect(small.port, '127.0.0.1');
    await once(first, 'data');
    expect(await say(small.port, 'QUIT\r\n')).toMatch(/^421 /m);
    await once(first, 'close');
    await small.close();
  });
});

describe('a mail that lies', () => {
  it.each([
    ['another From than its sender', plain('approve ABC234').replace(owner, 'thief@example.com')],
    ['two From', `From: ${owner}\r\n${plain('approve ABC234')}`],
    ['two addresses in From', plain('approve ABC234').replace(owner, `${owner}, thief@example.com`)],
    ['the owner only as a name', plain('approve ABC234').replace(owner, `"${owner}" <thief@example.com>`)],
    ['no From', plain('approve ABC234').replace(/^From.*\r\n/, '')],
    ['an empty mail', ''],
    ['NUL bytes for headers', '\0\0\0\0'],
  ])('%s', async (_name, mail) => {
    expect(await send(mail)).toMatch(/^550 This address/m);
    expect([said, told]).toEqual([[], []]);
  });

  it('is heard of nobody when a program wrote it', async () => {
    expect(await send(plain('approve ABC234', 'Auto-Submitted: auto-replied\r\n'))).toMatch(/^250 Taken/m);
    expect([said, told]).toEqual([[], []]);
  });

  it('has no answer in what it quotes, and the owner is told', async () => {
    expect(await send(plain('> approve ABC234'))).toMatch(/^250 Taken/m);
    expect([said, told]).toEqual([[], [{ kind: 'unread' }]]);
  });
});

describe('a mail that is a weapon', () => {
  it('too large is refused, told or not, and kept nowhere', async () => {
    expect(await send('', `EHLO x\r\nMAIL FROM:<${owner}> SIZE=99999999\r\n`)).toMatch(/^552 /m);
    const big = plain(`approve ABC234\r\n${'x'.repeat(1_000)}\r\n`.repeat(400));
    expect(await send(big)).toMatch(/^552 /m);
    expect([said, told]).toEqual([[], []]);
  });

  it('cannot smuggle a second mail behind an end that is none', async () => {
    for (const end of ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r']) {
      const inner = `${end}MAIL FROM:<${owner}>\r\nRCPT TO:<${replies.address}>\r\nDATA\r\n${plain('approve ABC234')}`;
      const heard = await send(`${plain('hello')}${inner}`);
      expect(heard.match(/^250 Taken/gm), JSON.stringify(end)).toHaveLength(1);
    }
    expect(said).toEqual([]);
  });

  it('is refused, and the listener still listens', async () => {
    const deep = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'.repeat(500);
    expect(await send(`From: ${owner}\r\n${deep}`)).toMatch(/^(?:250|554) /m);
    expect(await send(`From: ${owner}\r\n${'X-A: b\r\n'.repeat(10_000)}\r\napprove ABC234`)).toMatch(/^554 /m);
    expect(said).toEqual([]);
    expect(await send(plain('approve ABC234'))).toMatch(/^250 Taken/m);
    expect(said).toEqual([['approve', 'req_1']]);
  });

  it('breaks off in the middle, and nothing is heard of it', async () => {
    const socket = connect(listener.port, '127.0.0.1');
    await once(socket, 'data');
    socket.write(`${envelope()}${plain('approve ABC234')}`);
    await once(socket, 'data');
    socket.destroy();
    expect(await send(plain('hello'))).toMatch(/^250 Taken/m);
    expect(said).toEqual([]);
  });
});

describe('when something fails here', () => {
  it('the other server shall try again', async () => {
    const broken = { ...inbox, approve: async () => Promise.reject(new TypeError('disk /secret')) };
    const other = await listen(undefined, { inbox: broken });
    const heard = await send(plain('approve ABC234'), envelope(), other.port);
    expect(heard).toMatch(/^451 Not now/m);
    expect(heard).not.toContain('disk');
    await other.close();
  });

  it('a port that is taken, or an address that is none of ours, is said', async () => {
    const taken = { ...replies, port: listener.port };
    await expect(listenForReplies({ replies: taken, owner, inbox, tell, clock })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const foreign = { ...replies, host: '203.0.113.1' };
    await expect(listenForReplies({ replies: foreign, owner, inbox, tell, clock })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
