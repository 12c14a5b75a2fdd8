import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../base/clock.ts';
import { deliver } from './deliver.ts';
import { serveRequests } from './fixtures/servers.ts';

describe('delivering', () => {
  it('gives up on a gateway that never answers, after three tries', async () => {
    const gateway = await serveRequests(async () => new Promise<Response>(() => {}));
    const clock = manualClock(0);
    const options = { url: gateway.url, keys: [randomBytes(32)], clock, tryMs: 60 };
    await expect(deliver({}, options)).rejects.toMatchObject({ code: 'TIMEOUT' });
    // Both waits between three tries.
    expect(clock.now()).toBe(2_500);
    await gateway.close();
  });

  it('goes nowhere near the credentials of a cloud', async () => {
    const options = { url: 'https://169.254.169.254/', keys: [randomBytes(32)], clock: manualClock(0) };
    await expect(deliver({}, options)).rejects.toMatchObject({ code: 'CAPABILITY_DENIED' });
  });
});
