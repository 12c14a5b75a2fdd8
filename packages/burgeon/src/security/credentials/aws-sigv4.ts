import { createHash } from 'node:crypto';
import { type Hop } from '../egress-hop.ts';
import { type CredentialKind, defineCredential, jsonMembers } from './credential.ts';
import { replayable } from './replay.ts';

/** An access key; region and service are read off the host where they are absent, which works for the provider's own hosts. */
interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  region?: string;
  service?: string;
}

/**
 * Signs each request with an access key, payload included. The key itself never leaves.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export const awsSigV4: CredentialKind = defineCredential<AccessKey>({
  name: 'aws-sigv4',
  form: '{"accessKeyId":"...","secretAccessKey":"...","region":"...","service":"..."}, with "sessionToken" if there is one',
  read: (value) => {
    const key = jsonMembers(value) as Partial<AccessKey> | undefined;
    return key?.accessKeyId && key.secretAccessKey ? (key as AccessKey) : undefined;
  },
  prove: (key, { clock, conceal }) => {
    conceal(key.secretAccessKey);
    if (key.sessionToken !== undefined) conceal(key.sessionToken);
    return async (hop, send) => send(await signed(await replayable(hop), key, clock.now()));
  },
});

const signed = async (hop: Hop, key: AccessKey, now: number): Promise<Hop> => {
  const { AwsV4Signer } = await import('aws4fetch');
  const { method, body, headers } = hop.request;
  const payload = body as Uint8Array | undefined;
  const signer = new AwsV4Signer({
    ...key,
    method,
    url: hop.url.href,
    headers: key.service === 's3' ? [...headers, ['x-amz-content-sha256', sha256(payload)]] : headers,
    ...(payload === undefined ? {} : { body: payload as Uint8Array<ArrayBuffer> }),
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  const made = await signer.sign();
  return { url: hop.url, request: { ...hop.request, headers: [...made.headers] } };
};

const sha256 = (payload: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(payload ?? '')
    .digest('hex');
