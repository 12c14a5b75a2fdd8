import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import { afterAll, describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { type Audit, openAudit } from './audit.ts';
import { type Checkpoints, keepCheckpoints } from './checkpoints.ts';
import { newOwnerKey } from './keys.ts';

const dir = mkdtempSync(join(tmpdir(), 'burgeon-checkpoints-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const key = newOwnerKey();
const clock = manualClock(0);
let files = 0;

interface Home {
  audit: Audit;
  checkpoints: Checkpoints;
  file: string;
  store: Store;
}

const open = (store: Store = memoryStore(clock), file = join(dir, `${(files += 1)}.jsonl`)): Home => {
  const audit = openAudit({ store, clock, key });
  return { store, audit, file, checkpoints: keepCheckpoints({ store, clock, key, file: () => file, trusted: () => [key] }) };
};

const happen = async (audit: Audit, count: number, kind = 'thing.happened'): Promise<void> => {
  for (let n = 0; n < count; n += 1) await audit.commit([{ kind, data: { n } }]);
};

describe('checkpoints', () => {
  it('say what the record held, and the record agrees with all of them', async () => {
    const { audit, checkpoints, file } = open();
    for (const count of [1, 4, 2]) {
      await happen(audit, count);
      await checkpoints.make();
    }
    await checkpoints.make();
    const made = await checkpoints.read();
    expect(made.map(({ size }) => size)).toEqual([1, 5, 7, 7]);
    expect(await audit.verify(made)).toEqual({ ok: true, entries: 7, checkpoints: 4 });
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(5);
  });

  it('are exported only when there is something new', async () => {
    const { audit, checkpoints } = open();
    await happen(audit, 2);
    await checkpoints.exportDue();
    await checkpoints.exportDue();
    expect(await checkpoints.read()).toHaveLength(1);
    await happen(audit, 1);
    await checkpoints.exportDue();
    expect(await checkpoints.read()).toHaveLength(2);
  });

  it('show an old copy of everything, which signs and chains without fault', async () => {
    const { audit, checkpoints, file } = open();
    await happen(audit, 5);
    await checkpoints.make();
    const old = open(memoryStore(clock), file);
    await happen(old.audit, 3);
    expect(await old.audit.verify()).toEqual({ ok: true, entries: 3 });
    expect(await old.audit.verify(await checkpoints.read())).toMatchObject({
      ok: false,
      firstBad: 4,
      reason: 'the end is missing: at 1970-01-01T00:00:00.000Z there were 5 entries',
    });
  });

  it('show a record that was written anew with the right key, and from where', async () => {
    const { audit, checkpoints, file } = open();
    await happen(audit, 2);
    await checkpoints.make();
    await happen(audit, 3);
    await checkpoints.make();
    const forged = open(memoryStore(clock), file);
    await happen(forged.audit, 2);
    await happen(forged.audit, 9, 'thing.invented');
    expect(await forged.audit.verify()).toMatchObject({ ok: true });
    expect(await forged.audit.verify(await checkpoints.read())).toEqual({
      ok: false,
      entries: 11,
      firstBad: 3,
      reason: 'from here to entry 5 the record is not the one of 1970-01-01T00:00:00.000Z',
      checkpoints: 2,
    });
  });

  it('are believed only when a key of this home signed them; a line that a crash cut is passed over', async () => {
    const { audit, checkpoints, file } = open();
    await happen(audit, 1);
    await checkpoints.make();
    appendFileSync(file, '{"payload":"cut');
    expect(await checkpoints.read()).toHaveLength(1);
    appendFileSync(file, '\n');
    await expect(checkpoints.read()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', data: { line: 2 } });
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"payload":"./, '"payload":"f'));
    await expect(checkpoints.read()).rejects.toMatchObject({ data: { line: 1 } });
    const other = newOwnerKey();
    const strange = keepCheckpoints({ store: memoryStore(clock), clock, key: other, file: () => file, trusted: () => [other] });
    await expect(strange.read()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(strange.read(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    await expect(strange.make(join(dir, 'no', 'folder'))).rejects.toMatchObject({ code: 'HOME_UNWRITABLE' });
  });

  it('begin a line of their own behind one that a crash cut', async () => {
    const { audit, checkpoints, file } = open();
    await happen(audit, 1);
    await checkpoints.make();
    appendFileSync(file, readFileSync(file, 'utf8').slice(0, 40));
    await happen(audit, 1);
    await checkpoints.make();
    expect((await checkpoints.read()).map(({ size }) => size)).toEqual([1, 2]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
  });

  it('stay true when their key was retired', async () => {
    const { audit, checkpoints, file } = open();
    await happen(audit, 1);
    await checkpoints.make();
    const retired = { id: key.id, publicKey: key.publicKey, retired: true };
    const later = keepCheckpoints({ store: memoryStore(clock), clock, key, file: () => file, trusted: () => [retired] });
    expect(await later.read()).toHaveLength(1);
  });

  it.each([
    ['for good', {}, 0],
    ['from then on', { since: '1970-01-01T00:00:00.000Z' }, 0],
    ['from later on', { since: '1970-01-02T00:00:00.000Z' }, 1],
  ])('tell nothing when their key was revoked %s', async (_name, revoked, left) => {
    const { audit, checkpoints, file } = open();
    await happen(audit, 1);
    await checkpoints.make();
    const trusted = () => [{ id: key.id, publicKey: key.publicKey, revoked }];
    expect(await keepCheckpoints({ store: memoryStore(clock), clock, key, file: () => file, trusted }).read()).toHaveLength(left);
  });

  it('made of an empty record hide none of those after them', async () => {
    const { audit, checkpoints, file } = open();
    await checkpoints.make();
    await happen(audit, 2);
    await checkpoints.make();
    expect(await audit.verify(await checkpoints.read())).toMatchObject({ ok: true, checkpoints: 2 });
    const forged = open(memoryStore(clock), file);
    await happen(forged.audit, 3, 'thing.invented');
    expect(await forged.audit.verify(await checkpoints.read())).toMatchObject({ ok: false, firstBad: 1 });
  });

  it('are none where no file was chosen', async () => {
    const store = memoryStore(clock);
    const audit = openAudit({ store, clock, key });
    const checkpoints = keepCheckpoints({ store, clock, key, file: () => undefined, trusted: () => [key] });
    await happen(audit, 1);
    await checkpoints.exportDue();
    expect(await checkpoints.read()).toEqual([]);
    expect((await checkpoints.make()).checkpoint).toMatchObject({ size: 1 });
  });
});
