import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Registry, checkFamily, families } from './registries.ts';
import { root } from './source-tree.ts';

const real: Registry = { adapters: join(root, 'packages/burgeon/src/adapters'), docs: join(root, 'docs/adapters.md') };

describe('the families of the tree', () => {
  it.each([...families(real), 'none yet'])('%s: folder = list = name = docs', async (family) => {
    expect(family === 'none yet' ? [] : await checkFamily(real, family)).toEqual([]);
  });
});

describe('seeded disagreements', () => {
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-registries-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const family = (name: string, files: Record<string, string>, docs: string): Promise<string[]> => {
    const registry = { adapters: join(folder, name), docs: join(folder, `${name}.md`) };
    mkdirSync(join(registry.adapters, 'sources', 'har'), { recursive: true });
    const usual = {
      'har/index.ts': `export const har = { name: 'har' };`,
      'web-page.ts': `export const webPage = { name: 'web-page' };`,
      'web-page.test.ts': '',
      'index.ts': `export const sources = {
        har: async () => (await import('./har/index.ts')).har,
        'web-page': async () => (await import('./web-page.ts')).webPage,
      };`,
    };
    for (const [path, text] of Object.entries({ ...usual, ...files }))
      writeFileSync(join(registry.adapters, 'sources', path), text);
    writeFileSync(registry.docs, docs);
    return checkFamily(registry, 'sources');
  };
  const page = '# Adapters\n\n## sources\n\n- `har`\n- `web-page`\n\n## targets\n\n- `go`\n';

  it('are none when all agree', async () => {
    expect(await family('agree', {}, page)).toEqual([]);
  });

  it('see a file that is not listed', async () => {
    expect(await family('unlisted', { 'curl.ts': '' }, page)).toEqual(['sources/curl is not in the list']);
  });

  it('see a listed name without a file', async () => {
    const list = `export const sources = {
      har: async () => (await import('./har/index.ts')).har,
      'web-page': async () => (await import('./web-page.ts')).webPage,
      go: async () => ({ name: 'go' }) };`;
    expect(await family('fileless', { 'index.ts': list }, page)).toEqual([
      'sources/go is listed and has no file',
      'sources/go is not under "## sources" in docs/adapters.md',
    ]);
  });

  it('see an adapter with another name', async () => {
    const found = await family('renamed', { 'web-page.ts': `export const webPage = { name: 'page' };` }, page);
    expect(found).toEqual(['sources/web-page loads an adapter that calls itself "page"']);
  });

  it('see a name that the docs forgot', async () => {
    expect(await family('forgotten', {}, page.replace('- `har`\n', ''))).toEqual([
      'sources/har is not under "## sources" in docs/adapters.md',
    ]);
  });
});
