import type { Server, Socket } from 'node:net';
import { type ApprovalInbox, type ApprovalQuestion, BurgeonError, type Clock, errorTable } from '@burgeon/kit';
import type { SMTPServerDataStream } from 'smtp-server';
import { createAttempts } from '../../../security/attempts.ts';
import type { Outcome } from './mail.ts';
import { type Reply, readReply } from './read-reply.ts';
import type { Replies } from './settings.ts';

/** What listening works with. */
export interface ReplyOptions {
  replies: Replies;
  /** The one address replies may come from, lower case. */
  owner: string;
  inbox: ApprovalInbox;
  clock: Clock;
  /** Tells the owner what became of a reply; its failure is nobody's. */
  tell(outcome: Outcome): Promise<void>;
  limits?: Partial<ReplyLimits>;
}

/** A listener until it is closed. */
export interface ReplyListener {
  /** The port it listens at. */
  port: number;
  close(): Promise<void>;
}

interface ReplyLimits {
  /** Bytes of one mail. */
  mailBytes: number;
  /** Connections at a time. */
  connections: number;
  /** Mails that are taken in a minute, whoever brings them. */
  mailsPerMinute: number;
  /** Milliseconds a connection may say nothing, and may live at all. */
  silentMs: number;
  connectionMs: number;
}

const usualLimits: ReplyLimits = {
  mailBytes: 256 * 1024,
  connections: 10,
  mailsPerMinute: 20,
  silentMs: 20_000,
  connectionMs: 120_000,
};

/**
 * Takes replies by SMTP: from the owner's address only, to the reply address only, with no password asked for, in the clear. It belongs
 * behind the mail server that receives for the address and judges who may send in the owner's name.
 * @throws {BurgeonError} PORT_IN_USE, USAGE
 * @see RFC 5321
 */
export const listenForReplies = async (options: ReplyOptions): Promise<ReplyListener> => {
  const limits = { ...usualLimits, ...options.limits };
  const { SMTPServer } = await import('smtp-server');
  const mails = createAttempts({ clock: options.clock, most: limits.mailsPerMinute, withinMs: 60_000 });
  const running = new Set<Promise<void>>();
  const server = new SMTPServer({
    name: 'burgeon',
    banner: 'replies only',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: limits.mailBytes,
    maxClients: limits.connections,
    maxRecipients: 1,
    maxCommandLength: 1_024,
    maxAllowedUnauthenticatedCommands: 100,
    socketTimeout: limits.silentMs,
    closeTimeout: 500,
    logger: false,
    onMailFrom: ({ address }, _session, callback) => callback(refusedSender(address, options.owner, mails)),
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.toLowerCase() === options.replies.address ? null : smtpError(550, 'No such address here')),
    onData: (stream, _session, callback) => {
      const work = take(stream, options, limits.mailBytes).then(
        () => callback(null, 'Taken'),
        (error: unknown) => callback(refusalOf(error)),
      );
      running.add(work);
      void work.finally(() => running.delete(work));
    },
  });
  // A client that goes away in the middle is no concern of ours.
  server.on('error', () => {});
  limitLife(server.server, limits.connectionMs);
  await open(server, options.replies);
  const bound = server.server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.replies.port,
    close: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(running);
    },
  };
};

const open = (
  server: { listen(port: number, host: string, done: () => void): unknown; server: Server },
  to: Replies,
): Promise<void> =>
  new Promise((resolve, reject) => {
    server.server.once('error', (error: NodeJS.ErrnoException) => reject(notListening(error, to)));
    server.listen(to.port, to.host, () => resolve());
  });

const notListening = (error: NodeJS.ErrnoException, { host, port }: Replies): BurgeonError =>
  new BurgeonError(error.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'USAGE', {
    message: `Replies cannot be taken at ${host}:${port}: ${error.code ?? error.message}.`,
    hint: 'Look at the settings replyPort and replyHost of the approval channel email.',
    cause: error,
  });

/** No connection lives for ever, however busy it seems. */
const limitLife = (server: Server, connectionMs: number): void => {
  server.on('connection', (socket: Socket) => {
    const end = setTimeout(() => socket.destroy(), connectionMs);
    socket.once('close', () => clearTimeout(end));
  });
};

/** What the other mail server is told; it may bounce the mail to who wrote it. */
interface SmtpError extends Error {
  responseCode: number;
}

const smtpError = (responseCode: number, message: string): SmtpError => Object.assign(new TypeError(message), { responseCode });

const refusalOf = (error: unknown): Error =>
  'responseCode' in (error as object) ? (error as SmtpError) : smtpError(451, 'Not now, try later');

const refusedSender = (address: string, owner: string, mails: { take(): void }): SmtpError | null => {
  if (address.toLowerCase() !== owner) return smtpError(550, 'This address may not answer');
  try {
    mails.take();
    return null;
  } catch {
    return smtpError(451, 'Too many mails, try later');
  }
};

const take = async (stream: SMTPServerDataStream, options: ReplyOptions, mostBytes: number): Promise<void> => {
  const raw = await collect(stream, mostBytes);
  const reply = await readReply(raw).catch(() => {
    throw smtpError(554, 'The mail cannot be read');
  });
  if (reply.from !== options.owner) throw smtpError(550, 'This address may not answer');
  if (reply.isAutomatic) return;
  const outcome = await judge(reply, options.inbox);
  await options.tell(outcome).catch(() => {});
};

/** All of the mail, or an end to it: what is too large is read to its end and kept nowhere. */
const collect = async (stream: SMTPServerDataStream, mostBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > mostBytes) throw smtpError(552, `The mail is larger than ${mostBytes} bytes`);
  return Buffer.concat(chunks);
};

const judge = async ({ said, ...reply }: Reply, inbox: ApprovalInbox): Promise<Outcome> => {
  if (said === undefined) return { kind: 'unread' };
  const question = meant(reply, await inbox.questions());
  if (question === 'none') return { kind: 'refused', why: 'No question waits for an answer by mail.' };
  if (question === 'many') return { kind: 'many' };
  const { request, module, version } = question;
  try {
    const kind = said.answer === 'approve' ? await inbox.approve({ request, proof: said.code }) : 'rejected';
    if (kind === 'rejected') await inbox.reject({ request, proof: said.code });
    return { kind, module, version };
  } catch (error) {
    // What the person did is said to the person; what failed here is tried again by the other mail server.
    if (!BurgeonError.is(error) || errorTable[error.code].fault !== 'user') throw error;
    return { kind: 'refused', why: [error.message, ...triesLeft(error)].join(' ') };
  }
};

const triesLeft = ({ data }: BurgeonError): string[] => {
  const left = typeof data === 'object' && data !== null && !Array.isArray(data) ? data['triesLeft'] : undefined;
  return typeof left === 'number' ? [`(${left})`] : [];
};

/** The question a reply answers: the one whose mail it names by id or by fingerprint, or the only one there is. */
const meant = (
  { about, subject }: Pick<Reply, 'about' | 'subject'>,
  questions: readonly ApprovalQuestion[],
): ApprovalQuestion | 'none' | 'many' => {
  const named = questions.filter(
    ({ request, fingerprint }) => about.includes(`<${request}.`) || subject.includes(`(${fingerprint})`),
  );
  const left = named.length > 0 ? named : questions;
  const [only] = left;
  if (only === undefined) return 'none';
  return left.length === 1 ? only : 'many';
};
