import { createServer } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';

const load = async () => {
  vi.resetModules();
  return (await import('./services.ts')).service;
};

afterEach(() => vi.unstubAllEnvs());

it('refuses to skip in silence when services are required', async () => {
  vi.stubEnv('BURGEON_REQUIRE_SERVICES', '1');
  vi.stubEnv('BURGEON_TEST_POSTGRES', 'postgres://root@127.0.0.1:1/test');
  await expect((await load())('postgres')).rejects.toThrow('no postgres answers at 127.0.0.1:1');
});

it('says one loud line and reports absence when they are not', async () => {
  vi.stubEnv('BURGEON_REQUIRE_SERVICES', '');
  vi.stubEnv('BURGEON_TEST_MARIADB', 'mysql://root@127.0.0.1:1/test');
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const service = await load();
  expect(await service('mariadb')).toEqual({ available: false, url: 'mysql://root@127.0.0.1:1/test' });
  await service('mariadb');
  expect(write).toHaveBeenCalledOnce();
  write.mockRestore();
});

it('finds a server that answers', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const url = `postgres://root@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/test`;
  vi.stubEnv('BURGEON_TEST_POSTGRES', url);
  expect(await (await load())('postgres')).toEqual({ available: true, url });
  server.close();
});
