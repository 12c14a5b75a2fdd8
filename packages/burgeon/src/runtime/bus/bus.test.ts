import type { JsonObject, JsonValue } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  busOf,
  channel,
  crash,
  failure,
  gate,
  keeper,
  moduleOf,
  onBus,
  order,
  settled,
  shop,
  type TestModule,
} from './fixtures/harness.ts';

describe('publishing', () => {
  it('reaches everyone who takes the topic, and says who', async () => {
    const [one, two]: JsonValue[][] = [[], []];
    const { open } = busOf([shop(), keeper('skill/one', one ?? []), keeper('skill/two', two ?? [])]);
    expect(await open('skill/shop').publish('orders.created', { id: 1 })).toEqual({
      id: 'message_1.1',
      delivered: 2,
      queued: 0,
      refused: 0,
      dropped: 0,
      receivers: [
        { module: 'skill/one', outcome: 'delivered' },
        { module: 'skill/two', outcome: 'delivered' },
      ],
    });
    await settled();
    expect([one, two]).toEqual([[{ id: 1 }], [{ id: 1 }]]);
  });

  it('does not come back to its sender, nor go to those who may not subscribe or do not take the topic', async () => {
    const heard: string[] = [];
    const hears = (id: string, topic: string, grants = [onBus('*')]): TestModule =>
      moduleOf(id, [channel(topic, 'both')], () => void heard.push(id) as never, grants);
    const { open } = busOf([
      hears('skill/self', 'news'),
      hears('skill/denied', 'news', [onBus('news', 'publish', 'request')]),
      hears('skill/elsewhere', 'news', [onBus('other')]),
      hears('skill/other', 'weather'),
      hears('skill/fits', 'new*', [onBus('news', 'subscribe')]),
    ]);
    const { receivers } = await open('skill/self').publish('news', null);
    await settled();
    expect([receivers.map(({ module }) => module), heard]).toEqual([['skill/fits'], ['skill/fits']]);
  });

  it('takes the exact channel before a pattern, and the longest of the patterns', async () => {
    const strict = { message: { type: 'string' } };
    const channels = [channel('*', 'in', strict), channel('orders.*', 'in', { message: order }), channel('orders.eu', 'in')];
    const { open } = busOf([moduleOf('skill/a', channels)]);
    const bus = open('skill/a');
    await bus.publish('orders.eu', 7);
    await bus.publish('orders.us', { id: 1 });
    await bus.publish('news', 'text');
    expect(await failure(bus.publish('orders.us', 7))).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await failure(bus.publish('news', 7))).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it.each<[string, string, JsonValue, object]>([
    [
      'what its own channel does not allow',
      'orders.created',
      { id: 'x' },
      { code: 'INPUT_INVALID', data: { issues: [{ path: '/id' }] } },
    ],
    [
      'on a topic for which it has no channel',
      'orders.gone',
      {},
      { code: 'INPUT_INVALID', message: expect.stringContaining('no channel') },
    ],
    ['where it only listens', 'orders.heard', {}, { code: 'INPUT_INVALID', message: expect.stringContaining('no channel') }],
    ['on a pattern', 'orders.*', {}, { code: 'INPUT_INVALID', message: expect.stringContaining('no topic') }],
    ['on what is no text', 7 as never, {}, { code: 'INPUT_INVALID', message: expect.stringContaining('no topic') }],
    ['on nothing', undefined as never, {}, { code: 'INPUT_INVALID', message: expect.stringContaining('no topic') }],
  ])('is refused %s', async (_name, topic, body, error) => {
    const channels = [channel('orders.created', 'in', { message: order }), channel('orders.heard', 'out')];
    const { open } = busOf([moduleOf('skill/shop', channels)]);
    expect(await failure(open('skill/shop').publish(topic, body))).toMatchObject(error);
  });

  it.each(['publish', 'request'] as const)('needs a grant to %s', async (verb) => {
    const others = ['subscribe', verb === 'publish' ? 'request' : 'publish'];
    const grants = [onBus('orders.*', ...others), onBus('news', verb), { kind: 'clock', scope: {} }];
    const { open } = busOf([moduleOf('skill/a', [channel('*', 'both')], undefined, grants), keeper('skill/b', [])]);
    expect(await failure(open('skill/a')[verb]('orders.created', {}))).toMatchObject({ code: 'CAPABILITY_DENIED' });
  });

  it('gives each receiver a copy: what anybody does to it changes nothing anywhere else', async () => {
    const spoil = (value: JsonValue): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const key of Object.keys(value)) {
        spoil((value as JsonObject)[key] ?? null);
        delete (value as JsonObject)[key];
      }
      (value as JsonObject)['spoiled'] = true;
    };
    await fc.assert(
      fc.asyncProperty(fc.jsonValue() as fc.Arbitrary<JsonValue>, async (body) => {
        const seen: string[] = [];
        const spoiler = (id: string): TestModule =>
          moduleOf(id, [channel('a', 'out')], async (_topic, mine) => {
            seen.push(JSON.stringify(mine));
            spoil(mine);
            await settled();
            return mine;
          });
        const { open } = busOf([moduleOf('skill/a', [channel('a', 'in')]), spoiler('skill/b'), spoiler('skill/c')]);
        const before = JSON.stringify(body);
        const bus = open('skill/a');
        await bus.publish('a', body);
        await bus.publish('a', body);
        expect(JSON.stringify(body)).toBe(before);
        // The second ones still wait: the sender cannot change them any more either.
        spoil(body);
        await settled();
        await settled();
        expect(seen).toEqual([before, before, before, before]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the order of messages', () => {
  it('is kept for each receiver, one at a time, whatever another does', async () => {
    const [first, slow]: [number[], number[]] = [[], []];
    const held = gate();
    const { open } = busOf([
      shop(),
      moduleOf('skill/fast', [channel('orders.*', 'out')], (_t, body) => void first.push((body as { id: number }).id) as never),
      moduleOf('skill/slow', [channel('orders.*', 'out')], async (_t, body) => {
        slow.push((body as { id: number }).id);
        await held.opened;
        return null;
      }),
    ]);
    const sent = await Promise.all([1, 2, 3].map((id) => open('skill/shop').publish('orders.created', { id })));
    await settled();
    expect([first, slow]).toEqual([[1, 2, 3], [1]]);
    expect(sent.map(({ receivers }) => receivers.at(-1)?.outcome)).toEqual(['delivered', 'queued', 'queued']);
    held.open();
    await settled();
    expect(slow).toEqual([1, 2, 3]);
  });

  it('lets as many be worked on at once as the channel says', async () => {
    let [running, most] = [0, 0];
    const held = gate();
    const wide = moduleOf('skill/wide', [channel('orders.*', 'out', { bus: { atOnce: 3 } })], async () => {
      most = Math.max(most, ++running);
      await held.opened;
      running -= 1;
      return null;
    });
    const { open } = busOf([shop(), wide]);
    for (let id = 0; id < 5; id += 1) await open('skill/shop').publish('orders.created', { id });
    held.open();
    await settled();
    expect([running, most]).toEqual([0, 3]);
  });
});

describe('what comes from outside', () => {
  it('is taken in envelopes of both versions, and given back in either: modules of both talk', async () => {
    const kept: JsonValue[] = [];
    const aside = moduleOf('skill/aside', [channel('*', 'out')], () => crash('MODULE_QUARANTINED'));
    const { bus } = busOf([keeper('skill/one', kept), aside]);
    const shared = { specversion: '1.0', id: 'x', source: 'elsewhere', type: 'orders.created', time: '2026-11-20T10:00:00.000Z' };
    await bus.accept({ ...shared, envelopeversion: '1.0', schemaversion: '1.1', data: { id: 1 } });
    await bus.accept({ ...shared, envelopeversion: '2.0', dataversion: '1.2', via: 'skill/one', data: { id: 2 } });
    await settled();
    expect(kept).toEqual([{ id: 1 }, { id: 2 }]);
    const [as1, as2] = [await bus.parked({ version: 1 }), await bus.parked({ version: 2 })];
    expect(as1.map(({ envelope }) => envelope)).toMatchObject([
      { schemaversion: '1.1' },
      { schemaversion: '1.2', data: { id: 2 } },
    ]);
    expect(as2.map(({ envelope }) => envelope)).toMatchObject([
      { dataversion: '1.1', data: { id: 1 } },
      { dataversion: '1.2', via: '' },
    ]);
    expect(await failure(bus.accept({ ...shared, envelopeversion: '3.0' }))).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await failure(bus.accept({ type: 'a b' }))).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await bus.accept({ type: 'orders.x' })).toMatchObject({ id: 'message_1.5', delivered: 2 });
  });

  it('is counted where nobody hears it', async () => {
    const { bus } = busOf([]);
    expect(await bus.accept({ type: 'orders.created' })).toMatchObject({ receivers: [] });
    expect(bus.metrics()).toContain('burgeon_bus_messages_total{topic="burgeon",outcome="unheard"} 1');
  });
});

describe('the members of the bus', () => {
  it('are looked at again when they have changed, also while messages wait for them', async () => {
    const kept: JsonValue[] = [];
    const { open, bus, byId } = busOf([shop()]);
    expect(await open('skill/shop').publish('orders.created', { id: 1 })).toMatchObject({ receivers: [] });
    byId.set('skill/new', keeper('skill/new', kept));
    expect(await open('skill/shop').publish('orders.created', { id: 2 })).toMatchObject({ receivers: [] });
    bus.changed('skill/new');
    expect(await open('skill/shop').publish('orders.created', { id: 3 })).toMatchObject({ delivered: 1 });
    byId.set('skill/new', keeper('skill/new', kept, { message: { type: 'string' } }));
    bus.changed();
    await open('skill/shop').publish('orders.created', { id: 4 });
    await settled();
    expect(kept).toEqual([{ id: 3 }]);
    byId.delete('skill/new');
    bus.changed('skill/new');
    expect(await open('skill/shop').publish('orders.created', { id: 5 })).toMatchObject({ receivers: [] });
    expect(await bus.parked()).toHaveLength(1);
  });

  it('are what counts when a message is handed over, not what was when it was sent', async () => {
    const held = gate();
    const slow = moduleOf('skill/slow', [channel('orders.*', 'out')], () => held.opened.then(() => null));
    const { open, bus, byId } = busOf([shop(), slow]);
    for (const id of [1, 2]) await open('skill/shop').publish('orders.created', { id });
    byId.set('skill/slow', moduleOf('skill/slow', [channel('orders.*', 'out', { message: { type: 'string' } })]));
    bus.changed('skill/slow');
    held.open();
    await settled();
    await settled();
    expect(await bus.parked()).toMatchObject([{ reason: { code: 'INPUT_INVALID' }, envelope: { data: { id: 2 } } }]);
  });

  it('are read again after a failure', async () => {
    let well = false;
    const { open } = busOf([shop()], {
      members: { ids: async () => (well ? [] : crash('MODULE_FAILED', 'no list')), find: async () => undefined },
    });
    expect(await failure(open('skill/shop').publish('orders.created', { id: 1 }))).toMatchObject({ message: 'no list' });
    well = true;
    expect(await open('skill/shop').publish('orders.created', { id: 1 })).toMatchObject({ receivers: [] });
  });

  it('are read once for any number of messages', async () => {
    let reads = 0;
    const { open } = busOf([shop()], { members: { ids: async () => (reads++, ['skill/x']), find: async () => undefined } });
    await Promise.all([1, 2, 3].map((id) => open('skill/shop').publish('orders.created', { id })));
    expect(reads).toBe(1);
  });
});

describe('the end', () => {
  it('waits for what is on its way', async () => {
    const kept: JsonValue[] = [];
    const held = gate();
    const slow = moduleOf('skill/slow', [channel('orders.*', 'out')], async (_topic, body) => {
      await held.opened;
      kept.push(body);
      return null;
    });
    const { open, bus } = busOf([shop(), slow]);
    for (const id of [1, 2]) await open('skill/shop').publish('orders.created', { id });
    const closing = bus.close();
    held.open();
    await closing;
    expect(kept).toHaveLength(2);
    expect(await failure(open('skill/shop').publish('orders.created', { id: 3 }))).toMatchObject({ code: 'CANCELLED' });
    expect(await failure(bus.accept({ type: 'a' }))).toMatchObject({ code: 'CANCELLED' });
  });

  it('parks what is still there, tells who waits, and does so once', async () => {
    const held = gate();
    const stuck = moduleOf('skill/stuck', [channel('*', 'out')], async () => {
      await held.opened;
      return crash('MODULE_FAILED');
    });
    const { open, bus, clock } = busOf([moduleOf('skill/shop', [channel('*', 'in')]), stuck]);
    for (const id of [1, 2]) await open('skill/shop').publish('orders.created', { id });
    const question = failure(open('skill/shop').request('other', 3));
    const closing = bus.close();
    await settled();
    await clock.advance(5_000);
    await closing;
    await bus.close();
    expect(await question).toMatchObject({ code: 'TIMEOUT' });
    held.open();
    await settled();
    expect(await bus.parked()).toMatchObject([
      { attempts: 0, reason: { code: 'CANCELLED' }, envelope: { data: { id: 1 } } },
      { reason: { code: 'CANCELLED' }, envelope: { data: { id: 2 } } },
    ]);
  });
});
