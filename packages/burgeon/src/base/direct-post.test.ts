import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { postDirectly } from './direct-post.ts';

const servers: Server[] = [];
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};
afterEach(() => servers.splice(0).forEach((server) => server.close().closeAllConnections()));

describe('a post to a server of this machine', () => {
  it('carries headers and body, and gives the answer as it arrives', async () => {
    const url = await serve((request, response) => {
      response.writeHead(201, { 'x-length': request.headers['content-length'], 'set-cookie': ['a=1'] });
      request.pipe(response);
    });
    const answer = await postDirectly(url, { headers: { authorization: 'Bearer x' }, body: 'grün' });
    expect([answer.status, answer.headers.get('x-length'), await answer.text()]).toEqual([201, '5', 'grün']);
  });

  it('has no body where there is none', async () => {
    const url = await serve((_request, response) => response.writeHead(204).end());
    expect((await postDirectly(url, { headers: {}, body: '' })).body).toBeNull();
  });

  it('ends when it is given up, before the answer and in it', async () => {
    const url = await serve((request, response) => {
      if (request.headers['x-half'] === 'yes') response.write('half');
    });
    for (const headers of [{}, { 'x-half': 'yes' }]) {
      const controller = new AbortController();
      const posted = postDirectly(url, { headers, body: '', signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await expect(posted.then((answer) => answer.text())).rejects.toMatchObject({ name: 'AbortError' });
    }
  });

  it('says so when nobody answers', async () => {
    await expect(postDirectly('http://127.0.0.1:7011/', { headers: {}, body: '' })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
