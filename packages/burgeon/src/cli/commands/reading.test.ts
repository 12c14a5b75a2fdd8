import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ran, type RunOptions } from '../fixtures/harness.ts';

let folder = '';
const cli = (words: string[], options?: RunOptions): Promise<Ran> =>
  runCommand([...words, '--home', join(folder, 'home')], options);

const answers = (schema: unknown) => ({ 200: { description: 'ok', content: { 'application/json': { schema } } } });
const many = Object.fromEntries(
  Array.from({ length: 41 }, (_, index) => [`/many/${index}`, { get: { operationId: `many${index}`, responses: answers({}) } }]),
);

/** Everything that a listing has a line of its own for. */
const rich = {
  openapi: '3.1.0',
  info: { title: 'Rich', version: '2.0.0', description: 'Has all.' },
  paths: {
    '/old': { get: { operationId: 'old', deprecated: true, summary: 'An old one', responses: answers({ type: 'string' }) } },
    '/older': { get: { operationId: 'older', deprecated: true, responses: answers({ type: 'string' }) } },
    '/events': {
      get: {
        operationId: 'watch',
        responses: { 200: { description: 'ok', content: { 'text/event-stream': { itemSchema: { type: 'object' } } } } },
      },
    },
    '/things/{id}': {
      put: {
        operationId: 'putThing',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', const: "it's" } },
          { name: 'note', in: 'query', schema: { type: 'string' } },
        ],
        responses: answers({ type: 'string' }),
      },
      delete: {
        operationId: 'deleteThing',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: 'a' }],
        responses: { 204: { description: 'gone' }, 409: {} },
      },
    },
  },
  webhooks: { changed: { post: { operationId: 'changed', requestBody: { content: { 'application/json': { schema: {} } } } } } },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burgeon-reading-'));
  await writeFile(join(folder, 'rich.json'), JSON.stringify(rich));
  await writeFile(join(folder, 'many things.json'), JSON.stringify({ ...rich, paths: many, webhooks: {} }));
  expect(await cli(['init', '--policy', 'unattended'])).toMatchObject({ code: 0 });
  expect(await cli(['add', join(folder, 'rich.json'), '--location', 'http://127.0.0.1:9'])).toMatchObject({ code: 0 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('describe', () => {
  it('marks what is deprecated, and lists what is sent by the other side', async () => {
    const { stdout } = await cli(['describe', join(folder, 'rich.json')]);
    expect(stdout).toMatch(/5 operations, 1 channel, /);
    expect(stdout).toContain('(deprecated) An old one');
    expect(stdout).toMatch(/older +read +\(deprecated\)$/m);
    expect(stdout).toMatch(/^ +changed +in$/m);
    expect(stdout).toMatch(/\d+ (info|warning)/);
    expect(stdout).not.toContain('lives at');
  });

  it('shows forty of many, and repeats the words as a shell takes them', async () => {
    const { stdout } = await cli(['describe', join(folder, 'many things.json')]);
    expect(stdout).toContain('... and 1 more: --json shows all');
    expect(stdout).toMatch(/Next: burgeon add '.*many things\.json'/);
    expect(stdout).not.toContain('channel');
  });
});

describe('show', () => {
  it('says where a module lives and what it may do', async () => {
    const { stdout } = await cli(['show', 'rich']);
    expect(stdout).toMatch(/lives at +http:\/\/127\.0\.0\.1:9/);
    expect(stdout).toMatch(/net\.http/);
    expect(stdout).toMatch(/Next: burgeon show api\/rich --operation \w+/);
  });

  it.each([
    ['old', /old +read +deprecated[\s\S]*An old one[\s\S]*Promise<string>/],
    ['watch', /watch\(.*AsyncIterable</],
    ['putThing', /Try: burgeon call api\/rich\.putThing '\{"id":"it'\\''s"\}'/],
    ['deleteThing', /Errors\s+\S+[\s\S]*Try: burgeon call api\/rich\.deleteThing/],
    ['older', /Try: burgeon call api\/rich\.older$/m],
  ])('gives a call of %s to copy', async (operation, text) => {
    expect((await cli(['show', 'rich', '--operation', operation])).stdout).toMatch(text);
  });
});

describe('doctor', () => {
  it('minds who else may look inside', async () => {
    const open = join(folder, 'open');
    await mkdir(open);
    await chmod(open, 0o755);
    expect((await runCommand(['doctor', '--home', open])).stdout).toContain('Others may look inside: chmod 700');
  });

  it('finds the nearest folder in which a home could be made', async () => {
    const { stdout, code } = await runCommand(['doctor', '--home', join(folder, 'a', 'b', 'c')]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('made on first use')]);
    await expect(stat(join(folder, 'a'))).rejects.toThrow();
  });
});

describe('eject', () => {
  it('asks a person before it writes over files', async () => {
    const out = join(folder, 'client');
    const words = ['eject', 'rich', '--target', 'openapi', '--out', out];
    expect((await cli(words)).code).toBe(0);
    const asked: string[] = [];
    const answering = (answer: string): RunOptions => ({
      tty: true,
      watch: (text, type) => {
        if (!text.includes('Overwrite?')) return;
        asked.push(text);
        type(`${answer}\r`);
      },
    });
    expect((await cli(words, answering('n'))).code).toBe(2);
    expect((await cli(words, answering('y'))).code).toBe(0);
    expect(asked.join()).toMatch(/(is|are) there already/);
  });

  it('follows no link out of its folder, and leaves nothing half written', async () => {
    const out = join(folder, 'trap');
    await mkdir(out);
    await mkdir(join(folder, 'outside'));
    const { files } = JSON.parse(
      (await cli(['eject', 'rich', '--target', 'typescript', '--out', join(folder, 'free'), '--json'])).stdout,
    ) as {
      files: string[];
    };
    const nested = files.find((path) => path.includes('/'));
    expect(nested).toBeDefined();
    await symlink(join(folder, 'outside'), join(out, nested!.split('/')[0]!));
    const ran = await cli(['eject', 'rich', '--target', 'typescript', '--out', out]);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('would be written outside')]);
    expect(await readdir(join(folder, 'outside'))).toEqual([]);
    expect((await readdir(out)).filter((name) => name.endsWith('.burgeon-tmp'))).toEqual([]);
  });
});
