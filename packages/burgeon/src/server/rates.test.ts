import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createRates } from './rates.ts';

const response = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

describe('counting', () => {
  it('lets so many through, says how many are left, and then when to come back', async () => {
    const rates = await createRates({ perMinute: 2, answersPerMinute: 1, failuresPerMinute: 1 });
    const first = response();
    await rates.request(first, 'key a');
    expect(first.getHeaders()).toMatchObject({
      'ratelimit-limit': 2,
      'ratelimit-remaining': 1,
      'ratelimit-reset': expect.any(Number) as number,
    });
    await rates.request(response(), 'key a');
    const refused = response();
    await expect(rates.request(refused, 'key a')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(refused.getHeaders()).toMatchObject({ 'ratelimit-remaining': 0, 'retry-after': expect.any(Number) as number });
    await rates.request(response(), 'key b');
  });

  it('counts answers and wrong tokens apart', async () => {
    const rates = await createRates({ perMinute: 1, answersPerMinute: 1, failuresPerMinute: 1 });
    expect(await rates.hasFailed('192.0.2.1')).toBe(false);
    await rates.failure(response(), '192.0.2.1');
    expect(await rates.hasFailed('192.0.2.1')).toBe(true);
    await expect(rates.failure(response(), '192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await rates.answer(response(), '192.0.2.1');
    await expect(rates.answer(response(), '192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await rates.request(response(), '192.0.2.1');
  });

  it('is generous when nothing is said', async () => {
    const rates = await createRates();
    const one = response();
    await rates.request(one, 'key a');
    expect(one.getHeader('ratelimit-limit')).toBe(60_000);
  });
});
