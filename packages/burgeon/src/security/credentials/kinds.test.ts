import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AuthScheme, Interface } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../base/clock.ts';
import { bodyOf, failure, serve } from '../fixtures/loopback.ts';
import { answerChallenge, readChallenges } from './digest.ts';
import { type Certificates, makeCertificates } from './fixtures/certificates.ts';
import { gated } from './fixtures/gated.ts';
import { awsSigV4 } from './aws-sigv4.ts';
import type { ProofContext } from './credential.ts';
import { checkSecret } from './kinds.ts';

const httpScheme = (kind: AuthScheme['kind'], place: string, name: string): AuthScheme => ({
  kind,
  bindings: { http: { place, name } },
});
const auth: Record<string, AuthScheme> = {
  header: httpScheme('apiKey', 'header', 'X-Key'),
  query: httpScheme('apiKey', 'query', 'k'),
  cookie: httpScheme('apiKey', 'cookie', 'sid'),
  basic: httpScheme('basic', 'authorization', 'Basic'),
  bearer: httpScheme('bearer', 'authorization', 'Bearer'),
  word: httpScheme('other', 'authorization', 'Token'),
  digest: httpScheme('other', 'authorization', 'Digest'),
  aws: httpScheme('apiKey', 'header', 'Authorization'),
  tls: { kind: 'mutualTls', bindings: {} },
  oauth: { kind: 'oauth2', bindings: {}, flows: {} },
  connection: { kind: 'password', bindings: {} },
  host: httpScheme('apiKey', 'header', 'Host'),
};

describe('what stands in a request as it is', () => {
  let seen: IncomingMessage | undefined;
  let server: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    server = await serve((request, response) => {
      seen = request;
      response.end('ok');
    });
  });
  const ask = async (scheme: string, secret: string, path = '/a?b=1#c', init: RequestInit = {}): Promise<IncomingMessage> => {
    const { ask: send } = await gated({ hosts: [server.host], auth, secrets: { [scheme]: secret } });
    await send(`${server.origin}${path}`, scheme, init);
    return seen ?? expect.unreachable();
  };

  it('is a key in a header, the query or a cookie', async () => {
    expect((await ask('header', 'k y')).headers['x-key']).toBe('k y');
    expect((await ask('query', 'k&y#')).url).toBe('/a?b=1&k=k%26y%23');
    expect((await ask('cookie', 'abcd', '/', { headers: { cookie: 'a=1' } })).headers.cookie).toBe('a=1; sid=abcd');
  });

  it('is a password, a token, or a word with one', async () => {
    expect((await ask('basic', 'Żaneta:pa:ss')).headers.authorization).toBe(
      `Basic ${Buffer.from('Żaneta:pa:ss').toString('base64')}`,
    );
    expect((await ask('bearer', 'abcd')).headers.authorization).toBe('Bearer abcd');
    expect((await ask('bearer', 'bearer abcd')).headers.authorization).toBe('bearer abcd');
    expect((await ask('word', 'abcd')).headers.authorization).toBe('Token abcd');
  });

  it('wins over what the caller put there', async () => {
    expect((await ask('header', 'mine', '/', { headers: { 'x-key': 'theirs' } })).headers['x-key']).toBe('mine');
  });

  it('is never a header of the connection', async () => {
    expect(await failure(ask('host', 'evil.example'))).toMatchObject({ code: 'CAPABILITY_DENIED' });
  });

  it.each([
    ['header', 'a\r\nx: y'],
    ['basic', 'no colon'],
    ['bearer', 'a\nb'],
    ['digest', 'no colon'],
    ['tls', '{"cert":"x","key":"y"}'],
    ['tls', 'x'],
    ['oauth', '{"clientId":""}'],
    ['oauth', '{"clientId":"x","clientAuth":"jwt"}'],
    ['aws', '{"accessKeyId":"x"}'],
  ])('is refused before it leaves when %s is written wrongly, without being shown', async (scheme, secret) => {
    const error = await failure(ask(scheme, secret));
    expect(error).toMatchObject({ code: 'INPUT_INVALID', hint: expect.stringContaining('Write it as') });
    expect(JSON.stringify([error, error.message])).not.toContain(secret);
    expect(() => checkSecret(`api/m/${scheme}`, { auth } as unknown as Interface, secret)).toThrow('is not written as');
  });

  it('is taken as it is where nothing says what it is for', () => {
    const description = { auth } as unknown as Interface;
    expect(() => checkSecret('api/m/unknown', description, 'any\nthing')).not.toThrow();
    expect(() => checkSecret('api/m/connection', description, 'postgres://u:p@h/d')).not.toThrow();
    expect(() => checkSecret('api/m/oauth', description, 'a-token')).not.toThrow();
  });
});

