import { describe, expect, it } from 'vitest';
import { ProcessorWatch } from './processor-watch.ts';

/** A watch that was started at 0, loaded its module by 50, and was looked at then. */
const loaded = (limits = { cpuMs: 1_000, wallMs: 2_000 }): ProcessorWatch => {
  const watch = new ProcessorWatch(limits, 2, 0);
  watch.begin(1, 0);
  watch.end(1, 50);
  expect(watch.judge(50, 40)).toBeUndefined();
  return watch;
};

describe('the watch of processor time', () => {
  it('lets an order take what it may, and a little for coming late', () => {
    const watch = loaded();
    watch.begin(2, 100);
    expect(watch.judge(1_000, 1_040)).toBeUndefined();
    expect(watch.judge(1_100, 1_180)).toBeUndefined();
    expect(watch.judge(1_300, 1_300)).toBe('order');
  });

  it('adds up what several orders may take', () => {
    const watch = loaded();
    for (const id of [2, 3, 4]) watch.begin(id, 100);
    expect(watch.judge(1_600, 3_000)).toBeUndefined();
    expect(watch.judge(1_800, 3_300)).toBe('order');
  });

  it('charges many short orders between two looks together', () => {
    const watch = loaded({ cpuMs: 50, wallMs: 50 });
    for (let id = 2, now = 60; id < 7; id += 1, now += 40) {
      watch.begin(id, now);
      watch.end(id, now + 40);
    }
    expect(watch.judge(300, 240)).toBeUndefined();
  });

  it('does not hand on what an order did not use', () => {
    const watch = loaded();
    watch.begin(2, 100);
    watch.end(2, 110);
    watch.begin(3, 110);
    expect(watch.judge(1_900, 1_400)).toBe('order');
  });

  it('ends what works without an order, and lets pass what a language does by itself', () => {
    const watch = loaded();
    let cpuMs = 40;
    for (let now = 1_000; now < 30_000; now += 1_000) {
      cpuMs += 8;
      expect(watch.judge(now, cpuMs)).toBeUndefined();
    }
    expect(watch.judge(30_250, cpuMs + 140)).toBeUndefined();
    expect(watch.judge(30_500, cpuMs + 280)).toBe('idle');
  });

  it('counts what was done before the answer to the order, though it is seen after it', () => {
    const watch = loaded();
    watch.begin(2, 100);
    watch.end(2, 600);
    expect(watch.judge(750, 540)).toBeUndefined();
    expect(watch.judge(1_000, 545)).toBeUndefined();
  });

  it('gives orders up that are not answered, after their time', () => {
    const watch = loaded();
    watch.begin(2, 100);
    expect(watch.isOpen).toBe(true);
    watch.judge(5_000, 40);
    expect(watch.isOpen).toBe(true);
    watch.judge(6_200, 40);
    expect(watch.isOpen).toBe(false);
    expect(watch.judge(6_500, 200)).toBe('idle');
  });
});
