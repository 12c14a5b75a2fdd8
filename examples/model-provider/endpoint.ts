import { http } from 'burgeon:cap/http' with { hosts: 'api.openai.com', methods: 'GET, POST', paths: '/v1/*' };
import { secret } from 'burgeon:cap/secret' with { names: 'model/openai-compatible/key' };
import type { RawAnswer } from './faults.ts';
import type { Settings } from './settings.ts';

/** Where the models are. For another provider this file is all that changes: the host stands here and in the import above. */
export const settings: Settings = {
  baseUrl: 'https://api.openai.com/v1',
  model: 'gpt-4.1-mini',
  contextTokens: 1_000_000,
  embeddingModel: 'text-embedding-3-small',
  // Older servers call it max_tokens.
  limitField: 'max_completion_tokens',
};

/** Full name of the secret that the host puts into the authorization header; the module never sees its value. */
const key = 'model/openai-compatible/key';

/** True when the secret is set. */
export const hasKey = async (): Promise<boolean> => secret.has(key);

/** One request with the secret put in: `body` makes it a POST. @throws what the host throws, with its code as `code` */
export const ask = async (path: string, body?: unknown): Promise<RawAnswer> =>
  http.fetch(`${settings.baseUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    auth: key,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
