import { gzipSync, gunzipSync } from 'node:zlib';
import { BurgeonError } from '@burgeon/kit';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { hostileArchives, zipped } from './fixtures/hostile.ts';
import { readArchive, writeArchive } from './archive.ts';

const reasonOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    (value) => `taken: ${JSON.stringify(value)}`,
    (error: unknown) => {
      const { code, data } = BurgeonError.from(error);
      return code === 'PACKAGE_INVALID' ? (data as { reason: string }).reason : `${code} ${(error as Error).message}`;
    },
  );

describe('an archive', () => {
  const files = [
    { path: 'package/package.json', content: Buffer.from('{}') },
    { path: `package/${'deep/'.repeat(30)}ąęś.txt`, content: Buffer.from('ü') },
    { path: 'package/empty', content: Buffer.alloc(0) },
    { path: `package/${'x'.repeat(180)}`, content: Buffer.alloc(1_300, 7) },
  ];

  it('comes back as it was written, and is the same bytes each time', async () => {
    const bytes = await writeArchive(files);
    expect(await writeArchive(files.toReversed())).toEqual(bytes);
    const back = await readArchive(bytes);
    expect(back).toEqual(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
    expect(gunzipSync(bytes).length % 512).toBe(0);
  });

  it('of any plain files comes back', async () => {
    const name = fc.stringMatching(/^[a-z0-9_-]{1,60}$/).filter((text) => !/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(text));
    const file = fc.record({ path: name.map((text) => `package/${text}`), content: fc.uint8Array({ maxLength: 2_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 8 }), async (some) => {
        const given = some.map(({ path, content }) => ({ path, content: Buffer.from(content) }));
        const back = await readArchive(await writeArchive(given));
        expect(back).toEqual(given.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
      }),
      { numRuns: 40 },
    );
  });

  it('with any one byte changed is refused or says the same', async () => {
    const bytes = await writeArchive(files);
    const whole = await readArchive(bytes);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const back = await readArchive(changed).catch(() => undefined);
      if (back) expect(back).toEqual(whole);
    }
  });

  it.each(hostileArchives)('refuses $name', async ({ make, reason }) => {
    expect(await reasonOf(readArchive(await make()))).toBe(reason);
  });

  it('cut off anywhere is refused', async () => {
    const bytes = await writeArchive(files);
    for (let length = 0; length < bytes.length; length += 13)
      expect(await reasonOf(readArchive(bytes.subarray(0, length)))).toMatch(/^(gzip|tar)$/);
    const tar = gunzipSync(bytes);
    for (const length of [0, 512, 1_024, tar.length - 512, tar.length - 1_024, tar.length - 100])
      expect(await reasonOf(readArchive(zipped(tar.subarray(0, length))))).toMatch(/^(tar|trailing)$/);
  });

  it('as npm and tar write it is read', async () => {
    const archive = pack();
    archive.entry({ name: 'package/a.txt', mode: 0o755, mtime: new Date(), uid: 1000, uname: 'who' }, 'a');
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    const filled = Buffer.concat([...chunks, Buffer.alloc(10_240 - Buffer.concat(chunks).length)]);
    expect(await readArchive(gzipSync(filled))).toEqual([{ path: 'package/a.txt', content: Buffer.from('a') }]);
  });
});
