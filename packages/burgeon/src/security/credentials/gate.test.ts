import { createServer, type ServerResponse } from 'node:http';
import type { AuthScheme } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { failure, serve } from '../fixtures/loopback.ts';
import { gated } from './fixtures/gated.ts';

const secret = 'k<e"y/é+0123 4567';
const ascii = 'k-e.y_0123456789';
const auth: Record<string, AuthScheme> = {
  key: { kind: 'apiKey', bindings: { http: { place: 'query', name: 'k' } } },
  token: { kind: 'bearer', bindings: {} },
  free: { kind: 'bearer', bindings: {} },
};
const secrets = { key: secret, token: ascii };

describe('what comes back', () => {
  it.each<[string, (response: ServerResponse, sent: string) => void]>([
    ['in the body', (response, sent) => response.end(`before ${sent} behind`)],
    ['in a header', (response, sent) => response.writeHead(200, { 'x-echo': sent, 'x-as': `a=${sent}; b` }).end()],
    ['in the words of the status', (response, sent) => response.writeHead(200, `It was ${sent}`).end()],
    ['in base64', (response, sent) => response.end(Buffer.from(`{"authorization":"Bearer ${sent}"}`).toString('base64'))],
    ['in JSON', (response, sent) => response.end(JSON.stringify({ sent }))],
    [
      'byte by byte',
      (response, sent) => {
        for (let at = 0; at < sent.length; at += 1) response.write(sent.slice(at, at + 1));
        response.end();
      },
    ],
    ['as an error', (response, sent) => response.writeHead(500).end(`no such token: ${sent}`)],
  ])('is scrubbed %s, and recorded once', async (_name, answer) => {
    const { origin, host } = await serve((request, response) => answer(response, request.headers.authorization?.slice(7) ?? ''));
    const { ask, audit } = await gated({ hosts: [host], auth, secrets });
    const got = await ask(origin, 'token');
    const all = JSON.stringify([got.statusText, [...got.headers], await got.text()]);
    expect(all).toContain('[secret]');
    expect(all).not.toContain(ascii);
    expect(all).not.toContain(Buffer.from(ascii.slice(1, -1)).toString('base64').slice(2, -2));
    const echoed = (await audit.list()).filter(({ kind }) => kind === 'secret.echoed');
    expect(echoed).toEqual([expect.objectContaining({ module: 'api/m', data: { name: 'api/m/token', host } })]);
  });

  it('is scrubbed also when a later request without proof asks for it', async () => {
    let last = '';
    const { origin, host } = await serve((request, response) => {
      const before = last;
      last = request.url ?? '';
      response.end(before);
    });
    const { ask, gate } = await gated({ hosts: [host], auth, secrets });
    await ask(origin, 'key');
    expect(last).toContain(encodeURIComponent(secret).replaceAll("'", '%27'));
    expect(await (await gate.fetch(origin)).text()).toBe('/?k=[secret]');
  });

  it('arrives as it is sent, without waiting for more', async () => {
    const server = createServer((_request, response) => void response.write('data: 1\n\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as { port: number }).port}`;
    const { ask } = await gated({ hosts: [host], auth, secrets });
    const reader = ((await ask(`http://${host}/`, 'token')).body ?? expect.unreachable()).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('data: 1\n\n');
    await reader.cancel();
    server.close().closeAllConnections();
  });

  it('is scrubbed out of our own errors', async () => {
    const { origin, host } = await serve((request, response) =>
      response.writeHead(302, { location: `https://evil.example/${request.headers.authorization}` }).end(),
    );
    const { ask } = await gated({ hosts: [host], auth, secrets });
    const error = await failure(ask(origin, 'token'));
    expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain(ascii);
    expect(error.code).toBe('CAPABILITY_DENIED');
  });
});

describe('where it goes', () => {
  it('follows to the same origin anew, and never to another', async () => {
    const seen: [string, string | undefined][] = [];
    const other = await serve((request, response) => {
      seen.push([`other ${request.url}`, request.headers.authorization]);
      response.end();
    });
    const { origin, host } = await serve((request, response) => {
      seen.push([request.url ?? '', request.headers.authorization]);
      const next = ({ '/': '/next', '/next': `${other.origin}/there` } as Record<string, string>)[request.url ?? ''];
      return next === undefined ? response.end() : response.writeHead(307, { location: next }).end();
    });
    const { ask } = await gated({ hosts: [host, other.host], auth, secrets });
    await ask(origin, 'token');
    expect(seen).toEqual([
      ['/', `Bearer ${ascii}`],
      ['/next', `Bearer ${ascii}`],
      ['other /there', undefined],
    ]);
  });

  it('does not come back to the origin by way of another one', async () => {
    const seen: (string | undefined)[] = [];
    let home = '';
    const other = await serve((_request, response) => response.writeHead(307, { location: `${home}/back` }).end());
    const { origin, host } = await serve((request, response) => {
      seen.push(request.headers.authorization);
      return request.url === '/' ? response.writeHead(307, { location: other.origin }).end() : response.end();
    });
    home = origin;
    const { ask } = await gated({ hosts: [host, other.host], auth, secrets });
    await ask(origin, 'token');
    expect(seen).toEqual([`Bearer ${ascii}`, undefined]);
  });

  it.each<[string, string, string]>([
    ['a host that was not granted', 'https://b.example/', 'may not reach'],
    ['the open network in the clear', 'http://a.example/', 'may not send'],
    ['a host that a pattern covers', 'https://c.wild.example/', 'may not send'],
    ['a method or path that was not granted', 'https://narrow.example/other', 'may not reach'],
  ])('is not %s, and the vault is not even asked', async (_name, url, why) => {
    const grants = [
      { kind: 'net.http', scope: { hosts: ['a.example', '*.wild.example'] } },
      { kind: 'net.http', scope: { hosts: ['narrow.example'], paths: ['/only'] } },
      { kind: 'secret.use', scope: { names: ['api/m/token'] } },
    ];
    const { ask, vault } = await gated({ hosts: [], auth, secrets, grants });
    let reads = 0;
    const read = vault.read;
    vault.read = (name) => {
      reads += 1;
      return read(name);
    };
    expect(await failure(ask(url, 'token'))).toMatchObject({ code: 'CAPABILITY_DENIED', message: expect.stringContaining(why) });
    expect(reads).toBe(0);
  });

  it('is no token that is kept for another scheme, whatever a scheme is called', async () => {
    const { origin, host } = await serve((_request, response) => response.end());
    const schemes: Record<string, AuthScheme> = {
      login: { kind: 'oauth2', bindings: {} },
      'login token': { kind: 'bearer', bindings: {} },
      'Access token': { kind: 'bearer', bindings: {} },
    };
    const kept = { 'login token': '{"accessToken":"a","refreshToken":"r"}', 'Access token': ascii };
    const { ask } = await gated({ hosts: [host], auth: schemes, secrets: kept });
    expect(await failure(ask(origin, 'login token'))).toMatchObject({ code: 'CAPABILITY_DENIED' });
    expect((await ask(origin, 'Access token')).status).toBe(200);
  });

  it.each([
    ['goes', 'http://10.0.0.5:8080/', { unencrypted: true }, 1],
    ['does not go without the word of who approved it', 'http://10.0.0.5:8080/', {}, 0],
    ['does not go to a name, wherever that leads', 'http://nas.example/', { unencrypted: true, private: true }, 0],
  ])('%s in the clear to %s', async (_name, url, more, expected) => {
    const grants = [
      { kind: 'net.http', scope: { hosts: [new URL(url).host], ...more } },
      { kind: 'secret.use', scope: { names: ['api/m/token'] } },
    ];
    const { ask, vault } = await gated({ hosts: [], auth, secrets, grants });
    const stop = new AbortController();
    let reads = 0;
    const read = vault.read;
    vault.read = async (name) => {
      reads += 1;
      stop.abort();
      return read(name);
    };
    const { code } = await failure(ask(url, 'token', { signal: stop.signal }));
    expect([reads, code === 'CAPABILITY_DENIED']).toEqual([expected, expected === 0]);
  });

  it('is granted by name, and says what is missing', async () => {
    const { origin, host } = await serve((_request, response) => response.end());
    const { ask, gate, vault } = await gated({ hosts: [host], auth, secrets });
    expect(await failure(ask(origin, 'unknown'))).toMatchObject({ code: 'CAPABILITY_DENIED' });
    expect(await failure(ask(origin, 'free'))).toMatchObject({ code: 'SECRET_MISSING', hint: 'burgeon secret set api/m/free' });
    expect([await gate.holds('token'), await gate.holds('free')]).toEqual([true, false]);
    await vault.revoke('api/m/token');
    expect(await gate.holds('token')).toMatchObject({ code: 'SECRET_MISSING', message: expect.stringMatching(/was revoked/) });
  });

  it('is never the secret of another module, which is recorded', async () => {
    const grants = [{ kind: 'secret.use', scope: { names: ['api/other/token'] } }];
    const { gate, audit } = await gated({ hosts: [], auth, grants });
    expect(() => gate.schemeOf('api/other/token')).toThrow('not its own');
    await gate.close();
    expect(await audit.list()).toEqual([
      expect.objectContaining({ kind: 'secret.denied', module: 'api/m', data: { name: 'api/other/token' } }),
    ]);
  });

  it('resolves under the same grants', async () => {
    const { gate } = await gated({ hosts: ['127.0.0.1:81'], auth });
    expect(await gate.resolve('127.0.0.1', 81)).toEqual({ address: '127.0.0.1', port: 81 });
  });
});
