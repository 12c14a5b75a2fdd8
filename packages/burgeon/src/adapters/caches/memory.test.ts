import { cacheSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { memory } from './memory.ts';

const open = () => memory.open('', { clock: systemClock, log: silentLogger });

cacheSuite({ describe, it, expect }, { open });

describe('memory', () => {
  it('forgets what was unused for longest when there is no more room', async () => {
    const cache = await open();
    const text = 'x'.repeat(1024 * 1024);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', '0', '1']) await cache.set(key, text);
    await cache.get('a');
    await cache.set('2', text);
    expect([await cache.get('a'), await cache.get('b'), await cache.get('2')]).toEqual([text, undefined, text]);
  });
});
