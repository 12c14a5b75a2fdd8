import type { FoundSecret } from './found.ts';
import { isOrdinaryPassword, isPlaceholder } from './placeholder.ts';

/** A kind of secret that is known by its shape. Every pattern takes linear time: it begins with fixed text, and its repetitions have an end. */
interface Shape {
  code: FoundSecret['code'];
  what: string;
  pattern: RegExp;
  /** Group that holds the secret. Default: the whole. */
  group?: number;
  /** True: it is none after all. Default: {@link isPlaceholder}. */
  spares?(value: string): boolean;
}

const token = (what: string, pattern: RegExp): Shape => ({ code: 'secret-token', what, pattern });

/** A header of a token must be JSON that names an algorithm, and the payload must not be the one of every introduction. */
const isNoJsonWebToken = (value: string): boolean => {
  const [header = '', payload = ''] = value.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return !header.includes('"alg"') || /"(?:John Doe|1234567890)"|example/i.test(payload);
};

/** A key of which only the frame is there, as documentation shows it. */
const isEmptyKey = (value: string): boolean => value.replaceAll(/-----[^-]{1,60}-----|\\[nr]|[^A-Za-z0-9+/]/g, '').length < 64;

const shapes: readonly Shape[] = [
  token('an AWS access key', /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g),
  token('a Google API key', /\bAIza[\w-]{35}(?![\w-])/g),
  token('a Google OAuth token', /\bya29\.[\w-]{20,500}/g),
  token('a Google OAuth secret', /\bGOCSPX-[\w-]{20,40}/g),
  token('a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b/g),
  token('a GitLab token', /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,64}/g),
  token('a Slack token', /\bxox[abeoprs]-(?:\d{1,20}-)?[A-Za-z0-9-]{10,200}/g),
  token('a Slack webhook', /hooks\.slack\.com\/(?:services|workflows)\/[A-Z0-9]{8,12}\/[A-Z0-9]{8,12}\/[A-Za-z0-9]{20,40}/g),
  token('a Discord webhook', /discord(?:app)?\.com\/api\/webhooks\/\d{15,20}\/[\w-]{60,80}/g),
  token('a Stripe key', /\b(?:(?:sk|rk)_(?:live|test)|whsec)_[A-Za-z0-9]{16,247}\b/g),
  token('an OpenAI key', /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,80}T3BlbkFJ[A-Za-z0-9_-]{20,80}/g),
  token('an Anthropic key', /\bsk-ant-[a-z]{2,8}\d\d-[\w-]{80,120}/g),
  token('an npm token', /\bnpm_[A-Za-z0-9]{36}\b/g),
  token('a PyPI token', /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,500}/g),
  token('a SendGrid key', /\bSG\.[\w-]{22}\.[\w-]{43}/g),
  token('a Mailgun key', /\bkey-[0-9a-f]{32}\b/g),
  token('a Telegram bot token', /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g),
  token('a Twilio key', /\bSK[0-9a-f]{32}\b/g),
  token('a DigitalOcean token', /\bdo[opr]_v1_[0-9a-f]{64}\b/g),
  token('a Hugging Face token', /\bhf_[A-Za-z]{34}\b/g),
  token('a Databricks token', /\bdapi[0-9a-f]{32}\b/g),
  token('a Shopify token', /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/g),
  token('a Vault token', /\bhv[bs]\.[A-Za-z0-9_-]{24,300}/g),
  token('an age key', /\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b/g),
  token('an Azure storage key', /\bAccountKey=[A-Za-z0-9+/]{86}==/g),
  {
    code: 'secret-token',
    what: 'a JSON Web Token',
    pattern: /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000}/g,
    spares: isNoJsonWebToken,
  },
  {
    code: 'secret-private-key',
    what: 'a private key',
    pattern: /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,4000}/g,
    spares: isEmptyKey,
  },
  {
    code: 'secret-password',
    what: 'a password in an address',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@"'`<>[\]]{0,100}:([^\s/?#@"'`<>]{1,200})@[\w[{$.-]/gi,
    group: 1,
    spares: isOrdinaryPassword,
  },
  {
    code: 'secret-password',
    what: 'a password in a connection string',
    pattern:
      /\b(?:Server|Data Source|Host|Endpoint|User Id|Uid)=[^;\n"']{1,200};(?:[^\n"']{0,200};)?(?:Password|Pwd|SharedAccessKey)=([^;\s"']{4,200})/gi,
    group: 1,
    spares: isOrdinaryPassword,
  },
  {
    code: 'secret-password',
    what: 'credentials of Basic authentication',
    pattern: /\bauthorization["']?\s{0,3}[:=,]\s{0,3}["'`]?basic\s{1,3}([A-Za-z0-9+/]{12,400}={0,2})/gi,
    group: 1,
    spares: (value) => isOrdinaryPassword(Buffer.from(value, 'base64').toString().split(':').slice(1).join(':')),
  },
];

/** Secrets that are known by their shape. */
export const shapesIn = (text: string): FoundSecret[] =>
  shapes.flatMap(({ code, what, pattern, group = 0, spares = isPlaceholder }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const value = match[group] ?? '';
      return spares(value) ? [] : [{ code, what, value, offset: match.index + match[0].indexOf(value) }];
    }),
  );