describe('signed requests', () => {
  const suite = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
    service: 'service',
  };
  const storage = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
    service: 's3',
  };
  const suiteTime = Date.UTC(2015, 7, 30, 12, 36);
  const storageTime = Date.UTC(2013, 4, 24);
  const base = 'https://example.amazonaws.com';

  // The provider's published signature test suite and, for the last, the examples of its storage reference.
  it.each<[string, object, number, [method: string, url: string, headers: [string, string][]], string]>([
    [
      'get-vanilla',
      suite,
      suiteTime,
      ['GET', `${base}/`, []],
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'get-vanilla-query-order-key-case',
      suite,
      suiteTime,
      ['GET', `${base}/?Param2=value2&Param1=value1`, []],
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-utf8-query',
      suite,
      suiteTime,
      ['GET', `${base}/?ሴ=bar`, []],
      '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    ],
    [
      'post-vanilla',
      suite,
      suiteTime,
      ['POST', `${base}/`, []],
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-header-key-sort',
      suite,
      suiteTime,
      ['POST', `${base}/`, [['my-header1', 'value1']]],
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
    [
      'GET bucket lifecycle',
      storage,
      storageTime,
      ['GET', 'https://examplebucket.s3.amazonaws.com/?lifecycle', []],
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
  ])('have the published signature: %s', async (...row) => {
    const [, key, time, [method, url, headers], signature] = row;
    const read = awsSigV4.read(JSON.stringify(key));
    const prove = awsSigV4.prove(read, { clock: manualClock(time), conceal: () => {} } as unknown as ProofContext);
    let sent = '';
    await prove({ url: new URL(url), request: { method, headers, body: undefined } }, async (hop) => {
      sent = new Headers(hop.request.headers).get('authorization') ?? '';
      return new Response() as unknown as Awaited<ReturnType<typeof prove>>;
    });
    expect(sent).toContain(`Signature=${signature}`);
  });

  /** A server that signs what it got by itself and compares. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
  const verifies = async (request: IncomingMessage, secret: string): Promise<boolean> => {
    const hash = (data: string): string => createHash('sha256').update(data).digest('hex');
    const [, id = '', scope = '', names = '', signature = ''] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=(.+)$/.exec(
        request.headers.authorization ?? '',
      ) ?? [];
    const url = new URL(request.url ?? '', 'http://x');
    const encode = (text: string): string =>
      encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
    const query = [...url.searchParams]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&');
    const headers = names
      .split(';')
      .map((name) => `${name}:${String(request.headers[name])}\n`)
      .join('');
    const path = url.pathname.split('/').map(encode).join('/');
    const canonical = [request.method, path, query, headers, names, hash(await bodyOf(request))].join('\n');
    const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash(canonical)].join('\n');
    const key = scope
      .split('/')
      .reduce<Buffer | string>((each, part) => createHmac('sha256', each).update(part).digest(), `AWS4${secret}`);
    return id === suite.accessKeyId && createHmac('sha256', key).update(toSign).digest('hex') === signature;
  };

  it('are what a server that signs by itself comes to, payload and session included', async () => {
    const { origin, host } = await serve(async (request, response) => {
      const sealed = request.headers['x-amz-security-token'] === 'a session';
      response.writeHead((await verifies(request, suite.secretAccessKey)) && sealed ? 200 : 403).end();
    });
    const secret = JSON.stringify({ ...suite, sessionToken: 'a session' });
    const { ask } = await gated({ hosts: [host], auth, secrets: { aws: secret } });
    const inits: RequestInit[] = [{}, { method: 'POST', body: 'x=1' }, { method: 'PUT', body: new Blob(['blob']) }];
    for (const init of inits) expect((await ask(`${origin}/a%20b/c?z=1&a=%2F%20x`, 'aws', init)).status).toBe(200);
    const wrong = await gated({ hosts: [host], auth, secrets: { aws: secret.replace('wJalr', 'wrong') } });
    expect((await wrong.ask(origin, 'aws')).status).toBe(403);
  });
});

describe('challenges', () => {
  // RFC 7616 section 3.9.1.
  const request = {
    user: 'Mufasa',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };
  const parts =
    'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const header = `Basic realm="x", Digest algorithm=MD5, ${parts}, Digest ${parts}, algorithm=SHA-256`;

  it('are answered as the standard says, the better algorithm first', () => {
    const [better, other] = readChallenges(header);
    expect(better?.algorithm).toBe('SHA-256');
    expect(answerChallenge(better ?? expect.unreachable(), request)).toContain(
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
    );
    expect(answerChallenge(other ?? expect.unreachable(), request)).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
  });

  it('are answered in the older form, for a session, and with a hash of the name', () => {
    // RFC 2617 section 3.5 without its qop; RFC 2069 has the formula.
    const [old] = readChallenges('Digest realm="r", nonce="n"');
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const first = md5('Mufasa:r:Circle of Life');
    const plain = answerChallenge(old ?? expect.unreachable(), request);
    expect(plain).toContain(`response="${md5(`${first}:n:${md5('GET:/dir/index.html')}`)}"`);
    expect(plain).not.toContain('qop');
    const [session] = readChallenges('Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth", userhash=true');
    const own = md5(`${first}:n:${request.cnonce}`);
    const answer = answerChallenge(session ?? expect.unreachable(), request);
    expect(answer).toContain(`response="${md5(`${own}:n:00000001:${request.cnonce}:auth:${md5('GET:/dir/index.html')}`)}"`);
    expect(answer).toContain(`username="${md5('Mufasa:r')}"`);
  });

  it.each([
    '',
    'Basic realm="x"',
    'Digest realm="x"',
    'Digest nonce="n", algorithm=SHA3',
    'Digest nonce="n", qop="auth-int"',
    'Digest',
  ])('are left unanswered when they cannot be: %j', (text) => expect(readChallenges(text)).toEqual([]));

  it('are met by a second request, and the password stays here', async () => {
    const seen: string[] = [];
    const { origin, host } = await serve(async (incoming, response) => {
      const given = incoming.headers.authorization ?? '';
      seen.push(await bodyOf(incoming));
      const cnonce = /cnonce="([^"]+)"/.exec(given)?.[1] ?? '';
      const [challenge] = readChallenges(`Digest ${parts}, algorithm=SHA-256`);
      const expected =
        challenge && answerChallenge(challenge, { ...request, method: incoming.method ?? '', uri: incoming.url ?? '', cnonce });
      if (given !== '' && given === expected) return response.end(given);
      return response.writeHead(401, { 'www-authenticate': `Digest ${parts}, algorithm=SHA-256` }).end();
    });
    const { ask } = await gated({ hosts: [host], auth, secrets: { digest: 'Mufasa:Circle of Life' } });
    const answer = await ask(`${origin}/dir?x=1`, 'digest', { method: 'POST', body: 'again' });
    expect([answer.status, seen]).toEqual([200, ['again', 'again']]);
    expect(await answer.text()).not.toContain('Circle');
    const wrong = await gated({ hosts: [host], auth, secrets: { digest: 'Mufasa:nothing' } });
    expect((await wrong.ask(origin, 'digest')).status).toBe(401);
  });
});

describe('certificates', () => {
  let made: Certificates;
  let url = '';
  const server = { close: (): void => {} };
  beforeAll(async () => {
    made = makeCertificates();
    const https = createServer(
      { ...made.server, ca: made.ca, requestCert: true, rejectUnauthorized: true },
      (request, response) => {
        const subject = (request.socket as TLSSocket).getPeerCertificate().subject as { CN?: string };
        response.end(subject.CN);
      },
    );
    server.close = () => https.close().closeAllConnections();
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(https.address() as AddressInfo).port}/`;
  });
  afterAll(() => server.close());
  const open = (secrets: Record<string, string>): ReturnType<typeof gated> =>
    gated({ hosts: [new URL(url).host], auth, secrets });

  it('prove who asks while the connection is made, to a server that proves itself', async () => {
    const { ask, vault, gate } = await open({ tls: JSON.stringify({ ...made.client, ca: made.ca }) });
    expect(await (await ask(url, 'tls')).text()).toBe('client');
    expect(await (await ask(url, 'tls')).text()).toBe('client');
    await vault.rotate('api/m/tls', JSON.stringify({ ...made.stranger, ca: made.ca }));
    expect((await failure(ask(url, 'tls'))).code).toBe('REMOTE_UNREACHABLE');
    expect((await failure(gate.fetch(url))).code).toBe('REMOTE_UNREACHABLE');
  });

  it('do not make a server trusted that nobody vouches for', async () => {
    const { ask } = await open({ tls: JSON.stringify(made.client) });
    expect((await failure(ask(url, 'tls'))).code).toBe('REMOTE_UNREACHABLE');
  });

  it('must belong to their key', async () => {
    const { ask } = await open({ tls: JSON.stringify({ cert: made.client.cert, key: made.stranger.key }) });
    expect(await failure(ask(url, 'tls'))).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('go together with what a request carries', async () => {
    const { gate } = await open({
      tls: JSON.stringify({ ...made.client, ca: made.ca }),
      header: 'k y',
      aws: '{"accessKeyId":"a","secretAccessKey":"b"}',
    });
    const answer = await gate.fetch(url, { auth: { aws: [], tls: [], header: [] } });
    expect([answer.status, await answer.text()]).toEqual([200, 'client']);
  });
});
