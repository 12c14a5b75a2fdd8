/** Probes P75 to P78 and P80 of the threat table against a running `burgeon serve`: who may call, and for how long. */
import { readdir, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isAsked, json, openProbes } from './door-probes.ts';
import { command, openSocket, raw, request } from './served-home.ts';

const { state, judge, note, own, bearer, ask, grant, valueOf } = openProbes('who may call');

const filesOf = async (dir: string): Promise<string[]> =>
  (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** A stream that a key holds open, and when it ends. */
const holdStream = async (token: string): Promise<{ socket: Socket; endedAt: Promise<number> }> => {
  const headers = { host: own(), authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream', ...json };
  const opening = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'probe', version: '1' } },
  };
  const begun = await raw(state.served.port, request('POST /mcp', headers, JSON.stringify(opening)));
  expect(begun.status, begun.body).toBe(200);
  const session = begun.headers['mcp-session-id'] ?? '';
  const socket = await openSocket(state.served.port);
  const endedAt = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
  socket.on('data', () => {});
  socket.on('error', () => {});
  socket.write(
    request('GET /mcp', { ...headers, connection: 'keep-alive', 'mcp-session-id': session, accept: 'text/event-stream' }),
  );
  const stolen = await raw(
    state.served.port,
    request('GET /mcp', { ...headers, ...bearer(), 'mcp-session-id': session, accept: 'text/event-stream' }),
  );
  judge('P90', 'a session under another token', [404], stolen);
  return { socket, endedAt };
};

