import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { type Cache, BurgeonError } from '@burgeon/kit';
import { cacheSuite } from '@burgeon/kit/suites';
import { createClient } from 'redis';
import { afterAll, describe, expect, it } from 'vitest';
import { service } from '../../../../../tests/services.ts';
import { manualClock, systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { redis } from './redis.ts';

const server = await service('redis');
const open = (url = server.url): Promise<Cache> => redis.open(url, { clock: systemClock, log: silentLogger });
const empty = async (): Promise<void> => {
  const client = await createClient({ url: server.url }).connect();
  const keys = await client.keys('burgeon:cache:*');
  if (keys.length > 0) await client.del(keys);
  client.destroy();
};

describe.skipIf(!server.available)('redis', () => {
  afterAll(empty);
  const fresh = async (): Promise<Cache> => {
    await empty();
    return open();
  };
  cacheSuite({ describe, it, expect }, { open: fresh, reopen: open });

  it('does not take what is too large, and lets what it keeps run out', async () => {
    const cache = await fresh();
    await cache.set('aa', 'x'.repeat(1024 * 1024 + 1));
    await cache.set('bb', 'text');
    const client = await createClient({ url: server.url }).connect();
    expect(await client.exists('burgeon:cache:aa')).toBe(0);
    expect(await client.ttl('burgeon:cache:bb')).toBeGreaterThan(3_600);
    await client.set('burgeon:cache:cc', 'x'.repeat(2 * 1024 * 1024));
    await client.hSet('burgeon:cache:dd', 'a', 'b');
    client.destroy();
    expect([await cache.get('cc'), await cache.get('dd')]).toEqual([undefined, undefined]);
    await cache.close();
  });
});

describe('a server that is away', () => {
  const telling = () => {
    const warnings: string[] = [];
    const clock = manualClock(1_000_000);
    return { warnings, clock, context: { clock, log: { ...silentLogger, warn: (text: string) => void warnings.push(text) } } };
  };

  it('is a warning without the password, and left alone for a while', async () => {
    const { warnings, clock, context } = telling();
    const cache = await redis.open('redis://user:hidden@127.0.0.1:1', context);
    await cache.set('ab', 'text');
    expect(await cache.get('ab')).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('redis://127.0.0.1:1');
    expect(warnings[0]).not.toContain('hidden');
    clock.advance(30_001);
    expect(await cache.get('ab')).toBeUndefined();
    expect(warnings).toHaveLength(2);
    await cache.close();
  });

  it('is not waited for when it takes a connection and says nothing', async () => {
    const mute = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { warnings, context } = telling();
    const cache = await redis.open(`redis://127.0.0.1:${(mute.address() as AddressInfo).port}`, context);
    expect(await cache.get('ab')).toBeUndefined();
    expect(warnings).toHaveLength(1);
    await cache.close();
    mute.close();
  });
});

describe('an address', () => {
  it.each(['', 'localhost:6379', 'http://localhost', 'redis://'])('%j is refused', async (location) => {
    const code = await open(location).then(
      () => 'none',
      (error: unknown) => BurgeonError.from(error).code,
    );
    expect(code).toBe('USAGE');
  });
});
