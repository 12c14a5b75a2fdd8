import type { IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { nextHop } from './egress-hop.ts';
import { bodyOf, failure, gate, serve } from './fixtures/loopback.ts';

describe('addresses that were not granted', () => {
  let reached = 0;
  let port = 0;
  beforeAll(async () => {
    ({ port } = await serve((_request, response) => {
      reached += 1;
      response.end('reached');
    }));
  });

  const hosts = [
    '127.1 127.0.1 2130706433 0x7f000001 0x7f.0x0.0x0.0x1 017700000001 0177.0.0.1 127.000.000.001 127.0.0.2 0.0.0.0 0 0x0',
    'localhost localhost. LOCALHOST ①②⑦.⓪.⓪.① 127。0。0。1 127%2e0%2e0%2e1 ⓛⓞⓒⓐⓛⓗⓞⓢⓣ loc\u00adalhost [::1] [::] [0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [fe80::1%25lo]',
    '[2001:0:4136:e378:8000:63bf:80ff:fffe] [fd00:ec2::254] 169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376',
    '425.510.425.510 100.64.0.1 100.100.100.200 192.0.0.192 198.18.0.1 168.63.129.16 10.0.0.1 192.168.0.1 a@127.0.0.1',
    '127.0.0.1#@x 127.0.0.1\\@x x\\@127.0.0.1 rebind.example mixed.example inside6.example nothing.example',
  ].flatMap((line) => line.split(' '));
  const odd =
    'http:127.0.0.1 http:\\\\127.0.0.1 //127.0.0.1 file:///etc/passwd gopher://127.0.0.1/ dict://127.0.0.1/ ftp://127.0.0.1/ data:text/plain,x';
  const urls = [
    ...hosts.map((host) => `http://${host}:PORT/`),
    ...odd.split(' '),
    'blob:http://127.0.0.1/x',
    'javascript:1',
    'ws://127.0.0.1/',
    'ht\ntp://127.0.0.1',
    '',
    'not a url',
  ];

  const names: Record<string, string[]> = {
    'rebind.example': ['127.0.0.1'],
    'mixed.example': ['93.184.216.34', '127.0.0.1'],
    'inside6.example': ['::1'],
    'nothing.example': [],
  };
  const resolver = async (host: string): Promise<string[]> => names[host] ?? ['127.0.0.1'];
  const withPort = (url: string): string => url.replace('PORT', String(port));

  it.each(urls)('are refused under a grant of everything public: %j', async (url) => {
    const before = reached;
    const error = await failure(gate({ allow: [{ host: `*:${port}` }, { host: '*' }], resolver }).fetch(withPort(url)));
    expect(error.code).toBe('CAPABILITY_DENIED');
    expect(reached).toBe(before);
  });

  it.each(urls)('are refused when a redirect leads there: %j', async (url) => {
    if (/^(?:|not a url)$/.test(url)) return;
    const front = await serve((_request, response) => {
      response.writeHead(302, { location: encodeURI(withPort(url)).replace(/%25/g, '%') }).end();
    });
    const before = reached;
    const error = await failure(gate({ allow: [{ host: front.host }, { host: `*:${port}` }], resolver }).fetch(front.origin));
    // Some forms are relative, as a redirect: they lead back to where they came from.
    expect(error.code).toMatch(/^(?:CAPABILITY_DENIED|LIMIT_EXCEEDED)$/);
    expect(reached).toBe(before);
  });

  it('are refused for sockets of drivers too', async () => {
    const egress = gate({ allow: [{ host: '*:5432' }, { host: 'db.example:5432', private: true }], resolver });
    for (const host of [
      '127.1',
      '2130706433',
      '::1',
      'localhost',
      'rebind.example',
      'mixed.example',
      '169.254.169.254',
      'a@b',
      '',
    ]) {
      expect((await failure(egress.resolve(host, 5432))).code).toBe('CAPABILITY_DENIED');
    }
    expect(await egress.resolve('DB.example.', 5432)).toEqual({ address: '127.0.0.1', port: 5432 });
    expect((await failure(egress.resolve('db.example', 5433))).code).toBe('CAPABILITY_DENIED');
  });

  it('are refused under a rule that nobody in person stands for, however they are written', async () => {
    const allow = ['127.0.0.1', 'localhost', '[::1]', 'rebind.example'].map((host) => ({
      host: `${host}:${port}`,
      private: false,
    }));
    for (const host of ['127.1', 'localhost', '[::1]', 'rebind.example']) {
      const error = await failure(gate({ allow, resolver }).fetch(`http://${host}:${port}/`));
      expect([host, error.code]).toEqual([host, 'CAPABILITY_DENIED']);
    }
  });

  it('are refused beside a public one of their family, also where private ones are granted', async () => {
    const answers: Record<string, string[]> = {
      'turned.example': ['127.0.0.1', '93.184.216.34'],
      'both.example': ['10.0.0.1', '2606:4700::1'],
    };
    const egress = gate({
      allow: Object.keys(answers).map((host) => ({ host, private: true })),
      resolver: async (host) => answers[host] ?? [],
    });
    expect((await failure(egress.resolve('turned.example', 80))).data).toMatchObject({ rule: 'private-address' });
    expect(await egress.resolve('both.example', 80)).toEqual({ address: '10.0.0.1', port: 80 });
  });

  it('say where a name leads, and why metadata never is allowed', async () => {
    const rules = { allow: [{ host: 'rebind.example' }, { host: '169.254.169.254' }], resolver };
    expect((await failure(gate(rules).fetch('http://rebind.example/'))).message).toContain('leads to 127.0.0.1');
    expect((await failure(gate(rules).fetch('http://169.254.169.254/latest/meta-data'))).hint).toContain('credentials');
  });

  it('cannot be had by a name that changes its mind: what was checked is what is connected to', async () => {
    let asked = 0;
    const changing = async (): Promise<string[]> => [asked++ === 0 ? '203.0.113.1' : '127.0.0.1'];
    const egress = gate({
      allow: [{ host: `rebind.example:${port}` }],
      resolver: changing,
      limits: { connectMs: 50, deadlineMs: 200 },
    });
    const before = reached;
    await failure(egress.fetch(`http://rebind.example:${port}/`));
    expect([asked, reached]).toEqual([1, before]);
  });
});

describe('an exchange', () => {
  it('reaches what was granted, and keeps the connection for the next call', async () => {
    const ports = new Set<number | undefined>();
    const { origin, host } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.setHeader('x-answer', 'yes').end(`${request.method} ${request.url}`);
    });
    const egress = gate({ allow: [{ host }] });
    for (let n = 0; n < 10; n += 1) {
      const response = await egress.fetch(`${origin}/a?b=${n}`);
      expect(response).toBeInstanceOf(Response);
      expect([response.status, response.headers.get('x-answer'), response.url]).toEqual([200, 'yes', `${origin}/a?b=${n}`]);
      expect(await response.text()).toBe(`GET /a?b=${n}`);
    }
    expect(ports.size).toBeLessThan(4);
  });

  it('takes the checked address of a granted name and keeps the name in the request', async () => {
    const { port } = await serve((request, response) => response.end(request.headers.host));
    const egress = gate({ allow: [{ host: `app.example:${port}`, private: true }], resolver: async () => ['127.0.0.1'] });
    expect(await (await egress.fetch(`http://app.example:${port}/`)).text()).toBe(`app.example:${port}`);
  });

  it('reaches localhost when it was named', async () => {
    const { port } = await serve((_request, response) => response.end('here'));
    expect(await (await gate({ allow: [{ host: `localhost:${port}` }] }).fetch(`http://localhost:${port}/`)).text()).toBe('here');
  });

  it('keeps to the granted methods and paths', async () => {
    const { origin, host } = await serve((_request, response) => response.end());
    const egress = gate({ allow: [{ host, methods: ['GET'], paths: ['/v1/*'] }] });
    expect((await egress.fetch(`${origin}/v1/x`)).status).toBe(200);
    for (const [url, method] of [
      ['/v1/x', 'DELETE'],
      ['/v2', 'GET'],
      ['/v1/../v2', 'GET'],
      ['/v1/%2e%2e/v2', 'GET'],
      ['/v1/%2fx', 'GET'],
    ] as const) {
      expect((await failure(egress.fetch(origin + url, { method }))).code).toBe('CAPABILITY_DENIED');
    }
  });

  const form = new FormData();
  form.set('a', 'ü');
  it.each<[string, RequestInit['body'], RegExp, RegExp]>([
    ['text', 'ü', /^text\/plain/, /^ü$/],
    ['bytes', new TextEncoder().encode('ü'), /^$/, /^ü$/],
    ['parameters', new URLSearchParams({ a: 'ü' }), /^application\/x-www-form-urlencoded/, /^a=%C3%BC$/],
    ['a form', form, /^multipart\/form-data; boundary=/, /name="a"\r\n\r\nü\r\n/],
    ['a blob', new Blob(['ü'], { type: 'text/x' }), /^text\/x$/, /^ü$/],
    ['a stream', new Blob(['ü']).stream(), /^$/, /^ü$/],
  ])('sends %s', async (_, body, type, text) => {
    const { origin, host } = await serve(async (request, response) => {
      response.setHeader('x-type', request.headers['content-type'] ?? '').end(await bodyOf(request));
    });
    const init = { method: 'POST', body, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) } as RequestInit;
    const response = await gate({ allow: [{ host }] }).fetch(origin, init);
    expect(response.headers.get('x-type')).toMatch(type);
    expect(await response.text()).toMatch(text);
  });

  it('says itself where it goes and how', async () => {
    const { origin, host } = await serve((request, response) => {
      response.end(JSON.stringify(request.headers));
    });
    const headers = {
      host: 'other.example',
      'proxy-authorization': 'x',
      te: 'trailers',
      'x-mine': 'yes',
      'accept-encoding': 'compress',
    };
    const seen = (await (await gate({ allow: [{ host }] }).fetch(origin, { headers })).json()) as Record<string, string>;
    expect(seen).toMatchObject({ host, 'x-mine': 'yes' });
    expect([seen['proxy-authorization'], seen['te']]).toEqual([undefined, undefined]);
    expect(seen['accept-encoding']).not.toMatch(/compress/);
  });

  it('gives an answer without a body as one', async () => {
    const { origin, host } = await serve((_request, response) => response.writeHead(204).end());
    const response = await gate({ allow: [{ host }] }).fetch(origin);
    expect([response.status, response.body]).toEqual([204, null]);
  });

  it('gives items as they arrive, and lets go when nobody reads on', async () => {
    let gone: () => void = () => {};
    const left = new Promise<void>((resolve) => (gone = resolve));
    const { origin, host } = await serve((_request, response) => {
      response.write('one');
      response.on('close', () => gone());
    });
    const reader = (await gate({ allow: [{ host }] }).fetch(origin)).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('one');
    await reader?.cancel();
    await left;
  });
});

