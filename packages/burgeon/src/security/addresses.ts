import ipaddr from 'ipaddr.js';

/** How far an address reaches. `metadata`: hands out the machine's own credentials; never allowed, whatever was granted. */
export type AddressReach = 'public' | 'loopback' | 'private' | 'metadata';

/** Addresses at which clouds hand credentials to whoever asks: AWS, GCP, Azure, Alibaba, Oracle, ECS and EKS tasks. */
const metadata: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.169.253',
  '169.254.169.123',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
]);

/** Says how far an address in any spelling reaches; undefined when the text is no address. */
export const reachOf = (address: string): AddressReach | undefined => {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? reachOf4(parsed as ipaddr.IPv4) : reachOf6(parsed as ipaddr.IPv6);
};

const reachOf4 = (address: ipaddr.IPv4): AddressReach => {
  if (metadata.has(address.toString())) return 'metadata';
  const range = address.range();
  if (range === 'unicast') return 'public';
  return range === 'loopback' ? 'loopback' : 'private';
};

const reachOf6 = (address: ipaddr.IPv6): AddressReach => {
  if (metadata.has(address.toString()) || carried(address).some((inner) => reachOf4(inner) === 'metadata')) return 'metadata';
  const range = address.range();
  if (range === 'loopback') return 'loopback';
  // ipaddr.js calls ::7f00:1 unicast; global unicast is 2000::/3 only (RFC 4291 2.4), the tunnels in it have their own names.
  const global = ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
  return global && range === 'unicast' ? 'public' : 'private';
};

/** IPv4 addresses that an IPv6 address may carry: the last 32 bits (compatible, NAT64) and bits 16 to 47 (6to4). */
const carried = (address: ipaddr.IPv6): ipaddr.IPv4[] => {
  const bytes = address.toByteArray();
  return [bytes.slice(12), bytes.slice(2, 6)].map((four) => new ipaddr.IPv4(four));
};
