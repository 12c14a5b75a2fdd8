import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { nextHop } from './egress-hop.ts';
import { type ClosableEgress, type EgressOptions, createEgress } from './egress.ts';

const open: ClosableEgress[] = [];
const gate = (options: Partial<EgressOptions> & Pick<EgressOptions, 'allow'>): ClosableEgress => {
  const egress = createEgress({ clock: systemClock, log: silentLogger, ...options });
  open.push(egress);
  return egress;
};
afterEach(() => Promise.all(open.splice(0).map((egress) => egress.close())));

const servers: Server[] = [];
const serve = async (listener: RequestListener): Promise<{ origin: string; host: string; port: number }> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, port };
};
afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));

const failure = (work: Promise<unknown>): Promise<BurgeonError> =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(BurgeonError.is(error)).toBe(true);
      return error as BurgeonError;
    },
  );

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

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
    ...[
      '127.1',
      '127.0.1',
      '2130706433',
      '0x7f000001',
      '0x7f.0x0.0x0.0x1',
      '017700000001',
      '0177.0.0.1',
      '127.000.000.001',
      '127.0.0.2',
      '0.0.0.0',
      '0',
    ],
    ...[
      '0x0',
      'localhost',
      'localhost.',
      'LOCALHOST',
      '①②⑦.⓪.⓪.①',
      '127。0。0。1',
      '127%2e0%2e0%2e1',
      'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
      'loc\u00adalhost',
      '[::1]',
      '[::]',
    ],
    ...[
      '[0:0:0:0:0:0:0:1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::7f00:1]',
      '[2002:7f00:1::]',
    ],
    ...[
      '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
      '[fe80::1%25lo]',
      '[fd00:ec2::254]',
      '169.254.169.254',
      '2852039166',
      '0xa9fea9fe',
      '0251.0376.0251.0376',
    ],
    ...[
      '425.510.425.510',
      '100.64.0.1',
      '100.100.100.200',
      '192.0.0.192',
      '198.18.0.1',
      '168.63.129.16',
      'a@127.0.0.1',
      '127.0.0.1#@x',
      '127.0.0.1\\@x',
    ],
    ...['x\\@127.0.0.1', '10.0.0.1', '192.168.0.1', 'rebind.example', 'mixed.example', 'inside6.example', 'nothing.example'],
  ];
  const urls = [
    ...hosts.map((host) => `http://${host}:${0}/`),
    ...[
      'http:127.0.0.1',
      'http:\\\\127.0.0.1',
      'ht\ntp://127.0.0.1',
      '//127.0.0.1',
      'file:///etc/passwd',
      'gopher://127.0.0.1/',
      'dict://127.0.0.1/',
    ],
    ...['ftp://127.0.0.1/', 'data:text/plain,x', 'blob:http://127.0.0.1/x', 'javascript:1', 'ws://127.0.0.1/', '', 'not a url'],
  ].map((url) => url.replace(':0/', ':PORT/'));

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
    expect(await failure(egress.fetch(`${origin}/0`))).toMatchObject({ code: 'LIMIT_EXCEEDED', message: /after 5 redirects/ });
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

