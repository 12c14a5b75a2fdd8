import type { JsonObject, Store } from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure, steppedClock } from './fixtures/harness.ts';
import type { Message } from './message.ts';
import { openParking } from './parking.ts';

const message = (text: string): Message => ({
  id: 'm',
  from: 'skill/a',
  source: 'skill/a@1.0.0',
  topic: 'a',
  sentAt: 0,
  traceparent: 't',
  version: undefined,
  via: [],
  text: JSON.stringify(text),
  bytes: text.length + 2,
});
const parked = (module: string, text = '') => ({
  module,
  message: message(text),
  reason: { code: 'MODULE_FAILED', message: 'x' } as const,
  attempts: 1,
});
const parkingOf = (bounds: { messages: number; bytes: number }, store: Store = memoryStore()) => {
  const warnings: string[] = [];
  return {
    parking: openParking({ store, clock: steppedClock(), warn: (text) => void warnings.push(text) }, bounds),
    store,
    warnings,
  };
};

describe('parked messages', () => {
  it('give way, the oldest of the module with the most first, in memory as in the store', async () => {
    const { parking, store } = parkingOf({ messages: 3, bytes: 1_000 });
    for (const [module, text] of [
      ['skill/few', '1'],
      ['skill/many', '2'],
      ['skill/many', '3'],
      ['skill/many', '4'],
    ] as const)
      await parking.put(parked(module, text));
    expect((await parking.list()).map((one) => one.message.text)).toEqual(['"1"', '"3"', '"4"']);
    expect((await store.list('parked')).map(({ value }) => (value['envelope'] as JsonObject)['data'])).toEqual(['1', '3', '4']);
  });

  it('stay within bounds and as the store has them, whatever is put and taken', async () => {
    const step = fc.record({ module: fc.constantFrom('skill/a', 'skill/b'), size: fc.nat(30), remove: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { parking, store } = parkingOf({ messages: 5, bytes: 60 });
        for (const { module, size, remove } of steps) {
          const [first] = await parking.list(module);
          if (remove && first) await parking.remove(first.id);
          else await parking.put(parked(module, 'x'.repeat(size)));
          const list = await parking.list();
          expect(list.length).toBeLessThanOrEqual(5);
          expect(list.reduce((sum, one) => sum + one.message.bytes, 0)).toBeLessThanOrEqual(60);
          expect((await store.list('parked')).map(({ id }) => id)).toEqual(list.map(({ id }) => id));
          expect(await parkingOf({ messages: 5, bytes: 60 }, store).parking.list()).toEqual(list);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are still in memory when the store fails, and what cannot be read is passed over', async () => {
    const store = memoryStore();
    await store.transact([{ kind: 'put', table: 'parked', id: '0', value: { envelope: { envelopeversion: '9.0' } } }]);
    const failing: Store = { ...store, transact: () => Promise.reject(new TypeError('full')) };
    const { parking, warnings } = parkingOf({ messages: 5, bytes: 100 }, failing);
    await parking.put(parked('skill/a'));
    expect([(await parking.list()).length, warnings]).toEqual([1, [expect.stringContaining('full')]]);
    expect(await failure(parking.get('nothing'))).toMatchObject({ code: 'RECORD_NOT_FOUND' });
  });

  it('are read again after the store could not be read, and all of them', async () => {
    const store = memoryStore();
    const value = {
      envelope: { type: 'a' },
      module: 'skill/a',
      reason: { code: 'INTERNAL', message: '' },
      attempts: 1,
      parkedAt: '',
    };
    const ids = Array.from({ length: 1_001 }, (_, index) => String(index).padStart(5, '0'));
    await store.transact(ids.map((id) => ({ kind: 'put' as const, table: 'parked', id, value })));
    let well = false;
    const flaky: Store = { ...store, list: (...query) => (well ? store.list(...query) : Promise.reject(new TypeError('gone'))) };
    const { parking } = parkingOf({ messages: 5_000, bytes: 1e6 }, flaky);
    expect(await failure(parking.list())).toMatchObject({ message: 'gone' });
    well = true;
    expect(await parking.list()).toHaveLength(1_001);
  });
});
