import type { JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import {
  busOf,
  channel,
  crash,
  failure,
  gate,
  keeper,
  moduleOf,
  order,
  settled,
  shop,
  type TestModule,
} from './fixtures/harness.ts';

describe('a receiver without room', () => {
  const stuck = (id: string, more: Parameters<typeof channel>[2] = {}): TestModule =>
    moduleOf(id, [channel('orders.*', 'out', more)], () => new Promise<never>(() => {}));

  it('refuses after 256 messages, and the sender is told whom it was', async () => {
    const { open, bus } = busOf([shop(), stuck('skill/stuck')]);
    const all = Array.from({ length: 257 }, (_, id) => open('skill/shop').publish('orders.created', { id }));
    expect((await Promise.all(all)).map(({ queued }) => queued).reduce((a, b) => a + b)).toBe(256);
    const refused = await failure(open('skill/shop').publish('orders.created', { id: 257 }));
    expect(refused).toMatchObject({
      code: 'QUEUE_FULL',
      message: expect.stringContaining('skill/stuck'),
      data: { receivers: [{ module: 'skill/stuck', outcome: 'refused' }] },
      retryable: true,
    });
    expect(bus.metrics()).toContain('burgeon_bus_queue_depth{module="skill/stuck"} 256');
    expect(bus.metrics()).toContain('burgeon_bus_messages_total{topic="orders.*",outcome="refused"} 1');
  });

  it('does not keep the message from others', async () => {
    const kept: JsonValue[] = [];
    const { open } = busOf([shop(), stuck('skill/stuck'), keeper('skill/well', kept)], { mailbox: { messages: 1, bytes: 100 } });
    const publish = (id: number) => open('skill/shop').publish('orders.created', { id });
    await publish(1);
    await settled();
    await publish(2);
    await settled();
    expect(await publish(3)).toMatchObject({
      delivered: 1,
      refused: 1,
      receivers: [
        { module: 'skill/stuck', outcome: 'refused' },
        { module: 'skill/well', outcome: 'delivered' },
      ],
    });
    await settled();
    expect(kept).toHaveLength(3);
  });

  it.each(['drop-oldest', 'drop-newest'] as const)('lets messages go where its channel says %s', async (overflow) => {
    const held = gate();
    const kept: number[] = [];
    const lossy = moduleOf('skill/lossy', [channel('orders.*', 'out', { bus: { overflow } })], async (_topic, body) => {
      await held.opened;
      kept.push((body as { id: number }).id);
      return null;
    });
    const { open, bus } = busOf([shop(), lossy], { mailbox: { messages: 2, bytes: 1_000 } });
    const outcomes: string[] = [];
    for (let id = 0; id < 5; id += 1) {
      const { receivers } = await open('skill/shop').publish('orders.created', { id });
      outcomes.push(receivers[0]?.outcome ?? '');
    }
    held.open();
    await settled();
    const oldest = overflow === 'drop-oldest';
    expect(outcomes).toEqual(['delivered', 'queued', 'queued', ...Array<string>(2).fill(oldest ? 'queued' : 'dropped')]);
    expect(kept).toEqual(oldest ? [0, 3, 4] : [0, 1, 2]);
    expect(bus.metrics()).toContain('burgeon_bus_messages_total{topic="orders.*",outcome="dropped"} 2');
  });
});

describe('a message that cannot be worked on', () => {
  it('is tried again with longer and longer pauses, then parked, and those behind it follow', async () => {
    const tried: number[] = [];
    const picky = moduleOf('skill/picky', [channel('orders.*', 'out')], (_topic, body) => {
      const { id } = body as { id: number };
      tried.push(id);
      return id === 1 ? crash('MODULE_FAILED') : null;
    });
    const { open, bus, clock, events, warnings } = busOf([shop(), picky]);
    for (const id of [1, 2]) await open('skill/shop').publish('orders.created', { id });
    await settled();
    expect(tried).toEqual([1]);
    await clock.advance(99);
    expect(tried).toEqual([1]);
    await clock.advance(1);
    expect(tried).toEqual([1, 1]);
    await clock.advance(400);
    expect(tried).toEqual([1, 1, 1, 2]);
    expect(await bus.parked()).toMatchObject([
      {
        module: 'skill/picky',
        attempts: 3,
        reason: { code: 'MODULE_FAILED', message: 'It fell over.' },
        envelope: { envelopeversion: '2.0', source: 'skill/shop@1.0.0', type: 'orders.created', data: { id: 1 } },
      },
    ]);
    expect(events).toMatchObject([
      { kind: 'message.parked', module: 'skill/picky', data: { code: 'MODULE_FAILED', attempts: 3 } },
    ]);
    expect(warnings).toHaveLength(1);
  });

  it('is parked at once when it is not what the receiver describes', async () => {
    const kept: JsonValue[] = [];
    const { open, bus } = busOf([shop({ message: true }), keeper('skill/strict', kept, { message: order })]);
    expect(await open('skill/shop').publish('orders.created', { id: 'x' })).toMatchObject({ delivered: 1 });
    await open('skill/shop').publish('orders.created', { id: 2 });
    await settled();
    expect(kept).toEqual([{ id: 2 }]);
    expect(await bus.parked({ module: 'skill/strict' })).toMatchObject([
      { attempts: 1, reason: { code: 'INPUT_INVALID', data: { issues: [{ path: '/id' }] } } },
    ]);
    expect(await bus.parked({ module: 'skill/other' })).toEqual([]);
  });

  it('is tried as often as the channel says', async () => {
    let tried = 0;
    const channels = [channel('orders.*', 'out', { bus: { attempts: 2 } })];
    const { open, bus, clock } = busOf([shop(), moduleOf('skill/a', channels, () => (tried++, crash('MODULE_FAILED')))]);
    await open('skill/shop').publish('orders.created', { id: 1 });
    await settled();
    await clock.advance(100);
    expect([tried, (await bus.parked()).length]).toEqual([2, 1]);
  });

  it('is not tried again at a module that was put aside, which does not keep others waiting', async () => {
    const kept: JsonValue[] = [];
    const aside = moduleOf('skill/aside', [channel('orders.*', 'out')], () => crash('MODULE_QUARANTINED'));
    const { open, bus } = busOf([shop(), aside, keeper('skill/well', kept)]);
    await open('skill/shop').publish('orders.created', { id: 1 });
    await settled();
    expect(kept).toEqual([{ id: 1 }]);
    expect(await bus.parked()).toMatchObject([{ module: 'skill/aside', attempts: 1, reason: { code: 'MODULE_QUARANTINED' } }]);
  });

  it('is recorded once a minute for one cause, with how many there were in between', async () => {
    const aside = moduleOf('skill/aside', [channel('orders.*', 'out')], () => crash('MODULE_QUARANTINED'));
    const { open, bus, clock, events } = busOf([shop(), aside]);
    const publish = async (): Promise<void> => {
      await open('skill/shop').publish('orders.created', { id: 1 });
      await settled();
    };
    for (let count = 0; count < 4; count += 1) await publish();
    await clock.advance(60_000);
    await publish();
    expect(await bus.parked()).toHaveLength(5);
    expect(events.map(({ data }) => data?.['moreBefore'])).toEqual([undefined, 3]);
  });

  it('stays in the store, is handed over again, or forgotten', async () => {
    let well = false;
    const ill = moduleOf('skill/ill', [channel('orders.*', 'out')], () => (well ? 'thanks' : crash('MODULE_QUARANTINED', 'ill')));
    const { open, store, bus, byId } = busOf([shop(), ill]);
    for (const id of [1, 2]) await open('skill/shop').publish('orders.created', { id });
    await settled();
    const again = busOf([...byId.values()], { store });
    const [one, two] = await again.bus.parked({ version: 1 });
    expect([one, two]).toMatchObject([
      { envelope: { envelopeversion: '1.0', data: { id: 1 } } },
      { envelope: { data: { id: 2 } } },
    ]);
    expect(await failure(again.bus.redeliver(one?.id ?? ''))).toMatchObject({ code: 'MODULE_QUARANTINED' });
    expect((await again.bus.parked())[0]).toMatchObject({ id: one?.id, attempts: 2 });
    well = true;
    expect(await again.bus.redeliver(one?.id ?? '')).toEqual({ id: one?.id, module: 'skill/ill', reply: 'thanks' });
    await again.bus.discard(two?.id ?? '');
    expect([await again.bus.parked(), await store.list('parked')]).toEqual([[], []]);
    expect(await failure(again.bus.discard('x'))).toMatchObject({ code: 'RECORD_NOT_FOUND' });
    expect(await bus.parked()).toHaveLength(2);
  });

  it('cannot be handed over again to a module that takes it no more', async () => {
    const aside = moduleOf('skill/aside', [channel('orders.*', 'out')], () => crash('MODULE_QUARANTINED'));
    const { open, bus, byId } = busOf([shop(), aside]);
    await open('skill/shop').publish('orders.created', { id: 1 });
    await settled();
    byId.delete('skill/aside');
    bus.changed('skill/aside');
    const [parked] = await bus.parked();
    expect(await failure(bus.redeliver(parked?.id ?? ''))).toMatchObject({ code: 'MODULE_NOT_FOUND' });
    expect(await bus.parked()).toHaveLength(1);
  });
});
