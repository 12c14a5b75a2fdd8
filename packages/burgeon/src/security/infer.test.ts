import type { Interface, Operation } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { operation as plain } from '../interface/fixtures/operation.ts';
import { canonicalHost, hostRules, matching, parseRule } from './host-rules.ts';
import { diffCapabilities } from './capabilities.ts';
import { gainsGravePower } from './grave.ts';
import { inferCapabilities } from './infer.ts';

const described = (more: Partial<Interface>): Interface => ({
  format: 'burgeon.interface/1',
  name: 'x',
  version: '1',
  source: { kind: 'test', location: 'test', digest: '' },
  locations: [],
  operations: [],
  channels: [],
  entities: [],
  types: {},
  auth: {},
  origins: {},
  diagnostics: [],
  ...more,
});
const operation = (effect: 'read' | 'write' | 'delete'): Operation => plain(effect, { effect });

describe('inferCapabilities', () => {
  it('asks for the hosts of web locations, variables filled in', () => {
    const locations = [
      { url: 'https://API.example.com/v1' },
      { url: 'http://127.0.0.1:8080' },
      {
        url: 'https://{region}.example.com',
        variables: { region: { default: 'eu', enum: ['eu', 'us'] }, unused: { default: 'x' } },
      },
    ];
    expect(inferCapabilities(described({ locations }), 'api/x')).toEqual([
      { kind: 'net.http', scope: { hosts: ['127.0.0.1:8080', 'api.example.com', 'eu.example.com', 'us.example.com'] } },
    ]);
  });

  it('asks for the methods of its operations, and for more where one begins to write or delete', () => {
    const locations = [{ url: 'https://api.example/v1' }];
    const by = (...methods: string[]): Operation[] =>
      methods.map((method) => ({
        ...operation('read'),
        bindings: { http: { method, path: '/', parameters: [], responses: [] } },
      }));
    const wanted = (...methods: string[]) => inferCapabilities(described({ locations, operations: by(...methods) }), 'api/x');
    expect(wanted('get', 'POST', 'POST')).toEqual([
      { kind: 'net.http', scope: { hosts: ['api.example'], methods: ['GET', 'POST'] } },
    ]);
    expect(wanted('POST')).toEqual(wanted('GET', 'POST'));
    expect(diffCapabilities(wanted('GET', 'POST'), wanted('GET', 'POST', 'DELETE')).widened).toEqual(
      wanted('GET', 'POST', 'DELETE'),
    );
    expect(gainsGravePower(wanted('GET', 'POST'), wanted('GET', 'DELETE'))).toBe(true);
    const other = [...by('GET'), { ...operation('read'), bindings: { mcp: { tool: 'x' } } }];
    expect(inferCapabilities(described({ locations, operations: other }), 'api/x')).toEqual([
      { kind: 'net.http', scope: { hosts: ['api.example'] } },
    ]);
  });

  it('asks for a token where no operation posts to its own host, by that path alone', () => {
    const flows = { clientCredentials: { tokenUrl: '/token', scopes: {} } };
    const auth: Interface['auth'] = { a: { kind: 'oauth2', flows, bindings: {} } };
    const read = { ...operation('read'), bindings: { http: { method: 'GET', path: '/', parameters: [], responses: [] } } };
    const locations = [{ url: 'https://api.example/v1' }];
    expect(inferCapabilities(described({ locations, auth, operations: [read] }), 'api/x').map(({ scope }) => scope)).toEqual([
      { hosts: ['api.example'], methods: ['GET'] },
      { hosts: ['api.example'], methods: ['POST'], paths: ['/token'] },
      { names: ['api/x/a'] },
    ]);
  });

  it('says of a private address that is asked over plain http that credentials go there in the clear', () => {
    const locations = [{ url: 'http://192.168.1.5:8080/v1' }, { url: 'https://10.0.0.5' }, { url: 'http://127.0.0.1:9' }];
    const auth: Interface['auth'] = { key: { kind: 'apiKey', bindings: {} } };
    expect(inferCapabilities(described({ locations, auth }), 'api/x')).toEqual([
      { kind: 'net.http', scope: { hosts: ['10.0.0.5', '127.0.0.1:9'] } },
      { kind: 'net.http', scope: { hosts: ['192.168.1.5:8080'], unencrypted: true } },
      { kind: 'secret.use', scope: { names: ['api/x/key'] } },
    ]);
    expect(inferCapabilities(described({ locations }), 'api/x')).toEqual([
      { kind: 'net.http', scope: { hosts: ['10.0.0.5', '127.0.0.1:9', '192.168.1.5:8080'] } },
    ]);
  });

  it('asks for no private address that a document from a public place names by itself', () => {
    const inside = [
      'http://127.0.0.1:8080',
      'http://2130706433',
      'http://[::1]',
      'http://localhost:3000',
      'http://a.localhost',
      'http://169.254.169.254',
    ];
    const locations = [...inside, 'postgres://10.0.0.1/x', 'https://api.example'].map((url) => ({ url }));
    const flows = { clientCredentials: { tokenUrl: 'http://10.0.0.2/token', scopes: {} } };
    const auth = { login: { type: 'oauth2', flows } } as unknown as Interface['auth'];
    const from = (location: string): string[] =>
      inferCapabilities(described({ source: { kind: 'openapi', location, digest: '' }, locations, auth }), 'api/x').flatMap(
        ({ scope }) => (scope['hosts'] ?? []) as string[],
      );
    expect(from('https://docs.example/openapi.json')).toEqual(['api.example']);
    for (const own of ['openapi.json', 'http://127.0.0.1:8000/openapi.json', 'http://localhost/openapi.json'])
      expect(from(own)).toEqual(expect.arrayContaining(['127.0.0.1:8080', '10.0.0.1:5432', '10.0.0.2']));
  });

  it('asks for the private address that a person gave for a document from a public place', () => {
    const source = { kind: 'openapi', location: 'https://docs.example/openapi.json', digest: '' };
    const locations = [{ url: 'http://10.0.0.1:8080/v1', chosen: true as const }];
    expect(inferCapabilities(described({ source, locations }), 'api/x')).toEqual([
      { kind: 'net.http', scope: { hosts: ['10.0.0.1:8080'] } },
    ]);
  });

  it('asks for the addresses at which tokens are got, by that method and path alone', () => {
    const flows = {
      clientCredentials: { tokenUrl: 'https://auth.example/token?v=2', refreshUrl: '/renew', scopes: {} },
      authorizationCode: { authorizationUrl: 'https://people.example/', tokenUrl: 'mailto:x', scopes: {} },
    };
    const auth: Interface['auth'] = {
      a: { kind: 'oauth2', flows, bindings: {} },
      b: { kind: 'openIdConnect', discoveryUrl: 'https://id.example/.well-known/openid-configuration', bindings: {} },
    };
    const asked = inferCapabilities(described({ locations: [{ url: 'https://api.example/v1' }], auth }), 'api/x');
    expect(asked.filter(({ kind }) => kind === 'net.http').map(({ scope }) => scope)).toEqual([
      { hosts: ['api.example'] },
      { hosts: ['auth.example'], methods: ['POST'], paths: ['/token'] },
      { hosts: ['id.example'], methods: ['GET'], paths: ['/.well-known/openid-configuration'] },
    ]);
  });

  it('asks for private addresses behind names that a person chose', () => {
    const locations = [
      { url: 'http://crm.corp/v1', chosen: true as const },
      { url: 'https://api.example.com' },
      { url: 'http://10.0.0.7', chosen: true as const },
    ];
    expect(inferCapabilities(described({ locations }), 'api/x')).toEqual([
      { kind: 'net.http', scope: { hosts: ['10.0.0.7', 'api.example.com'] } },
      { kind: 'net.http', scope: { hosts: ['crm.corp'], private: true } },
    ]);
  });

  it('asks for nothing where nothing parses', () => {
    const locations = [{ url: '/relative' }, { url: 'not an address' }, { url: 'ftp://example.com' }];
    expect(inferCapabilities(described({ locations }), 'api/x')).toEqual([]);
  });

  it('asks for the database file and the verbs it needs', () => {
    const capabilities = inferCapabilities(
      described({ locations: [{ url: 'sqlite:/data/x.db' }], operations: [operation('read'), operation('delete')] }),
      'db/x',
    );
    expect(capabilities).toEqual([
      { kind: 'fs', scope: { globs: ['/data/x.db'], mode: 'write' } },
      { kind: 'db', scope: { ref: 'x', tables: [], verbs: ['delete', 'select'] } },
    ]);
    const reading = inferCapabilities(
      described({ locations: [{ url: 'sqlite:/data/x.db' }], operations: [operation('read')] }),
      'db/x',
    );
    expect(reading[0]).toEqual({ kind: 'fs', scope: { globs: ['/data/x.db'], mode: 'read' } });
  });

  it('asks for everything readable where statements may be written freely', () => {
    const query = { ...operation('read'), bindings: { sql: { action: 'query' } } };
    const capabilities = inferCapabilities(described({ locations: [{ url: 'sqlite:/data/x.db' }], operations: [query] }), 'db/x');
    expect(capabilities).toContainEqual({ kind: 'db', scope: { ref: 'x', tables: ['*'], verbs: ['select'] } });
  });

  it('asks for sockets of database servers and for secrets of auth schemes', () => {
    const auth: Interface['auth'] = { connection: { kind: 'password', bindings: {} } };
    const capabilities = inferCapabilities(
      described({
        locations: [{ url: 'postgres://db.example.com/shop' }, { url: 'mysql://db:3307/x' }],
        auth,
        operations: [operation('write')],
      }),
      'db/x',
    );
    expect(capabilities).toEqual([
      { kind: 'net.socket', scope: { hosts: ['db.example.com:5432', 'db:3307'] } },
      { kind: 'db', scope: { ref: 'x', tables: [], verbs: ['insert', 'update'] } },
      { kind: 'secret.use', scope: { names: ['db/x/connection'] } },
    ]);
  });

  it.each([
    ['postgres://db/shop', { hosts: ['db:5432'], private: true }],
    ['mysql://db.example.com:3307/shop', { hosts: ['db.example.com:3307'], private: true }],
    ['postgres://127.0.0.1/shop', { hosts: ['127.0.0.1:5432'] }],
    ['postgres://[::1]/shop', { hosts: ['[::1]:5432'] }],
    ['mysql://localhost/shop', { hosts: ['localhost:3306'] }],
  ])('lets a database that was looked into be where it is: %s', (url, scope) => {
    const source = { kind: 'sql', location: url, digest: '' };
    const [socket] = inferCapabilities(described({ source, locations: [{ url }] }), 'db/x');
    expect(socket).toEqual({ kind: 'net.socket', scope });
    const rules = hostRules(socket === undefined ? [] : [socket]).map(parseRule);
    const [host = ''] = scope.hosts;
    const cut = host.lastIndexOf(':');
    expect(matching(rules, { host: canonicalHost(host.slice(0, cut)), port: Number(host.slice(cut + 1)) })).toHaveLength(1);
  });
});
