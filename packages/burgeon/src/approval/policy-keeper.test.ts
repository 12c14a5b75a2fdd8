import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@burgeon/kit/suites';
import { afterAll, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import type { Home } from '../base/home.ts';
import { openAudit } from '../security/audit.ts';
import { newOwnerKey } from '../security/keys.ts';
import { keepPolicy } from './policy-keeper.ts';
import { readPolicy } from './policy.ts';

const dir = mkdtempSync(join(tmpdir(), 'burgeon-policy-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('a policy changes part by part, signed each time, and the record does not tell where people are reached', async () => {
  const home: Home = { dir, path: (...parts) => join(dir, ...parts), interrupted: false, close: async () => {} };
  const [key, clock] = [newOwnerKey(), manualClock(0)];
  const audit = openAudit({ store: memoryStore(clock), clock, key });
  const keeper = keepPolicy({ home, key, clock, audit }, { mode: 'two-channels', createdAt: '' });
  await keeper.change({ channels: { email: { to: 'me@example.com' } }, grave: ['passkey'], unchanged: 'one-channel' });
  await keeper.change({ mode: 'one-channel', unchanged: undefined });
  const expected = { mode: 'one-channel', grave: ['passkey'], channels: { email: { to: 'me@example.com' } } };
  expect(keeper.current()).toMatchObject(expected);
  expect(await readPolicy(home, [key])).toEqual(keeper.current());
  expect(keeper.current()).not.toHaveProperty('unchanged');
  const told = (await audit.list()).map(({ data }) => data);
  expect(told).toEqual([
    { mode: 'two-channels', unchanged: 'one-channel', grave: ['passkey'], channels: ['email'], key: key.id },
    { mode: 'one-channel', grave: ['passkey'], channels: ['email'], key: key.id },
  ]);
  expect(JSON.stringify(told)).not.toContain('example.com');
});
