/** What is written to the owner: the question, and what became of a reply. */
import { randomBytes } from 'node:crypto';
import type { ApprovalQuestion } from '@burgeon/kit';
import { html, htmlText } from '../../../base/html.ts';
import { spellUnseen } from '../../../base/unseen.ts';
import { answerWords, questionText } from '../../../security/answer-words.ts';
import type { EmailSettings } from './settings.ts';

/** A mail, before it is put into the form of a mail. */
export interface Mail {
  subject: string;
  text: string;
  html?: string;
  /** Message id without its brackets. */
  id: string;
  /** True: answers a mail, so that no answer to it may come. */
  isReply: boolean;
}

/** Ways to answer that a question names beside the command line. */
export interface WaysToAnswer {
  /** Address of the page with the two buttons. */
  page?: string;
  /** Address that takes replies. */
  replyTo?: string;
}

const words = {
  en: {
    asks: 'Burgeon asks',
    page: 'Page with both buttons',
    reply: 'Or reply, first line: approve CODE, or reject CODE',
    command: 'Or in a terminal',
    compare: 'Fingerprint, to compare with other channels',
    stranger: 'Was it not you who added it? Reject it, and look who did.',
  },
  pl: {
    asks: 'Burgeon pyta',
    page: 'Strona z oboma przyciskami',
    reply: 'Albo odpowiedz, pierwszy wiersz: zatwierdź KOD lub odrzuć KOD',
    command: 'Albo w terminalu',
    compare: 'Odcisk do porównania z innymi kanałami',
    stranger: 'To nie od Ciebie? Odrzuć i sprawdź, kto to dodał.',
  },
};

/** The mail that asks. No line of it is an answer, so that nobody answers by quoting it. */
export const questionMail = (
  question: ApprovalQuestion,
  { code, locale, from, ways }: { code: string; locale: 'en' | 'pl'; from: string; ways: WaysToAnswer },
): Mail => {
  const { request, fingerprint } = question;
  const say = words[locale];
  const { approve, reject } = answerWords[locale];
  const command = `burgeon approve ${request} --code ${code}`;
  const lines = [
    questionText(question, code, locale),
    `${say.compare}: ${fingerprint}`,
    `[${approve}] [${reject}]`,
    ...(ways.page === undefined ? [] : [`${say.page}:\n${ways.page}`]),
    ...(ways.replyTo === undefined ? [] : [`${say.reply}.`]),
    `${say.command}:\n${command}`,
    say.stranger,
  ];
  return {
    subject: subjectOf(`${say.asks} (${fingerprint})`, question.text),
    text: `${lines.join('\n\n')}\n`,
    html: questionHtml(question, { code, locale, command, ways }),
    id: messageId(request, from),
    isReply: false,
  };
};

/** The first line of the disclosure says what it is about. Nothing in it can end the line. */
const subjectOf = (start: string, text: string): string => {
  const [heading = ''] = text.split('\n', 1);
  return `${start}: ${spellUnseen(heading).replace(/:$/, '').slice(0, 120)}`;
};

const questionHtml = (
  question: ApprovalQuestion,
  { code, locale, command, ways }: { code: string; locale: 'en' | 'pl'; command: string; ways: WaysToAnswer },
): string => {
  const say = words[locale];
  const { approve, reject, until } = answerWords[locale];
  const { page } = ways;
  const buttons = [approve, reject].map((label) =>
    page === undefined ? html`[${label}] ` : html`<a href="${page}" rel="noreferrer">[${label}]</a> `,
  );
  return htmlText(
    html`<!doctype html>
      <html lang="${locale}">
        <head>
          <meta charset="utf-8" />
        </head>
        <body>
          <pre>${question.text}</pre>
          <p>
            ${answerWords[locale].code}: <strong><code>${code}</code></strong
            ><br />${until}: ${question.expiresAt}
          </p>
          <p>${say.compare}: <code>${question.fingerprint}</code></p>
          <p>${buttons}</p>
          ${ways.replyTo !== undefined && html`<p>${say.reply}.</p>`}
          <p>${say.command}: <code>${command}</code></p>
          <p>${say.stranger}</p>
        </body>
      </html> `,
  );
};

/** What became of a reply. `why` is one of our own sentences. */
export type Outcome =
  | { kind: 'half' | 'approved' | 'rejected'; module: string; version: string }
  | { kind: 'refused'; why: string }
  | { kind: 'unread' | 'many' };

const outcomes = {
  en: {
    half: 'Confirmed here. Another channel is asked now.',
    approved: 'Approved.',
    rejected: 'Rejected for good.',
    refused: 'Your answer was not taken.',
    unread: 'No answer was found in your reply. Write plain text, and in the first line: approve CODE, or reject CODE.',
    many: 'More than one question waits. Reply to the very mail that asks.',
  },
  pl: {
    half: 'Potwierdzono tutaj. Teraz pytany jest inny kanał.',
    approved: 'Zatwierdzono.',
    rejected: 'Odrzucono ostatecznie.',
    refused: 'Odpowiedź nie została przyjęta.',
    unread: 'W odpowiedzi nie było decyzji. Napisz zwykłym tekstem, w pierwszym wierszu: zatwierdź KOD lub odrzuć KOD.',
    many: 'Czeka więcej niż jedno pytanie. Odpowiedz na tę wiadomość, która pyta.',
  },
};

/** The mail that says what became of a reply. */
export const outcomeMail = (outcome: Outcome, { locale, from }: { locale: 'en' | 'pl'; from: string }): Mail => {
  const say = outcomes[locale][outcome.kind];
  const about = 'module' in outcome ? `${outcome.module} ${outcome.version}\n\n` : '';
  const more = outcome.kind === 'refused' ? `\n\n${outcome.why}` : '';
  return { subject: `Burgeon: ${say}`, text: `${about}${say}${more}\n`, id: messageId('reply', from), isReply: true };
};

/** Begins with the request, so that a reply names it. @see RFC 5322 section 3.6.4 */
const messageId = (about: string, from: EmailSettings['from']): string =>
  `${about}.${randomBytes(9).toString('base64url')}@${from.slice(from.indexOf('@') + 1)}`;
