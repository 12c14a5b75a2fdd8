/** What `import "burgeon:..."` reads: made again after a crash, and never another thing than what was written. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBurgeon } from '../packages/burgeon/src/burgeon.ts';
import { type ImportPlace, resolveModule } from '../packages/burgeon/src/hook/resolve.ts';
import { indexText, readImportIndex, requireStub } from '../packages/burgeon/src/pipeline/import-index.ts';

const root = mkdtempSync(join(tmpdir(), 'burgeon-imports-'));
const home = join(root, 'home');
const folder = join(home, 'imports');
const index = join(folder, 'index.json');
const stub = join(folder, 'api', 'clock', '1.0.0', 'index.ts');
const document = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Clock', version: '1' },
  servers: [{ url: 'https://clock.example' }],
  paths: { '/now': { get: { operationId: 'now', responses: { 200: { description: 'ok' } } } } },
});

/** Opens the home and closes it; `killed` leaves it as a process that was. */
const reopen = async (killed = false): Promise<void> => {
  if (killed) writeFileSync(join(home, 'lock'), '');
  await (await createBurgeon({ home, threads: false })).close();
};

let whole: { index: string; stub: string };
beforeAll(async () => {
  const first = await createBurgeon({ home, threads: false });
  await first.init({ policy: 'unattended', totp: false });
  await first.close();
  const burgeon = await createBurgeon({ home, threads: false });
  await burgeon.management.call('addModule', { what: 'clock.json', text: document });
  await burgeon.close();
  whole = { index: readFileSync(index, 'utf8'), stub: readFileSync(stub, 'utf8') };
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  writeFileSync(index, whole.index);
  writeFileSync(stub, whole.stub);
});

const place: ImportPlace = { home, folder: root, mode: 'locked', add: () => false };
const refused = (): BurgeonError => {
  try {
    resolveModule('burgeon:api/clock', place);
    return expect.unreachable();
  } catch (error) {
    return BurgeonError.from(error);
  }
};

describe('what is imported', () => {
  it('is what was written', () => {
    expect(resolveModule('burgeon:api/clock', place).file).toBe(stub);
  });

  it.each([
    ['stub', stub, () => whole.stub.replace('now', 'n0w')],
    ['index', index, () => whole.index.replace('1.0.0', '1.0.1')],
    ['index, which is no JSON any more', index, () => whole.index.slice(1)],
    ['index, which is another thing', index, () => '[]'],
  ])('is refused by name when a byte of the %s changed, and made again when it is taken away', async (_, path, text) => {
    writeFileSync(path, text());
    expect(refused()).toMatchObject({ code: 'HOME_DAMAGED', message: `${path} is not what was written.` });
    rmSync(folder, { recursive: true });
    await reopen();
    expect([readFileSync(index, 'utf8'), readFileSync(stub, 'utf8')]).toEqual([whole.index, whole.stub]);
  });

  it.each([
    ['before the index', () => writeFileSync(index, indexText({ modules: {}, files: {} }))],
    ['among the stubs', () => (rmSync(stub), writeFileSync(join(folder, 'unfinished'), 'api/clock'))],
    ['with a damaged index', () => writeFileSync(index, 'x')],
  ])('is made whole after a process was killed %s', async (_, leave) => {
    leave();
    await reopen(true);
    expect([readFileSync(index, 'utf8'), readFileSync(stub, 'utf8')]).toEqual([whole.index, whole.stub]);
    expect(existsSync(join(folder, 'unfinished'))).toBe(false);
  });

  it('forgets what is no module any more, and follows no name out of the folder', async () => {
    const { modules, files } = readImportIndex(folder);
    const [entry] = Object.values(modules);
    writeFileSync(
      index,
      indexText({ modules: { ...modules, ...(entry ? { 'api/gone': entry, '../outside': entry } : {}) }, files }),
    );
    writeFileSync(join(folder, 'unfinished'), '../../outside');
    writeFileSync(join(root, 'outside'), 'stays');
    await reopen(true);
    expect(Object.keys(readImportIndex(folder).modules)).toEqual(['api/clock']);
    expect(readFileSync(join(root, 'outside'), 'utf8')).toBe('stays');
  });

  it('may come from an index that an earlier version wrote', () => {
    const { modules } = readImportIndex(folder);
    writeFileSync(index, JSON.stringify({ modules }));
    expect(readImportIndex(folder)).toEqual({ modules, files: {} });
    expect(readImportIndex(join(root, 'nowhere'))).toEqual({ modules: {}, files: {} });
  });

  it('is missed when it is gone', () => {
    const known = readImportIndex(folder);
    rmSync(stub);
    expect(() => requireStub(folder, known, 'api/clock/1.0.0')).toThrow(/index\.ts is not what was written/);
  });
});
