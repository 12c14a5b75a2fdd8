import { defaultLimits, type JsonValue, type ModuleBus } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { failure } from './bus/fixtures/harness.ts';
import { createHostCalls, type HostCalls } from './host-calls.ts';

const sent: unknown[][] = [];
const bus: ModuleBus = {
  publish: async (topic, body, options) => {
    sent.push(['publish', topic, body, options]);
    return { id: 'm', delivered: 1, queued: 0, refused: 0, dropped: 0, receivers: [] };
  },
  request: async (topic, body, { signal, ...options } = {}) => {
    sent.push(['request', topic, body, options]);
    if (topic !== 'slow') return 'reply';
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  },
};
const callsOf = (more: { bus?: ModuleBus } = { bus }): HostCalls =>
  createHostCalls({
    id: 'skill/a',
    description: {} as never,
    grants: [{ kind: 'bus', scope: { topics: ['*'] }, request: 'r' }],
    limits: defaultLimits,
    parts: { clock: systemClock, log: silentLogger, vault: { read: async () => undefined } },
    call: async () => ({ output: null }),
    ...more,
  });

describe('messages that code sends', () => {
  it.each<[string, JsonValue[], unknown[], JsonValue]>([
    ['publish', ['a', { b: 1 }], ['publish', 'a', { b: 1 }, {}], expect.objectContaining({ delivered: 1 })],
    ['publish', ['a'], ['publish', 'a', null, {}], expect.anything()],
    ['publish', ['a', 1, { version: '2' }], ['publish', 'a', 1, { version: '2' }], expect.anything()],
    ['request', ['a', 1, null], ['request', 'a', 1, {}], 'reply'],
    ['request', ['a', 1, { timeoutMs: 5, version: '2' }], ['request', 'a', 1, { timeoutMs: 5, version: '2' }], 'reply'],
  ])('%s %j', async (method, args, seen, result) => {
    expect(await callsOf().call('bus', method, args)).toEqual(result);
    expect(sent.at(-1)).toEqual(seen);
  });

  it.each<[string, JsonValue[], string]>([
    ['publish', [1, 1], 'INPUT_INVALID'],
    ['publish', ['a', 1, { timeoutMs: 1 }], 'INPUT_INVALID'],
    ['publish', ['a', 1, 'options'], 'INPUT_INVALID'],
    ['request', ['a', 1, { timeoutMs: 0 }], 'INPUT_INVALID'],
    ['request', [], 'INPUT_INVALID'],
    ['subscribe', ['a'], 'CAPABILITY_DENIED'],
  ])('%s %j is refused', async (method, args, code) => {
    expect(await failure(callsOf().call('bus', method, args))).toMatchObject({ code });
  });

  it('are denied where there is no bus, as in a trial', async () => {
    expect(await failure(callsOf({}).call('bus', 'publish', ['a', 1]))).toMatchObject({ code: 'CAPABILITY_DENIED' });
  });

  it('ends waiting for a reply when the module is unloaded', async () => {
    const calls = callsOf();
    const question = failure(calls.call('bus', 'request', ['slow', 1]));
    await calls.close();
    expect(await question).toMatchObject({ code: 'CANCELLED' });
  });
});
