import { BurgeonError, type JsonObject, type JsonSchema } from '@burgeon/kit';

/** Name of the secret in the vault: what the mail server asks for beside the user's name. */
export const passwordName = 'approval/email/password';

const address = { type: 'string', maxLength: 254, pattern: "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$" } as const;

/** What the owner sets. */
export const emailSettingsSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['to', 'from', 'smtp'],
  properties: {
    to: { ...address, description: 'Mail address of the person who approves.' },
    from: { ...address, description: 'Mail address from which the questions come.' },
    smtp: {
      type: 'string',
      maxLength: 500,
      pattern: '^smtps?://',
      description:
        'Mail server that takes the questions: smtp://user@host:587 (encrypted by STARTTLS), smtps://user@host:465. The password is a secret.',
    },
    replyTo: { ...address, description: 'Mail address that replies go to; its mail server hands them to replyPort.' },
    replyPort: { type: 'integer', minimum: 0, maximum: 65535, description: 'Port at which replies are taken. 0 = any free one.' },
    replyHost: { type: 'string', maxLength: 100, description: 'Address at which replies are taken. Default: 127.0.0.1.' },
  },
};

/** The mail server, as the owner named it. */
export interface MailServer {
  host: string;
  port: number;
  user?: string;
  /** True: TLS from the first byte. */
  secure: boolean;
}

/** Where replies are taken. */
export interface Replies {
  /** Lower case. */
  address: string;
  port: number;
  host: string;
}

/** The settings, read. */
export interface EmailSettings {
  /** Lower case: it is compared. */
  to: string;
  from: string;
  server: MailServer;
  replies?: Replies;
}

/**
 * Reads the settings; undefined when nothing was set.
 * @throws {BurgeonError} INPUT_INVALID
 */
export const readEmailSettings = (settings: JsonObject | undefined): EmailSettings | undefined => {
  if (settings === undefined) return undefined;
  const replies = readReplies(settings);
  return {
    to: readAddress(settings, 'to').toLowerCase(),
    from: readAddress(settings, 'from'),
    server: readServer(settings['smtp']),
    ...(replies === undefined ? {} : { replies }),
  };
};

const readReplies = (settings: JsonObject): Replies | undefined => {
  const { replyTo, replyPort: port, replyHost: host = '127.0.0.1' } = settings;
  if (replyTo === undefined && port === undefined) return undefined;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) throw invalid('replyPort', port);
  if (typeof host !== 'string' || host === '') throw invalid('replyHost', host);
  return { address: readAddress(settings, 'replyTo').toLowerCase(), port, host };
};

const addressForm = new RegExp(address.pattern);

const readAddress = (settings: JsonObject, name: string): string => {
  const value = settings[name];
  if (typeof value === 'string' && value.length <= address.maxLength && addressForm.test(value)) return value;
  throw invalid(name, value);
};

const readServer = (value: unknown): MailServer => {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || url.password !== '') throw invalid('smtp', url === null ? value : 'a password stands in it');
  const secure = url.protocol === 'smtps:';
  const rest = `${url.pathname}${url.search}${url.hash}`;
  if ((!secure && url.protocol !== 'smtp:') || url.hostname === '' || !['', '/'].includes(rest)) throw invalid('smtp', value);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 587)),
    ...(url.username === '' ? {} : { user: plain(url.username) }),
    secure,
  };
};

/** A user's name as it is; what is not percent-encoded after all stays. */
const plain = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};

const invalid = (name: string, value: unknown): BurgeonError =>
  new BurgeonError('INPUT_INVALID', {
    message: `The setting ${name} of the approval channel email cannot be used: ${JSON.stringify(value ?? null).slice(0, 200)}.`,
    hint: 'It looks like this: burgeon channels set email --to me@example.com --from burgeon@example.com --smtp smtp://user@mail.example.com',
  });
