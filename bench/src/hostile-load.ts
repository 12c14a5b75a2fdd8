import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { burgeon } from './machine.ts';
import { run, stand } from './processes.ts';
import { quantile } from './statistics.ts';

/** How one hostile document was taken, and how the server felt meanwhile. */
export interface Load {
  document: string;
  command: string;
  megabytes: number;
  seconds: number;
  /** `answered`, or the code of the refusal. */
  outcome: string;
  /** Latency of the health endpoint, milliseconds. */
  health: { asked: number; p50: number; p99: number; max: number };
}

const documentOf = (paths: object, schemas: object): object => ({
  openapi: '3.1.0',
  info: { title: 'Load', version: '1' },
  paths,
  components: { schemas },
});

const answering = (schema: object): object => ({
  '/things': {
    get: { operationId: 'listThings', responses: { '200': { description: 'OK', content: { 'application/json': { schema } } } } },
  },
});

/** Every schema refers twice to the next one: 2^22 schemas when written out. */
const fanOut = (join: (a: object, b: object) => object): string => {
  const levels = 22;
  const reference = (level: number): object => ({ $ref: `#/components/schemas/L${level}` });
  const schemas: Record<string, object> = { [`L${levels}`]: { type: 'string' } };
  for (let level = 0; level < levels; level++) schemas[`L${level}`] = join(reference(level + 1), reference(level + 1));
  return JSON.stringify(documentOf(answering(reference(0)), schemas));
};

/** Ten aliases of ten aliases of ten ...: 10^9 values. */
const aliasBomb = (): string => {
  const lines = ['openapi: 3.1.0', 'info: { title: Bomb, version: "1" }', 'paths: {}', 'x-0: &x0 [a, a, a, a, a, a, a, a, a, a]'];
  for (let level = 1; level < 9; level++)
    lines.push(`x-${level}: &x${level} [${Array.from({ length: 10 }, () => `*x${level - 1}`).join(', ')}]`);
  return lines.join('\n');
};

/** Operations until the document has as many bytes as asked for. */
const large = (megabytes: number): string => {
  const paths: Record<string, object> = {};
  const path = Object.values(
    answering({ type: 'object', properties: { name: { type: 'string', description: 'x'.repeat(400) } } }),
  )[0] as object;
  const each = JSON.stringify(path).length + 18;
  for (let number = 0; number * each < megabytes * 1e6; number++) paths[`/things${String(number).padStart(8, '0')}`] = path;
  return JSON.stringify(documentOf(paths, {}));
};

const deep = 100_000;
const nested = (open: string, end: string): string =>
  `{"openapi":"3.1.0","info":{"title":"Deep","version":"1"},"paths":{},"components":{"schemas":{"A":${open.repeat(deep)}{}${end.repeat(deep)}}}}`;

const documents: Record<string, () => string> = {
  '$ref fan-out 2^22, properties': () => fanOut((a, b) => ({ type: 'object', properties: { a, b }, required: ['a', 'b'] })),
  '$ref fan-out 2^22, allOf': () => fanOut((a, b) => ({ allOf: [a, b] })),
  '$ref fan-out 2^22, oneOf': () => fanOut((a, b) => ({ oneOf: [a, b] })),
  'YAML alias bomb 10^9': aliasBomb,
  '50 MB of operations, JSON': () => large(50),
  '45 MB of operations, JSON': () => large(45),
  '50 MB of one YAML list': () =>
    `openapi: 3.1.0\ninfo: { title: Long, version: "1" }\npaths: {}\nx-list:\n${'  - a: b\n'.repeat(5_600_000)}`,
  '45 MB of one YAML list': () =>
    `openapi: 3.1.0\ninfo: { title: Long, version: "1" }\npaths: {}\nx-list:\n${'  - a: b\n'.repeat(5_000_000)}`,
  '100,000 deep, JSON': () => nested('{"items":', '}'),
  '100,000 deep, arrays': () => nested('[', ']'),
  '100,000 deep, YAML': () =>
    `openapi: 3.1.0\ninfo: { title: Deep, version: "1" }\npaths: {}\nx-deep: ${'['.repeat(deep)}${']'.repeat(deep)}`,
};

/** Asks the health endpoint every 5 ms over one connection until told to stop. Waiting for one's turn counts: nothing is left out when the server stalls. */
const watchHealth = (url: string): (() => Promise<number[]>) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const latencies: number[] = [];
  const open = new Set<Promise<void>>();
  const ask = (): void => {
    const begun = performance.now();
    const asked = new Promise<void>((resolve) => {
      const done = (): void => {
        latencies.push(performance.now() - begun);
        resolve();
      };
      get(`${url}/healthz`, { agent }, (response) => response.resume().on('end', done)).on('error', done);
    });
    open.add(asked);
    void asked.then(() => open.delete(asked));
  };
  const timer = setInterval(ask, 5);
  return async () => {
    clearInterval(timer);
    await Promise.all(open);
    agent.destroy();
    return latencies;
  };
};

const outcomeOf = (stdout: string): string => {
  try {
    const answer = JSON.parse(stdout) as { error?: { code?: string } };
    return answer.error?.code ?? 'answered';
  } catch {
    return stdout === '' ? 'no answer' : 'not JSON';
  }
};

/** Points a running server at every hostile document, and the fan-outs through all of `add` as well. */
export const loads = async (): Promise<Load[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-load-'));
  const env = { BURGEON_HOME: join(folder, 'home') };
  await run([...burgeon, 'init', '--policy', 'unattended'], { env });
  const server = await stand([...burgeon, 'serve', '--port', '0', '--json'], { env });
  const { url } = JSON.parse(server.line) as { url?: string };
  if (url === undefined) throw new BurgeonError('INTERNAL', { message: `The server did not come up: ${server.line}` });
  const found: Load[] = [];
  try {
    for (const [document, make] of Object.entries(documents)) {
      const text = make();
      const path = join(folder, document.includes('YAML') ? 'load.yaml' : 'load.json');
      writeFileSync(path, text);
      for (const command of document.startsWith('$ref') ? ['describe', 'add'] : ['describe']) {
        const stop = watchHealth(url);
        const { seconds, stdout } = await run([...burgeon, command, path, '--json'], { env, timeoutMs: 90_000 });
        const health = await stop();
        found.push({
          document,
          command,
          megabytes: text.length / 1e6,
          seconds,
          outcome: outcomeOf(stdout),
          health: { asked: health.length, p50: quantile(health, 0.5), p99: quantile(health, 0.99), max: Math.max(0, ...health) },
        });
      }
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return found;
};

if (import.meta.main) process.stdout.write(`${JSON.stringify(await loads(), null, 1)}\n`);
