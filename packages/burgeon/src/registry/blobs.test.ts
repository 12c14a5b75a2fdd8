import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../base/json.ts';
import { openBlobs } from './blobs.ts';
import { failure, open } from './fixtures/modules.ts';

describe('blobs', () => {
  it('are private, kept once, healed and cleared of halves', async () => {
    const { blobs, blobFolder } = await open();
    const [name = ''] = await blobs.put(['text', 'text']);
    expect(name).toBe(sha256('text'));
    expect(readdirSync(blobFolder)).toEqual([name]);
    expect([statSync(blobFolder).mode & 0o777, statSync(join(blobFolder, name)).mode & 0o777]).toEqual([0o700, 0o600]);
    writeFileSync(join(blobFolder, name), 'harmed');
    await blobs.put(['text']);
    expect((await blobs.get(name)).toString()).toBe('text');
    writeFileSync(join(blobFolder, `${name}.123.tmp`), 'half');
    await openBlobs(blobFolder);
    expect(readdirSync(blobFolder)).toEqual([name]);
    await blobs.remove([name, sha256('never')]);
    expect((await failure(blobs.get(name))).code).toBe('SIGNATURE_INVALID');
    expect((await failure(blobs.get('../x'))).code).toBe('SIGNATURE_INVALID');
    rmSync(blobFolder, { recursive: true });
    expect((await failure(blobs.put(['text']))).code).toBe('HOME_UNWRITABLE');
  });

  it('take nothing more once what was written may not be on the disk', async () => {
    const { blobs, blobFolder } = await open();
    const [name = ''] = await blobs.put(['text']);
    rmSync(blobFolder, { recursive: true });
    expect((await failure(blobs.remove([name]))).code).toBe('HOME_UNWRITABLE');
    mkdirSync(blobFolder);
    expect((await failure(blobs.put(['text']))).code).toBe('HOME_UNWRITABLE');
    expect(await (await openBlobs(blobFolder)).put(['text'])).toEqual([name]);
    writeFileSync(join(blobFolder, 'file'), '');
    expect((await failure(openBlobs(join(blobFolder, 'file', 'x')))).code).toBe('HOME_UNWRITABLE');
  });
});
