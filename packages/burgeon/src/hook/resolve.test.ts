import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addFromList } from './auto.ts';
import { addToLock, readLock } from './lock.ts';
import { inputOfAddress } from './next-page.ts';
import { importMode, resolveModule, type ImportMode } from './resolve.ts';
import { parseSpecifier } from './specifier.ts';

const digest = (letter: string): string => letter.repeat(64);
let root = '';
let home = '';

const writeIndex = (modules: unknown): void => writeFileSync(join(home, 'imports', 'index.json'), JSON.stringify({ modules }));
const writeStub = (id: string, version: string): void => {
  mkdirSync(join(home, 'imports', id, version), { recursive: true });
  writeFileSync(join(home, 'imports', id, version, 'index.ts'), '');
};
const resolve = (specifier: string, mode: ImportMode = 'prompt', add = (): boolean => false): ReturnType<typeof resolveModule> =>
  resolveModule(specifier, { home, folder: root, mode, add });
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'no error';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'burgeon-hook-'));
  home = join(root, '.burgeon');
  mkdirSync(join(home, 'imports'), { recursive: true });
  writeIndex({
    'api/petstore': {
      version: '1.1.0',
      digest: digest('b'),
      state: 'active',
      versions: { '1.0.0': digest('a'), '1.1.0': digest('b') },
    },
    'api/waits': { version: '', digest: digest('c'), state: 'pending', request: 'req_1', versions: {} },
    'api/away': { version: '', digest: digest('d'), state: 'archived', versions: { '1.0.0': digest('d') } },
    'api/refused': { version: '', digest: digest('e'), state: 'rejected', versions: {} },
    'api/torn': { version: '1.0.0', digest: digest('f'), state: 'active', versions: { '1.0.0': digest('f') } },
  });
  writeStub('api/petstore', '1.0.0');
  writeStub('api/petstore', '1.1.0');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('specifiers', () => {
  it.each([
    ['burgeon:api/petstore', { id: 'api/petstore' }],
    ['burgeon:api/petstore@v1.0.0', { id: 'api/petstore', version: '1.0.0' }],
    ['burgeon:db/my.shop_2@1.0.0-beta.1', { id: 'db/my.shop_2', version: '1.0.0-beta.1' }],
  ])('reads %s', (text, expected) => {
    expect(parseSpecifier(text)).toEqual(expected);
  });

  it.each([
    'burgeon:',
    'burgeon:petstore',
    'burgeon:api/../x',
    'burgeon:api/a..b',
    'burgeon:api/x/y',
    'burgeon:API/x',
    'burgeon:api/x@../../y',
    'burgeon:api/x@',
  ])('refuses %s', (text) => {
    expect(codeOf(() => parseSpecifier(text))).toBe('NAME_INVALID');
  });
});

describe('modes', () => {
  it.each<[NodeJS.ProcessEnv, string]>([
    [{}, 'prompt'],
    [{ CI: 'true' }, 'locked'],
    [{ CI: 'false' }, 'prompt'],
    [{ NODE_ENV: 'production' }, 'locked'],
    [{ CI: '1', BURGEON_IMPORT: 'auto' }, 'auto'],
  ])('%j is %s', (environment, mode) => {
    expect(importMode(environment)).toBe(mode);
  });

  it('refuses other words', () => {
    expect(codeOf(() => importMode({ BURGEON_IMPORT: 'yes' }))).toBe('USAGE');
  });
});

describe('resolving', () => {
  it('gives the active version, or the one that is written', () => {
    expect(resolve('burgeon:api/petstore')).toEqual({
      id: 'api/petstore',
      version: '1.1.0',
      digest: digest('b'),
      file: join(home, 'imports/api/petstore/1.1.0/index.ts'),
    });
    expect(resolve('burgeon:api/petstore@1.0.0')).toMatchObject({ version: '1.0.0', digest: digest('a') });
  });

  it.each([
    ['burgeon:api/petstroe', 'MODULE_NOT_FOUND'],
    ['burgeon:api/constructor', 'MODULE_NOT_FOUND'],
    ['burgeon:api/waits', 'APPROVAL_PENDING'],
    ['burgeon:api/away', 'MODULE_ARCHIVED'],
    ['burgeon:api/refused', 'APPROVAL_REJECTED'],
    ['burgeon:api/petstore@9.0.0', 'VERSION_NOT_FOUND'],
    ['burgeon:api/torn', 'VERSION_NOT_FOUND'],
  ])('refuses %s with %s', (specifier, code) => {
    expect(codeOf(() => resolve(specifier))).toBe(code);
  });

  it('knows no module where there is no home', () => {
    home = join(root, 'none');
    expect(codeOf(() => resolve('burgeon:api/petstore'))).toBe('MODULE_NOT_FOUND');
  });

  it('adds what is missing only in the mode `auto`', () => {
    const modules = { 'api/new': { version: '1.0.0', digest: digest('9'), state: 'active', versions: { '1.0.0': digest('9') } } };
    let added = 0;
    const add = (): boolean => {
      added++;
      writeStub('api/new', '1.0.0');
      writeIndex(modules);
      return true;
    };
    expect(codeOf(() => resolve('burgeon:api/new', 'prompt', add))).toBe('MODULE_NOT_FOUND');
    expect(codeOf(() => resolve('burgeon:api/new', 'locked', add))).toBe('MODULE_NOT_FOUND');
    expect(added).toBe(0);
    expect(resolve('burgeon:api/new', 'auto', add)).toMatchObject({ version: '1.0.0' });
    expect(added).toBe(1);
  });
});

