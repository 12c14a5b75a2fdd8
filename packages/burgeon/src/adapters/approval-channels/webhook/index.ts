import {
  type ApprovalChannel,
  type ApprovalChannelAdapter,
  type ApprovalChannelContext,
  type ApprovalQuestion,
  BurgeonError,
  type JsonObject,
  defineApprovalChannel,
} from '@burgeon/kit';
import { isoNow } from '../../../base/clock.ts';
import { answerWords, questionText } from '../../../security/answer-words.ts';
import { newCode, newDigits } from '../../../security/codes.ts';
import { callbackPath, takeCallback } from './callback.ts';
import { deliver } from './deliver.ts';
import { type WebhookSettings, deliveryOf, placeOf, readWebhookSettings, secretName, webhookSettingsSchema } from './settings.ts';
import { readKeys } from './signature.ts';

/**
 * Asks by a gateway of the owner's choice, which sends a text message, calls, pushes or chats, and calls back with what the person answered.
 * Both directions are signed (Standard Webhooks). The gateway sees the code: it is trusted like the telephone network it stands for.
 */
export const createWebhook = (context: ApprovalChannelContext): ApprovalChannel =>
  defineApprovalChannel({
    name: 'webhook',
    class: deliveryOf(context.settings) ?? 'webhook',
    address: async () => placeOf(context.settings) ?? 'webhook',
    ready: async () => {
      if (readWebhookSettings(context.settings) === undefined) return false;
      await requireKeys(context);
      return true;
    },
    ask: async (question) => {
      const settings = requireSettings(context);
      const keys = await requireKeys(context);
      const code = settings.digits ? newDigits() : newCode();
      await deliver(await messageOf(context, settings, { question, code }), { url: settings.url, keys, clock: context.clock });
      return { code };
    },
    // What was sent cannot be taken back; the gateway no longer accepts its code.
    withdraw: async () => {},
    handle: (request, inbox) => takeCallback(request, inbox, context),
  });

/** A gateway to telephones and chats as an approval channel. */
export const webhook: ApprovalChannelAdapter = {
  name: 'webhook',
  settings: webhookSettingsSchema,
  secrets: { [secretName]: 'What both ends sign with: whsec_ and 24 to 64 random bytes in base64.' },
  open: (context) => createWebhook(context),
};

/** `text` is the disclosure; `message` the same with code and answers, ready to be sent or read out. */
const messageOf = async (
  { clock, pages, locale = 'en' }: ApprovalChannelContext,
  { deliver: kind, to }: WebhookSettings,
  { question, code }: { question: ApprovalQuestion; code: string },
): Promise<JsonObject> => {
  const { request, module, version, text, fingerprint, expiresAt } = question;
  const { approve, reject, sayApprove, sayReject } = answerWords[locale];
  const base = await pages?.();
  return {
    type: 'approval.asked',
    timestamp: isoNow(clock),
    request,
    module,
    version,
    text,
    message: `${questionText(question, code, locale)}\n[${approve}] ${sayApprove} ${code}\n[${reject}] ${sayReject} ${code}`,
    code,
    fingerprint,
    expiresAt,
    locale,
    deliver: kind,
    ...(to === undefined ? {} : { to }),
    ...(base === undefined ? {} : { callback: `${base}${callbackPath}` }),
  };
};

const requireSettings = ({ settings }: ApprovalChannelContext): WebhookSettings => {
  const read = readWebhookSettings(settings);
  if (read !== undefined) return read;
  throw new BurgeonError('UNSUPPORTED', {
    message: 'The approval channel webhook is not set up.',
    hint: 'Set it up: burgeon channels set webhook --url https://sms.example.com/burgeon --deliver sms --to +48600100200',
  });
};

const requireKeys = async (context: Pick<ApprovalChannelContext, 'secret'>): Promise<Buffer[]> => {
  const secret = await context.secret(secretName);
  if (secret !== undefined) return readKeys(secret);
  throw new BurgeonError('SECRET_MISSING', {
    message: 'The approval channel webhook has no secret to sign with.',
    hint: `Run burgeon secret set ${secretName}.`,
  });
};
