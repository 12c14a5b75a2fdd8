import { describe, expect, it } from 'vitest';
import { createValidator } from '../../../interface/validate.ts';
import { emailSettingsSchema, readEmailSettings } from './settings.ts';

const usual = { to: 'Me@Example.com', from: 'burgeon@example.org', smtp: 'smtp://mail.example.org' };
const validator = createValidator({});

describe('the settings of mail', () => {
  it('are read', () => {
    expect(readEmailSettings(usual)).toEqual({
      to: 'me@example.com',
      from: 'burgeon@example.org',
      server: { host: 'mail.example.org', port: 587, secure: false },
    });
    expect(
      readEmailSettings({ ...usual, smtp: 'smtps://me%40x@[::1]', replyTo: 'A@b.example', replyPort: 2525, replyHost: '::1' }),
    ).toMatchObject({
      server: { host: '::1', port: 465, secure: true, user: 'me@x' },
      replies: { address: 'a@b.example', port: 2525, host: '::1' },
    });
    expect(readEmailSettings({ ...usual, smtp: 'smtp://100%@h:25/' })).toMatchObject({ server: { user: '100%', port: 25 } });
    expect(readEmailSettings(undefined)).toBeUndefined();
    expect(validator.check(emailSettingsSchema, { ...usual, replyTo: 'a@b.example', replyPort: 0 })).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['to', undefined],
    ['to', 'me'],
    ['to', 'me@x.example\r\nBcc: a@b.example'],
    ['to', 'me@x.example, you@x.example'],
    ['to', '"a b"@x.example'],
    ['to', `${'a'.repeat(250)}@x.example`],
    ['from', 'Burgeon <b@x.example>'],
    ['from', 7],
    ['smtp', 'mail.example.org'],
    ['smtp', 'http://mail.example.org'],
    ['smtp', 'smtp://'],
    ['smtp', 'smtp://user:secret@mail.example.org'],
    ['smtp', 'smtp://mail.example.org/path'],
    ['smtp', 'smtp://mail.example.org?tls=no'],
    ['smtp', undefined],
    ['replyPort', 70_000],
    ['replyPort', '25'],
    ['replyPort', undefined],
    ['replyHost', ''],
    ['replyTo', 'x'],
  ])('are refused with %s = %j', (name, value) => {
    const settings = { ...usual, replyTo: 'a@b.example', replyPort: 0, [name]: value } as never;
    expect(() => readEmailSettings(settings)).toThrowError(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(name) }),
    );
    expect(() => readEmailSettings(settings)).not.toThrowError(/secret/);
  });
});
