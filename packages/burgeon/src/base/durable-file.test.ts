import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { clearUnfinished, makeFolder, syncFolderNow, writeDurably, writeFailure } from './durable-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-durable-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writing durably', () => {
  it('replaces a file as a whole, private, and leaves nothing beside it', async () => {
    const path = join(folder, 'a.json');
    await writeDurably(path, 'one');
    await writeDurably(path, Buffer.from('two'));
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['two', 0o600]);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('says what cannot be written, and leaves what was', async () => {
    mkdirSync(join(folder, 'b', 'inside'), { recursive: true });
    for (const path of [join(folder, 'b'), join(folder, 'none', 'c')])
      await expect(writeDurably(path, 'x')).rejects.toMatchObject({
        code: 'HOME_UNWRITABLE',
        message: expect.stringContaining(path),
        data: { code: expect.stringMatching(/^E/) },
      });
    expect(readdirSync(folder).toSorted()).toEqual(['a.json', 'b']);
  });

  it('tells a full disk from a broken one, and passes ours through', () => {
    const failed = (code: string): BurgeonError => writeFailure('x', Object.assign(new Error(code), { code }));
    for (const code of ['ENOSPC', 'EDQUOT']) expect(failed(code)).toMatchObject({ code: 'HOME_FULL', retryable: true });
    expect(failed('EIO')).toMatchObject({ code: 'HOME_UNWRITABLE', data: { code: 'EIO' } });
    expect(writeFailure('x', 'odd')).toMatchObject({ code: 'HOME_UNWRITABLE', message: 'x cannot be written: odd.' });
    const ours = new BurgeonError('CONFLICT', { message: 'm' });
    expect(writeFailure('x', ours)).toBe(ours);
  });
});

describe('folders', () => {
  it('are made with their parents, private, and stay as they are when they are there', async () => {
    const path = join(folder, 'c', 'd');
    await makeFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o755);
    await makeFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    syncFolderNow(path);
    writeFileSync(join(path, 'file'), '');
    await expect(makeFolder(join(path, 'file', 'e'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('are cleared of what is not whole, with those below only when asked', async () => {
    const below = join(folder, 'c', 'd');
    for (const name of ['x.tmp', 'x']) for (const at of [join(folder, 'c'), below]) writeFileSync(join(at, name), '');
    await clearUnfinished(join(folder, 'c'));
    expect([readdirSync(join(folder, 'c')), readdirSync(below)]).toEqual([
      ['d', 'x'],
      ['file', 'x', 'x.tmp'],
    ]);
    await clearUnfinished(join(folder, 'c'), true);
    expect(readdirSync(below)).toEqual(['file', 'x']);
    await clearUnfinished(join(folder, 'nothing'));
  });
});
