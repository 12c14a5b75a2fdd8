import type { IncomingMessage } from 'node:http';
import { BurgeonError } from '@burgeon/kit';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.process>;
type Range = [Address, number];

/** Tells from where a request came: the address of its connection, or what a trusted proxy says about it. */
export type PeerOf = (request: IncomingMessage) => string;

/**
 * Makes the judge of addresses. Only what connects from one of `trusted` (addresses or CIDR ranges) is believed about others; what anybody
 * else writes into `X-Forwarded-For` is nothing.
 * @throws {BurgeonError} USAGE when one is neither
 */
export const createPeerOf = (trusted: readonly string[] = []): PeerOf => {
  const ranges = trusted.map(rangeOf);
  const isTrusted = (address: Address): boolean =>
    ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  return (request) => {
    const direct = addressOf(request.socket.remoteAddress);
    if (direct === undefined) return 'unknown';
    if (!isTrusted(direct)) return nameOf(direct);
    // From the right: each proxy appends whom it heard from, so the first one that is no proxy of ours is the last that can be believed.
    const said = String(request.headers['x-forwarded-for'] ?? '').split(',');
    for (const hop of said.reverse()) {
      const address = addressOf(hop.trim());
      if (address === undefined) break;
      if (!isTrusted(address)) return nameOf(address);
    }
    return nameOf(direct);
  };
};

const rangeOf = (text: string): Range => {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch (error) {
    throw new BurgeonError('USAGE', {
      message: `${JSON.stringify(text.slice(0, 100))} is no address of a proxy.`,
      hint: 'Write an address or a range: 127.0.0.1, 10.0.0.0/8.',
      cause: error,
    });
  }
};

const addressOf = (text: string | undefined): Address | undefined => {
  if (text === undefined || !ipaddr.isValid(text)) return undefined;
  return ipaddr.process(text);
};

/** One household has a whole /64 of IPv6: it counts as one. */
const nameOf = (address: Address): string =>
  address.kind() === 'ipv4' || address.range() === 'loopback'
    ? address.toString()
    : `${(address as ipaddr.IPv6).parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`;
