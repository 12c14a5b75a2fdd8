import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestExtension, type JsonObject, type JsonValue } from '@burgeon/kit';
import { beforeAll, describe, expect, it } from 'vitest';
import { failure, openBurgeon } from './open-burgeon.ts';

const { root, manage, call } = openBurgeon('bus');

/** Adds a module of a table of channels; its operations take and give anything. */
const add = async (name: string, version: string, channels: JsonObject, code: string): Promise<void> => {
  const folder = mkdtempSync(join(root, `${name}-`));
  const names = [...code.matchAll(/^ {2}(\w+): async/gm)].map(([, operation]) => operation ?? '');
  const operations = Object.fromEntries(names.map((each) => [each, { input: { additionalProperties: true }, output: {} }]));
  const manifest = { name, version, extensions: { [manifestExtension]: { operations, channels } } };
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'index.ts'), code);
  await manage('addModule', { what: folder });
};

const order: JsonObject = {
  type: 'object',
  properties: { id: { type: 'integer' }, note: { type: 'string' } },
  required: ['id'],
};
const price: JsonObject = { type: 'object', properties: { price: { type: 'number' } }, required: ['price'] };

beforeAll(async () => {
  await add(
    'shop',
    '1.0.0',
    {
      'orders.created': { direction: 'out', message: order, version: '1.0' },
      'prices.get': { direction: 'out', message: { type: 'string' }, reply: price },
      'rounds.store': { direction: 'out' },
      'rounds.shop': { direction: 'in' },
      'secrets.told': { direction: 'out' },
    },
    `import { bus } from 'burgeon:cap/bus' with { topics: 'orders.*, prices.*, rounds.*' };
interface Input { body?: unknown; topic?: string }
export const operations = {
  order: async ({ body }: Input) => bus.publish('orders.created', body),
  price: async ({ body }: Input) => bus.request('prices.get', body, { timeoutMs: 3_000 }),
  tell: async ({ topic }: Input) => topic === 'secrets.told' && bus.publish('secrets.told', 1),
  round: async () => bus.request('rounds.store', 1),
};
export const message = async () => bus.request('rounds.store', 1);
`,
  );
  await add(
    'store',
    '1.0.0',
    {
      'orders.*': {
        direction: 'in',
        message: { type: 'object', properties: { note: { type: 'string', maxLength: 10 } } },
        attempts: 1,
      },
      'prices.*': { direction: 'in', reply: price },
      'rounds.store': { direction: 'in' },
      'rounds.shop': { direction: 'out' },
    },
    `import { bus } from 'burgeon:cap/bus' with { topics: 'orders.*, prices.*, rounds.*', verbs: 'subscribe, request' };
const seen: unknown[] = [];
export const operations = {
  seen: async () => seen,
  publish: async ({ topic }: { topic?: string }) => topic === 'rounds.shop' && bus.publish('rounds.shop', 1),
};
export const message = async (topic: string, body: unknown): Promise<unknown> => {
  if (topic === 'prices.get') return body === 'free' ? 'nothing' : { price: String(body).length };
  if (topic.startsWith('rounds.')) return bus.request('rounds.shop', body);
  if ((body as { id: number }).id === 13) throw new Error('Thirteen is not taken.');
  seen.push(body);
  (body as { id: number }).id = 0;
  return null;
};
`,
  );
});

/** What the store has seen, once it has seen so many. */
const seenBy = async (count: number): Promise<JsonValue[]> => {
  for (;;) {
    const seen = (await call('skill/store', 'seen')) as JsonValue[];
    if (seen.length >= count) return seen;
  }
};
const parked = async (): Promise<JsonObject[]> => {
  for (;;) {
    const list = (await manage('listParked', { module: 'skill/store' })) as unknown as JsonObject[];
    if (list.length > 0) return list;
  }
};

