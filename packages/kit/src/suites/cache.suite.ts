import type { Cache } from '../contracts/cache.ts';
import type { SuiteRunner } from './check.suite.ts';

/** What {@link cacheSuite} needs. */
export interface CacheSuiteOptions {
  /** Opens an empty cache of its own. The suite closes it. */
  open: () => Promise<Cache>;
  /** Opens the one that was opened last, after it was closed; for caches that outlive their process. */
  reopen?: () => Promise<Cache>;
}

const key = (digit: number): string => digit.toString(16).padStart(64, '0');

/** What every cache must keep: texts come back as they went in, under their own key only, the last one counts, and it may be closed twice. */
export const cacheSuite = ({ describe, it, expect }: SuiteRunner, { open, reopen }: CacheSuiteOptions): void =>
  describe('cache', () => {
    const using = async (work: (cache: Cache) => Promise<void>): Promise<void> => {
      const cache = await open();
      try {
        await work(cache);
      } finally {
        await cache.close();
        await cache.close();
      }
    };

    it('gives back what it was given, whatever is in it', () =>
      using(async (cache) => {
        const texts = ['', 'a\r\n\u2028\u0000', '\u{1f600} za\u017c\u00f3\u0142\u0107', 'x'.repeat(200_000)];
        for (const [index, text] of texts.entries()) await cache.set(key(index), text);
        for (const [index, text] of texts.entries()) expect((await cache.get(key(index))) === text).toBe(true);
      }));

    it('knows nothing that it was not given', () =>
      using(async (cache) => {
        await cache.set(key(1), 'one');
        expect(await cache.get(key(2))).toBe(undefined);
      }));

    it('remembers the last of several texts', () =>
      using(async (cache) => {
        for (const text of ['a longer one', 'two']) await cache.set(key(1), text);
        expect(await cache.get(key(1))).toBe('two');
      }));

    it('stays whole when many use it at once', () =>
      using(async (cache) => {
        const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(5_000));
        await Promise.all(texts.map((text) => cache.set(key(3), text)));
        expect(texts).toContain(await cache.get(key(3)));
      }));

    if (reopen)
      it('remembers over a restart', async () => {
        await using((cache) => cache.set(key(4), 'four'));
        const again = await reopen();
        expect(await again.get(key(4))).toBe('four');
        await again.close();
      });
  });
