import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBurgeon } from '../burgeon.ts';
import { serve } from '../server/serve.ts';

const register = fileURLToPath(new URL('./register.ts', import.meta.url));
const node24 = fileURLToPath(new URL('../../../../node_modules/node24/bin/node', import.meta.url));

const schema = { type: 'object', required: ['id'], properties: { id: { type: 'integer' }, name: { type: 'string' } } };
const json = (content: unknown): unknown => ({
  200: { description: 'ok', content: { 'application/json': { schema: content } } },
});
const document = (title: string, location: string): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title, version: '1' },
    servers: [{ url: location }],
    paths: {
      '/pets': {
        get: {
          operationId: 'listPets',
          parameters: [
            { name: 'page', in: 'query', schema: { type: 'integer', default: 1 } },
            { name: 'limit', in: 'query', schema: { type: 'integer' } },
          ],
          responses: json({ type: 'array', items: schema }),
        },
      },
      '/pets/{petId}': {
        get: {
          operationId: 'getPet',
          parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'integer' } }],
          responses: json(schema),
        },
      },
    },
  });

let folder = '';
let home = '';
let closeMirror = async (): Promise<void> => {};

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const node = async (
  source: string,
  options: { binary?: string; name?: string; env?: Record<string, string> } = {},
): Promise<Ended> => {
  const file = join(folder, options.name ?? 'app.ts');
  await writeFile(file, source);
  const env = { PATH: process.env['PATH'] ?? '', BURGEON_HOME: home, BURGEON_IMPORT: 'prompt', ...options.env };
  return new Promise((resolve) => {
    execFile(options.binary ?? process.execPath, ['--import', register, file], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
};

const calls = `
  import all, { getPet } from 'burgeon:api/petstore';
  import * as pinned from 'burgeon:api/petstore@1.0.0';
  const pet = await getPet({ petId: 3 });
  const wrong = await getPet({ petId: 'x' as never }).catch((error) => error.code);
  console.log(JSON.stringify({ id: pet.id, wrong, all: Object.keys(all), pinned: typeof pinned.getPet }));
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burgeon-import-'));
  home = join(folder, 'home');
  const aside = await createBurgeon({ home: join(folder, 'aside') });
  const standing = await aside.standUp({ what: 'petstore.json', text: document('Petstore', 'http://127.0.0.1:9') });
  closeMirror = () => standing.close();
  await aside.close();
  const first = await createBurgeon({ home });
  await first.init({ policy: 'unattended', totp: false });
  await first.close();
  const burgeon = await createBurgeon({ home });
  await burgeon.management.call('addModule', { what: 'petstore.json', text: document('Petstore', standing.url) });
  await burgeon.init({ policy: 'two-channels', totp: false });
  await burgeon.close();
  const strict = await createBurgeon({ home });
  await strict.management.call('addModule', { what: 'waits.json', text: document('Waits', standing.url) });
  await strict.close();
});
afterAll(async () => {
  await closeMirror();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['this Node', process.execPath],
  ['Node 24', node24],
])('imports under %s', (name, binary) => {
  it.skipIf(!existsSync(binary))('call the module, by name and by version', async () => {
    const { stdout, stderr } = await node(calls, { binary });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      id: 3,
      wrong: 'INPUT_INVALID',
      all: expect.arrayContaining(['listPets', 'getPet']) as string[],
      pinned: 'function',
    });
  });

  it.skipIf(!existsSync(binary))('work with require', async () => {
    const source = `const { getPet } = require('burgeon:api/petstore'); getPet({ petId: 3 }).then((pet) => console.log(pet.id));`;
    expect(await node(source, { binary, name: `${name.replace(' ', '-')}.cjs` })).toMatchObject({ stdout: '3\n' });
  });
});

describe('imports', () => {
  it('write a lock file that a second import keeps', async () => {
    await node(calls);
    const lock = await readFile(join(folder, 'burgeon.lock'), 'utf8');
    expect(JSON.parse(lock)).toMatchObject({ modules: { 'api/petstore': { version: '1.0.0' } } });
    expect((await node(calls, { env: { CI: 'true', BURGEON_IMPORT: '' } })).code).toBe(0);
    expect(await readFile(join(folder, 'burgeon.lock'), 'utf8')).toBe(lock);
  });

  it.each([
    ['what waits for approval', 'burgeon:api/waits', 'APPROVAL_PENDING', /burgeon approve req_/],
    ['what is not there', 'burgeon:api/petstroe', 'MODULE_NOT_FOUND', /burgeon:api\/petstore/],
    ['the runtime of the stubs', 'burgeon:runtime', 'CAPABILITY_DENIED', /burgeon:api\/petstore/],
  ])('refuse %s, and say what to do', async (_, specifier, code, hint) => {
    const { code: exit, stderr } = await node(`import ${JSON.stringify(specifier)};`);
    expect(exit).toBe(1);
    expect(stderr).toContain(code);
    expect(stderr).toMatch(hint);
    expect(stderr).not.toContain('at resolve');
  });

  it('go through the server that owns the home', async () => {
    const burgeon = await createBurgeon({ home });
    const served = await serve({ burgeon, port: 0 });
    const { stdout } = await node(calls);
    await served.close(100);
    await burgeon.close();
    expect(JSON.parse(stdout)).toMatchObject({ id: 3, wrong: 'INPUT_INVALID' });
  });

  it('add what burgeon.json names when asked to, and never when locked', async () => {
    await writeFile(join(folder, 'garden.json'), document('Garden', 'http://127.0.0.1:9'));
    await writeFile(join(folder, 'burgeon.json'), '{"modules":{"api/garden":"./garden.json"}}');
    await rm(join(folder, 'burgeon.lock'), { force: true });
    const source = `await import('burgeon:api/garden').catch((error) => console.log(error.code));`;
    expect((await node(source, { env: { BURGEON_IMPORT: 'locked' } })).stdout).toBe('MODULE_NOT_FOUND\n');
    // The policy of this home asks people, so it is there and waits.
    expect((await node(source, { env: { BURGEON_IMPORT: 'auto' } })).stdout).toBe('APPROVAL_PENDING\n');
  });
});
