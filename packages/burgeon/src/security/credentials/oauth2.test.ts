import type { AuthScheme } from '@burgeon/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../base/clock.ts';
import { failure } from '../fixtures/loopback.ts';
import { type AuthorizationServer, authorizationServer } from './fixtures/authorization-server.ts';
import { type Gated, gated, module } from './fixtures/gated.ts';
import { beginDeviceLogin, beginLogin } from './oauth2-login.ts';
import { madeBy, readClient } from './oauth2-client.ts';
import { writeToken } from './oauth2-token.ts';

let server: AuthorizationServer;
beforeEach(async () => {
  server = await authorizationServer();
});

const scopes = { read: '', write: '' };
const schemeOf = (...flows: string[]): AuthScheme => ({
  kind: 'oauth2',
  bindings: { http: { place: 'authorization', name: 'Bearer' } },
  flows: Object.fromEntries(
    flows.map((flow) => [
      flow,
      { authorizationUrl: '/authorize', tokenUrl: '/token', deviceAuthorizationUrl: '/device', scopes },
    ]),
  ),
});
const secretOf = (more: Record<string, string> = {}): string =>
  JSON.stringify({ clientId: server.client.id, clientSecret: server.client.secret, ...more });
const clock = manualClock(1_000_000);
const open = async (
  auth: AuthScheme,
  secret = secretOf(),
): Promise<Gated & { get(init?: { scopes: string[] }): Promise<Response> }> => {
  const made = await gated({ hosts: [server.host], auth: { o: auth }, secrets: { o: secret }, clock });
  return { ...made, get: (init) => made.ask(`${server.origin}/api`, 'o', init) };
};
const ok = async (answer: Promise<Response>): Promise<void> => expect((await answer).status).toBe(200);

describe('tokens of a client', () => {
  it('are got once, kept sealed, and got anew before their time is over', async () => {
    const { get, vault, audit } = await open(schemeOf('clientCredentials'));
    await ok(get());
    await ok(get());
    expect(server.grants).toEqual(['client_credentials']);
    expect(await vault.read(`${module}/o token`)).toContain('accessToken');
    clock.advance(3_539_000);
    await ok(get());
    expect(server.grants).toHaveLength(1);
    clock.advance(2_000);
    await ok(get());
    expect(server.grants).toHaveLength(2);
    expect(JSON.stringify(await audit.list())).not.toMatch(/accessToken|clientSecret/);
  });

  it('are got by one call for all that need them', async () => {
    const { get } = await open(schemeOf('clientCredentials'));
    server.delayMs = 30;
    await Promise.all(Array.from({ length: 20 }, () => ok(get())));
    expect(server.grants).toHaveLength(1);
    server.revoke();
    await Promise.all(Array.from({ length: 20 }, () => ok(get())));
    expect(server.grants.length).toBeLessThanOrEqual(3);
  });

  it('are got anew when one is refused, and the request goes out again as it was', async () => {
    const { ask, get } = await open(schemeOf('clientCredentials'));
    await ok(get());
    server.revoke();
    const answer = await ask(`${server.origin}/api`, 'o', { method: 'POST', body: 'payload' });
    expect(await answer.json()).toMatchObject({ ok: true, body: 'payload' });
    expect(server.grants).toHaveLength(2);
  });

  it('do not come back', async () => {
    const { get, audit } = await open(schemeOf('clientCredentials'));
    expect(await (await get()).json()).toMatchObject({ echo: '[secret]' });
    expect((await audit.list()).filter(({ kind }) => kind === 'secret.echoed')).toHaveLength(1);
  });

  it('cover the scopes of the operation, and those before', async () => {
    const { get } = await open(schemeOf('clientCredentials'));
    await ok(get({ scopes: ['read'] }));
    expect(server.scope).toBe('read');
    await ok(get({ scopes: ['write'] }));
    expect(server.scope).toBe('read write');
    await ok(get({ scopes: ['read'] }));
    expect(server.grants).toHaveLength(2);
    await ok((await open(schemeOf('clientCredentials'), secretOf({ scope: 'all of it' }))).get({ scopes: ['read'] }));
    expect(server.scope).toBe('all of it');
  });

  it('are asked for with the secret in the body where the server wants it there', async () => {
    server.inBody = true;
    const refused = await open(schemeOf('clientCredentials'));
    const error = await failure(refused.get());
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', message: expect.stringContaining('invalid_client') });
    expect(JSON.stringify(error)).not.toContain(server.client.secret);
    await ok((await open(schemeOf('clientCredentials'), secretOf({ clientAuth: 'post' }))).get());
  });

  it('are those of the secret that is kept now', async () => {
    const { get, vault } = await open(schemeOf('clientCredentials'));
    await ok(get());
    server.client.secret = 'another secret';
    await vault.rotate(`${module}/o`, secretOf());
    await ok(get());
    expect(server.grants).toHaveLength(2);
    await vault.revoke(`${module}/o`);
    expect((await failure(get())).code).toBe('SECRET_MISSING');
  });

  it('are tokens themselves where the secret is one', async () => {
    const { get } = await open(schemeOf('clientCredentials'), 'a-token-of-my-own');
    expect((await get()).status).toBe(401);
    expect(server.grants).toEqual([]);
  });

  it('are found by the document of an identity provider', async () => {
    const discoveryUrl = `${server.origin}/.well-known/openid-configuration`;
    await ok((await open({ kind: 'openIdConnect', bindings: {}, discoveryUrl })).get());
    const elsewhere = await failure((await open({ kind: 'openIdConnect', bindings: {}, discoveryUrl: '/api' })).get());
    expect(elsewhere.code).toBe('REMOTE_INVALID');
  });

  it.each<[string, AuthScheme['flows'], string]>([
    [
      'a host that was not granted',
      { clientCredentials: { tokenUrl: 'https://evil.example/token', scopes } },
      'CAPABILITY_DENIED',
    ],
    [
      'the open network in the clear',
      { clientCredentials: { tokenUrl: 'http://evil.example/token', scopes } },
      'CAPABILITY_DENIED',
    ],
    ['nowhere', { clientCredentials: { scopes } }, 'UNSUPPORTED'],
    ['an address that is none', { clientCredentials: { tokenUrl: 'http://', scopes } }, 'UNSUPPORTED'],
    [
      'something that is no authorization server',
      { clientCredentials: { tokenUrl: '/.well-known/openid-configuration', scopes } },
      'REMOTE_INVALID',
    ],
  ])('are not asked for at %s', async (_name, flows, code) => {
    const { get } = await open({ ...schemeOf(), flows: flows ?? {} });
    expect((await failure(get())).code).toBe(code);
  });
});

