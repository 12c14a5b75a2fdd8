import { BurgeonError, type Interface, type JsonObject, type JsonSchema, type JsonValue } from '@burgeon/kit';
import { httpSchemes } from '../bindings/http/operation.ts';
import { authorize } from '../bindings/http/runtime/auth.ts';
import { createValidator } from '../interface/validate.ts';
import { covers } from '../security/capabilities.ts';
import { bareHost, hostRules, matching, parseRule } from '../security/host-rules.ts';
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

/** A granted credential, and every form in which an answer could echo it. */
interface Proof {
  scheme: string;
  value: string;
  forms: string[];
}

/**
 * The credential that code asked to be put in. It is not for hosts that were granted by a pattern, nor for the open network in the clear.
 * @throws {BurgeonError} CAPABILITY_DENIED, SECRET_MISSING
 */
const proofOf = async ({ id, grants, parts }: Power, url: URL | null, name: string): Promise<Proof> => {
  const exact = hostRules(grants.filter(({ kind }) => kind === 'net.http'))
    .map(parseRule)
    .filter(({ wildcard }) => !wildcard);
  const scheme = url?.protocol.slice(0, -1) ?? '';
  const to = url && { scheme, host: bareHost(url), port: Number(url.port || (scheme === 'https' ? 443 : 80)) };
  const isNamed = to !== null && matching(exact, to).length > 0;
  const isSealed = scheme === 'https' || /^(?:localhost|127\..*|::1)$/.test(to?.host ?? '');
  if (!isNamed || !isSealed || !covers(grants, { kind: 'secret.use', scope: { names: [name] } })) {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `${id} may not send the secret ${JSON.stringify(name.slice(0, 200))} to ${to?.host ?? 'nowhere'}.`,
      hint: 'It needs secret.use for the name, and a host that is granted by its own name, over https.',
    });
  }
  const value = await parts.vault.read(name);
  if (value === undefined)
    throw new BurgeonError('SECRET_MISSING', {
      message: `${id} needs the secret ${name}, which is not set.`,
      hint: `burgeon secret set ${name}`,
    });
  return { scheme: name.split('/').slice(2).join('/'), value, forms: formsOf(value) };
};

/** Shorter forms would be found in any text. */
const shortestEcho = 4;

const formsOf = (value: string): string[] =>
  [value, Buffer.from(value).toString('base64'), encodeURIComponent(value)]
    .filter((form) => form.length >= shortestEcho)
    .map(latin);

/** UTF-8 bytes as one character each, so that texts and bytes are compared alike. */
const latin = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const scrub = (text: string, forms: readonly string[]): string =>
  forms.reduce((rest, form) => rest.replaceAll(form, '[secret]'), text);

const bearer = { kind: 'bearer', place: 'authorization', name: 'Bearer' } as const;

const prove = async (
  request: { url: string; headers: Record<string, string> },
  description: Interface,
  proof: Proof,
): Promise<void> => {
  const known = httpSchemes(description);
  const scheme = Object.hasOwn(known, proof.scheme) ? known[proof.scheme] : undefined;
  await authorize(
    request,
    { auth: [{ [proof.scheme]: [] }] },
    { schemes: { [proof.scheme]: scheme ?? bearer }, auth: () => proof.value },
  );
};

/**
 * `http.fetch` of code: one request through the egress gate of its module, under its grants and limits. A secret never comes back.
 * @throws {BurgeonError} INPUT_INVALID, CAPABILITY_DENIED, SECRET_MISSING, LIMIT_EXCEEDED, REMOTE_UNREACHABLE, TIMEOUT
 */
export const hostFetch = async (power: Power, [url, given]: JsonValue[]): Promise<JsonValue> => {
  const { method = 'GET', headers = {}, body, as = 'text', auth } = optionsOf(given);
  if (typeof url !== 'string') throw new BurgeonError('INPUT_INVALID', { message: 'fetch takes an address as text.' });
  const request = { url, headers: { ...headers } };
  const proof = auth === undefined ? undefined : await proofOf(power, URL.parse(request.url), auth);
  if (proof) await prove(request, power.description, proof);
  const answer = await power.egress().fetch(request.url, {
    method,
    headers: request.headers,
    signal: power.signal,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.from(body.base64, 'base64') }),
  });
  const forms = proof?.forms ?? [];
  const bytes = Buffer.from(scrub(Buffer.from(await answer.arrayBuffer()).toString('latin1'), forms), 'latin1');
  const answered: JsonObject = Object.fromEntries([...answer.headers].map(([name, value]) => [name, scrub(value, forms)]));
  return { status: answer.status, headers: answered, body: bytes.toString(as === 'text' ? 'utf8' : 'base64') };
};
