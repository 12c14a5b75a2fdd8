/** Asks one server for a list of addresses, again and again, and prints what it measured as JSON; the plan is read from standard input. */
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { quantile } from './statistics.ts';

/** What to ask, and how often. */
export interface Plan {
  urls: string[];
  /** Asked before anything is counted. */
  warmUp: number;
  requests: number;
  /** Asked at the same time, in the second part. */
  connections: number;
}

/** What one client saw of one server. Latencies in milliseconds. */
export interface Measured {
  p50: number;
  p99: number;
  perSecond: number;
  /** Answers whose status was not 200. */
  others: number;
}

const headers = { accept: 'application/json', authorization: 'Bearer bench' };

/** The status of one answer, read to its end. */
const ask = (url: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0)).on('error', reject);
    }).on('error', reject);
  });

const measure = async ({ urls, warmUp, requests, connections }: Plan): Promise<Measured> => {
  const urlAt = (index: number): string => urls[index % urls.length] ?? '';
  const single = new Agent({ keepAlive: true, maxSockets: 1 });
  const many = new Agent({ keepAlive: true, maxSockets: connections });
  let others = 0;
  const latencies: number[] = [];
  for (let index = 0; index < warmUp + requests; index++) {
    const begun = performance.now();
    const status = await ask(urlAt(index), single);
    if (index < warmUp) continue;
    latencies.push(performance.now() - begun);
    if (status !== 200) others += 1;
  }
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests) if ((await ask(urlAt(next++), many)) !== 200) others += 1;
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: connections }, worker));
  const perSecond = (1_000 * requests) / (performance.now() - begun);
  single.destroy();
  many.destroy();
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), perSecond, others };
};

if (import.meta.main) process.stdout.write(JSON.stringify(await measure(JSON.parse(await text(process.stdin)) as Plan)));
