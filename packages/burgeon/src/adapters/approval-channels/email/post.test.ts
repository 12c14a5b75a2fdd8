import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { startMailbox } from './fixtures/mailbox.ts';
import { postMail, transportOptions } from './post.ts';
import { readEmailSettings } from './settings.ts';

const mail = { subject: 's', text: 't', id: 'a@b', isReply: false };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const settingsFor = (smtp: string) => {
  const settings = readEmailSettings({ to: 'me@example.com', from: 'burgeon@example.org', smtp });
  if (settings === undefined) throw new TypeError('none');
  return settings;
};
const post = (smtp: string, more: { password?: string; deadlineMs?: number } = {}) =>
  postMail(mail, {
    settings: settingsFor(smtp),
    clock: systemClock,
    password: more.password,
    deadlineMs: more.deadlineMs ?? 5_000,
  });

/** A server that says what it is told to, line by line, and then nothing. */
const scripted = async (...lines: string[]): Promise<string> => {
  const server: Server = createServer((socket) => {
    closing.push(() => socket.destroy());
    socket.on('error', () => {});
    const next = (): unknown => lines.length > 0 && socket.write(`${lines.shift()}\r\n`);
    next();
    socket.on('data', next);
  });
  closing.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('sending', () => {
  it('logs in with the password of the vault', async () => {
    const box = await startMailbox({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => done(null, password === 'p w' ? { user: username } : {}),
    });
    closing.push(box.close);
    await post(`smtp://me%40x@localhost:${box.port}`, { password: 'p w' });
    expect(box.mails[0]?.user).toBe('me@x');
    await expect(post(`smtp://me@127.0.0.1:${box.port}`, { password: 'wrong' })).rejects.toMatchObject({
      code: 'REMOTE_ERROR',
      hint: expect.stringMatching(/secret set approval\/email\/password/) as string,
      message: expect.not.stringContaining('wrong'),
    });
    await expect(post(`smtp://me@127.0.0.1:${box.port}`)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
  });

  it('trusts no certificate that nobody vouches for', async () => {
    const box = await startMailbox({ secure: true });
    closing.push(box.close);
    await expect(post(`smtps://localhost:${box.port}`)).rejects.toMatchObject({
      code: 'REMOTE_ERROR',
      hint: expect.stringMatching(/certificate/) as string,
    });
    expect(box.mails).toEqual([]);
  });

  it('asks for encryption everywhere but on this machine', () => {
    const { server } = settingsFor('smtp://mail.example.org');
    expect(transportOptions(server, '203.0.113.7')).toMatchObject({ requireTLS: true, tls: { servername: 'mail.example.org' } });
    expect(transportOptions(server, '10.0.0.7')).toMatchObject({ requireTLS: true });
    expect(transportOptions(server, '127.0.0.1')).toMatchObject({ ignoreTLS: true });
    expect(transportOptions(settingsFor('smtps://203.0.113.7').server, '203.0.113.7')).not.toHaveProperty('tls.servername');
  });

  it('says when nobody listens', async () => {
    await expect(post('smtp://127.0.0.1:1')).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE', retryable: true });
  });

  it('goes nowhere near the credentials of a cloud', async () => {
    await expect(post('smtp://169.254.169.254:25')).rejects.toMatchObject({ code: 'CAPABILITY_DENIED' });
  });

  it.each<[string, string[]]>([
    ['says nothing', []],
    ['stops after its greeting', ['220 hi']],
    ['stops in the middle', ['220 hi', '250 me', '250 ok', '250 ok', '354 go']],
  ])('gives up on a server that %s', async (_name, lines) => {
    await expect(post(await scripted(...lines), { deadlineMs: 200 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it.each<[string, string[], string]>([
    ['the recipient', ['220 hi', '250 me', '250 ok', '550 no such user; password=x'], '550'],
    ['the mail', ['220 hi', '250 me', '250 ok', '250 ok', '354 go', '554 spam'], '554'],
  ])('says that a server refused %s, not in its words', async (_name, lines, code) => {
    await expect(post(await scripted(...lines))).rejects.toMatchObject({
      code: 'REMOTE_ERROR',
      message: expect.stringMatching(`SMTP ${code}\\)\\.$`),
    });
  });

  it('says that what answers is no mail server', async () => {
    await expect(post(await scripted('HTTP/1.1 400 Bad Request'))).rejects.toMatchObject({ code: /REMOTE_/ });
  });
});

/** An address of this machine that is not loopback: what is beyond it must be encrypted. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

describe.skipIf(outside === undefined)('beyond this machine', () => {
  const certificate = (): { key: string; cert: string } => {
    const folder = mkdtempSync(join(tmpdir(), 'burgeon-mail-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const names = `subjectAltName=DNS:localhost,IP:${outside}`;
    const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', [...make, '-subj', '/CN=localhost', '-addext', names, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    const read = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    rmSync(folder, { recursive: true });
    return read;
  };
  const trust = (cert: string): void => {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, cert]);
    closing.push(() => setDefaultCACertificates(before));
  };

  it('takes STARTTLS, and TLS from the first byte, from a server that somebody vouches for', async () => {
    const made = certificate();
    trust(made.cert);
    const secured: boolean[] = [];
    const onMailFrom = (_address: unknown, { secure }: { secure: boolean }, done: () => void): void => {
      secured.push(secure);
      done();
    };
    const upgraded = await startMailbox({ ...made, onMailFrom }, outside);
    const secure = await startMailbox({ ...made, onMailFrom, secure: true });
    closing.push(upgraded.close, secure.close);
    await post(`smtp://${outside}:${upgraded.port}`);
    await post(`smtps://localhost:${secure.port}`);
    expect([secured, upgraded.mails.length, secure.mails.length]).toEqual([[true, true], 1, 1]);
  });

  it('sends nothing in the clear, whatever the server offers', async () => {
    const plain = await startMailbox({ disabledCommands: ['STARTTLS'] }, outside);
    const unknown = await startMailbox(certificate(), outside);
    closing.push(plain.close, unknown.close);
    for (const { port, mails } of [plain, unknown]) {
      await expect(post(`smtp://${outside}:${port}`)).rejects.toMatchObject({
        code: 'REMOTE_ERROR',
        hint: expect.stringMatching(/STARTTLS/) as string,
      });
      expect(mails).toEqual([]);
    }
  });
});
