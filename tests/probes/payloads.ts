/** What people have written to make a program reach where it must not: spellings of addresses, tricks of URLs, names that lie. */

/** Spellings of this machine. */
const loopback = [
  '127.0.0.1 127.1 127.0.1 127.0.0.1. 127.0.0.2 127.1.1.1 127.255.255.254 127.000.000.001 127.0x1 2130706433 2130706433. 017700000001',
  '0177.0.0.1 0177.1 00000177.0.0.1 0177.0.0.0x1 0x7f000001 0X7F000001 0x7f.0x0.0x0.0x1 0x7f.1 0x7f.0.0.0x1 0.0.0.0 0 0x0 00 0.0',
  'localhost localhost. LOCALHOST LocalHost a.localhost x.y.localhost. ip6-localhost loc\u00adalhost ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ｌｏｃａｌｈｏｓｔ 127%2e0%2e0%2e1 %31%32%37.0.0.1',
  '①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127．0．0．1 127｡0｡0｡1 [::1] [::] [0:0:0:0:0:0:0:1] [0000::1] [::0001] [::1%25lo] [::ffff:127.0.0.1]',
  '[::ffff:7f00:1] [::FFFF:7F00:1] [0:0:0:0:0:ffff:127.0.0.1] [::ffff:0:127.0.0.1] [::127.0.0.1] [::7f00:1] [64:ff9b::7f00:1]',
  '[64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:0001::1] [2001:0:4136:e378:8000:63bf:80ff:fffe]',
].flatMap((line) => line.split(' '));

/** Addresses of networks that are somebody's own, or nobody's. */
const elsewhere = [
  '10.0.0.5 10.255.255.255 0xa000005 167772165 172.16.0.1 172.31.255.254 192.168.0.1 0xc0a80001 100.64.0.1 100.127.255.254 169.254.1.1',
  '192.0.0.8 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.88.99.1',
  '[fe80::1] [fe80::1%25lo] [fc00::1] [fd12:3456::1] [fec0::1] [ff02::1] [2001:db8::1] [2001::1] [100::1] [::ffff:10.0.0.5] [::ffff:a00:5]',
  '[64:ff9b::a00:5] [2002:a00:5::] [::10.0.0.5] [2001:10::1] [2001:20::1] [::ffff:0:a00:5] [5f00::1] [0100::1] [3fff::1]',
].flatMap((line) => line.split(' '));

/** Places that hand out the credentials of a machine. */
export const metadataHosts: readonly string[] = [
  '169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 0xa9.0xfe.0xa9.0xfe 169.254.169.254. 169。254。169。254',
  '169.254.169.253 169.254.170.2 169.254.170.23 100.100.100.200 0x646464c8 168.63.129.16 2822734096 192.0.0.192 [fd00:ec2::254]',
  '[fd00:ec2:0:0:0:0:0:254] [fd00:ec2::23] [fd20:ce::254] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::] [::169.254.169.254] [64:ff9b::a83f:8110] [::ffff:a83f:8110]',
].flatMap((line) => line.split(' '));

/** Names that a name server of the namespace turns into what they say. */
export const lyingNames: readonly string[] = [
  'inner.test',
  'inner6.test',
  'mixed.test',
  'mixed6.test',
  'alias.test',
  'meta.test',
  'meta6.test',
  'mapped6.test',
  'zero.test',
];

/** URLs that are read in more than one way, and schemes that are none of the web. PORT is where somebody listens. */
const tricks = [
  'http://a@127.0.0.1:PORT/',
  'http://public.test@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT#@public.test/',
  'http://127.0.0.1:PORT\\@public.test/',
  'http://x\\@127.0.0.1:PORT/',
  'http://x#@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT?@public.test/',
  'http://public.test:80:PORT@127.0.0.1/',
  'http:127.0.0.1:PORT/',
  'http:/127.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT\\',
  'http:///127.0.0.1:PORT/',
  'http://\t127.0.0.1:PORT/',
  'ht\ntp://127.0.0.1:PORT/',
  ' http://127.0.0.1:PORT/',
  '//127.0.0.1:PORT/',
  'HTTP://127.0.0.1:PORT/',
  'http://127.0.0.1:0PORT/',
  'http://[::1]:PORT@public.test:9/',
  'file:///etc/passwd',
  'file://127.0.0.1/etc/passwd',
  'gopher://127.0.0.1:PORT/_x',
  'dict://127.0.0.1:PORT/info',
  'ftp://127.0.0.1:PORT/',
  'ldap://127.0.0.1:PORT/',
  'tftp://127.0.0.1:PORT/',
  'jar:http://127.0.0.1:PORT!/',
  'ws://127.0.0.1:PORT/',
  'wss://127.0.0.1:PORT/',
  'data:application/json,{}',
  'blob:http://127.0.0.1:PORT/x',
  'javascript:1',
  'about:blank',
  'unix:///var/run/docker.sock',
  'http+unix://%2Fvar%2Frun%2Fdocker.sock/info',
  'http://unix:/var/run/docker.sock:/info',
];

/** Every URL that no module may reach, `port` being where somebody listens. */
export const insideUrls = (port: number, names: readonly string[] = []): string[] =>
  [...[...loopback, ...elsewhere, ...metadataHosts, ...names].map((host) => `http://${host}:PORT/x`), ...tricks].map((url) =>
    url.replaceAll('PORT', String(port)),
  );

/** The hosts among them, for what takes a host and a port. */
export const insideHosts: readonly string[] = [...loopback, ...elsewhere, ...metadataHosts];
