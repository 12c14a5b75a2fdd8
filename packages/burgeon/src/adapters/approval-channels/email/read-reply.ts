import { type SaidAnswer, readAnswer } from '../../../security/answer-words.ts';

/** A mail that came in, read as far as it matters. */
export interface Reply {
  /** Lower case; absent when it does not come from exactly one address. */
  from?: string;
  /** True: no person wrote it. */
  isAutomatic: boolean;
  subject: string;
  /** Message ids of what it answers, as text. */
  about: string;
  /** The first answer above what it quotes. */
  said?: SaidAnswer;
}

/** Bounds within which a mail is taken apart. */
const budget = { maxNestingDepth: 10, maxHeadersSize: 32 * 1024, maxRfc822NestingDepth: 0 };

/**
 * Reads a mail. Only its plain text counts, and of that only what stands above the mail it answers; mails inside it and attached ones are
 * not looked into. @see RFC 5322; RFC 2045; RFC 3834
 * @throws when it is nested deeper or has more headers than the budget allows
 */
export const readReply = async (raw: Uint8Array): Promise<Reply> => {
  const { default: PostalMime } = await import('postal-mime');
  const mail = await PostalMime.parse(raw, { ...budget, forceRfc822Attachments: true });
  const header = (name: string): string => mail.headers.find(({ key }) => key === name)?.value ?? '';
  const from = soleAddress(mail);
  const said = mail.text === undefined ? undefined : answerIn(mail.text);
  return {
    ...(from === undefined ? {} : { from }),
    isAutomatic: isAutomatic(header),
    subject: mail.subject ?? '',
    about: `${mail.inReplyTo ?? ''} ${mail.references ?? ''}`,
    ...(said === undefined ? {} : { said }),
  };
};

type Mail = Awaited<ReturnType<(typeof import('postal-mime'))['default']['parse']>>;

/** Who wrote it: one `From` with one address in it. Two of either is a trick: one for each reader. */
const soleAddress = ({ headers, from }: Mail): string | undefined => {
  const lines = headers.filter(({ key }) => key === 'from');
  const value = lines[0]?.value ?? '';
  const isSole = lines.length === 1 && value.split('@').length === 2 && !/[,;:\0]/.test(value);
  return isSole ? from?.address?.toLowerCase() : undefined;
};

/** Marks by which programs say that nobody wrote the mail. @see RFC 3834 section 5 */
const isAutomatic = (header: (name: string) => string): boolean => {
  const submitted = header('auto-submitted').trim().toLowerCase();
  if (submitted !== '' && submitted !== 'no') return true;
  if (/^(?:bulk|list|junk|auto_reply)$/i.test(header('precedence').trim())) return true;
  return ['list-id', 'x-autoreply', 'x-autorespond', 'x-auto-reply'].some((name) => header(name) !== '');
};

/** Lines with which mail programs begin what a mail answers. */
const quoted = [
  /^>/,
  /^-{2,}\s*\p{L}/u,
  /^_{8,}$/,
  /^(?:from|od|sent|wysłano|von|de)\s*:/iu,
  /^(?:on|am|le|w dniu|dnia|el|il|op)\s.{3,200}(?:wrote|napisał|pisze|schrieb|écrit|:)/iu,
  /(?:wrote|napisał\(a\)|napisał|napisała|pisze)\s*:$/iu,
];

const answerIn = (text: string): SaidAnswer | undefined => {
  // Who answers does so in the first lines; a long letter is not searched.
  for (const line of text.slice(0, 16_384).split(/\r?\n/).slice(0, 200)) {
    const trimmed = line.trim();
    if (quoted.some((mark) => mark.test(trimmed.slice(0, 300)))) return undefined;
    const found = readAnswer(trimmed);
    if (found !== undefined) return found;
  }
  return undefined;
};
