import { describe, expect, it } from 'vitest';
import { renderConfirmation } from './disclosure.ts';
import { type ApprovalRequest, questionOf } from './request.ts';

const request = (more: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  id: 'req_1',
  module: 'skill/water-tracker',
  version: '1.0.0',
  state: 'half',
  digest: '0123456789abcdef',
  capabilitiesDigest: 'fedcba',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-02T00:00:00.000Z',
  requester: { kind: 'owner', id: 'local' },
  needed: 2,
  channels: [
    { name: 'email', class: 'mail', state: 'confirmed' },
    { name: 'web', class: 'web', state: 'asked' },
  ],
  receipts: [{ channel: 'email', class: 'mail', at: '2026-01-01T00:01:00.000Z' }],
  disclosure: "Nowy skill 'Water Tracker' chce:",
  confirmation: "Potwierdź deploy 'Water Tracker' na",
  ...more,
});

describe('what a channel is asked', () => {
  it('begins, after the first channel, with what remains to be confirmed and where', () => {
    expect(questionOf(request()).text).toBe("Potwierdź deploy 'Water Tracker' na UI\n\nNowy skill 'Water Tracker' chce:");
    const channels = [{ name: 'pager', class: 'push', state: 'asked' as const }];
    expect(questionOf(request({ channels })).text).toMatch(/^Potwierdź deploy 'Water Tracker' na push\n/);
  });

  it('is the disclosure alone at the first channel, in requests of earlier versions, and when nobody is left to ask', () => {
    const { confirmation: _, ...earlier } = request();
    for (const each of [request({ receipts: [] }), earlier, request({ channels: [] })]) {
      expect(questionOf(each).text).toBe("Nowy skill 'Water Tracker' chce:");
    }
  });

  it('names what people know it by, made visible', () => {
    const water = { module: 'skill/water-tracker', title: 'Water Tracker' };
    expect(renderConfirmation({ ...water, locale: 'en' })).toBe("Confirm deploy of 'Water Tracker' on");
    expect(renderConfirmation({ ...water, locale: 'pl' })).toBe("Potwierdź deploy 'Water Tracker' na");
    expect(renderConfirmation({ module: 'api/shop', title: 'Shop', locale: 'en' })).toBe("Confirm deploy of 'api/shop' on");
    expect(renderConfirmation({ ...water, title: "a'\u202e", locale: 'en' })).toContain("'a\\'\\u{202e}'");
  });
});
