import { describe, expect, it } from 'vitest';
import { serve } from '../fixtures/web.ts';
import { bareFetch } from './bare-fetch.ts';

describe('bareFetch', () => {
  const echo = (status: number): Promise<string> =>
    serve((request, response, body) =>
      response
        .writeHead(status, { 'x-seen': `${request.method} ${body.toString()}`.trim() })
        .end(status === 204 ? undefined : 'found'),
    );

  it.each([
    ['GET', '{"q":1}', 200],
    ['GET', new TextEncoder().encode('bytes'), 200],
    ['GET', 'none', 204],
    ['POST', 'ordinary', 200],
    ['GET', undefined, 200],
  ])('%s with %o gives %d', async (method, body, status) => {
    const answer = await bareFetch(await echo(status), { method, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-seen')).toBe(
      `${method} ${body === undefined ? '' : typeof body === 'string' ? body : 'bytes'}`.trim(),
    );
    expect(await answer.text()).toBe(status === 204 ? '' : 'found');
  });

  it('says when nobody listens, and stops when told to', async () => {
    await expect(bareFetch('http://127.0.0.1:1/', { method: 'GET', body: 'x' })).rejects.toThrow('ECONNREFUSED');
    const never = await serve(() => {});
    await expect(bareFetch(never, { method: 'GET', body: 'x', signal: AbortSignal.timeout(20) })).rejects.toThrow();
  });
});
