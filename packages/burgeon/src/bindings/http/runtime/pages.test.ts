import { describe, expect, it } from 'vitest';
import { clientOf, operationOf, query, serve } from '../fixtures/web.ts';
import { InputError } from './errors.ts';
import { nextLink, walkPages } from './pages.ts';
import type { HttpOperation, HttpResult } from './types.ts';

describe('pages', () => {
  it('refuses an operation it does not know', async () => {
    await expect(clientOf('http://h', operationOf()).pages('none').next()).rejects.toBeInstanceOf(InputError);
    await expect(clientOf('http://h', operationOf()).items('none').next()).rejects.toBeInstanceOf(InputError);
  });

  it('gives up a list that never ends, after what it gave', async () => {
    const pagination = { style: 'cursor' as const, input: { position: 'cursor' }, output: { items: '/items', next: '/next' } };
    let asked = 0;
    const endless = async (): Promise<HttpResult> => {
      asked += 1;
      return { status: 200, headers: {}, output: { items: [asked], next: `c${asked}` } };
    };
    let given = 0;
    const itemCount = ({ output }: HttpResult): number => (output as { items: unknown[] }).items.length;
    const walk = async (): Promise<void> => {
      for await (const page of walkPages(pagination, {}, endless)) given += itemCount(page);
    };
    await expect(walk()).rejects.toThrow(new RangeError('there is no end after 10000 pages'));
    expect([given, asked]).toEqual([10_000, 10_000]);
  });

  const rows = [1, 2, 3, 4, 5, 6, 7];
  const paged = (pagination: HttpOperation['pagination']): HttpOperation =>
    operationOf({ parameters: ['limit', 'offset', 'page', 'cursor'].map(query) }, pagination ? { pagination } : {});
  const listing = async (
    answer: (at: URLSearchParams, url: string) => { body: unknown; link?: string },
  ): Promise<{ url: string; asked: string[] }> => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      const { body, link } = answer(new URLSearchParams(request.url?.split('?')[1]), url);
      response.writeHead(200, { 'content-type': 'application/json', ...(link ? { link } : {}) }).end(JSON.stringify(body));
    });
    return { url, asked };
  };
  const collected = async (url: string, operation: HttpOperation, input: Record<string, unknown> = {}): Promise<unknown[]> => {
    const items: unknown[] = [];
    for await (const item of clientOf(url, operation).items('test', input)) items.push(item);
    return items;
  };

  it('walks offsets until a short page, or the total', async () => {
    const byOffset = (at: URLSearchParams): { body: unknown } => ({
      body: { items: rows.slice(Number(at.get('offset')), Number(at.get('offset')) + 3), total: 7 },
    });
    const { url, asked } = await listing(byOffset);
    const pagination = { style: 'offset' as const, input: { limit: 'limit', position: 'offset' }, output: { items: '/items' } };
    expect(await collected(url, paged(pagination), { limit: 3 })).toEqual(rows);
    expect(asked).toEqual(['/x?limit=3', '/x?limit=3&offset=3', '/x?limit=3&offset=6']);
    const total = await listing(byOffset);
    expect(await collected(total.url, paged({ ...pagination, output: { items: '/items', total: '/total' } }))).toEqual(rows);
    expect(total.asked).toHaveLength(3);
  });

  it('walks pages until an empty one', async () => {
    const { url, asked } = await listing((at) => ({
      body: rows.slice((Number(at.get('page') ?? 1) - 1) * 3, Number(at.get('page') ?? 1) * 3),
    }));
    expect(await collected(url, paged({ style: 'page', input: { position: 'page' }, output: { items: '' } }))).toEqual(rows);
    expect(asked).toEqual(['/x', '/x?page=2', '/x?page=3', '/x?page=4']);
    const counted = await listing((at) => ({
      body: { items: rows.slice((Number(at.get('page') ?? 1) - 1) * 3, Number(at.get('page') ?? 1) * 3), total: 7 },
    }));
    expect(
      await collected(
        counted.url,
        paged({ style: 'page', input: { position: 'page' }, output: { items: '/items', total: '/total' } }),
      ),
    ).toEqual(rows);
    expect(counted.asked).toHaveLength(3);
  });

  it('follows cursors, addresses as cursors, and stops at a repeated one', async () => {
    const cursor = { style: 'cursor' as const, input: { position: 'cursor' }, output: { items: '/items', next: '/next' } };
    const plain = await listing((at) =>
      at.get('cursor') === 'b' ? { body: { items: [3], next: null } } : { body: { items: [1, 2], next: 'b' } },
    );
    expect(await collected(plain.url, paged(cursor))).toEqual([1, 2, 3]);
    const address = await listing((at, url) =>
      at.get('cursor') ? { body: { items: [3] } } : { body: { items: [1, 2], next: `${url}/x?cursor=b` } },
    );
    expect(await collected(address.url, paged(cursor))).toEqual([1, 2, 3]);
    let count = 0;
    const circle = await listing(() => ({ body: { items: [count++], next: count % 2 === 0 ? 'a' : 'b' } }));
    expect(await collected(circle.url, paged(cursor))).toEqual([0, 1, 2]);
    const unnamed = await listing(() => ({ body: { items: [1] } }));
    expect(await collected(unnamed.url, paged({ ...cursor, output: { items: '/items' } }))).toEqual([1]);
  });

  it('follows links of its own origin only', async () => {
    const link = { style: 'link' as const, input: {}, output: { items: '' } };
    const own = await listing((at) =>
      at.get('page') === '2' ? { body: [3] } : { body: [1, 2], link: '</x?page=2>; rel="prev next"' },
    );
    expect(await collected(own.url, paged(link))).toEqual([1, 2, 3]);
    const foreign = await listing(() => ({ body: [1], link: '<http://other.example/x>; rel=next' }));
    expect(await collected(foreign.url, paged(link))).toEqual([1]);
    const broken = await listing(() => ({ body: [1], link: '<http://[>; rel=next' }));
    expect(await collected(broken.url, paged(link))).toEqual([1]);
  });

  it('stops when a server ignores the position', async () => {
    const { url, asked } = await listing(() => ({ body: rows }));
    expect(await collected(url, paged({ style: 'page', input: { position: 'page' }, output: { items: '' } }))).toEqual(rows);
    expect(asked).toHaveLength(2);
  });

  it('gives whole pages, one without pagination, and ends with its reader', async () => {
    const { url, asked } = await listing(() => ({ body: rows }));
    const pages: unknown[] = [];
    for await (const page of clientOf(url, paged(undefined)).pages('test')) pages.push(page.output);
    expect([pages, await collected(url, paged(undefined))]).toEqual([[rows], rows]);
    const walk = clientOf(url, paged({ style: 'page', input: { position: 'page' }, output: { items: '' } })).pages('test');
    await walk.next();
    await walk.return();
    expect(asked).toHaveLength(3);
    const odd = await listing(() => ({ body: { items: 'none' } }));
    expect(await collected(odd.url, paged({ style: 'offset', input: {}, output: { items: '/items' } }))).toEqual([]);
  });

  it.each([
    ['<a>; rel="next"', 'a'],
    ['<a>; rel=prev, <b>; title="x, y"; rel=next', 'b'],
    ['<a>; rel="first"', undefined],
    ['nonsense', undefined],
    [undefined, undefined],
    [`<${';'.repeat(50_000)}`, undefined],
  ])('reads a Link header: %s', (header, expected) => expect(nextLink(header)).toBe(expected));
});