describe('messages between modules with code of their own', () => {
  it('reach the one that takes the topic, which is started for it', async () => {
    expect(await call('skill/shop', 'order', { body: { id: 7 } })).toMatchObject({
      delivered: 1,
      receivers: [{ module: 'skill/store', outcome: 'delivered' }],
    });
    expect(await seenBy(1)).toEqual([{ id: 0 }]);
    expect(await manage('metrics')).toContain('burgeon_bus_messages_total{topic="orders.*",outcome="handled"} 1');
  });

  it('are answered', async () => {
    expect(await call('skill/shop', 'price', { body: 'apple' })).toEqual({ price: 5 });
    expect(await failure(call('skill/shop', 'price', { body: 'free' }))).toMatchObject({
      code: 'MODULE_FAILED',
      message: expect.stringContaining('replied to "prices.get" what it does not describe'),
    });
  });

  it.each<[string, string, string, JsonObject, RegExp]>([
    [
      'a body that is not what the sender describes',
      'skill/shop',
      'order',
      { body: { id: 'x' } },
      /not what skill\/shop sends on "orders.created" at \/id/,
    ],
    ['a topic that was not granted', 'skill/shop', 'tell', { topic: 'secrets.told' }, /may not publish "secrets.told"/],
    ['a verb that was not granted', 'skill/store', 'publish', { topic: 'rounds.shop' }, /may not publish "rounds.shop"/],
  ])('are refused with %s', async (...row) => {
    const [, module, operation, input, message] = row;
    expect((await failure(call(module, operation, input))).message).toMatch(message);
  });

  it('that go round in a circle end, and say so', async () => {
    expect((await failure(call('skill/shop', 'round'))).message).toMatch(/skill\/store asks skill\/shop, which waits/);
  });

  it('are parked when their receiver cannot work on them, and handed over again when it can', async () => {
    await call('skill/shop', 'order', { body: { id: 1, note: 'far too long a note' } });
    const [long] = await parked();
    expect(long).toMatchObject({
      module: 'skill/store',
      reason: { code: 'INPUT_INVALID' },
      envelope: { source: 'skill/shop@1.0.0', type: 'orders.created', dataversion: '1.0', data: { id: 1 } },
    });
    await manage('discardParked', { id: long?.['id'] ?? '' });
    await call('skill/shop', 'order', { body: { id: 13 } });
    const [thirteen] = await parked();
    const id = thirteen?.['id'] ?? '';
    expect(thirteen?.['reason']).toMatchObject({ code: 'MODULE_FAILED', message: expect.stringContaining('Thirteen') });
    expect(await failure(manage('redeliverParked', { id }))).toMatchObject({ code: 'MODULE_FAILED' });
    expect(await manage('listParked', { version: 1 })).toMatchObject([{ id, attempts: 2, envelope: { schemaversion: '1.0' } }]);
    const events = (await manage('listAudit', { module: 'skill/store' })) as unknown as JsonObject[];
    expect(events.filter(({ kind }) => kind === 'message.parked')).toHaveLength(2);
    await add(
      'store',
      '1.1.0',
      { 'orders.*': { direction: 'in' } },
      `import 'burgeon:cap/bus' with { topics: 'orders.*', verbs: 'subscribe' };
export const operations = {
  seen: async () => [],
};
export const message = async (_topic: string, body: unknown) => body;
`,
    );
    expect(await manage('redeliverParked', { id })).toEqual({ id, module: 'skill/store', reply: { id: 13 } });
    expect(await manage('listParked')).toEqual([]);
    expect((await failure(call('skill/shop', 'price', { body: 'apple' }))).message).toMatch(/Nobody takes "prices.get"/);
  });

  it('do not reach a module that is put away', async () => {
    const store = { namespace: 'skill', name: 'store' };
    await manage('archiveModule', store);
    expect(await call('skill/shop', 'order', { body: { id: 1 } })).toMatchObject({ receivers: [] });
    await manage('restoreModule', store);
    expect(await call('skill/shop', 'order', { body: { id: 1 } })).toMatchObject({ receivers: [{ module: 'skill/store' }] });
  });

  it('come from outside, too, in envelopes of both versions', async () => {
    for (const envelope of [
      { type: 'orders.created', data: { id: 21 } },
      { type: 'orders.created', envelopeversion: '2.0', dataversion: '1.0', data: { id: 22 } },
    ])
      expect(await manage('publishMessage', { envelope })).toMatchObject({ receivers: [{ module: 'skill/store' }] });
    expect(await failure(manage('publishMessage', { envelope: { type: 'a', envelopeversion: '3.0' } }))).toMatchObject({
      code: 'INPUT_INVALID',
    });
  });
});
