import { BurgeonError, type JsonSchema, type JsonValue } from '@burgeon/kit';
import { createValidator } from '../interface/validate.ts';
import type { Power } from './power.ts';

/** What code may say of a request, as it crosses the wall. */
interface FetchOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | { base64: string };
  /** How the bytes of the answer become text. Default: `text`, UTF-8. */
  as?: 'text' | 'base64';
  /** Full name of a granted secret; the host puts its value where the module's auth scheme of that name says. */
  auth?: string;
}

const optionsSchema: JsonSchema = {
  type: 'object',
  properties: {
    method: { type: 'string', maxLength: 32, pattern: '^[A-Za-z]+$' },
    headers: {
      type: 'object',
      maxProperties: 200,
      additionalProperties: { type: 'string', pattern: '^[\\t -~\\u0080-\\u00ff]*$' },
    },
    body: { anyOf: [{ type: 'string' }, { type: 'object', properties: { base64: { type: 'string' } }, required: ['base64'] }] },
    as: { enum: ['text', 'base64'] },
    auth: { type: 'string', maxLength: 400 },
  },
  additionalProperties: false,
};
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/;
const noTypes = {};

const optionsOf = (value: JsonValue | undefined): FetchOptions => {
  const [issue] = createValidator(noTypes).check(optionsSchema, value ?? {});
  const name = issue
    ? undefined
    : Object.keys((value as FetchOptions | undefined)?.headers ?? {}).find((each) => !headerName.test(each));
  if (!issue && name === undefined) return (value ?? {}) as FetchOptions;
  throw new BurgeonError('INPUT_INVALID', {
    message: issue
      ? `The options of fetch are not right at ${issue.path || 'the top'}: ${issue.message}.`
      : `${JSON.stringify(name?.slice(0, 100))} is no name of a header.`,
    hint: 'fetch(url, { method, headers, body, as, auth })',
  });
};

/**
 * `http.fetch` of code: one request through the egress gate of its module, under its grants and limits. A secret never comes back.
 * @throws {BurgeonError} INPUT_INVALID, CAPABILITY_DENIED, SECRET_MISSING, LIMIT_EXCEEDED, REMOTE_UNREACHABLE, TIMEOUT
 */
export const hostFetch = async (power: Power, [url, given]: JsonValue[]): Promise<JsonValue> => {
  const { method = 'GET', headers = {}, body, as = 'text', auth } = optionsOf(given);
  if (typeof url !== 'string') throw new BurgeonError('INPUT_INVALID', { message: 'fetch takes an address as text.' });
  const gate = power.egress();
  const answer = await gate.fetch(url, {
    method,
    headers,
    signal: power.signal,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.from(body.base64, 'base64') }),
    ...(auth === undefined ? {} : { auth: { [gate.schemeOf(auth)]: [] } }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: bytes.toString(as === 'text' ? 'utf8' : 'base64'),
  };
};
