import { describe, expect, it } from 'vitest';
import { createValidator } from '../../../interface/validate.ts';
import { placeOf, readWebhookSettings, webhookSettingsSchema } from './settings.ts';

describe('the settings of a webhook', () => {
  it.each([
    [{ url: 'https://sms.example.com/a', deliver: 'sms', to: '+48 600' }, { digits: true }],
    [
      { url: 'http://127.0.0.1:8080', deliver: 'push' },
      { url: 'http://127.0.0.1:8080/', digits: false },
    ],
    [{ url: 'http://localhost/', deliver: 'chat' }, { deliver: 'chat' }],
    [
      { url: 'http://[::1]:80/x?y=1', deliver: 'voice', digits: false },
      { url: 'http://[::1]/x?y=1', digits: false },
    ],
  ])('are read: %j', (settings, expected) => {
    expect(readWebhookSettings(settings)).toMatchObject(expected);
    expect(createValidator({}).check(webhookSettingsSchema, settings)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['url', undefined],
    ['url', 'sms.example.com'],
    ['url', 'http://sms.example.com/'],
    ['url', 'http://127.0.0.1.example.com/'],
    ['url', 'https://me@sms.example.com/'],
    ['url', 'https://me:secret@sms.example.com/'],
    ['url', 'file:///etc/passwd'],
    ['deliver', undefined],
    ['deliver', 'pigeon'],
    ['to', ''],
    ['to', 7],
    ['digits', 'yes'],
  ])('are refused with %s = %j', (name, value) => {
    const settings = { url: 'https://sms.example.com/', deliver: 'sms', [name]: value } as never;
    expect(() => readWebhookSettings(settings)).toThrowError(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(name) }),
    );
    expect(() => readWebhookSettings(settings)).not.toThrowError(/:secret/);
    if (name === 'url' && !String(value).includes('@'))
      expect(createValidator({}).check(webhookSettingsSchema, settings)).not.toEqual([]);
  });

  it.each([
    [{ to: '+48 (600) 100-200' }, '+48600100200'],
    [{ to: 'Me@Example.com' }, 'me@example.com'],
    [{ url: 'https://x.example/' }, 'https://x.example/'],
    [{}, undefined],
    [undefined, undefined],
  ])('name one place in one spelling: %j', (settings, place) => {
    expect(placeOf(settings as never)).toBe(place);
  });
});
