import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isOurs } from './own-files.ts';

const root = mkdtempSync(join(tmpdir(), 'burgeon-own-files-'));
const home = join(root, 'home');
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeAll(() => {
  mkdirSync(join(home, 'keys'), { recursive: true });
  for (const path of ['home/burgeon.db', 'home/keys/owner.pem', 'other.db', '..odd']) writeFileSync(join(root, path), '');
  symlinkSync(join(home, 'burgeon.db'), join(root, 'link.db'));
  symlinkSync(home, join(root, 'folder'));
  symlinkSync(join(root, 'link.db'), join(root, 'link-to-link.db'));
  linkSync(join(home, 'keys', 'owner.pem'), join(root, 'second-name.db'));
  linkSync(join(root, 'other.db'), join(root, 'other-twice.db'));
});

it.each([
  ['home', true],
  ['home/burgeon.db', true],
  ['home/keys/../burgeon.db', true],
  ['home/not/there/yet.db', true],
  ['link.db', true],
  ['link-to-link.db', true],
  ['folder/burgeon.db', true],
  ['folder/new.db', true],
  ['second-name.db', true],
  ['other.db', false],
  ['other-twice.db', false],
  ['..odd', false],
  ['homely/burgeon.db', false],
  ['not-there.db', false],
])('%s is ours: %s', async (path, expected) => {
  expect(await isOurs(home, join(root, path))).toBe(expected);
  expect(await isOurs(join(root, 'folder'), join(root, path))).toBe(expected);
});
