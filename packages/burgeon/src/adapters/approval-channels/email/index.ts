import {
  type ApprovalChannel,
  type ApprovalChannelAdapter,
  type ApprovalChannelContext,
  type ApprovalQuestion,
  BurgeonError,
  defineApprovalChannel,
} from '@burgeon/kit';
import { newCode } from '../../../security/codes.ts';
import { answerLink, linksTable } from './confirm-page.ts';
import { type Mail, outcomeMail, questionMail } from './mail.ts';
import { credential, postMail } from './post.ts';
import { listenForReplies } from './replies.ts';
import { newLinkToken, sealCode } from './sealed-code.ts';
import { type EmailSettings, emailSettingsSchema, passwordName, readEmailSettings } from './settings.ts';

/**
 * Asks by mail: the disclosure, a code, and a link when a server runs. The person replies with the code, opens the link and presses a
 * button, or types the code anywhere else. Whoever reads the mailbox can answer; whoever only writes in its name needs the code.
 */
export const createEmail = (context: ApprovalChannelContext): ApprovalChannel => {
  const { locale = 'en', store } = context;
  const post = async (settings: EmailSettings, mail: Mail): Promise<void> =>
    postMail(mail, { settings, clock: context.clock, password: await context.secret(passwordName) });
  return defineApprovalChannel({
    name: 'email',
    class: 'mail',
    address: async () => addressOf(context),
    ready: async () => {
      const settings = readEmailSettings(context.settings);
      if (settings !== undefined) credential({ settings, password: await context.secret(passwordName) });
      return settings !== undefined;
    },
    ask: async (question) => {
      const settings = requireSettings(context);
      const code = newCode();
      const page = await linkTo(context, question, code);
      const ways = {
        ...(page === undefined ? {} : { page }),
        ...(settings.replies === undefined ? {} : { replyTo: settings.replies.address }),
      };
      await post(settings, questionMail(question, { code, locale, from: settings.from, ways }));
      return { code };
    },
    withdraw: (request) => store.transact([{ kind: 'delete', table: linksTable, id: request }]),
    handle: (request, inbox) => answerLink(request, { store, inbox, locale }),
    listen: async (inbox) => {
      const settings = readEmailSettings(context.settings);
      const replies = settings?.replies;
      if (settings === undefined || replies === undefined) return { close: async () => {} };
      return listenForReplies({
        replies,
        owner: settings.to,
        inbox,
        clock: context.clock,
        tell: (outcome) => post(settings, outcomeMail(outcome, { locale, from: settings.from })),
      });
    },
  });
};

/** The mailbox as an approval channel. */
export const email: ApprovalChannelAdapter = {
  name: 'email',
  settings: emailSettingsSchema,
  secrets: { [passwordName]: 'Password of the user that the setting smtp names.' },
  open: (context) => createEmail(context),
};

/** Where answers come from. What is set wrongly is said when the channel is asked, not to whoever compares addresses. */
const addressOf = ({ settings }: ApprovalChannelContext): string => {
  const to = settings?.['to'];
  return typeof to === 'string' ? to.toLowerCase() : 'mail';
};

/** A fresh link to the page with the buttons, which voids the one before; undefined while no server runs. */
const linkTo = async (
  { pages, store }: ApprovalChannelContext,
  question: ApprovalQuestion,
  code: string,
): Promise<string | undefined> => {
  const { request } = question;
  const base = await pages?.();
  const token = newLinkToken();
  await store.transact([
    base === undefined
      ? { kind: 'delete', table: linksTable, id: request }
      : { kind: 'put', table: linksTable, id: request, value: { sealed: sealCode(token, question, code) } },
  ]);
  return base === undefined ? undefined : `${base}/approve/email/${request}?t=${token}`;
};

const requireSettings = ({ settings }: ApprovalChannelContext): EmailSettings => {
  const read = readEmailSettings(settings);
  if (read !== undefined) return read;
  throw new BurgeonError('UNSUPPORTED', {
    message: 'The approval channel email is not set up.',
    hint: 'Set it up: burgeon channels set email --to me@example.com --from burgeon@example.com --smtp smtp://user@mail.example.com',
  });
};