describe('hostile answers', () => {
  const limits = { bodyBytes: 1_000_000, deadlineMs: 400 };

  it('longer than announced or allowed are cut off', async () => {
    const { origin, host } = await serve((request, response) => {
      if (request.url === '/announced') response.writeHead(200, { 'content-length': 2_000_000 });
      response.write(Buffer.alloc(900_000));
      response.write(Buffer.alloc(200_000));
    });
    const egress = gate({ allow: [{ host }], limits });
    expect((await failure(egress.fetch(`${origin}/announced`))).code).toBe('LIMIT_EXCEEDED');
    const response = await egress.fetch(origin);
    expect(await failure(response.arrayBuffer())).toMatchObject({ code: 'LIMIT_EXCEEDED', data: { bodyBytes: 1_000_000 } });
  });

  it('that unfold to much more are cut off by what they unfold to', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    const { origin, host } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(bomb);
    });
    const before = process.memoryUsage().rss;
    const response = await gate({ allow: [{ host }], limits: { ...limits, deadlineMs: 10_000 } }).fetch(origin);
    expect((await failure(response.arrayBuffer())).code).toBe('LIMIT_EXCEEDED');
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
  });

  it('that never come, or never end, run out of time', async () => {
    const { origin, host } = await serve((request, response) => {
      if (request.url === '/silent') return;
      response.write('x');
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const egress = gate({ allow: [{ host }], limits });
    expect(await failure(egress.fetch(`${origin}/silent`))).toMatchObject({ code: 'TIMEOUT', retryable: true });
    const response = await egress.fetch(origin);
    expect((await failure(response.text())).code).toBe('TIMEOUT');
  });

  it('are given up when the caller does', async () => {
    const { origin, host } = await serve(() => {});
    const controller = new AbortController();
    const call = gate({ allow: [{ host }], limits: { deadlineMs: 0 } }).fetch(origin, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect((await failure(call)).code).toBe('CANCELLED');
  });

  const raw = async (text: string): Promise<{ origin: string; host: string; close(): void }> => {
    const server = createSocketServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(text));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, close: () => server.close() };
  };

  it.each([
    ['a status that does not exist', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n', 'REMOTE_INVALID'],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}\r\n`, 'LIMIT_EXCEEDED'],
    ['garbage', '\x00\x01garbage\r\n\r\n', 'REMOTE_UNREACHABLE'],
    ['nothing', '', 'REMOTE_UNREACHABLE'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 'REMOTE_UNREACHABLE'],
  ])('are told by their code: %s', async (_, text, code) => {
    const { origin, host, close } = await raw(text);
    expect((await failure(gate({ allow: [{ host }] }).fetch(origin))).code).toBe(code);
    close();
  });

  it('that break off say so', async () => {
    const { origin, host, close } = await raw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    const response = await gate({ allow: [{ host }] }).fetch(origin);
    expect(await failure(response.text())).toMatchObject({ code: 'REMOTE_UNREACHABLE', message: /broke the connection off/ });
    close();
  });

  it('are plain about what is not there', async () => {
    const egress = gate({
      allow: [{ host: '127.0.0.1:1' }, { host: 'none.example' }],
      resolver: async () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND none.example'), { code: 'ENOTFOUND' })),
    });
    expect(await failure(egress.fetch('http://127.0.0.1:1/'))).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: /refuses the connection/,
    });
    expect(await failure(egress.fetch('http://none.example/'))).toMatchObject({ code: 'REMOTE_UNREACHABLE', message: /\(DNS\)/ });
    expect(await failure(egress.resolve('none.example', 80))).toMatchObject({ code: 'REMOTE_UNREACHABLE', message: /\(DNS\)/ });
  });

  it('are plain about encryption that is not there', async () => {
    const { host } = await serve((_request, response) => response.end());
    const error = await failure(gate({ allow: [{ host }] }).fetch(`https://${host}/`));
    expect(error).toMatchObject({ code: 'REMOTE_UNREACHABLE', message: `${host} does not speak TLS.` });
  });

  it('use no proxy of the environment', async () => {
    let reached = false;
    const proxy = await serve((_request, response) => {
      reached = true;
      response.end();
    });
    const target = await serve((_request, response) => response.end('direct'));
    process.env['http_proxy'] = proxy.origin;
    process.env['NODE_USE_ENV_PROXY'] = '1';
    expect(await (await gate({ allow: [{ host: target.host }] }).fetch(target.origin)).text()).toBe('direct');
    delete process.env['http_proxy'];
    delete process.env['NODE_USE_ENV_PROXY'];
    expect(reached).toBe(false);
  });

  it('ask the system for names when nobody else is given', async () => {
    const { port } = await serve((_request, response) => response.end('ok'));
    expect(await gate({ allow: [{ host: `localhost:${port}` }] }).resolve('localhost', port)).toMatchObject({ port });
  });
});
