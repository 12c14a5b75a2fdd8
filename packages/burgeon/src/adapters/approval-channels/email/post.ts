import { BurgeonError, type Clock } from '@burgeon/kit';
import { silentLogger } from '../../../base/log.ts';
import { reachOf } from '../../../security/addresses.ts';
import { createEgress } from '../../../security/egress.ts';
import { canonicalHost } from '../../../security/host-rules.ts';
import type { Mail } from './mail.ts';
import { type EmailSettings, type MailServer, passwordName } from './settings.ts';

/** What sending works with. */
export interface PostOptions {
  settings: EmailSettings;
  clock: Clock;
  /** The mail server's password; undefined when there is none in the vault. */
  password: string | undefined;
  /** From the look-up of the name to the server's last word, milliseconds. Default: 20,000. */
  deadlineMs?: number;
}

/**
 * Sends one mail to the owner. It leaves encrypted, but to a server on this very machine.
 * @throws {BurgeonError} SECRET_MISSING, REMOTE_UNREACHABLE, REMOTE_ERROR, TIMEOUT, CAPABILITY_DENIED
 * @see RFC 5321; RFC 3207
 */
export const postMail = async (mail: Mail, options: PostOptions): Promise<void> => {
  const { settings, deadlineMs = 20_000 } = options;
  const auth = credential(options);
  const address = await resolve(options);
  const { createTransport } = await import('nodemailer');
  const deadline = AbortSignal.timeout(deadlineMs);
  const transport = createTransport({ ...transportOptions(settings.server, address), ...(auth === undefined ? {} : { auth }) });
  try {
    await transport.sendMail({ ...message(mail, settings), signal: deadline });
  } catch (error) {
    throw explain(error, { server: settings.server, late: deadline.aborted, deadlineMs });
  } finally {
    transport.close();
  }
};

/** The one gate checks where the name leads, and the connection goes to the address that was checked. */
const resolve = async ({ settings, clock }: PostOptions): Promise<string> => {
  const host = canonicalHost(settings.server.host);
  const place = `${host.includes(':') ? `[${host}]` : host}:${settings.server.port}`;
  const gate = createEgress({ allow: [{ host: place, private: true }], clock, log: silentLogger });
  return (await gate.resolve(host, settings.server.port)).address;
};

/** How to talk to the server whose name led to `address`: encrypted, but on this machine, where nobody listens in. */
export const transportOptions = (server: MailServer, address: string): Record<string, unknown> => ({
  host: address,
  port: server.port,
  secure: server.secure,
  ...(server.secure ? {} : reachOf(address) === 'loopback' ? { ignoreTLS: true } : { requireTLS: true }),
  tls: { minVersion: 'TLSv1.2', ...(reachOf(server.host) === undefined ? { servername: server.host } : {}) },
  // A mail is made of what is given here, never of a file or of what stands at an address.
  disableFileAccess: true,
  disableUrlAccess: true,
});

/**
 * What to show the mail server; undefined when it asks for nothing.
 * @throws {BurgeonError} SECRET_MISSING
 */
export const credential = ({
  settings,
  password,
}: Pick<PostOptions, 'settings' | 'password'>): { user: string; pass: string } | undefined => {
  const { user, host } = settings.server;
  if (user === undefined) return undefined;
  if (password !== undefined) return { user, pass: password };
  throw new BurgeonError('SECRET_MISSING', {
    message: `The mail server ${host} asks for the password of ${user}, and the vault has none.`,
    hint: `Run burgeon secret set ${passwordName}.`,
  });
};

/** Programs see that a program wrote it; nothing answers an answer. @see RFC 3834 sections 5 and 3.1.7 */
const message = ({ subject, text, html, id, isReply }: Mail, { to, from, replies }: EmailSettings): object => ({
  from: { name: 'Burgeon', address: from },
  to,
  subject,
  text,
  ...(html === undefined ? {} : { html }),
  messageId: `<${id}>`,
  ...(replies === undefined || isReply ? {} : { replyTo: replies.address }),
  // The null sender takes no answer.
  ...(isReply ? { envelope: { from: '', to } } : {}),
  headers: {
    'auto-submitted': isReply ? 'auto-replied' : 'auto-generated',
    'x-auto-response-suppress': 'All',
  },
});

const explain = (
  error: unknown,
  { server, late, deadlineMs }: { server: MailServer; late: boolean; deadlineMs: number },
): BurgeonError => {
  const { code, originalCode = '', responseCode } = error as { code?: string; originalCode?: string; responseCode?: number };
  const where = `The mail server ${server.host}:${server.port}`;
  const more = { cause: error, retryable: true };
  if (late || code === 'ETIMEDOUT') {
    const message = `${where} did not take the mail within ${deadlineMs / 1_000} s.`;
    return new BurgeonError('TIMEOUT', { message, hint: 'Ask again, or look at the setting smtp.', ...more });
  }
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    const message = `${where} does not accept the user's name or password.`;
    return new BurgeonError('REMOTE_ERROR', { message, hint: `Run burgeon secret set ${passwordName}.`, cause: error });
  }
  if (code === 'ETLS' || /CERT|TLS|SSL|ISSUER|SIGNATURE/.test(originalCode)) {
    const hint = 'Use smtps://host:465, or a server with STARTTLS and a certificate that this machine trusts.';
    return new BurgeonError('REMOTE_ERROR', {
      message: `${where} offers no encryption that can be trusted.`,
      hint,
      cause: error,
    });
  }
  if (responseCode !== undefined) {
    const message = `${where} refused the mail (SMTP ${responseCode}).`;
    return new BurgeonError('REMOTE_ERROR', { message, hint: 'Look at the settings to and from.', ...more });
  }
  return new BurgeonError('REMOTE_UNREACHABLE', {
    message: `${where} cannot be reached.`,
    hint: 'Look at the setting smtp, and whether the server runs.',
    ...more,
  });
};
