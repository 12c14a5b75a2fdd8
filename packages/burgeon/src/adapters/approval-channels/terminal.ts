import { type ApprovalChannel, type ApprovalChannelAdapter, defineApprovalChannel } from '@burgeon/kit';
import { answerWords, questionText } from '../../security/answer-words.ts';
import { newCode } from '../../security/codes.ts';

/** Asks the person in front of the machine: shows the disclosure and a code to give back. Ready wherever there is somewhere to write. */
export const createTerminal = (options: { write(text: string): void; locale?: 'en' | 'pl' }): ApprovalChannel =>
  defineApprovalChannel({
    name: 'terminal',
    class: 'terminal',
    ready: async () => true,
    ask: async (question) => {
      const { locale = 'en' } = options;
      const { request } = question;
      const say = answerWords[locale];
      const code = newCode();
      const answers = `[${say.approve}] burgeon approve ${request} --code ${code}\n[${say.reject}] burgeon reject ${request}`;
      options.write(`${questionText(question, code, locale)}\n${answers}\n`);
      return { code };
    },
    // What was shown cannot be taken back; the gateway no longer accepts its code.
    withdraw: async () => {},
  });

/** The terminal as an approval channel. */
export const terminal: ApprovalChannelAdapter = {
  name: 'terminal',
  open: (context) => createTerminal(context),
};
