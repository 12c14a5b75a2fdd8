import { describe, expect, it } from 'vitest';
import { readKeys, signHeaders, verifiedId } from './signature.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('signatures', () => {
  // The vector that the libraries of Standard Webhooks are tested with.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: bytes('{"test": 2432232314}') };
  const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const clock = { now: () => 1_614_265_330_000 };
  const verify = (headers: Record<string, string>, keys = readKeys(secret)) =>
    verifiedId(new Headers(headers), message.body, { keys, clock });

  it('agree with the published vector', () => {
    expect(signHeaders(message, readKeys(secret))).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': signature,
    });
    expect(verify(signHeaders(message, readKeys(secret)))).toBe(message.id);
  });

  it('are found among others, of other schemes and of other keys', () => {
    const headers = signHeaders(message, readKeys(secret));
    const many = `v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,Ceo5 v1a,x ${signature} v1`;
    expect(verify({ ...headers, 'webhook-signature': many })).toBe(message.id);
    expect(verify({ ...headers, 'webhook-signature': signature.replace('v1,', 'v2,') })).toBeUndefined();
    expect(verify({ ...headers, 'webhook-signature': signature.slice(0, -1) })).toBeUndefined();
  });

  it('are made with each of two secrets', () => {
    const both = readKeys(`${secret} whsec_${Buffer.alloc(32, 7).toString('base64')}`);
    expect(signHeaders(message, both)['webhook-signature']?.split(' ')).toHaveLength(2);
    expect(verify(signHeaders(message, readKeys(secret)), both)).toBe(message.id);
  });

  it.each([
    '',
    'whsec_',
    'secret',
    'whsec_c2hvcnQ=',
    `whsec_${'A'.repeat(100)}`,
    'whsec_!!!!',
    `${secret} x`,
    `${secret} `.repeat(5),
  ])('need a secret that is one: %j', (text) => {
    expect(() => readKeys(text)).toThrowError(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.not.stringContaining('MfKQ') }),
    );
  });
});
