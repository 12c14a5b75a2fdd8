import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, burgeon, peerFile } from './machine.ts';
import { freePort, run, stand } from './processes.ts';

/** What one tool did with references that lead out of the document. */
export interface Leak {
  tool: string;
  /** It works at all: it takes the same document without such a reference. */
  works: boolean;
  /** The sibling file's content is in what the tool wrote or answered. */
  readsFile: boolean;
  /** Requests that reached a server on this machine. */
  fetches: number;
}

/** A name that nothing but the sibling file holds. */
const canary = 'CanaryOfTheSiblingFile';

const documentWith = (reference: string): string =>
  JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'Leak', version: '1' },
    paths: {
      '/pets': {
        get: {
          operationId: 'listPets',
          responses: { '200': { description: 'OK', content: { 'application/json': { schema: { $ref: reference } } } } },
        },
      },
    },
    components: { schemas: { Pet: { type: 'object', required: ['petName'], properties: { petName: { type: 'string' } } } } },
  });

const outside = JSON.stringify({
  Pet: { type: 'object', required: [canary], properties: { [canary]: { type: 'string', example: canary } } },
});

/** Everything a tool left below a folder, its own records included. */
const writtenBelow = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');

type Use = (document: string, out: string) => Promise<string>;

/** Runs a tool to its end: what it printed and what it wrote. */
const written =
  (command: (document: string, out: string) => string[]): Use =>
  async (document, out) => {
    const { stdout } = await run(command(document, out), {
      cwd: out,
      env: { BURGEON_HOME: join(out, 'home') },
      timeoutMs: 60_000,
    });
    return `${stdout}\n${writtenBelow(out)}`;
  };

/** Stands a mock server up and asks it. */
const answered =
  (command: (document: string, port: number) => string[]): Use =>
  async (document, out) => {
    const port = await freePort();
    const server = await stand(command(document, port), { port, env: { BURGEON_HOME: join(out, 'home') } }).catch(
      () => undefined,
    );
    const answer = server && (await fetch(`http://127.0.0.1:${port}/pets`).catch(() => undefined));
    const text = (await answer?.text()) ?? '';
    await server?.stop();
    return text;
  };

const node = process.execPath;

const uses: Record<string, Use> = {
  'burgeon describe': written((document) => [...burgeon, 'describe', document, '--json']),
  'burgeon add': written((document) => [...burgeon, 'add', document, '--json']),
  'burgeon mirror': answered((document, port) => [...burgeon, 'mirror', document, '--port', String(port)]),
  'hey-api': written((document, out) => [
    node,
    peerFile('@hey-api', 'openapi-ts', 'bin', 'run.js'),
    '-i',
    document,
    '-o',
    join(out, 'gen'),
    '-c',
    '@hey-api/client-fetch',
    '--no-log-file',
  ]),
  'redocly generate-client': written((document, out) => [
    node,
    peerFile('@redocly', 'cli', 'bin', 'cli.js'),
    'generate-client',
    document,
    '-o',
    join(out, 'api.ts'),
  ]),
  'prism mock': answered((document, port) => [
    node,
    peerFile('@stoplight', 'prism-cli', 'dist', 'index.js'),
    'mock',
    document,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
  ]),
  'scalar mock-server': answered((document, port) => [node, join(bench, 'src', 'mirror-scalar.ts'), document, String(port)]),
};

/** Gives every tool a document that refers to a file beside it and one that refers to a server of this machine. */
export const leaks = async (): Promise<Leak[]> => {
  let hits = 0;
  const server = createServer((_request, response) => {
    hits += 1;
    response.setHeader('content-type', 'application/json');
    response.end(outside);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-leak-'));
  writeFileSync(join(folder, 'sibling.json'), outside);
  writeFileSync(join(folder, 'harmless.json'), documentWith('#/components/schemas/Pet'));
  writeFileSync(join(folder, 'relative.json'), documentWith('./sibling.json#/Pet'));
  writeFileSync(join(folder, 'absolute.json'), documentWith(`file://${join(folder, 'sibling.json')}#/Pet`));
  writeFileSync(join(folder, 'loopback.json'), documentWith(`http://127.0.0.1:${port}/outside.json#/Pet`));
  const found: Leak[] = [];
  for (const [tool, use] of Object.entries(uses)) {
    const before = hits;
    const texts: Record<string, string> = {};
    for (const name of ['harmless', 'relative', 'absolute', 'loopback']) {
      const out = join(folder, `${tool.replaceAll(' ', '-')}-${name}`);
      mkdirSync(out);
      texts[name] = await use(join(folder, `${name}.json`), out);
    }
    const { harmless = '', relative = '', absolute = '' } = texts;
    found.push({
      tool,
      works: /pet/i.test(harmless),
      readsFile: `${relative}${absolute}`.includes(canary),
      fetches: hits - before,
    });
  }
  server.close();
  rmSync(folder, { recursive: true, force: true });
  return found;
};

if (import.meta.main) process.stdout.write(`${JSON.stringify(await leaks(), null, 1)}\n`);
