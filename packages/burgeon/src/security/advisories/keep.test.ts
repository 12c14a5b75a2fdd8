import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { readAdvisories } from './data.ts';
import { advisoryStatus, importAdvisories } from './keep.ts';

const record = (id: string, modified: string, more: object = {}): object => ({
  id,
  modified,
  affected: [{ package: { ecosystem: 'npm', name: 'left-pad' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }],
  ...more,
});
const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'burgeon-advisories-'));
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => `${BurgeonError.from(error).code} ${BurgeonError.from(error).message}`,
  );

describe('vulnerability data of a home', () => {
  it('are taken in one by one or in a list, the newer of two staying', async () => {
    const home = join(await folder(), 'advisories');
    expect(await advisoryStatus(home)).toEqual({ records: 0, ecosystems: [] });
    const first = await importAdvisories(home, JSON.stringify(record('A-1', '2026-01-02T00:00:00Z')), 'a.json');
    expect(first).toMatchObject({ taken: 1, records: 1, date: '2026-01-02T00:00:00Z', ecosystems: ['npm'] });
    const list = [record('A-1', '2026-01-01T00:00:00Z'), record('B-1', '2026-01-03T00:00:00Z', { details: 'kept' })];
    const second = await importAdvisories(home, JSON.stringify(list), 'b.json');
    expect(second).toMatchObject({ taken: 1, records: 2, date: '2026-01-03T00:00:00Z' });
    expect(second.digest).not.toBe(first.digest);
    expect(await readdir(home)).toEqual(['osv.json']);
    expect(await readFile(join(home, 'osv.json'), 'utf8')).toContain('"details":"kept"');
    expect(await importAdvisories(home, JSON.stringify(list), 'b.json')).toMatchObject({ taken: 0, digest: second.digest });
  });

  it.each([
    ['{', 'it is not JSON'],
    ['7', 'record 0 is no object'],
    [JSON.stringify([record('A-1', '2026-01-02T00:00:00Z'), { id: 'B' }]), 'B (record 1) does not say when it was modified'],
    [JSON.stringify(record('../x', '2026-01-02T00:00:00Z')), 'has no id'],
    [JSON.stringify(record('A', '2026-01-02T00:00:00Z', { withdrawn: 'yes' })), 'withdrawn'],
    [JSON.stringify(record('A', '2026-01-02T00:00:00Z', { affected: [{ package: { name: 'x' } }] })), 'what is affected'],
    [
      JSON.stringify(record('A', '2026-01-02T00:00:00Z', { affected: [{ ranges: [{ type: 'SEMVER', events: [{}] }] }] })),
      'what is affected',
    ],
  ])('refuse %j as a whole', async (text, why) => {
    const home = await folder();
    const told = await code(importAdvisories(home, text, 'x.json'));
    expect(told).toContain('INPUT_INVALID');
    expect(told).toContain(why);
    expect(await readdir(home)).toEqual([]);
  });

  it('are read from a file or a folder, and again when they change', async () => {
    const home = await folder();
    expect(await readAdvisories(undefined)).toBeUndefined();
    expect(await readAdvisories(home)).toBeUndefined();
    await writeFile(join(home, 'a.json'), JSON.stringify(record('A-1', '2026-01-02T00:00:00Z')));
    await writeFile(join(home, 'notes.txt'), 'none');
    const wanted = { ecosystem: 'npm', name: 'left-pad', version: '1.0.0' } as const;
    const first = await readAdvisories(home);
    expect(first?.about(wanted).map(({ id }) => id)).toEqual(['A-1']);
    expect(await readAdvisories(home)).toBe(first);
    await writeFile(
      join(home, 'b.json'),
      JSON.stringify([
        record('B-1', '2026-01-03T00:00:00Z'),
        record('A-1', '2026-01-04T00:00:00Z', { withdrawn: '2026-01-04T00:00:00Z' }),
      ]),
    );
    expect((await readAdvisories(home))?.about(wanted).map(({ id }) => id)).toEqual(['B-1']);
    expect((await readAdvisories(join(home, 'a.json')))?.records).toBe(1);
    await writeFile(join(home, 'c.json'), '[');
    expect(await code(readAdvisories(home))).toContain('INPUT_INVALID');
    expect(await code(readAdvisories(home))).toContain('INPUT_INVALID');
  });
});
