import { BurgeonError, type JsonObject, type JsonSchema } from '@burgeon/kit';
import { reachOf } from '../../../security/addresses.ts';

/** Name of the secret in the vault: what both ends sign with. */
export const secretName = 'approval/webhook/secret';

/** Ways in which a gateway reaches a person; each is a class of channel of its own. */
const deliveries = ['sms', 'voice', 'push', 'chat'] as const;

/** One of the ways. */
export type Delivery = (typeof deliveries)[number];

/** What the owner sets. */
export const webhookSettingsSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url', 'deliver'],
  properties: {
    url: {
      type: 'string',
      maxLength: 2_000,
      pattern: '^(?:https://|http://(?:localhost|127(?:\\.\\d{1,3}){3}|\\[::1\\])(?:[:/]|$))',
      description: 'Address of the gateway that is told to ask: https, or http on this machine.',
    },
    deliver: { enum: [...deliveries], description: 'How the gateway reaches the person.' },
    to: {
      type: 'string',
      maxLength: 200,
      description: 'Whom the gateway shall reach: a telephone number, a user. It is handed on as it is.',
    },
    digits: {
      type: 'boolean',
      description: 'Codes of six digits, for the keys of a telephone. Default: true for sms and voice.',
    },
  },
};

/** The settings, read. */
export interface WebhookSettings {
  url: string;
  deliver: Delivery;
  to?: string;
  digits: boolean;
}

/**
 * Reads the settings; undefined when nothing was set.
 * @throws {BurgeonError} INPUT_INVALID
 */
export const readWebhookSettings = (settings: JsonObject | undefined): WebhookSettings | undefined => {
  if (settings === undefined) return undefined;
  const { url, to } = settings;
  const deliver = deliveryOf(settings);
  if (deliver === undefined) throw invalid('deliver', settings['deliver']);
  if (to !== undefined && (typeof to !== 'string' || to.trim() === '' || to.length > 200)) throw invalid('to', to);
  const { digits = deliver === 'sms' || deliver === 'voice' } = settings;
  if (typeof digits !== 'boolean') throw invalid('digits', digits);
  return { url: readUrl(url), deliver, ...(to === undefined ? {} : { to }), digits };
};

/** How the person is reached; undefined when the settings do not say. */
export const deliveryOf = (settings: JsonObject | undefined): Delivery | undefined =>
  deliveries.find((one) => one === settings?.['deliver']);

/** Where answers come from: the person, or the gateway where it alone knows the person. Two spellings of a number are one place. */
export const placeOf = (settings: JsonObject | undefined): string | undefined => {
  const place = settings?.['to'] ?? settings?.['url'];
  if (typeof place !== 'string') return undefined;
  const bare = place.trim().toLowerCase();
  return /^\+?[\d\s().-]+$/.test(bare) ? bare.replace(/[\s().-]/g, '') : bare;
};

const readUrl = (value: unknown): string => {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || url.password !== '') throw invalid('url', url === null ? value : 'a password stands in it');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLocal = host === 'localhost' || reachOf(host) === 'loopback';
  if (url.username !== '' || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) throw invalid('url', value);
  return url.href;
};

const invalid = (name: string, value: unknown): BurgeonError =>
  new BurgeonError('INPUT_INVALID', {
    message: `The setting ${name} of the approval channel webhook cannot be used: ${JSON.stringify(value ?? null).slice(0, 200)}.`,
    hint: 'It looks like this: burgeon channels set webhook --url https://sms.example.com/burgeon --deliver sms --to +48600100200',
  });
