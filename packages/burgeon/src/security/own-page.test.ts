import { describe, expect, it } from 'vitest';
import { requireOwnPage } from './own-page.ts';

const judge =
  (headers: Record<string, string>, url = 'http://127.0.0.1:4600/x') =>
  (): void =>
    requireOwnPage({ url, headers: new Headers(headers) });

describe('a page of this server', () => {
  it.each([
    [{ origin: 'http://127.0.0.1:4600' }],
    [{ origin: 'http://127.0.0.1:4600', 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'https://127.0.0.1:4600', 'sec-fetch-site': 'same-origin' }],
  ])('passes: %j', (headers) => {
    expect(judge(headers)).not.toThrow();
  });

  it.each([
    [{}],
    [{ origin: 'null' }],
    [{ origin: '' }],
    [{ origin: 'http://evil.example' }],
    [{ origin: 'http://127.0.0.1:4601' }],
    [{ origin: 'http://127.0.0.1' }],
    [{ origin: 'http://127.0.0.1:4600.evil.example' }],
    [{ origin: 'http://127.0.0.1:4600', 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'http://127.0.0.1:4600', 'sec-fetch-site': 'same-site' }],
    [{ origin: 'http://127.0.0.1:4600', 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': 'same-origin' }],
  ])('is not: %j', (headers: Record<string, string>) => {
    expect(judge(headers)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });
});
