import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReply } from './read-reply.ts';

const owner = 'owner@example.com';
const plain = (body: string, headers = ''): string => `From: ${owner}\r\nSubject: Re: x\r\n${headers}\r\n${body}`;
const read = (mail: string | Buffer) => readReply(Buffer.from(mail as string));

describe('a mail', () => {
  it.each([
    ['a responder', 'Auto-Submitted: auto-replied\r\n'],
    ['a program', 'auto-submitted: auto-generated (x)\r\n'],
    ['a mass mail', 'Precedence: bulk\r\n'],
    ['a list', 'List-Id: <a.example.com>\r\n'],
  ])('is heard of nobody when %s wrote it', async (_name, header) => {
    expect((await read(plain('approve ABC234', header))).isAutomatic).toBe(true);
  });

  it.each([
    ['quoted', '> approve ABC234'],
    ['below the mark of a mail program', 'thanks!\r\n\r\n-----Original Message-----\r\napprove ABC234'],
    ['below the name of who wrote', 'ok\r\nOn Mon, 1 Jan 2030 at 10:00 Burgeon <b@x.example> wrote:\r\n\r\napprove ABC234'],
    ['below its Polish name', 'ok\r\nW dniu 1.01.2030 o 10:00, Burgeon pisze:\r\napprove ABC234'],
    ['below headers', 'ok\r\n________________________________\r\nFrom: b@x.example\r\napprove ABC234'],
    ['in a sentence', 'I will not approve ABC234 today'],
    ['with a NUL inside', 'approve ABC\x00234'],
    ['after ten thousand lines', `${'x\r\n'.repeat(10_000)}approve ABC234`],
  ])('has no answer: %s', async (_name, body) => {
    expect((await read(plain(body))).said).toBeUndefined();
  });

  it.each([
    ['only in HTML', plain('<p>approve ABC234</p>', 'Content-Type: text/html\r\n')],
    ['only in a mail inside', plain(`Content-Type: text/plain\r\n\r\napprove ABC234`, 'Content-Type: message/rfc822\r\n')],
    [
      'only in an attachment',
      plain(
        '--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\napprove ABC234\r\n--b--',
        'Content-Type: multipart/mixed; boundary=b\r\n',
      ),
    ],
    ['in another alphabet', plain('аpprove ABC234')],
    ['in a charset there is none of', plain('\x8a\xfe', 'Content-Type: text/plain; charset=x-none\r\n')],
  ])('has no answer %s', async (_name, mail) => {
    expect((await read(mail)).said).toBeUndefined();
  });
});

describe('a mail in another form', () => {
  const polish = Buffer.from('zatwierd\xbc ABC234', 'latin1');
  it.each<[string, string | Buffer]>([
    ['ISO 8859-2', Buffer.concat([Buffer.from(plain('', 'Content-Type: text/plain; charset=iso-8859-2\r\n')), polish])],
    [
      'Windows 1250',
      Buffer.concat([
        Buffer.from(plain('', 'Content-Type: text/plain; charset=windows-1250\r\n')),
        Buffer.from('zatwierd\x9f ABC234', 'latin1'),
      ]),
    ],
    [
      'base64',
      plain(polish.toString('base64'), 'Content-Type: text/plain; charset=iso-8859-2\r\nContent-Transfer-Encoding: base64\r\n'),
    ],
    [
      'quoted-printable',
      plain(
        'zatwierd=C5=BA =\r\nABC234',
        'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n',
      ),
    ],
    ['bare line feeds', plain('hello\n\nzatwierdź ABC234\n')],
    ['a name beside the address', plain('approve ABC234').replace(owner, `Zażółć <${owner.toUpperCase()}>`)],
  ])('is read: %s', async (_name, mail) => {
    expect(await read(mail)).toMatchObject({ from: owner, isAutomatic: false, said: { answer: 'approve', code: 'ABC234' } });
  });
});

describe('a mail that is a weapon', () => {
  const nested = (depth: number): string => {
    let mail = 'Content-Type: text/plain\r\n\r\napprove ABC234';
    for (let level = 0; level < depth; level += 1) {
      mail = `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n${mail}\r\n--b${level}--`;
    }
    return `From: ${owner}\r\n${mail}`;
  };
  it.each([
    ['parts within parts', nested(500), 'refused'],
    ['endless headers', `From: ${owner}\r\n${'X-A: b\r\n'.repeat(10_000)}\r\napprove ABC234`, 'refused'],
    ['one endless header', `From: ${'('.repeat(200_000)}\r\n\r\napprove ABC234`, 'refused'],
    ['thousands of parts', plain(`--b\r\n\r\nx\r\n`.repeat(20_000), 'Content-Type: multipart/mixed; boundary=b\r\n'), undefined],
    ['parts without an end', plain('--b'.repeat(60_000), 'Content-Type: multipart/mixed; boundary=b\r\n'), undefined],
    ['one endless line', plain('a '.repeat(100_000)), undefined],
    ['broken base64', plain('='.repeat(200_000), 'Content-Transfer-Encoding: base64\r\n'), undefined],
    ['entities', plain('&'.repeat(200_000), 'Content-Type: text/html\r\n'), undefined],
  ])('is taken apart within bounds: %s', async (_name, mail, answer) => {
    const reply = await read(mail).catch(() => 'refused');
    expect(typeof reply === 'string' ? reply : reply.said).toBe(answer);
  });

  it('may be anything at all', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        await readReply(bytes).catch(() => {});
      }),
    ));
});