describe('a payload with GET', () => {
  it.each([200, 204])('is sent, and its answer %d read', async (status) => {
    const server = await serve(async (request, response) => {
      response
        .writeHead(status, { 'x-seen': `${request.method} ${await bodyOf(request)}`, 'set-cookie': ['a=1', 'b=2'] })
        .end(status === 204 ? undefined : 'found');
    });
    const egress = gate({ allow: [{ host: server.host }] });
    const answer = await egress.fetch(`${server.origin}/search`, {
      method: 'GET',
      body: '{"q":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.headers.get('x-seen'), answer.headers.getSetCookie()]).toEqual([
      status,
      'GET {"q":1}',
      ['a=1', 'b=2'],
    ]);
    expect(await answer.text()).toBe(status === 204 ? '' : 'found');
  });

  it('goes through the same gate', async () => {
    const refused = await failure(
      gate({ allow: [{ host: 'example.com' }] }).fetch('http://127.0.0.1:9/', { method: 'GET', body: 'x' }),
    );
    expect(refused.code).toBe('CAPABILITY_DENIED');
  });
});

describe('redirects', () => {
  it('are followed inside one origin with everything, and elsewhere without what tells who asks', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const target = await serve((request, response) => {
      seen.push(request.headers);
      response.end('there');
    });
    const front = await serve((request, response) => {
      seen.push(request.headers);
      response.writeHead(302, { location: request.url === '/' ? '/next' : `${target.origin}/end` }).end();
    });
    const egress = gate({ allow: [{ host: front.host }, { host: target.host }] });
    const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/plain' };
    const response = await egress.fetch(front.origin, { headers });
    expect([await response.text(), response.url]).toEqual(['there', `${target.origin}/end`]);
    expect(seen[1]).toMatchObject(headers);
    expect(seen[2]).toMatchObject({ accept: 'text/plain' });
    expect(Object.keys(seen[2] ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect([seen[2]?.cookie, seen[2]?.['x-api-key'], seen[2]?.authorization]).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    [301, 'POST', 'GET '],
    [302, 'POST', 'GET '],
    [303, 'PUT', 'GET '],
    [307, 'POST', 'POST body'],
    [308, 'PUT', 'PUT body'],
    [301, 'PUT', 'PUT body'],
  ])('after %d turn %s into %s', async (status, method, expected) => {
    const { origin, host } = await serve(async (request, response) => {
      if (request.url === '/') response.writeHead(status, { location: '/next' }).end('moved');
      else response.end(`${request.method} ${await bodyOf(request)}`);
    });
    expect(await (await gate({ allow: [{ host }] }).fetch(origin, { method, body: 'body' })).text()).toBe(expected);
  });

  it('are followed five times, not at all, or refused, as was asked', async () => {
    const { origin, host } = await serve((request, response) => {
      response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end();
    });
    const egress = gate({ allow: [{ host }] });
    expect(await failure(egress.fetch(`${origin}/0`))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(/after 5 redirects/) as unknown,
    });
    expect((await egress.fetch(`${origin}/0`, { redirect: 'manual' })).status).toBe(302);
    expect((await failure(egress.fetch(`${origin}/0`, { redirect: 'error' }))).code).toBe('LIMIT_EXCEEDED');
  });

  it('are no redirects without a place, or with another status', async () => {
    const { origin, host } = await serve((request, response) => {
      response.writeHead(request.url === '/a' ? 302 : 300, request.url === '/a' ? {} : { location: '/x' }).end();
    });
    const egress = gate({ allow: [{ host }] });
    expect([(await egress.fetch(`${origin}/a`)).status, (await egress.fetch(`${origin}/b`)).status]).toEqual([302, 300]);
  });

  it('neither give up encryption nor send a spent body', () => {
    const request = { method: 'POST', headers: [], body: new Blob(['x']).stream() } as const;
    const hop = { url: new URL('https://a.example/'), request: { ...request, headers: [] } };
    expect(() => nextHop(hop, 302, 'http://a.example/')).toThrow(expect.objectContaining({ code: 'REMOTE_INVALID' }));
    expect(() => nextHop(hop, 307, '/b')).toThrow(expect.objectContaining({ code: 'REMOTE_INVALID' }));
    expect(nextHop({ ...hop, request: { method: 'HEAD', headers: [], body: undefined } }, 303, '/b')?.request.method).toBe(
      'HEAD',
    );
  });
});
