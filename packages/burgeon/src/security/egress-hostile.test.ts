import { type AddressInfo, createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { failure, gate, serve } from './fixtures/loopback.ts';

describe('hostile answers', () => {
  const limits = { bodyBytes: 1_000_000, deadlineMs: 20_000 };

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
    const response = await gate({ allow: [{ host }], limits }).fetch(origin);
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
    const egress = gate({ allow: [{ host }], limits: { ...limits, deadlineMs: 400 } });
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

  const raw = async (text: string): Promise<{ origin: string; host: string; close: () => void }> => {
    const server = createServer((socket) => {
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
    ['garbage', '\x00\x01garbage\r\n\r\n', 'REMOTE_INVALID'],
    ['nothing', '', 'REMOTE_UNREACHABLE'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 'REMOTE_INVALID'],
  ])('are told by their code: %s', async (_, text, code) => {
    const { origin, host, close } = await raw(text);
    expect((await failure(gate({ allow: [{ host }] }).fetch(origin))).code).toBe(code);
    close();
  });

  it('that break off say so', async () => {
    const { origin, host, close } = await raw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    const response = await gate({ allow: [{ host }] }).fetch(origin);
    expect(await failure(response.text())).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringMatching(/broke the connection off/) as unknown,
    });
    close();
  });

  it('are plain about what is not there', async () => {
    const egress = gate({
      allow: [{ host: '127.0.0.1:7011' }, { host: 'none.example' }],
      resolver: async () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND none.example'), { code: 'ENOTFOUND' })),
    });
    expect(await failure(egress.fetch('http://127.0.0.1:7011/'))).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringMatching(/refuses the connection/) as unknown,
    });
    expect(await failure(egress.fetch('http://none.example/'))).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringMatching(/\(DNS\)/) as unknown,
    });
    expect(await failure(egress.resolve('none.example', 80))).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringMatching(/\(DNS\)/) as unknown,
    });
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
