import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOTP, URI } from 'otpauth';
import { createBurgeon, type Burgeon } from '../burgeon.ts';
import { serve, type Served } from './serve.ts';

let home = '';
let upstream: Server;
let burgeon: Burgeon;
let served: Served;
let totp: TOTP;
const said: string[] = [];
let approver = '';

const document = (operation: string): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Water Tracker', version: '1' },
    servers: [{ url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` }],
    paths: {
      '/level': {
        get: {
          operationId: operation,
          parameters: [{ name: 'day', in: 'query', schema: { type: 'integer' } }],
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'integer' } } } } },
        },
      },
    },
  });

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const ask = async (route: string, body?: object, token = served.token ?? ''): Promise<Answer> => {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(served.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const spokenCode = (): string =>
  [...said.join('\n').matchAll(/--code ([A-Z2-9]{6})|\b([A-HJ-NP-Z2-9]{6})\b(?=\s*$)/gm)].at(-1)?.slice(1).find(Boolean) ?? '';

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'burgeon-skills-'));
  upstream = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('7'));
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  burgeon = await createBurgeon({ home, threads: false, write: (text) => said.push(text) });
  const made = await burgeon.init({ policy: 'two-channels', totp: true });
  totp = URI.parse(made.totp?.url ?? '') as TOTP;
  served = await serve({ burgeon, port: 0 });
  approver = (await burgeon.access.grant({ role: 'approver' })).value;
});
afterAll(async () => {
  await served.close(100);
  await burgeon.close();
  upstream.close();
  await rm(home, { recursive: true, force: true });
});

describe('skills', () => {
  it('are made from what is pointed at, not from nothing and not from a sentence alone', async () => {
    expect(await ask('POST /api/skills/generate', { need: ' ' })).toMatchObject({ status: 400, body: { code: 'USAGE' } });
    expect(await ask('POST /api/skills/generate', { need: 'track water' })).toMatchObject({
      status: 501,
      body: { code: 'UNSUPPORTED' },
    });
    const made = await ask('POST /api/skills/generate', {
      what: 'water.json',
      text: document('level'),
      name: 'custom-water-tracker',
    });
    expect(made).toMatchObject({
      status: 202,
      body: {
        id: 'custom-water-tracker',
        slug: 'custom-water-tracker',
        module: 'api/custom-water-tracker',
        version: '1.0.0',
        state: 'pending',
      },
    });
    expect(await ask('GET /api/skills/custom-water-tracker@v1.0.0')).toMatchObject({
      status: 200,
      body: {
        state: 'pending',
        version: '1.0.0',
        capabilities: [{ kind: 'net.http' }],
        findings: expect.any(Array) as unknown,
        code: expect.any(Array) as unknown,
      },
    });
    expect((await ask('GET /api/skills/nothing')).status).toBe(404);
    expect(await ask('POST /api/skills/execute', { slug: 'custom-water-tracker', action: 'level' })).toMatchObject({
      status: 403,
      body: { code: 'APPROVAL_PENDING' },
    });
  });

  it('become active over two channels, and a wrong code is counted', async () => {
    const path = 'POST /api/skills/custom-water-tracker/approve';
    expect((await ask('POST /api/skills/nothing/approve', {}, approver)).status).toBe(404);
    const wrong = await ask(path, { code: 'AAAAAA' }, approver);
    expect(wrong).toMatchObject({ status: 403, body: { code: 'APPROVAL_CODE_INVALID', data: { triesLeft: 4 } } });
    const channels =
      ((await ask('GET /api/approvals')).body as unknown as { channels: { name: string }[] }[])[0]?.channels.map(
        ({ name }) => name,
      ) ?? [];
    const proofs: Record<string, () => string> = { terminal: spokenCode, totp: () => totp.generate() };
    const states: unknown[] = [];
    for (const channel of channels) {
      states.push((await ask(path, { code: proofs[channel]?.() ?? '', channel }, approver)).body['state']);
      if (states.length === 1)
        expect((await ask('GET /api/skills/custom-water-tracker')).body['state']).toBe('channel_1_confirmed');
    }
    expect(states).toEqual(['channel_1_confirmed', 'active']);
  });

  it('are carried out, with their input judged', async () => {
    expect(
      await ask('POST /api/skills/execute', { slug: 'custom-water-tracker', action: 'level', params: { day: 1 } }),
    ).toMatchObject({
      status: 200,
      body: { result: 7 },
    });
    expect(
      await ask('POST /api/skills/execute', { slug: 'custom-water-tracker', action: 'level', params: { day: 'x' } }),
    ).toMatchObject({
      status: 422,
      body: { code: 'INPUT_INVALID', issues: [{ path: expect.stringContaining('day') as unknown }] },
    });
  });

  it('take remarks, and other code as a new version that waits', async () => {
    const path = 'PATCH /api/skills/custom-water-tracker';
    expect(await ask(path, {})).toMatchObject({ status: 400, body: { code: 'USAGE' } });
    expect((await ask('PATCH /api/skills/nothing', { note: 'x' })).status).toBe(404);
    expect(await ask(path, { title: 'Water', note: 'for the kitchen' })).toMatchObject({
      status: 200,
      body: { version: '1.0.0', state: 'active', title: 'Water', note: 'for the kitchen' },
    });
    expect((await ask(path, { note: '' })).body).not.toHaveProperty('note');
    expect((await ask(path, { note: 'x'.repeat(2_001) })).status).toBe(422);
    const { value: narrow } = await burgeon.access.grant({ role: 'operator', modules: ['api/custom-water-tracker'] });
    expect((await ask(path, { note: 'mine' }, narrow)).status).toBe(200);
    expect((await ask(path, { what: 'water.json', text: document('amount') }, narrow)).status).toBe(403);
    const changed = await ask(path, { what: 'water.json', text: document('amount') });
    expect(changed).toMatchObject({ status: 200, body: { version: '2.0.0', state: 'pending', title: 'Water' } });
    expect(changed.body['request']).toEqual(expect.stringMatching(/^req_/) as unknown);
    expect(await ask('POST /api/skills/execute', { slug: 'custom-water-tracker', action: 'level' })).toMatchObject({
      status: 200,
      body: { result: 7, traceId: expect.any(String) as unknown },
    });
    expect((await ask('GET /api/modules/api/custom-water-tracker')).body).toMatchObject({ remarks: { title: 'Water' } });
    const { body } = await ask('GET /api/audit?module=api%2Fcustom-water-tracker');
    expect(body).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'module.remarked', data: { note: '' } })]) as unknown,
    );
  });

  it('go back, are listed and are put away', async () => {
    expect((await ask('POST /api/skills/custom-water-tracker/rollback', { version: 'v9.0.0' })).status).toBe(404);
    expect((await ask('GET /api/skills')).body).toMatchObject([{ id: 'custom-water-tracker', state: 'active' }]);
    expect(await ask('DELETE /api/skills/custom-water-tracker')).toMatchObject({ status: 200, body: { state: 'archived' } });
    expect(await ask('POST /api/skills/execute', { slug: 'custom-water-tracker', action: 'level' })).toMatchObject({
      status: 410,
    });
  });
});
