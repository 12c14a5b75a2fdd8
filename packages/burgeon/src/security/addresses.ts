import ipaddr from 'ipaddr.js';

/** How far an address reaches. `metadata`: hands out the machine's own credentials; never allowed, whatever was granted. */
export type AddressReach = 'public' | 'loopback' | 'private' | 'metadata';

/** Addresses at which clouds hand credentials to whoever asks: AWS, GCP, Azure, Alibaba, Oracle, Tencent, Scaleway, ECS and EKS tasks. */
const metadata: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.169.253',
  '169.254.169.123',
  '169.254.0.23',
  '169.254.42.42',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
]);

/** Says how far an address in any spelling reaches; undefined when the text is no address. */
export const reachOf = (address: string): AddressReach | undefined => {
  if (!ipaddr.isValid(address)) return undefined;
  // Behind the `%` stands which card of this machine leads there, not another place. RFC 4007 section 11.
  const parsed = ipaddr.process(address.replace(/%.*$/, ''));
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

/** Where an IPv6 address may carry an IPv4 one: 6to4, and translators behind a prefix of each length. @see RFC 3056, RFC 6052 section 2.2 */
const places: readonly (readonly number[])[] = [
  [2, 3, 4, 5],
  [4, 5, 6, 7],
  [5, 6, 7, 9],
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
  [12, 13, 14, 15],
];

const carried = (address: ipaddr.IPv6): ipaddr.IPv4[] => {
  const bytes = address.toByteArray();
  return places.map((place) => new ipaddr.IPv4(place.map((at) => bytes[at] ?? 0)));
};
