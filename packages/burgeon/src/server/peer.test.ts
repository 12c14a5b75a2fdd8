import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createPeerOf } from './peer.ts';

const from = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('from where a request came', () => {
  it.each<[string, string | undefined, string | undefined, string]>([
    ['a plain connection', '192.0.2.1', undefined, '192.0.2.1'],
    ['IPv4 in IPv6', '::ffff:192.0.2.1', undefined, '192.0.2.1'],
    ['a stranger who forges', '192.0.2.1', '203.0.113.5', '192.0.2.1'],
    ['a proxy', '10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['a chain of proxies', '10.0.0.1', '203.0.113.5, 10.0.0.2', '203.0.113.5'],
    ['a forger behind a proxy', '10.0.0.1', '198.51.100.1, 203.0.113.5', '203.0.113.5'],
    ['a proxy that says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['a proxy that passes nonsense', '10.0.0.1', '203.0.113.5, nonsense', '10.0.0.1'],
    ['proxies only', '10.0.0.1', '10.0.0.2', '10.0.0.1'],
    ['a household of IPv6', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    ['this machine', '::1', undefined, '::1'],
    ['a trusted IPv6', 'fd00::1', '2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['a connection that is gone', undefined, undefined, 'unknown'],
  ])('%s', (_, remote, forwarded, peer) => {
    expect(createPeerOf(['10.0.0.0/8', 'fd00::1'])(from(remote, forwarded))).toBe(peer);
  });

  it.each(['nonsense', '10.0.0.0/99', ''])('refuses %j as a proxy', (text) => {
    expect(() => createPeerOf([text])).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  });
});
