import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cache } from '@burgeon/kit';
import { cacheSuite } from '@burgeon/kit/suites';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { disk } from './disk.ts';

const root = mkdtempSync(join(tmpdir(), 'burgeon-disk-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
const last = (): string => join(root, `cache-${count}`, 'inside');
const warnings: string[] = [];
const log = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
const reopen = (): Promise<Cache> => disk.open(last(), { clock: systemClock, log });
const open = (): Promise<Cache> => {
  count += 1;
  return reopen();
};

cacheSuite({ describe, it, expect }, { open, reopen });

describe('the folder', () => {
  it('is readable by its owner alone and holds nothing half written', async () => {
    const cache = await open();
    await cache.set('ab', 'text');
    expect(statSync(last()).mode & 0o777).toBe(0o700);
    expect(statSync(join(last(), 'ab')).mode & 0o777).toBe(0o600);
    expect(readdirSync(last())).toEqual(['ab']);
  });

  it('holds a bounded number of texts, the newest ones', async () => {
    const cache = await open();
    mkdirSync(last(), { recursive: true });
    for (let index = 0; index < 2_060; index += 1) {
      const path = join(last(), index.toString(16).padStart(4, '0'));
      writeFileSync(path, '');
      utimesSync(path, index, index);
    }
    await cache.set('ffff', 'new');
    const left = readdirSync(last());
    expect(left.length).toBeLessThanOrEqual(2_048);
    expect([left.includes('0000'), left.includes('ffff')]).toEqual([false, true]);
  });

  it('is never left by a key, and a text that is too large is not kept', async () => {
    const cache = await open();
    await cache.set('../escaped', 'text');
    await cache.set('ab', 'x'.repeat(1024 * 1024 + 1));
    expect(readdirSync(root)).not.toContain('escaped');
    expect([await cache.get('../escaped'), await cache.get('ab')]).toEqual([undefined, undefined]);
  });

  it('gives nothing for what is no file of its own', async () => {
    const cache = await open();
    await cache.set('aa', 'text');
    mkdirSync(join(last(), 'bb'));
    symlinkSync(join(last(), 'aa'), join(last(), 'cc'));
    execFileSync('mkfifo', [join(last(), 'dd')]);
    writeFileSync(join(last(), 'ee'), 'x'.repeat(1024 * 1024 + 1));
    for (const key of ['bb', 'cc', 'dd', 'ee']) expect(await cache.get(key)).toBeUndefined();
  });

  it('tells when nothing can be written, and goes on', async () => {
    count += 1;
    mkdirSync(join(root, `cache-${count}`));
    writeFileSync(last(), 'a file is in the way');
    chmodSync(last(), 0o600);
    const cache = await reopen();
    await cache.set('ab', 'text');
    expect(await cache.get('ab')).toBeUndefined();
    expect(warnings.join()).toContain(last());
  });
});
