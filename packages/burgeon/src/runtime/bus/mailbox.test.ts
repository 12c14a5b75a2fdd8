import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settled } from './fixtures/harness.ts';
import { createMailbox } from './mailbox.ts';
import type { Message } from './message.ts';
import type { Delivery } from './queue.ts';

interface Sent extends Delivery {
  name: number;
  finish(): void;
  ended: Promise<void>;
}

const dropped: number[] = [];
const sent = (name: number, lane: Partial<Delivery['lane']> = {}, bytes = 1): Sent => {
  let finish = (): void => {};
  const ended = new Promise<void>((resolve) => (finish = resolve));
  return {
    name,
    message: { bytes } as Message,
    lane: { id: 'a', overflow: 'refuse', atOnce: 1, ...lane },
    dropped: () => void dropped.push(name),
    finish: () => finish(),
    ended,
  };
};
const begun: number[] = [];
const mailboxOf = (messages: number, bytes = 1_000) => {
  begun.length = 0;
  dropped.length = 0;
  return createMailbox<Sent>({ messages, bytes }, async (delivery) => {
    begun.push(delivery.name);
    await delivery.ended;
  });
};

describe('a mailbox', () => {
  it('works on one at a time, in the order they came', async () => {
    const mailbox = mailboxOf(10);
    const all = [sent(1), sent(2), sent(3)];
    expect(all.map((one) => mailbox.offer(one))).toEqual(['delivered', 'queued', 'queued']);
    expect(begun).toEqual([1]);
    for (const [index, one] of all.entries()) {
      one.finish();
      await settled();
      expect(begun).toEqual([1, 2, 3].slice(0, index + 2));
    }
    expect([mailbox.running.length, mailbox.size]).toEqual([0, 0]);
  });

  it('works on several where their channels allow it, and on one alone that allows none beside it', async () => {
    const mailbox = mailboxOf(10);
    const wide = { id: 'wide', atOnce: 2 };
    const all = [sent(1, wide), sent(2, wide), sent(3, wide), sent(4), sent(5, wide)];
    expect(all.map((one) => mailbox.offer(one))).toEqual(['delivered', 'delivered', 'queued', 'queued', 'queued']);
    all[0]?.finish();
    await settled();
    expect(begun).toEqual([1, 2, 3]);
    all[1]?.finish();
    await settled();
    expect(begun).toEqual([1, 2, 3]);
    all[2]?.finish();
    await settled();
    expect(begun).toEqual([1, 2, 3, 4]);
    all[3]?.finish();
    await settled();
    expect(begun).toEqual([1, 2, 3, 4, 5]);
  });

  it('refuses what has no room, by number and by size', () => {
    const few = mailboxOf(2);
    expect([1, 2, 3, 4].map((name) => few.offer(sent(name)))).toEqual(['delivered', 'queued', 'queued', 'refused']);
    const small = mailboxOf(100, 10);
    expect([20, 6, 5, 4].map((bytes, name) => small.offer(sent(name, {}, bytes)))).toEqual([
      'delivered',
      'queued',
      'refused',
      'queued',
    ]);
  });

  it('drops the new one where the channel says so', () => {
    const mailbox = mailboxOf(1);
    const newest = { overflow: 'drop-newest' as const };
    expect([1, 2, 3].map((name) => mailbox.offer(sent(name, newest)))).toEqual(['delivered', 'queued', 'dropped']);
    expect(mailbox.clear().map(({ name }) => name)).toEqual([2]);
  });

  it('drops the oldest of the same channel where the channel says so, and none of another', () => {
    const oldest = { id: 'b', overflow: 'drop-oldest' as const };
    const mailbox = mailboxOf(3, 10);
    mailbox.offer(sent(0));
    for (const name of [1, 2, 3]) mailbox.offer(sent(name, name === 1 ? {} : oldest, 3));
    expect(mailbox.offer(sent(4, oldest, 3))).toBe('queued');
    expect(dropped).toEqual([2]);
    expect(mailbox.offer(sent(5, oldest, 7))).toBe('queued');
    expect(dropped).toEqual([2, 3, 4]);
    expect(mailbox.offer(sent(6, oldest, 8))).toBe('refused');
    expect(dropped).toEqual([2, 3, 4]);
    expect(mailbox.clear().map(({ name }) => name)).toEqual([1, 5]);
  });

  it('never drops what somebody waits for', () => {
    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      const mailbox = mailboxOf(1);
      const { dropped: _dropped, ...asked } = sent(2, { overflow });
      expect([mailbox.offer(sent(1, { overflow })), mailbox.offer(asked)]).toEqual(['delivered', 'queued']);
      const { dropped: _other, ...another } = sent(3, { overflow });
      expect(mailbox.offer(another)).toBe('refused');
    }
  });

  it('keeps order and bounds whatever comes, and loses nothing it took', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('offer' as const),
        lane: fc.constantFrom('a', 'b', 'c'),
        bytes: fc.integer({ min: 1, max: 6 }),
      }),
      fc.record({ kind: fc.constant('finish' as const), which: fc.nat(5) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat(5) }),
    );
    const lanes = {
      a: { id: 'a', overflow: 'refuse', atOnce: 1 },
      b: { id: 'b', overflow: 'drop-oldest', atOnce: 3 },
      c: { id: 'c', overflow: 'drop-newest', atOnce: 2 },
    } as const;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const bounds = { messages: 4, bytes: 12 };
        const mailbox = mailboxOf(bounds.messages, bounds.bytes);
        const [taken, removed, finished]: [Sent[], number[], number[]] = [[], [], []];
        for (const [name, one] of steps.entries()) {
          if (one.kind === 'offer') {
            const delivery = sent(name, lanes[one.lane], one.bytes);
            const outcome = mailbox.offer(delivery);
            if (outcome === 'delivered' || outcome === 'queued') taken.push(delivery);
          } else if (one.kind === 'finish') {
            const [running] = mailbox.running.slice(one.which);
            running?.finish();
            if (running) finished.push(running.name);
            await settled();
          } else {
            const waiting = taken.filter(
              ({ name: each }) => !begun.includes(each) && !removed.includes(each) && !dropped.includes(each),
            );
            const [out] = waiting.slice(one.which);
            if (out) {
              expect(mailbox.remove(out)).toBe(true);
              removed.push(out.name);
            }
          }
          expect(mailbox.size).toBeLessThanOrEqual(bounds.messages);
          expect(mailbox.running.length).toBeLessThanOrEqual(Math.min(3, ...mailbox.running.map(({ lane }) => lane.atOnce)));
          expect(begun).toEqual(begun.toSorted((x, y) => x - y));
        }
        const waiting = mailbox.clear();
        expect(waiting.reduce((sum, { message }) => sum + message.bytes, 0)).toBeLessThanOrEqual(bounds.bytes);
        const accounted = [...begun, ...dropped, ...removed, ...waiting.map(({ name }) => name)];
        expect(accounted.toSorted((x, y) => x - y)).toEqual(taken.map(({ name }) => name));
      }),
      { numRuns: 200 },
    );
  });
});
