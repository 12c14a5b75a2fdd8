import { approvalChannelSuite, approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { type Mailbox, startMailbox } from './fixtures/mailbox.ts';
import { openEmail, owner } from './fixtures/open-email.ts';
import { email } from './index.ts';

let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox();
});
afterAll(() => mailbox.close());

const open = (more?: Parameters<typeof openEmail>[1]) => openEmail(() => mailbox, more);

approvalChannelSuite(
  { describe, it, expect },
  {
    name: 'email',
    open: async () => {
      const { channel, code, last, link } = open();
      return { channel, answer: async () => code(), shown: () => last()?.text ?? '', page: async () => link() };
    },
  },
);

describe('the mail that asks', () => {
  const question = {
    ...approvalQuestion('req_1'),
    text: "Nowy skill 'Water Tracker' chce:\n- Odczytywać exo_water_entries\n- Zapisywać nowe wpisy",
  };

  it('says in Polish what the disclosure says, the code, and how to answer', async () => {
    const { channel, last } = open({ locale: 'pl' });
    const { code } = await channel.ask(question);
    const { text = '', subject, html = '' } = last() ?? {};
    expect(text.replaceAll(code ?? '?', 'ABC123').replace(/t=\S+/, 't=TOKEN')).toMatchInlineSnapshot(`
      "Nowy skill 'Water Tracker' chce:
      - Odczytywać exo_water_entries
      - Zapisywać nowe wpisy

      Kod: ABC123
      Ważne do: 2030-01-01T00:00:00.000Z

      Odcisk do porównania z innymi kanałami: 0123abcd

      [Zatwierdź] [Odrzuć]

      Strona z oboma przyciskami:
      http://127.0.0.1:4600/approve/email/req_1?t=TOKEN

      Albo odpowiedz, pierwszy wiersz: zatwierdź KOD lub odrzuć KOD.

      Albo w terminalu:
      burgeon approve req_1 --code ABC123

      To nie od Ciebie? Odrzuć i sprawdź, kto to dodał.

      "
    `);
    expect(subject).toBe("Burgeon pyta (0123abcd): Nowy skill 'Water Tracker' chce");
    expect(html).toContain('- Odczytywać exo_water_entries');
    expect(html).not.toMatch(/<(?:img|script|link|style|iframe)|src=/i);
  });

  it('names only the ways there are', async () => {
    const { channel, last } = open({ pages: false, replies: false });
    await channel.ask(question);
    expect(last()?.text).not.toMatch(/http|reply/i);
    expect(last()?.replyTo).toBeUndefined();
    expect(last()?.text).toContain('burgeon approve req_1 --code');
  });

  it('goes to the owner, says that a program wrote it, and that replies go elsewhere', async () => {
    const { channel } = open();
    await channel.ask(question);
    const arrived = mailbox.mails.at(-1);
    expect(arrived?.envelope).toEqual({ from: 'burgeon@example.org', to: [owner] });
    expect(arrived?.mail.replyTo).toEqual([{ name: '', address: 'approve@example.org' }]);
    expect(arrived?.raw).toMatch(/^auto-submitted: auto-generated\r$/im);
    expect(arrived?.mail.messageId).toMatch(/^<req_1\.[\w-]{12}@example\.org>$/);
  });

  it.each([
    '\r\nBcc: thief@example.com',
    '\nBcc: thief@example.com\n\nbody',
    '\u2028Bcc: thief@example.com',
    '\0',
    '\r\n.\r\nMAIL FROM:<>',
  ])('takes no header from what is asked about: %j', async (evil) => {
    const { channel } = open();
    const of = (text: string) => `${text}${evil}`;
    await channel.ask({
      ...question,
      text: of(question.text.split('\n')[0] ?? ''),
      expiresAt: of('2030'),
      module: of('m'),
      version: of('1'),
    });
    const arrived = mailbox.mails.at(-1);
    expect(arrived?.envelope.to).toEqual([owner]);
    expect(arrived?.mail.bcc).toBeUndefined();
    expect(arrived?.mail.headers.filter(({ key }) => key === 'bcc')).toEqual([]);
  });

  it('shows markup as text', async () => {
    const { channel, last } = open();
    await channel.ask({ ...question, text: `<img src=x onerror=1> & "'\`\u202e` });
    expect(last()?.html).toContain('&lt;img src=x onerror=1&gt; &amp; &quot;&#39;&#96;\\u{202e}');
  });
});

describe('setting it up', () => {
  const context = { clock: systemClock, store: memoryStore(), write: () => {}, secret: async () => undefined };

  it('is needed', async () => {
    const channel = email.open(context);
    expect([await channel.ready(), await channel.address?.(), channel.class]).toEqual([false, 'mail', 'mail']);
    await expect(channel.ask(approvalQuestion('a'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.stringMatching(/burgeon channels/) as string,
    });
  });

  it('gives an address to compare', async () => {
    expect(await open().channel.address?.()).toBe(owner);
  });

  it('asks for the password that the user needs', async () => {
    const settings = { smtp: `smtp://me@127.0.0.1:${mailbox.port}` };
    await expect(open({ settings }).channel.ready()).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      hint: expect.stringMatching(/approval\/email\/password/) as string,
    });
    expect(await open({ settings, password: 'p' }).channel.ready()).toBe(true);
  });
});
