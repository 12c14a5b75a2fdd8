/** Finds the real servers that some tests need, and says loudly when one is missing. */
import { connect } from 'node:net';

/** A server that tests may need; its address can be set by `BURGEON_TEST_<NAME>`. */
export type ServiceName = 'postgres' | 'mariadb' | 'redis';

/** Where a service is, and whether it answers. */
export interface Service {
  available: boolean;
  url: string;
}

const usual: Record<ServiceName, string> = {
  postgres: 'postgres://root@127.0.0.1:5432/test',
  mariadb: 'mysql://root@127.0.0.1:3306/test',
  redis: 'redis://127.0.0.1:6379',
};
const ports: Record<string, number> = { 'postgres:': 5432, 'postgresql:': 5432, 'mysql:': 3306, 'mariadb:': 3306 };
const probes = new Map<ServiceName, Promise<Service>>();

/**
 * Probes a service once per process. Use it at the top of a test file, with `describe.skipIf(!postgres.available)`.
 * @throws {Error} when the service is absent and `BURGEON_REQUIRE_SERVICES=1`, so that a gate never skips in silence.
 */
export function service(name: ServiceName): Promise<Service> {
  const known = probes.get(name) ?? probe(name);
  probes.set(name, known);
  return known;
}

async function probe(name: ServiceName): Promise<Service> {
  const variable = `BURGEON_TEST_${name.toUpperCase()}`;
  const url = process.env[variable] ?? usual[name];
  const { hostname, port, protocol } = new URL(url);
  const available = await answers(hostname, Number(port) || (ports[protocol] ?? 0));
  if (available) return { available, url };
  const message = `SKIPPED: no ${name} answers at ${hostname}:${port}; start one or set ${variable} to its address`;
  if (process.env['BURGEON_REQUIRE_SERVICES'] === '1') throw new Error(message);
  process.stderr.write(`\n!!! ${message} !!!\n`);
  return { available, url };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
