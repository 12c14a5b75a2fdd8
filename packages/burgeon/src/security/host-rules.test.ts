import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reachOf } from './addresses.ts';
import { type HostRule, addressAllowed, canonicalHost, hostRules, matching, parseRule, placeOf, isInside } from './host-rules.ts';

describe('addresses', () => {
  it.each([
    ['public', '93.184.216.34 8.8.8.8 2606:4700::1111 ::ffff:93.184.216.34'],
    ['loopback', '127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1'],
    ['private', '10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 0.0.0.0 192.0.0.1 198.18.0.1 224.0.0.1 255.255.255.255 240.0.0.1'],
    ['private', '169.254.1.1 192.0.2.1 :: ::7f00:1 fe80::1 fc00::1 fd00::1 ff02::1 2001:db8::1 2002:7f00:1:: 64:ff9b::7f00:1'],
    ['private', '64:ff9b:1::7f00:1 2001:0:4136:e378:8000:63bf:80ff:fffe 100::1'],
    ['metadata', '169.254.169.254 169.254.170.2 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254 ::ffff:169.254.169.254'],
    ['metadata', '64:ff9b::a9fe:a9fe 64:ff9b:1::a9fe:a9fe ::a9fe:a9fe 2002:a9fe:a9fe::'],
    ['metadata', '64:ff9b:1:a9fe:a9:fe00:: fd00:ec2::254%eth0 169.254.0.23 169.254.42.42 fd00:42::42'],
  ] as const)('are %s: %s', (reach, list) => {
    for (const address of list.split(' ')) expect(reachOf(address), address).toBe(reach);
  });

  it('are told from names', () => {
    expect(['localhost', 'example.com', '', 'a b'].map(reachOf)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('hosts', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['2130706433', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['017700000001', '127.0.0.1'],
    ['①②⑦.⓪.⓪.①', '127.0.0.1'],
    ['127。0。0。1', '127.0.0.1'],
    ['ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'localhost'],
    ['loc\u00adalhost', 'localhost'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['::1', '::1'],
    ['[::FFFF:127.0.0.1]', '::ffff:7f00:1'],
    ['0:0:0:0:0:0:0:1', '::1'],
  ])('are spelt one way: %s', (text, host) => {
    expect(canonicalHost(text)).toBe(host);
  });

  it.each(['', 'a b', 'a/b', 'a@b', 'a:80', 'a#b', 'a?b', 'a\\b', 'fe80::1%25lo', '[::1', '%', 'x'.repeat(300), '1.2.3.4.5'])(
    'are refused: %j',
    (text) => {
      expect(() => canonicalHost(text)).toThrow(expect.objectContaining({ code: 'CAPABILITY_DENIED' }));
    },
  );

  it('never end up as something that is read differently again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.webAuthority(), fc.string()), (text) => {
        let host: string;
        try {
          host = canonicalHost(text);
        } catch {
          return;
        }
        expect(canonicalHost(host)).toBe(host);
      }),
    );
  });
});

describe('rules', () => {
  const allows = (
    rule: HostRule | string,
    to: { scheme?: string; host: string; port: number; method?: string; path?: string },
  ): boolean => matching([parseRule(typeof rule === 'string' ? { host: rule } : rule)], to).length > 0;
  const https = { scheme: 'https', port: 443 };

  it.each([
    ['api.example.com', { ...https, host: 'api.example.com' }, true],
    ['API.example.com.', { ...https, host: 'api.example.com' }, true],
    ['api.example.com', { scheme: 'http', port: 80, host: 'api.example.com' }, true],
    ['api.example.com', { ...https, port: 8443, host: 'api.example.com' }, false],
    ['api.example.com:8443', { ...https, port: 8443, host: 'api.example.com' }, true],
    ['https://api.example.com', { scheme: 'http', port: 80, host: 'api.example.com' }, false],
    ['https://api.example.com', { scheme: 'http', port: 443, host: 'api.example.com' }, false],
    ['https://api.example.com', { ...https, host: 'api.example.com' }, true],
    ['example.com', { ...https, host: 'evil-example.com' }, false],
    ['example.com', { ...https, host: 'api.example.com' }, false],
    ['*.example.com', { ...https, host: 'api.example.com' }, true],
    ['*.example.com', { ...https, host: 'a.b.example.com' }, false],
    ['*.example.com', { ...https, host: 'example.com' }, false],
    ['*.example.com', { ...https, host: 'evilexample.com' }, false],
    ['*', { ...https, host: 'anything.example' }, true],
    ['*:8080', { ...https, port: 8080, host: 'anything.example' }, true],
    ['[::1]:8080', { host: '::1', port: 8080 }, true],
    ['redis://cache.example:6379', { host: 'cache.example', port: 6379 }, true],
  ] as const)('%s, %j: %s', (rule, to, expected) => {
    expect(allows(rule, to)).toBe(expected);
  });

  it.each(['', '*.', 'a:b', 'a:99999', 'http://', 'a/b', '::1', 'a b', 'http://a@b'])(
    'are refused when not written so: %j',
    (host) => {
      expect(() => parseRule({ host })).toThrow(expect.objectContaining({ code: 'CAPABILITY_DENIED' }));
    },
  );

  it.each([
    ['10.0.0.5:8080', true],
    ['http://192.168.1.5', true],
    ['[fd00::5]:80', true],
    ['nas.local', false],
    ['*', false],
    ['*.corp', false],
    ['127.0.0.1', false],
    ['8.8.8.8', false],
    ['169.254.169.254', false],
  ])('let credentials go in the clear to %s: %s', (host, unencrypted) => {
    expect(parseRule({ host, unencrypted: true, private: true }).unencrypted).toBe(unencrypted);
    expect(parseRule({ host }).unencrypted).toBe(false);
  });

  it('narrow methods and paths', () => {
    const rule = { host: 'a.com', methods: ['get'], paths: ['/v1/*', '/health'] };
    const to = { ...https, host: 'a.com', method: 'GET', path: '/v1/pets' };
    expect(allows(rule, to)).toBe(true);
    expect(allows(rule, { ...to, path: '/health' })).toBe(true);
    for (const change of [
      { method: 'POST' },
      { path: '/v2' },
      { path: '/health/x' },
      { path: '/v1/..%2fadmin' },
      { path: '/v1/..;/admin' },
      { path: '/v1/%2E.;x=1/admin' },
      { path: '/v1/..%252fadmin' },
      { path: '/v1/%252e%252e/admin' },
      { path: '/v1/%5C' },
    ]) {
      expect(allows(rule, { ...to, ...change })).toBe(false);
    }
  });

  it('come from capabilities', () => {
    const capabilities = [
      { kind: 'net.http', scope: { hosts: ['a.com', 7 as never], methods: ['GET'], paths: ['/x'], private: true } },
      { kind: 'net.socket', scope: { hosts: ['b.com:5432'] } },
      { kind: 'net.http', scope: {} },
      { kind: 'clock', scope: {} },
    ];
    expect(hostRules(capabilities)).toEqual([
      { host: 'a.com', methods: ['GET'], paths: ['/x'], private: true },
      { host: 'b.com:5432' },
    ]);
  });

  it.each([
    ['example.com', 'example.com', '93.184.216.34', true],
    ['example.com', 'example.com', '127.0.0.1', false],
    ['127.0.0.1:80', '127.0.0.1', '127.0.0.1', true],
    ['10.0.0.1', '10.0.0.1', '10.0.0.1', true],
    ['localhost:3000', 'localhost', '127.0.0.1', true],
    ['localhost:3000', 'localhost', '::1', true],
    ['localhost:3000', 'localhost', '10.0.0.1', false],
    ['app.localhost', 'app.localhost', '127.0.0.1', true],
    ['*', '127.0.0.1', '127.0.0.1', false],
    ['*.localhost', 'app.localhost', '127.0.0.1', false],
    ['169.254.169.254', '169.254.169.254', '169.254.169.254', false],
    ['example.com', 'example.com', 'no address', false],
  ])('%s: %s may lead to %s: %s', (host, name, address, expected) => {
    expect(addressAllowed([parseRule({ host })], name, address)).toBe(expected);
  });

  it('let a name lead inside when that was granted, but never to metadata', () => {
    const rules = [parseRule({ host: 'intranet.example', private: true })];
    expect(addressAllowed(rules, 'intranet.example', '10.0.0.1')).toBe(true);
    expect(addressAllowed(rules, 'intranet.example', '169.254.169.254')).toBe(false);
    expect(addressAllowed([], 'example.com', '93.184.216.34')).toBe(false);
  });
});

describe('placeOf', () => {
  it.each([
    ['https://api.example.com/v1', 'api.example.com'],
    ['http://127.0.0.1:8080/', '127.0.0.1:8080'],
    ['postgres://u:p@db/shop', 'db:5432'],
    ['mysql://db:3307/shop', 'db:3307'],
    ['mariadb://[::1]/shop', '[::1]:3306'],
    ['sqlite:/data/x.db', ''],
    ['no address', ''],
  ])('%s is at %j', (address, place) => expect(placeOf(address)).toBe(place));
});

describe('what lies inside', () => {
  it.each([
    ['http://127.1/', true],
    ['http://[fd00::1]:80/', true],
    ['http://localhost./', true],
    ['http://a.localhost/', true],
    ['http://169.254.169.254/', true],
    ['http://93.184.216.34/', false],
    ['http://localhost.example/', false],
  ])('is known of %s', (url, expected) => expect(isInside(new URL(url))).toBe(expected));
});
