/** What the probes of the vault share: the built product, an API that repeats its key, and a table of what came out. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { isAsked } from './door-probes.ts';

/** The program. */
export const bin: string = fileURLToPath(new URL('../../packages/burgeon/bin/burgeon.mjs', import.meta.url));
/** Folder of these probes; goes with them. */
export const root: string = mkdtempSync(join(tmpdir(), 'burgeon-vault-probes-'));
const rows: string[][] = [];
/** Keeps a line of the table. */
export const note = (probe: string, what: string, got: string): void => void rows.push([probe, what, got]);
if (!isAsked) process.stderr.write('\n!!! SKIPPED: probes: the vault; set BURGEON_REQUIRE_SERVICES=1 to run them !!!\n');
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  if (rows.length > 0) process.stdout.write(`\n${rows.map((row) => row.join(' | ')).join('\n')}\n\n`);
});

/** Runs a command with something on its standard input, under umask 000. */
export const burgeon = (
  home: string,
  words: string[],
  input = '',
  before: string[] = [],
): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve) => {
    const line = [...before, process.execPath, bin, ...words, '--json', '--home', home];
    const child = spawn('sh', ['-c', 'umask 000; exec "$@"', 'sh', ...line], { stdio: 'pipe', cwd: root });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    child.once('close', (code) => resolve({ code, out, err }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });

/** What the API was asked, with which key. */
export const seen: { key: string; url: URL }[] = [];
/** An API that repeats its key in several forms. */
export const api: Server = createServer((request: IncomingMessage, response) => {
  const key = String(request.headers['x-key'] ?? '');
  const url = new URL(request.url ?? '/', 'http://x');
  seen.push({ key, url });
  const forms: Record<string, string> = { '/base64': Buffer.from(`key=${key}`).toString('base64'), '/error': `no ${key}` };
  const words = JSON.stringify({ said: forms[url.pathname] ?? key });
  response.writeHead(url.pathname === '/error' ? 500 : 200, { 'content-type': 'application/json', 'x-said': key }).end(words);
});
const answers = { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'object' } } } } };
/** Its description. */
export const document = (): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Echo', version: '1.0.0' },
    servers: [{ url: `http://127.0.0.1:${(api.address() as AddressInfo).port}` }],
    components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } },
    security: [{ key: [] }],
    paths: Object.fromEntries(
      ['plain', 'base64', 'error'].map((name) => [
        `/${name}`,
        { get: { operationId: name, parameters: [{ name: 'n', in: 'query', schema: { type: 'integer' } }], responses: answers } },
      ]),
    ),
  });
beforeAll(() => new Promise<void>((resolve) => void api.listen(0, '127.0.0.1', resolve)));
afterAll(() => api.close().closeAllConnections());
