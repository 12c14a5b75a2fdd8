import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BurgeonError } from '@burgeon/kit';
import { afterEach, describe, expect, it } from 'vitest';
import { createApprovalDoor } from './approval-door.ts';
import { answerProblem, securityHeaders } from './problem.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

type Handle = (channel: string, request: Request) => Promise<Response | undefined>;

/** Stands the door up before what a channel would do, and gives its address. */
const stand = async (handle: Handle, publicUrl?: URL): Promise<string> => {
  const listen = async (): Promise<{ close(): Promise<void> }> => ({ close: async () => {} });
  const door = createApprovalDoor({ approvals: { handle, listen } }, publicUrl);
  server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    door(request, response, (request.url ?? '').split('?', 1)[0] ?? '').catch((error: unknown) =>
      answerProblem(response, BurgeonError.from(error)),
    );
  });
  await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('the door of the approval channels', () => {
  it('hands a request on as it came, and the answer back as it is', async () => {
    const seen: unknown[] = [];
    const url = await stand(async (channel, request) => {
      seen.push(channel, request.method, request.url, request.headers.get('x-mark'), await request.text());
      const headers = new Headers({ 'content-security-policy': "default-src 'self'", 'content-type': 'text/html' });
      headers.append('set-cookie', 'a=1');
      headers.append('set-cookie', 'b=2');
      return new Response('<p>Yes', { status: 201, headers });
    });
    const answer = await fetch(`${url}/approve/web/requests/r1?x=1`, {
      method: 'POST',
      body: 'code=ABC',
      headers: { 'x-mark': 'm' },
    });
    expect(seen).toEqual(['web', 'POST', `${url}/approve/web/requests/r1?x=1`, 'm', 'code=ABC']);
    expect([answer.status, await answer.text()]).toEqual([201, '<p>Yes']);
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'self'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('says to whom people speak when a proxy stands before it', async () => {
    const url = await stand(async (_channel, request) => new Response(request.url), new URL('http://127.0.0.1:1'));
    const { port } = new URL(url);
    expect(await (await fetch(`${url}/approve/web/`)).text()).toBe(`http://127.0.0.1:${port}/approve/web/`);
    server?.close();
    const behind = await stand(async (_channel, request) => new Response(request.url), new URL('https://burgeon.example.com'));
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve) => {
      request(`${behind}/approve/web/`, { headers: { host: 'burgeon.example.com' } }, (answer) => {
        answer.on('data', (chunk: Buffer) => resolve(chunk.toString()));
      }).end();
    });
    expect(text).toBe('https://burgeon.example.com/approve/web/');
  });

  it('has no body for HEAD, 404 for no channel and 413 for too much', async () => {
    const url = await stand(async (channel) => (channel === 'web' ? new Response('text') : undefined));
    expect(await (await fetch(`${url}/approve/web/`, { method: 'HEAD' })).text()).toBe('');
    expect((await fetch(`${url}/approve/nothing/`)).status).toBe(404);
    expect((await fetch(`${url}/approve/web/`, { method: 'POST', body: 'x'.repeat(256 * 1024) })).status).toBe(200);
    const large = await fetch(`${url}/approve/web/`, { method: 'POST', body: 'x'.repeat(256 * 1024 + 1) });
    expect([large.status, large.headers.get('connection')]).toEqual([413, 'close']);
  });

  it('tells the channel when whoever asked went away', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const left = new AbortController();
    const url = await stand(async (_channel, request) => {
      request.signal.addEventListener('abort', () => resolve());
      left.abort();
      await promise;
      return new Response('');
    });
    await expect(fetch(`${url}/approve/web/`, { signal: left.signal })).rejects.toThrow('abort');
    await promise;
  });
});
