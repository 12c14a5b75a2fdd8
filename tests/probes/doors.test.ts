/** Probes P65 to P74 of the threat table against a running `burgeon serve`, from outside: what the server takes for its own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAsked, json, openProbes } from './door-probes.ts';
import { raw, serveHome } from './served-home.ts';

const { state, judge, note, own, bearer, ask } = openProbes('what a server takes for its own');

describe.skipIf(!isAsked)('who the server is', () => {
  it('P65 passes only its own names', async () => {
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const other = others.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '192.0.2.7';
    const { port } = state.served;
    const hosts = [
      'evil.example',
      `evil.example:${port}`,
      '',
      `${other}:${port}`,
      `localhost.:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
    ];
    for (const host of [
      ...hosts,
      `127.0.0.1:${port}@evil.example`,
      `[::ffff:127.0.0.1]:${port}`,
      `0.0.0.0:${port}`,
      `127.1:${port}`,
    ]) {
      judge('P65', `Host: ${host || '(empty)'}`, [403, 421], await ask('GET /healthz', { host }));
    }
    judge('P65', 'no Host', [403, 421], await ask('GET /healthz', { host: undefined }));
    const two = Buffer.from(`GET /healthz HTTP/1.1\r\nhost: ${own()}\r\nhost: evil.example\r\nconnection: close\r\n\r\n`);
    judge('P65', 'two Hosts', [400, 403, 421], await raw(port, two));
    judge('P65', 'absolute form', [403, 421], await ask(`GET http://${own()}/healthz`));
    judge('P65', 'absolute form, evil', [403, 421], await ask('GET http://evil.example/healthz'));
    judge('P65', 'its own name', [200], await ask('GET /healthz', { host: `LOCALHOST:${port}` }));
  });

  it('P66 refuses pages of others for every method, and for sockets', async () => {
    const origins = ['http://evil.example', 'null', `http://localhost.evil:${state.served.port}`, 'http://localhost.evil'];
    for (const origin of [
      ...origins,
      'chrome-extension://abcdefghijklmnop',
      `moz-extension://${own()}`,
      'file://',
      `https://evil.example/${own()}`,
    ]) {
      const statuses = new Set<number>();
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        statuses.add((await ask(`${method} /healthz`, { origin, ...bearer() })).status);
      }
      judge('P66', `Origin: ${origin}, seven methods`, [403], statuses.size === 1 ? ([...statuses][0] ?? 0) : 0);
    }
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    judge('P66', 'a socket from evil', [403], await ask('GET /mcp', { ...upgrade, origin: 'http://evil.example', ...bearer() }));
    judge('P66', 'its own origin', [200], await ask('GET /healthz', { origin: `http://${own()}` }));
  });

  it('P67 takes JSON and nothing else', async () => {
    const body = '{"what":"x"}';
    const types = [
      'text/plain',
      undefined,
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain; x=application/json',
    ];
    for (const type of types) {
      for (const path of ['/api/describe', '/mcp', '/control/call']) {
        judge(
          'P67',
          `POST ${path} as ${type ?? '(nothing)'}`,
          [415],
          await ask(`POST ${path}`, { ...bearer(), 'content-type': type }, body),
        );
      }
    }
  });

  it('P68 lets no page of others ask', async () => {
    for (const origin of ['http://evil.example', `http://${own()}`]) {
      const preflight = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
      const answer = await ask('OPTIONS /api/modules', preflight);
      note('P68', `preflight from ${origin}`, 'no ACAO', answer.headers['access-control-allow-origin'] ?? 'none');
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('P69 opens no socket', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    judge('P69', 'a socket without a token', [401], await ask('GET /mcp', upgrade));
    judge(
      'P69',
      'a token in the query',
      [401],
      await ask(`GET /mcp?token=${state.served.token}&access_token=${state.served.token}`, upgrade),
    );
    judge('P69', 'a socket with a token', [400, 426], await ask('GET /api/modules', { ...upgrade, ...bearer() }));
    judge('P69', 'a token in the query of a request', [401], await ask(`GET /api/modules?token=${state.served.token}`));
    note('P70', 'frames, deflate bombs, slow readers', 'n/a', 'there is no socket server yet');
  });

  it('P71 keeps its answers out of pages', async () => {
    const answer = await ask('GET /healthz');
    note('P71', 'policy for content', "default-src 'none'", answer.headers['content-security-policy'] ?? '');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    const name = encodeURIComponent('<img src=x onerror=alert(1)>');
    const refused = await ask(`GET /api/modules/api/${name}`, bearer());
    judge('P71', 'markup in a path comes back as JSON', [404], refused);
    expect(refused.headers['content-type']).toBe('application/problem+json');
  });

  it('P72 has no way to files', async () => {
    const up = [
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/api/modules/..%5c..%5c/x',
      '/api/modules/api/%00',
      '//etc/passwd',
      '/etc/passwd',
    ];
    for (const path of [
      ...up,
      '/api/modules/../../burgeon.db',
      '/api/modules/%2fetc%2fpasswd/x',
      '/openapi.json/../keys/owner.pem',
      '/api/skills/..%2f..%2fkeys',
    ]) {
      const answer = await ask(`GET ${path}`, bearer());
      judge('P72', path, [404, 422], answer);
      expect(answer.body).not.toMatch(/root:|PRIVATE KEY|SQLite/);
    }
    const nul = await raw(state.served.port, Buffer.from(`GET /a\0b HTTP/1.1\r\nhost: ${own()}\r\nconnection: close\r\n\r\n`));
    judge('P72', 'NUL in the path', [400, 401, 404], nul);
  });

  it('P73 reads hostile JSON without falling', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const bodies: [string, string | Buffer, number[]][] = [
      ['400 kB deep', `{"what":${deep}}`, [400, 413]],
      ['400 kB deep, never closed', `{"what":${'['.repeat(400_000)}`, [400, 413]],
      ['__proto__', '{"what":"nowhere","__proto__":{"polluted":1}}', [400, 404, 422]],
      ['constructor.prototype', '{"what":"nowhere","constructor":{"prototype":{"polluted":1}}}', [400, 404, 422]],
      ['duplicate keys', '{"what":"nowhere","what":"nowhere either"}', [400, 404, 422]],
      ['10 MB', JSON.stringify({ what: 'big.json', text: 'x'.repeat(10_000_000) }), [400, 413, 422]],
      ['40 MB', JSON.stringify({ what: 'big.json', text: 'x'.repeat(40_000_000) }), [400, 413]],
      ['no JSON', '{', [400]],
      ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), [400, 422]],
    ];
    for (const [what, body, expected] of bodies)
      judge('P73', what, expected, await ask('POST /api/describe', { ...bearer(), ...json }, body));
    expect((await ask('GET /healthz')).status).toBe(200);
  });

  it('P74 answers this machine alone', async () => {
    const hex = state.served.port.toString(16).toUpperCase().padStart(4, '0');
    const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')));
    const bound = tables.join('\n').match(new RegExp(`\\b[0-9A-F]+(?=:${hex} [0-9A-F]+:0000 0A)`, 'g')) ?? [];
    note('P74', 'default address', '0100007F', bound.join(' '));
    expect(bound).toEqual(['0100007F']);
    const elsewhere = await mkdtemp(join(tmpdir(), 'burgeon-bind-'));
    for (const words of [
      ['--host', '0.0.0.0'],
      ['--host', '::'],
      ['--host', '0.0.0.0', '--open'],
    ]) {
      const failure = await serveHome(elsewhere, words).then(async (stood) => void (await stood.stop()), String);
      note('P74', `serve ${words.join(' ')}`, 'refused', failure === undefined ? 'stood' : 'refused');
      expect(failure).toMatch(/FORBIDDEN/);
    }
    await rm(elsewhere, { recursive: true, force: true });
  });
});