describe('the lock file', () => {
  const lockFile = (): string => join(root, 'burgeon.lock');

  it('is written at the first import, sorted, and not in the mode `locked`', () => {
    resolve('burgeon:api/petstore', 'locked');
    expect(readLock(lockFile())).toBeUndefined();
    resolve('burgeon:api/petstore@1.0.0');
    resolve('burgeon:api/petstore');
    expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toEqual({
      format: 'burgeon.lock/1',
      modules: {
        'api/petstore': { version: '1.1.0', digest: digest('b') },
        'api/petstore@1.0.0': { version: '1.0.0', digest: digest('a') },
      },
    });
    expect(codeOf(() => resolve('burgeon:api/petstore', 'locked'))).toBe('no error');
  });

  it('holds to its version while a newer one is active', () => {
    addToLock(lockFile(), 'api/petstore', { version: '1.0.0', digest: digest('a') });
    expect(resolve('burgeon:api/petstore')).toMatchObject({ version: '1.0.0' });
  });

  it.each<[string, { version: string; digest: string }, string, ImportMode]>([
    ['other bytes', { version: '1.1.0', digest: digest('0') }, 'burgeon:api/petstore', 'prompt'],
    ['a version that is gone', { version: '0.9.0', digest: digest('a') }, 'burgeon:api/petstore', 'auto'],
    ['a version of a module that is not active', { version: '0.9.0', digest: digest('a') }, 'burgeon:api/waits', 'prompt'],
  ])('refuses %s', (_, locked, specifier, mode) => {
    addToLock(lockFile(), specifier.slice('burgeon:'.length), locked);
    expect(codeOf(() => resolve(specifier, mode))).toBe('LOCK_MISMATCH');
  });

  it('refuses what it does not name in the mode `locked`', () => {
    addToLock(lockFile(), 'api/other', { version: '1.0.0', digest: digest('a') });
    expect(codeOf(() => resolve('burgeon:api/petstore', 'locked'))).toBe('LOCK_MISMATCH');
  });

  it.each(['', '[]', '{"format":"other","modules":{}}', '{"format":"burgeon.lock/1","modules":{"a":{"version":1}}}'])(
    'refuses %j as a lock file',
    (text) => {
      writeFileSync(lockFile(), text);
      expect(codeOf(() => resolve('burgeon:api/petstore'))).toBe('LOCK_MISMATCH');
    },
  );

  it('is passed over where it cannot be written', () => {
    mkdirSync(join(root, 'file'));
    expect(
      resolveModule('burgeon:api/petstore', { home, folder: join(root, 'missing'), mode: 'prompt', add: () => false }),
    ).toMatchObject({ version: '1.1.0' });
  });
});

describe('addFromList', () => {
  it('tries nothing that burgeon.json does not name', () => {
    expect(addFromList('api/new', { home, folder: root })).toBe(false);
    writeFileSync(join(root, 'burgeon.json'), '{"modules":{"api/other":"./x.yaml"}}');
    expect(addFromList('api/new', { home, folder: root })).toBe(false);
    expect(addFromList('api/constructor', { home, folder: root })).toBe(false);
  });

  it('throws what adding ended with', () => {
    writeFileSync(join(root, 'burgeon.json'), '{"modules":{"api/new":"./nowhere.yaml"}}');
    expect(codeOf(() => addFromList('api/new', { home, folder: root }))).toBe('SOURCE_NOT_FOUND');
  });
});

describe('inputOfAddress', () => {
  it('lays the query over the input, only where the operation has such a property', () => {
    const operation = {
      input: { type: 'object' as const, properties: { page: { type: 'integer' }, all: { type: 'boolean' }, q: true } },
    };
    expect(inputOfAddress('https://x/y?page=2&all=true&q=5&admin=1&__proto__=1', operation, { page: 1, size: 9 })).toEqual({
      page: 2,
      all: true,
      q: '5',
      size: 9,
    });
    expect(inputOfAddress('nonsense', undefined, { page: 1 })).toEqual({ page: 1 });
    expect(inputOfAddress('https://x/?page=two', operation, {})).toEqual({ page: 'two' });
  });
});
