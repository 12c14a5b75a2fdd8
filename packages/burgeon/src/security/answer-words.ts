/** The words in which people are asked and answer, the same for every channel that works with text. */
import type { ApprovalQuestion } from '@burgeon/kit';

/** Words around a disclosure in one language. */
export interface AnswerWords {
  code: string;
  until: string;
  /** What stands on the buttons. */
  approve: string;
  reject: string;
  /** What a person writes in front of the code. */
  sayApprove: string;
  sayReject: string;
}

/** The words of each language. */
export const answerWords: Readonly<Record<'en' | 'pl', AnswerWords>> = {
  en: { code: 'Code', until: 'Valid until', approve: 'Approve', reject: 'Reject', sayApprove: 'approve', sayReject: 'reject' },
  pl: { code: 'Kod', until: 'Ważne do', approve: 'Zatwierdź', reject: 'Odrzuć', sayApprove: 'zatwierdź', sayReject: 'odrzuć' },
};

/** What became of an answer, and a sentence more on it. */
export type OutcomeWords = Record<`${'half' | 'approved' | 'rejected'}${'' | 'More'}`, string>;

/** What a page says of the answer that was given to it. */
export const outcomeWords: Readonly<Record<'en' | 'pl', OutcomeWords>> = {
  en: {
    half: 'Half done',
    halfMore: 'Now confirm by the other channel. Nothing is active before that.',
    approved: 'Approved',
    approvedMore: 'Every channel that was asked has confirmed.',
    rejected: 'Rejected',
    rejectedMore: 'Nothing changes.',
  },
  pl: {
    half: 'Połowa za nami',
    halfMore: 'Teraz potwierdź drugim kanałem. Wcześniej nic nie zostanie uruchomione.',
    approved: 'Zatwierdzono',
    approvedMore: 'Potwierdził każdy kanał, który był pytany.',
    rejected: 'Odrzucono',
    rejectedMore: 'Nic się nie zmienia.',
  },
};

/** The disclosure as it is, then the code and how long it counts; what the person can do comes behind it. */
export const questionText = (question: ApprovalQuestion, code: string, locale: 'en' | 'pl'): string => {
  const say = answerWords[locale];
  return `${question.text}\n\n${say.code}: ${code}\n${say.until}: ${question.expiresAt}`;
};

/** An answer in a person's own words, read. */
export interface SaidAnswer {
  answer: 'approve' | 'reject';
  /** Six letters or digits, as they were written. */
  code: string;
}

const said =
  /^(?:(approve|zatwierd(?:ź|z|zam))|reject|odrzu(?:ć|c|cam))[\s:]+["'„”“]?([a-z0-9](?:[\s-]?[a-z0-9]){5})["'”“]?\s*[.!]?$/iu;

/**
 * Reads a line such as `approve ABC123` or `Zatwierdź: abc 123`, in either language whatever the case; undefined when the line is
 * anything else. A line that only contains such words among others is no answer.
 */
export const readAnswer = (line: string): SaidAnswer | undefined => {
  if (line.length > 120) return undefined;
  const [, approve, code] = said.exec(line.normalize('NFC').trim()) ?? [];
  return code === undefined ? undefined : { answer: approve === undefined ? 'reject' : 'approve', code };
};
