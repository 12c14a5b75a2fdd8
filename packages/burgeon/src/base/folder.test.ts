import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultFolderBounds, readFolder } from './folder.ts';

const root = mkdtempSync(join(tmpdir(), 'burgeon-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const folderOf = (files: Record<string, string | Uint8Array>): string => {
  const folder = join(root, `f${++folders}`);
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
};
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (BurgeonError.is(error) ? error.code : String(error)),
  );

describe('readFolder', () => {
  it('takes text files in order, and neither dot files nor node_modules', async () => {
    const folder = folderOf({
      'b.ts': 'b',
      'a/c.ts': 'ż',
      '.env': 'secret',
      '.git/x': '',
      'node_modules/m/i.js': '',
      'A.md': '',
    });
    expect(await readFolder(folder)).toEqual({
      files: [
        { path: 'A.md', text: '' },
        { path: 'a/c.ts', text: 'ż' },
        { path: 'b.ts', text: 'b' },
      ],
      passedOver: [],
    });
  });

  it('follows no link and takes nothing that is no text', async () => {
    const folder = folderOf({ 'a.png': new Uint8Array([0, 1]), 'b.png': new Uint8Array([0xff, 0xfe]), 'c.ts': '' });
    symlinkSync('/etc/passwd', join(folder, 'd.ts'));
    symlinkSync('/etc', join(folder, 'e'));
    const { files, passedOver } = await readFolder(folder);
    expect(files.map(({ path }) => path)).toEqual(['c.ts']);
    expect(passedOver).toEqual([
      { path: 'a.png', why: 'is no text' },
      { path: 'b.png', why: 'is no text' },
      { path: 'd.ts', why: 'is a link' },
      { path: 'e', why: 'is a link' },
    ]);
  });

  it.each([
    ['bytes', { a: 'x'.repeat(11) }, { bytes: 10 }],
    ['bytes of all files', { a: 'x'.repeat(6), b: 'x'.repeat(6) }, { bytes: 10 }],
    ['files', { a: '', b: '', c: '' }, { files: 2 }],
    ['depth', { 'a/b/c/d': '' }, { depth: 2 }],
    ['entries', Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`.${index}`, ''])), { files: 2 }],
  ])('refuses too many %s', async (_name, files, bounds) => {
    expect(await codeOf(readFolder(folderOf(files), { ...defaultFolderBounds, ...bounds }))).toBe('SPEC_TOO_COMPLEX');
  });

  it('says what cannot be read', async () => {
    expect(await codeOf(readFolder(join(root, 'nowhere')))).toBe('SOURCE_FORBIDDEN');
  });

  it.skipIf(process.getuid?.() === 0)('says which file may not be read', async () => {
    const folder = folderOf({ 'a.ts': '' });
    chmodSync(join(folder, 'a.ts'), 0);
    expect(await codeOf(readFolder(folder))).toBe('SOURCE_FORBIDDEN');
  });
});