describe.skipIf(!isAsked)('who may call', () => {
  it('P75 keeps of a key only a hash', async () => {
    const value = valueOf('owner');
    // Its own alphabet has the mark that stands before it.
    const secret = value.slice(-43);
    const hidden = [value, secret, Buffer.from(value).toString('base64'), Buffer.from(value).toString('hex'), state.served.token];
    const hits: string[] = [];
    for (const path of await filesOf(state.home)) {
      const bytes = await readFile(path);
      if (hidden.some((text) => bytes.includes(text))) hits.push(path);
    }
    note('P75', 'files that hold a key or the token', '0', String(hits.length));
    expect(hits).toEqual([]);
    const [shown] = await command<Record<string, unknown>[]>(state.home, ['access', 'list']);
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect(shown).toMatchObject({
      prefix: expect.stringMatching(/^bgk_/) as string,
      last4: expect.stringMatching(/^.{4}$/) as string,
    });
  });

  it('P76 ends a key within a second, over every door', async () => {
    await grant('short', ['--role', 'operator', '--expires', '2s']);
    await grant('gone', ['--role', 'operator']);
    await grant('narrow', ['--role', 'operator', '--modules', 'db/*']);
    const { endedAt } = await holdStream(valueOf('gone'));
    const running = ask('POST /api/modules/api/slow/operations/wait', { ...bearer(valueOf('gone')), ...json }, '{}');
    await sleep(100);
    const revokedAt = performance.now();
    await command(state.home, ['access', 'revoke', state.keys['gone']?.id ?? '']);
    const answeredAt = performance.now();
    for (const path of ['/api/modules', '/mcp', '/metrics'])
      judge('P76', `revoked on ${path}`, [401], await ask(`GET ${path}`, bearer(valueOf('gone'))));
    const late = Math.round((await endedAt) - answeredAt);
    note('P76', 'a stream of a revoked key ends, ms after the command', '<= 1000', String(Math.max(0, late)));
    expect(late).toBeLessThan(1_000);
    judge('P76', 'its call under way', [0], await running);
    await sleep(Math.max(0, 2_100 - (performance.now() - revokedAt)));
    for (const path of ['/api/modules', '/mcp'])
      judge('P76', `expired on ${path}`, [401], await ask(`GET ${path}`, bearer(valueOf('short'))));
    const narrow = bearer(valueOf('narrow'));
    judge('P76', 'another module, REST', [403], await ask('GET /api/modules/api/slow', narrow));
    judge(
      'P76',
      'another module, call',
      [403],
      await ask('POST /api/modules/api/slow/operations/wait', { ...narrow, ...json }, '{}'),
    );
    judge(
      'P76',
      'another module, skill',
      [403],
      await ask('POST /api/skills/execute', { ...narrow, ...json }, '{"slug":"slow","action":"wait"}'),
    );
    const tool = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'call_tool', arguments: { name: 'slow.wait', arguments: {} } },
    };
    const accept = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' };
    const overMcp = await ask('POST /mcp', { ...narrow, ...json, ...accept }, JSON.stringify(tool));
    note('P76', 'another module, MCP', 'FORBIDDEN', /FORBIDDEN|isError/.exec(overMcp.body)?.[0] ?? overMcp.body.slice(0, 60));
    expect(overMcp.body).not.toContain('done');
    expect((await ask('GET /api/modules', narrow)).body).not.toContain('api/slow');
  });

  it('P77 knows no other tokens', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = `${part({ alg: 'none' })}.${part({ sub: 'owner', role: 'owner' })}.`;
    judge('P77', 'JWT, alg none (there are no JWTs here: n/a)', [401], await ask('GET /api/modules', bearer(none)));
    judge(
      'P77',
      'JWT, kid traversal (n/a)',
      [401],
      await ask('GET /api/modules', bearer(`${part({ alg: 'HS256', kid: '../../dev/null' })}.${part({})}.x`)),
    );
    for (const authorization of [
      'Bearer',
      'Bearer ',
      `Basic ${Buffer.from(`x:${state.served.token}`).toString('base64')}`,
      state.served.token,
      `Bearer ${state.served.token} x`,
    ]) {
      judge('P77', `authorization: ${authorization.slice(0, 12)}...`, [401], await ask('GET /api/modules', { authorization }));
    }
  });

  it('P78 gives each role what its table says', async () => {
    const page = await readFile(new URL('../../docs/roles.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+) (\/\S*)` *\|[^|]*\| (\w+) *\|(.*)\|$/gm)];
    let cells = 0;
    for (const [, method = '', path = '', needs = '', marks = ''] of rows) {
      const line = `${method} ${path.replaceAll(/\{\w+\}/g, 'none')}`;
      for (const [index, mark] of marks.split('|').entries()) {
        const role = ['viewer', 'operator', 'approver', 'owner'][index] ?? '';
        const { status } = await ask(line, bearer(valueOf(role)));
        const fits = mark.trim() === '403' ? status === 403 : status !== 401 && status !== 403 && status < 500;
        // What is limited is limited for everybody; it was let through the roles.
        expect(fits || (mark.trim() !== '403' && [429, 501].includes(status)), `${role} ${line}: ${status}`).toBe(true);
        cells += 1;
      }
      if (needs !== 'nothing') expect((await ask(line)).status, line).toBe(401);
    }
    const described = Object.entries(
      (JSON.parse((await ask('GET /openapi.json')).body) as { paths: Record<string, object> }).paths,
    );
    const routes = described.flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
    const documented = new Set(rows.map(([, method = '', path = '']) => `${method} ${path}`));
    expect(routes.filter((route) => /^(GET|POST|PUT|PATCH|DELETE) /.test(route) && !documented.has(route))).toEqual([]);
    note('P78', 'cells of the matrix that hold', String(rows.length * 4), String(cells));
    expect(rows.length).toBeGreaterThan(40);
  });

  it('P80 makes no key for anybody who may not', async () => {
    const body = JSON.stringify({ role: 'owner', userId: 'owner', id: 'owner', user: { id: 'owner' } });
    const before = (await command<unknown[]>(state.home, ['access', 'list'])).length;
    judge('P80', 'no token', [401], await ask('POST /api/access', json, body));
    for (const role of ['viewer', 'operator', 'approver']) {
      judge('P80', `as ${role}`, [403], await ask('POST /api/access', { ...bearer(valueOf(role)), ...json }, body));
      judge(
        'P80',
        `revoking as ${role}`,
        [403],
        await ask(`DELETE /api/access/${state.keys['owner']?.id ?? ''}`, bearer(valueOf(role))),
      );
    }
    expect((await command<unknown[]>(state.home, ['access', 'list'])).length).toBe(before);
  });
});
