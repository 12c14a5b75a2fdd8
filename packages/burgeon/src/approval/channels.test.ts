import { defineApprovalChannel, type ApprovalChannelAdapter, type ApprovalChannelContext, type JsonObject } from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { checkSettings, createChannelSet } from './channels.ts';

const opened: (JsonObject | undefined)[] = [];

const pigeon: ApprovalChannelAdapter = {
  name: 'pigeon',
  settings: { type: 'object', properties: { loft: { type: 'string' } }, required: ['loft'], additionalProperties: false },
  open: ({ settings }: ApprovalChannelContext) => {
    opened.push(settings);
    return defineApprovalChannel({
      name: 'pigeon',
      class: 'bird',
      ready: async () => settings !== undefined,
      ask: async () => ({ code: 'ABC234' }),
      withdraw: async () => {},
    });
  },
};

const context = { clock: systemClock, store: memoryStore(), write: () => {}, secret: async () => undefined };

describe('the channels of a home', () => {
  it('are opened once with what is set, and anew when that changed', async () => {
    let settings: Record<string, JsonObject> = {};
    const set = createChannelSet({ pigeon: async () => pigeon }, context, () => settings);
    expect(await (await set.all())[0]?.ready()).toBe(false);
    settings = { pigeon: { loft: 'roof' } };
    expect(await (await set.all())[0]?.ready()).toBe(false);
    set.reset();
    expect(await (await set.all())[0]?.ready()).toBe(true);
    expect(opened).toEqual([undefined, { loft: 'roof' }]);
    expect((await set.adapters()).map(({ name }) => name)).toEqual(['pigeon']);
  });

  it.each<[ApprovalChannelAdapter | undefined, JsonObject, string]>([
    [undefined, {}, 'ADAPTER_UNKNOWN'],
    [{ name: 'bare', open: pigeon.open }, {}, 'UNSUPPORTED'],
    [pigeon, {}, 'INPUT_INVALID'],
    [pigeon, { loft: 1 }, 'INPUT_INVALID'],
    [pigeon, { loft: 'roof', more: true }, 'INPUT_INVALID'],
  ])('refuse settings that do not fit: %#', (adapter, settings, code) => {
    expect(() => checkSettings(adapter, 'pigeon', settings)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('take settings that fit', () => {
    expect(() => checkSettings(pigeon, 'pigeon', { loft: 'roof' })).not.toThrow();
  });
});
