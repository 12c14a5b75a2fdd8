import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { busOf, channel, crash, failure, gate, moduleOf, settled, type TestModule } from './fixtures/harness.ts';

describe('asking', () => {
  const price: JsonSchema = { properties: { price: { type: 'number' } }, required: ['price'], type: 'object' };
  const asker = (more: Parameters<typeof channel>[2] = {}): TestModule =>
    moduleOf('skill/asker', [channel('prices.get', 'in', more)]);
  const teller = (answer: TestModule['message'], more: Parameters<typeof channel>[2] = {}, id = 'skill/teller'): TestModule =>
    moduleOf(id, [channel('prices.*', 'out', more)], answer);

  it('gives the reply of the one who answers', async () => {
    const { open, clock, bus } = busOf([
      asker({ reply: price }),
      teller((_t, body) => ({ price: Number(body) * 2 }), { reply: price }),
    ]);
    expect(await open('skill/asker').request('prices.get', 21)).toEqual({ price: 42 });
    expect(clock.sleepers).toBe(0);
    expect(bus.metrics()).toContain('burgeon_bus_messages_total{topic="prices.*",outcome="replied"} 1');
  });

  it('asks the one whose channel describes a reply, where several take the topic', async () => {
    const silent = teller(() => 'silent', {}, 'skill/silent');
    const { open } = busOf([asker(), silent, teller(() => ({ price: 1 }), { reply: price })]);
    expect(await open('skill/asker').request('prices.get', 1)).toEqual({ price: 1 });
  });

  it.each<[string, TestModule[], object]>([
    ['nobody takes the topic', [], { code: 'MODULE_NOT_FOUND' }],
    ['several could answer', [teller(() => 1), teller(() => 2, {}, 'skill/other')], { code: 'NAME_AMBIGUOUS' }],
    ['the reply is not what the one who gives it describes', [teller(() => 'x', { reply: price })], { code: 'MODULE_FAILED' }],
    [
      'the reply is not what the one who asks expects',
      [teller(() => 'x')],
      { code: 'REMOTE_INVALID', data: { issues: [{ path: '' }] } },
    ],
    [
      'the one who answers fails',
      [teller(() => crash('MODULE_FAILED', 'no price'))],
      { code: 'MODULE_FAILED', message: 'no price' },
    ],
    ['the question is not what the one who answers takes', [teller(() => 1, { message: price })], { code: 'INPUT_INVALID' }],
  ])('fails at once when %s, and nothing is parked', async (_name, others, error) => {
    const { open, bus, clock } = busOf([asker({ reply: price }), ...others]);
    expect(await failure(open('skill/asker').request('prices.get', 1))).toMatchObject(error);
    expect([await bus.parked(), clock.sleepers]).toEqual([[], 0]);
  });

  it('ends at the deadline, also when the question was never looked at', async () => {
    const held = gate();
    const asked: JsonValue[] = [];
    const slow = teller(async (_topic, body) => {
      asked.push(body);
      await held.opened;
      return null;
    });
    const { open, clock, bus } = busOf([asker(), slow]);
    const bus1 = open('skill/asker');
    const [first, second, third] = [
      failure(bus1.request('prices.get', 1, { timeoutMs: 50 })),
      failure(bus1.request('prices.get', 2, { timeoutMs: 20 })),
      bus1.request('prices.get', 3, { timeoutMs: 0 }),
    ];
    await settled();
    await clock.advance(20);
    expect(await second).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('skill/teller') });
    await clock.advance(30);
    expect(await first).toMatchObject({ code: 'TIMEOUT' });
    held.open();
    expect(await third).toBeNull();
    expect(asked).toEqual([1, 3]);
    expect(bus.metrics()).toContain('outcome="timeout"} 2');
  });

  it('ends when nobody waits any more', async () => {
    const { open, clock } = busOf([asker(), teller(() => new Promise<never>(() => {}))]);
    const [now, later] = [AbortSignal.abort(), new AbortController()];
    const question = failure(open('skill/asker').request('prices.get', 1, { signal: later.signal }));
    await settled();
    later.abort();
    expect(await question).toMatchObject({ code: 'CANCELLED' });
    expect(await failure(open('skill/asker').request('prices.get', 1, { signal: now }))).toMatchObject({ code: 'CANCELLED' });
    expect(clock.sleepers).toBe(0);
  });

  it('is refused where too many wait', async () => {
    const { open } = busOf([asker(), teller(() => new Promise<never>(() => {}))], { mailbox: { messages: 1, bytes: 10 } });
    for (let count = 0; count < 2; count += 1) void failure(open('skill/asker').request('prices.get', count));
    expect(await failure(open('skill/asker').request('prices.get', 1))).toMatchObject({ code: 'QUEUE_FULL' });
  });
});

