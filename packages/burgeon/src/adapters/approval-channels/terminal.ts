import { type ApprovalChannel, type ApprovalChannelAdapter, defineApprovalChannel } from '@burgeon/kit';
import { newCode } from '../../security/codes.ts';

const words = {
  en: { code: 'Code', approve: 'Approve', reject: 'Reject', until: 'Valid until' },
  pl: { code: 'Kod', approve: 'Zatwierdź', reject: 'Odrzuć', until: 'Ważne do' },
};

/** Asks the person in front of the machine: shows the disclosure and a code to give back. Ready wherever there is somewhere to write. */
export const createTerminal = (options: { write(text: string): void; locale?: 'en' | 'pl' }): ApprovalChannel =>
  defineApprovalChannel({
    name: 'terminal',
    class: 'terminal',
    ready: async () => true,
    ask: async ({ request, text, expiresAt }) => {
      const say = words[options.locale ?? 'en'];
      const code = newCode();
      const answers = `[${say.approve}] burgeon approve ${request} --code ${code}\n[${say.reject}] burgeon reject ${request}`;
      options.write(`${text}\n\n${say.code}: ${code}\n${say.until}: ${expiresAt}\n${answers}\n`);
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
