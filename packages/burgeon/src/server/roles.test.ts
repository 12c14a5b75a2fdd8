import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBurgeon, type Burgeon } from '../burgeon.ts';
import { hasRight, roles, type Role } from '../security/access.ts';
import { serve, type Served } from './serve.ts';

const page = fileURLToPath(new URL('../../../../docs/roles.md', import.meta.url));
const roleNames = Object.keys(roles) as Role[];

let home = '';
let burgeon: Burgeon;
let served: Served;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'burgeon-roles-'));
  burgeon = await createBurgeon({ home, threads: false });
  served = await serve({ burgeon, port: 0, rates: { failuresPerMinute: 10_000, answersPerMinute: 10_000 } });
  const { access } = burgeon;
  for (const role of roleNames) tokens[role] = (await access.grant({ role })).value;
  const revoked = await access.grant({ role: 'owner' });
  await access.revoke(revoked.key.id);
  tokens['revoked'] = revoked.value;
  tokens['expired'] = (await access.grant({ role: 'owner', expiresInMs: 1 })).value;
  tokens['narrowed'] = (await access.grant({ role: 'owner', modules: ['db/*'] })).value;
  tokens['forged'] = `${tokens['owner']?.slice(0, -1)}${tokens['owner']?.endsWith('A') ? 'B' : 'A'}`;
});
afterAll(async () => {
  await served.close(100);
  await burgeon.close();
  await rm(home, { recursive: true, force: true });
});

/** A route with every name filled in, asked without a payload: who may not is told so before anything else is looked at. */
const statusOf = async (route: string, token?: string): Promise<number> => {
  const [method = 'GET', path = '/'] = route.split(' ');
  const response = await fetch(served.url + path.replaceAll(/\{\w+\}/g, 'none'), {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  return response.status;
};

const shown = (): { id: string; route: string; needs: string }[] =>
  burgeon.management.operations
    .filter(({ doors }) => doors.includes('web'))
    .map(({ id, route, needs }) => ({ id, route, needs }));

describe('the matrix of roles', () => {
  it('holds for every route and every role, and for every token that is good for nothing', async () => {
    const wrong: string[] = [];
    for (const { route, needs } of shown()) {
      for (const role of roleNames) {
        const status = await statusOf(route, tokens[role]);
        const may = needs === 'nothing' || (roles[role] as readonly string[]).includes(needs);
        if (may ? status === 401 || status === 403 : status !== 403) wrong.push(`${role} ${route}: ${status}`);
      }
      for (const token of [undefined, tokens['revoked'], tokens['expired'], tokens['forged']]) {
        const status = await statusOf(route, token);
        const isOpen = needs === 'nothing' && token === undefined;
        if (isOpen ? status >= 400 : status !== 401) wrong.push(`${token ?? 'nobody'} ${route}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(shown().length).toBeGreaterThan(40);
  });

  it('refuses a key for some modules what concerns others or the whole home', async () => {
    const isOfOneModule = (route: string): boolean => route.includes('{namespace}/{name}');
    for (const { route } of shown().filter((each) => isOfOneModule(each.route))) {
      const response = await statusOf(route, tokens['narrowed']);
      // Its payload may be judged first; it is never carried out.
      expect([403, 422], route).toContain(response);
    }
    for (const route of ['GET /api/secrets', 'GET /api/access', 'GET /metrics', 'GET /api/audit/verify']) {
      expect(await statusOf(route, tokens['narrowed']), route).toBe(403);
    }
    for (const route of ['GET /api/modules', 'GET /api/approvals', 'GET /api/skills', 'GET /api/running', 'GET /healthz']) {
      expect(await statusOf(route, tokens['narrowed']), route).toBe(200);
    }
  });

  it('asks for a token wherever there is nothing, whatever the method', async () => {
    for (const route of [
      'GET /',
      'GET /nothing',
      'PATCH /healthz',
      'OPTIONS /api/modules',
      'POST /mcp',
      'GET /api',
      'DELETE /metrics',
    ]) {
      expect(await statusOf(route), route).toBe(401);
    }
    expect(await statusOf('GET /nothing', tokens['viewer'])).toBe(404);
    expect(await statusOf('POST /mcp', tokens['viewer'])).toBe(403);
  });

  it('is what the documentation says', async () => {
    const rows = shown()
      .toSorted((a, b) => (a.route.replace(/^\w+ /, '') < b.route.replace(/^\w+ /, '') ? -1 : 1))
      .map(({ id, route, needs }) => {
        const cells = roleNames.map((role) => (needs === 'nothing' || hasRight({ role }, needs as 'view') ? '✓' : '403'));
        return `| \`${route}\` | ${id} | ${needs} | ${cells.join(' | ')} |`;
      });
    const head = [
      `| route | operation | needs | ${roleNames.join(' | ')} |`,
      `| --- | --- | --- | ${roleNames.map(() => '---').join(' | ')} |`,
    ];
    const text = (await readFile(page, 'utf8')).replace(
      /(?<=<!-- routes -->\n)[^]*(?=<!-- \/routes -->)/,
      () => `\n${[...head, ...rows].join('\n')}\n\n`,
    );
    // `-u` writes the page.
    await expect(await format(text, { ...(await resolveConfig(page)), parser: 'markdown' })).toMatchFileSnapshot(page);
  });
});