describe('a circle of questions', () => {
  /** Modules of which each asks the next when it is sent a message, and gives what it was told. */
  const ring = (ids: string[], next: (id: string) => string) => {
    const modules = ids.map((id) =>
      moduleOf(id, [channel(id.slice(6), 'out'), channel('*', 'in')], (_topic, body) =>
        made.open(id).request(next(id), body, { timeoutMs: 1_000 }),
      ),
    );
    const made = busOf([...modules, moduleOf('skill/start', [channel('*', 'in')])]);
    return made;
  };

  it('ends with an error that names it, instead of waiting for ever', async () => {
    const { open, clock } = ring(['skill/a', 'skill/b', 'skill/c'], (id) => ({ 'skill/a': 'b', 'skill/b': 'c' })[id] ?? 'a');
    expect(await failure(open('skill/start').request('a', 1))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('skill/a > skill/b > skill/c > skill/a'),
      data: { limit: 'circle', modules: ['skill/a', 'skill/b', 'skill/c', 'skill/a'] },
    });
    expect(clock.sleepers).toBe(0);
  });

  it('also closes at the one who asked first, outside of any message', async () => {
    const { open } = ring(['skill/a', 'skill/b'], (id) => (id === 'skill/a' ? 'b' : 'a'));
    expect(await failure(open('skill/a').request('b', 1))).toMatchObject({ data: { limit: 'circle' } });
  });

  it('is none when a module could only ask itself', async () => {
    const { open } = busOf([moduleOf('skill/a', [channel('x', 'both')], () => null)]);
    expect(await failure(open('skill/a').request('x', 1))).toMatchObject({
      code: 'MODULE_NOT_FOUND',
      message: expect.stringContaining('Nobody else'),
    });
  });

  it('is bounded in depth where it is none', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `skill/m${index}`);
    const { open } = ring(ids, (id) => `m${Number(id.slice(7)) + 1}`);
    expect(await failure(open('skill/start').request('m0', 1))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      data: { limit: 'depth', value: 16 },
    });
  });

  it('is not suspected while a module also works for somebody else, and then ends at the deadline', async () => {
    const b = moduleOf('skill/b', [channel('b', 'out'), channel('a', 'in')], (_topic, body) =>
      made.open('skill/b').request('a', body, { timeoutMs: 100 }),
    );
    const a = moduleOf('skill/a', [channel('a', 'out'), channel('b', 'in')], (_topic, body) =>
      body === 'leaf' ? 'leaf' : made.open('skill/a').request('b', body, { timeoutMs: 500 }),
    );
    const made = busOf([a, b, moduleOf('skill/start', [channel('a', 'in')])], { inFlight: (id) => (id === 'skill/b' ? 2 : 1) });
    expect(await made.open('skill/b').request('a', 'leaf')).toBe('leaf');
    const end = failure(made.open('skill/start').request('a', 1));
    await settled();
    await made.clock.advance(100);
    expect(await end).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('skill/a did not answer "a"') });
  });

  it('hands the trace on from message to message', async () => {
    const aside = moduleOf('skill/c', [channel('c', 'out')], () => crash('MODULE_QUARANTINED'));
    const b = moduleOf('skill/b', [channel('b', 'out'), channel('c', 'in')], async () => {
      await made.open('skill/b').publish('c', 1);
      return null;
    });
    const made = busOf([moduleOf('skill/a', [channel('b', 'in'), channel('c', 'in')]), b, aside]);
    await made.open('skill/a').publish('b', 1);
    await settled();
    await made.open('skill/a').publish('c', 1);
    await settled();
    const traces = (await made.bus.parked()).map(({ envelope }) => envelope.traceparent.split('-'));
    expect(traces).toMatchObject([
      ['00', '0'.repeat(31) + '1', '0'.repeat(15) + '2', '01'],
      ['00', '0'.repeat(31) + '2', '0'.repeat(15) + '3', '01'],
    ]);
  });
});
