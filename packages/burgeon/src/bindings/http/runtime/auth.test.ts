import { describe, expect, it } from 'vitest';
import { clientOf, operationOf, serve } from '../fixtures/web.ts';
import { authorize } from './auth.ts';
import { AuthError } from './errors.ts';
import type { HttpOperation, HttpScheme } from './types.ts';

describe('credentials', () => {
  const schemes: Record<string, HttpScheme> = {
    basic: { kind: 'basic', place: 'authorization', name: 'Basic' },
    bearer: { kind: 'oauth2', place: 'authorization', name: 'Bearer' },
    head: { kind: 'apiKey', place: 'header', name: 'X-Key' },
    query: { kind: 'apiKey', place: 'query', name: 'k' },
    cookie: { kind: 'apiKey', place: 'cookie', name: 'sid' },
    tls: { kind: 'mutualTls', place: 'header', name: '' },
  };
  const seen = async (auth: HttpOperation['auth'], vault: Record<string, string>): Promise<Record<string, unknown>> => {
    const url = await serve((request, response) => {
      const { authorization, cookie, 'x-key': key } = request.headers;
      response.end(JSON.stringify({ url: request.url, authorization, cookie, key }));
    });
    const client = clientOf(url, operationOf({}, { auth }), { schemes, auth: async (scheme) => vault[scheme] });
    return (await client.call('test')).output as Record<string, unknown>;
  };

  it.each([
    ['basic', 'Żaneta:pa:ss', { authorization: `Basic ${Buffer.from('Żaneta:pa:ss').toString('base64')}` }],
    ['bearer', 'abc', { authorization: 'Bearer abc' }],
    ['bearer', 'bearer abc', { authorization: 'bearer abc' }],
    ['head', 'abc', { key: 'abc' }],
    ['query', 'a b&', { url: '/x?k=a%20b%26' }],
    ['cookie', 'abc', { cookie: 'sid=abc' }],
  ])('%s', async (scheme, value, expected) =>
    expect(await seen([{ [scheme]: [] }], { [scheme]: value })).toMatchObject(expected),
  );

  it('takes the first complete alternative, and none only when no other is complete', async () => {
    expect(await seen([{ basic: [], head: [] }, { query: [] }], { basic: 'x', query: 'q' })).toEqual({ url: '/x?k=q' });
    expect(await seen([{ query: [], cookie: [] }], { query: 'q', cookie: 'c' })).toEqual({ url: '/x?k=q', cookie: 'sid=c' });
    expect(await seen([{}, { query: [] }], { query: 'q' })).toEqual({ url: '/x?k=q' });
    expect(await seen([{}, { query: [] }], {})).toEqual({ url: '/x' });
    expect(await seen([{ tls: [] }], {})).toEqual({ url: '/x' });
  });

  it('sends without a credential where there is none, and names what is missing when that is refused', async () => {
    expect(await seen([{ basic: [], head: [] }, { unknown: [] }], { basic: 'x' })).toEqual({ url: '/x' });
    for (const status of [401, 403]) {
      const url = await serve((_, response) => response.writeHead(status).end());
      const call = (vault: Record<string, string>): Promise<unknown> =>
        clientOf(url, operationOf({}, { auth: [{ head: [] }] }), { schemes, auth: (scheme) => vault[scheme] }).call('test');
      await expect(call({})).rejects.toBeInstanceOf(AuthError);
      await expect(call({})).rejects.toMatchObject({
        status,
        missing: ['head'],
        message: `test was answered with ${status}: it needs a credential for "head"`,
      });
      await expect(call({ head: 'wrong' })).rejects.not.toBeInstanceOf(AuthError);
    }
  });

  it('names what fetches is to prove, where that holds the credentials, and lets nothing go without one that was taken away', async () => {
    const asked = async (auth: HttpOperation['auth'], held: Record<string, boolean | Error>): Promise<unknown> => {
      const request = { url: 'http://x/', headers: {} };
      const holds = async (scheme: string): Promise<boolean | Error> => held[scheme] ?? false;
      const missing = await authorize(request, { auth }, { schemes, holds });
      return { ...request, missing };
    };
    const plain = { url: 'http://x/', headers: {} };
    const gone = new Error('gone');
    expect(await asked([{ head: ['a'], tls: [] }], { head: true, tls: true })).toEqual({
      ...plain,
      auth: { head: ['a'], tls: [] },
      missing: [],
    });
    expect(await asked([{ head: [], tls: [] }], { head: true })).toEqual({ ...plain, auth: { head: [] }, missing: [] });
    expect(await asked([{ head: [] }], {})).toEqual({ ...plain, missing: ['head'] });
    await expect(asked([{ head: [] }], { head: gone })).rejects.toBe(gone);
    expect(await asked([{ head: [] }, { query: [] }], { head: gone, query: true })).toEqual({
      ...plain,
      auth: { query: [] },
      missing: [],
    });
    expect(await asked([{ head: [] }, {}], { head: gone })).toEqual({ ...plain, missing: [] });
  });
});