describe('logins', () => {
  const redirectUri = 'http://127.0.0.1:9/callback';
  const begin = async (auth = schemeOf('authorizationCode'), more: Record<string, string> = {}) => {
    const made = await open(auth, secretOf(more));
    const client = readClient(secretOf(more)) ?? expect.unreachable();
    const login = await beginLogin(made.gate.context('o'), { client, scopes: ['read'], redirectUri });
    const answer = async (): Promise<URLSearchParams> => {
      const sent = await fetch(login.url, { redirect: 'manual' });
      return new URL(sent.headers.get('location') ?? '').searchParams;
    };
    const keep = async (token: Awaited<ReturnType<typeof login.finish>>): Promise<void> =>
      writeToken(made.gate.context('o').tokens, { ...token, by: madeBy(secretOf(more)), scopes: ['read'], login: true });
    return { ...made, login, answer, keep };
  };

  it('are needed first', async () => {
    const { get } = await open(schemeOf('authorizationCode'));
    expect(await failure(get())).toMatchObject({ code: 'SECRET_MISSING', hint: 'burgeon secret login api/m "o"' });
  });

  it('give a token by code and verifier, which is turned over with its refresh token', async () => {
    const { login, answer, keep, get, vault } = await begin();
    await keep(await login.finish(await answer()));
    await ok(get());
    clock.advance(3_600_000);
    const before = await vault.read(`${module}/o token`);
    await Promise.all(Array.from({ length: 8 }, () => ok(get())));
    expect(server.grants).toEqual(['authorization_code', 'refresh_token']);
    expect(await vault.read(`${module}/o token`)).not.toBe(before);
    clock.advance(3_600_000);
    await ok(get());
    expect(server.grants).toHaveLength(3);
    server.revoke({ refresh: true });
    expect(await failure(get())).toMatchObject({ code: 'UNAUTHENTICATED', hint: 'burgeon secret login api/m "o"' });
  });

  it.each<[string, (callback: URLSearchParams) => void, string]>([
    ['another state', (callback) => callback.set('state', 'x'), 'UNAUTHENTICATED'],
    ['no state', (callback) => callback.delete('state'), 'UNAUTHENTICATED'],
    ['another code', (callback) => callback.set('code', 'x'), 'UNAUTHENTICATED'],
    ['another issuer', (callback) => callback.set('iss', 'https://evil.example'), 'UNAUTHENTICATED'],
    ['a refusal', (callback) => (callback.delete('code'), callback.set('error', 'access_denied')), 'UNAUTHENTICATED'],
    ['another error', (callback) => (callback.delete('code'), callback.set('error', 'server_error')), 'REMOTE_ERROR'],
  ])('do not take %s for an answer', async (_name, change, code) => {
    const { login, answer } = await begin();
    const callback = await answer();
    change(callback);
    expect((await failure(login.finish(callback))).code).toBe(code);
  });

  it('take the issuer of the very server, and the one that was said', async () => {
    server.issuer = `${server.origin}/realm`;
    const { login, answer } = await begin();
    expect((await login.finish(await answer())).accessToken).not.toBe('');
    const strict = await begin(undefined, { issuer: `${server.origin}/other` });
    expect((await failure(strict.login.finish(await strict.answer()))).code).toBe('UNAUTHENTICATED');
  });

  it('lead to no address in the clear', async () => {
    const auth = schemeOf('authorizationCode');
    const flow = auth.flows?.['authorizationCode'] ?? expect.unreachable();
    for (const authorizationUrl of ['http://auth.example/', 'javascript:alert(1)']) {
      const made = await open({ ...auth, flows: { authorizationCode: { ...flow, authorizationUrl } } });
      const wish = { client: { clientId: 'x' }, scopes: [], redirectUri };
      expect((await failure(beginLogin(made.gate.context('o'), wish))).code).toBe('UNSUPPORTED');
    }
  });

  it('work on another device', async () => {
    const { gate } = await open(schemeOf('deviceAuthorization'));
    const client = readClient(secretOf()) ?? expect.unreachable();
    const login = await beginDeviceLogin(gate.context('o'), { client, scopes: ['read'] });
    expect(login).toMatchObject({ userCode: 'WDJB-MJHT', intervalMs: 1_000, url: `${server.origin}/device-page` });
    expect(await login.poll()).toBeUndefined();
    server.allowDevice(login.userCode);
    expect((await login.poll())?.refreshToken).toBeDefined();
    const wrong = { ...client, clientSecret: 'wrong' };
    expect((await failure(beginDeviceLogin(gate.context('o'), { client: wrong, scopes: [] }))).code).toBe('UNAUTHENTICATED');
    const none = await open(schemeOf('clientCredentials'));
    expect((await failure(beginDeviceLogin(none.gate.context('o'), { client, scopes: [] }))).code).toBe('UNSUPPORTED');
  });
});
