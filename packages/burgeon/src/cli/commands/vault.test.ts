import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorizationServer, authorizationServer } from '../../security/credentials/fixtures/authorization-server.ts';
import { runCommand, type Ran, type RunOptions } from '../fixtures/harness.ts';

const root = mkdtempSync(join(tmpdir(), 'burgeon-vault-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let homes = 0;
let home: string;
beforeEach(() => {
  home = join(root, String((homes += 1)));
});
const plain = stripVTControlCharacters;
const cli = (words: string[], options: RunOptions = {}): Promise<Ran> => runCommand([...words, '--home', home], options);
const json = async (words: string[], stdin = ''): Promise<Record<string, unknown>> =>
  JSON.parse((await cli([...words, '--json'], { stdin })).stdout) as Record<string, unknown>;
/** The same with a passphrase in the environment, which the command takes out of it. */
const withPassphrase = async <T>(passphrase: string, work: () => Promise<T>): Promise<T> => {
  process.env['BURGEON_PASSPHRASE'] = passphrase;
  const done = await work();
  expect(process.env['BURGEON_PASSPHRASE']).toBeUndefined();
  return done;
};

describe('the vault', () => {
  it('is shown, and gets another key; secrets stay', async () => {
    expect(await json(['vault', 'show'])).toEqual({ kind: 'none', locked: false, rotating: false, secrets: 0 });
    expect(plain((await cli(['vault', 'show'])).stdout)).toMatch(/no secret was kept yet/);
    await cli(['secret', 'set', 'api/x/key'], { stdin: 'value\n' });
    expect(await json(['vault', 'rotate'])).toEqual({ kind: 'file', locked: false, rotating: false, secrets: 1 });
    expect(await json(['vault', 'rotate', '--passphrase'], 'pass\n')).toMatchObject({ kind: 'passphrase', locked: false });
    expect(await json(['vault', 'show'])).toMatchObject({ kind: 'passphrase', locked: true, secrets: 1 });
    expect(plain((await cli(['vault', 'show'])).stdout)).toMatch(/locked/);
    expect((await json(['secret', 'set', 'api/x/key'], 'other')).error).toMatchObject({ code: 'VAULT_LOCKED' });
    expect(await withPassphrase('pass', () => json(['secret', 'set', 'api/x/key'], 'other'))).toMatchObject({ version: 2 });
    expect((await json(['vault', 'unlock'], 'wrong')).error).toMatchObject({ code: 'VAULT_LOCKED' });
    expect(plain((await cli(['vault', 'unlock'], { stdin: 'pass' })).stdout)).toMatch(/Right/);
    const file = await withPassphrase('pass', () => cli(['vault', 'rotate', '--file']));
    expect(plain(file.stdout)).toMatch(/Replaced 1 secrets/);
    expect(await json(['secret', 'rotate', 'api/x/key'], 'third')).toMatchObject({ version: 3 });
  });

  it('begins with a passphrase, or in the keychain where there is one', async () => {
    expect((await json(['init', '--passphrase'], 'p\n')).vault).toEqual({ kind: 'passphrase' });
    expect((await json(['init', '--passphrase'], 'p\n')).error).toMatchObject({ code: 'CONFLICT' });
    home = join(root, 'keychain');
    const { vault } = (await json(['init', '--keychain'])) as { vault: { kind: string; reason?: string } };
    expect(vault.kind === 'keychain' || (vault.kind === 'file' && vault.reason !== undefined)).toBe(true);
    home = join(root, 'keychain again');
    expect(plain((await cli(['init', '--keychain'])).stdout)).toMatch(/vault +(?:keychain|file)/);
  });

  it.each([
    [['vault', 'rotate', '--file', '--keychain'], '', 'USAGE'],
    [['vault', 'unlock'], '', 'USAGE'],
    [['vault', 'unlock'], 'p', 'USAGE'],
    [['init', '--passphrase'], '', 'USAGE'],
  ])('refuses %j', async (words, stdin, code) => {
    expect((await json(words, stdin)).error).toMatchObject({ code });
  });

  it('asks for a passphrase at a terminal, twice for a new one', async () => {
    const answers = ['new', 'new'];
    const watch: RunOptions['watch'] = (text, type) => {
      if (/passphrase of the vault|once more/.test(plain(text)) && answers.length > 0)
        setTimeout(() => type(`${answers.shift()}\r`), 20);
    };
    expect((await cli(['vault', 'rotate', '--passphrase'], { tty: true, watch })).code).toBe(0);
    expect(await withPassphrase('new', () => json(['secret', 'set', 'api/x/key'], 'v'))).toMatchObject({ version: 1 });
  });
});

describe('logging in', () => {
  let server: AuthorizationServer;
  beforeAll(async () => {
    server = await authorizationServer();
  });
  const scopes = { read: 'Reads.' };
  const endpoints = (): object => ({ tokenUrl: `${server.origin}/token`, scopes });
  const document = (): string =>
    JSON.stringify({
      openapi: '3.2.0',
      info: { title: 'Guarded', version: '1.0.0' },
      servers: [{ url: server.origin }],
      components: {
        securitySchemes: {
          'person (code)': {
            type: 'oauth2',
            flows: {
              authorizationCode: { ...endpoints(), authorizationUrl: `${server.origin}/authorize` },
              deviceAuthorization: { ...endpoints(), deviceAuthorizationUrl: `${server.origin}/device` },
            },
          },
        },
      },
      security: [{ 'person (code)': ['read'] }],
      paths: {
        '/api': {
          get: {
            operationId: 'look',
            responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'object' } } } } },
          },
        },
      },
    });
  const prepare = async (): Promise<void> => {
    const path = join(root, 'guarded.json');
    writeFileSync(path, document());
    await cli(['init', '--policy', 'unattended']);
    const added = await cli(['add', path]);
    expect(added.code, added.stderr).toBe(0);
  };
  const secret = (): string => JSON.stringify({ clientId: server.client.id, clientSecret: server.client.secret });

  it('goes by the browser, and the calls after it carry a token', async () => {
    await prepare();
    expect((await json(['call', 'guarded.look'])).error).toMatchObject({
      code: 'SECRET_MISSING',
      hint: 'burgeon secret set "api/guarded/person (code)"',
    });
    expect((await json(['secret', 'login', 'guarded', 'person (code)'])).error).toMatchObject({ code: 'SECRET_MISSING' });
    expect((await json(['secret', 'set', 'api/guarded/person (code)'], '{"clientId":1}')).error).toMatchObject({
      code: 'INPUT_INVALID',
    });
    await cli(['secret', 'set', 'api/guarded/person (code)'], { stdin: secret() });
    expect((await json(['call', 'guarded.look'])).error).toMatchObject({
      code: 'SECRET_MISSING',
      hint: expect.stringContaining('secret login'),
    });
    const pages: string[] = [];
    let strange = 0;
    const watch = (text: string): void => {
      const url = /http:\/\/\S+\/authorize\?\S+/.exec(plain(text))?.[0];
      if (url === undefined) return;
      const back = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
      void (async () => {
        strange = (await fetch(new URL('/favicon.ico', back))).status;
        await new Promise((resolve) => {
          const socket = createConnection(Number(back.port), '127.0.0.1', () =>
            socket.end('GET /callback?code=x HTTP/1.1\r\nhost: evil.example\r\n\r\n'),
          );
          socket.on('close', resolve).resume();
        });
        pages.push(await (await fetch(url)).text());
      })();
    };
    const done = await cli(['secret', 'login', 'guarded', 'person (code)'], { watch });
    expect([done.code, strange]).toEqual([0, 404]);
    expect(pages.join()).toContain('You are logged in');
    expect((await json(['call', 'guarded.look'])).output).toMatchObject({ ok: true, echo: '[secret]' });
    expect(server.grants).toEqual(['authorization_code']);
    expect(JSON.stringify(await json(['secret', 'revoke', 'api/guarded/person (code)']))).toContain('"revoked":true');
    const kept = JSON.parse((await cli(['secret', 'list', '--json'])).stdout) as { name: string; revoked: boolean }[];
    expect(kept.map(({ name, revoked }) => [name, revoked])).toEqual([
      ['api/guarded/person (code)', true],
      ['api/guarded/person (code) token', true],
    ]);
  });

  it('goes by another device, whoever is slow', async () => {
    await prepare();
    await cli(['secret', 'set', 'api/guarded/person (code)'], { stdin: secret() });
    const watch = (text: string): void => {
      const code = /[A-Z]{4}-[A-Z]{4}/.exec(plain(text))?.[0];
      if (code !== undefined) setTimeout(() => server.allowDevice(code), 1_200);
    };
    const done = await cli(['secret', 'login', 'guarded', 'person (code)', '--device', '--json'], { watch });
    expect(JSON.parse(done.stdout)).toEqual({ module: 'api/guarded', scheme: 'person (code)', loggedIn: true });
    expect((await json(['call', 'guarded.look'])).output).toMatchObject({ ok: true });
  });
});
