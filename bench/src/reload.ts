/** Reloads the synthesis example 1,000 times in a running server under 200 calls a second: node src/reload.ts [TIMES]. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { burgeon, root } from './machine.ts';
import { save } from './results.ts';
import { quantile, table } from './statistics.ts';

const times = Number(process.argv[2] ?? 1_000);
const callsPerSecond = 200;
const folder = mkdtempSync(join(tmpdir(), 'burgeon-reload-'));
const home = join(folder, 'home');
const [command = '', ...args] = burgeon;

const run = (...words: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args, '--home', home, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`burgeon ${words.join(' ')} ended with ${code}`))));
  });

await run('init', '--policy', 'unattended');
await run('add', join(root, 'examples', 'synthesis'));
const server = spawn(command, [...args, '--home', home, 'serve', '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { url, token } = await new Promise<{ url: string; token: string }>((resolve) => {
  server.stdout.once('data', (line: Buffer) =>
    resolve(JSON.parse(line.toString().split('\n')[0] ?? '{}') as { url: string; token: string }),
  );
});

const post = async (path: string): Promise<{ output?: { serial?: number } | number }> => {
  const response = await fetch(`${url}/api/modules/skill/synthesis${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as { output?: { serial?: number } | number };
};

/** The process that serves: the launcher may have started another. */
const serving = Number((JSON.parse(readFileSync(join(home, 'server.json'), 'utf8')) as { pid: number }).pid);
const residentMb = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serving}/status`, 'utf8'))?.[1] ?? 0) / 1024;
const descriptors = (): number => readdirSync(`/proc/${serving}/fd`).length;

const serials: number[] = [];
const tookMs: number[] = [];
const failures: string[] = [];
const call = async (): Promise<void> => {
  const begun = performance.now();
  try {
    const { output } = await post('/operations/count');
    serials.push(typeof output === 'number' ? output : (output?.serial ?? -1));
    tookMs.push(performance.now() - begun);
  } catch (error) {
    failures.push(String(error));
  }
};

let calling = true;
const traffic = (async () => {
  const open = new Set<Promise<void>>();
  for (let at = 0, begun = performance.now(); calling; at += 1) {
    const wait = begun + (at * 1_000) / callsPerSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const one = call().finally(() => open.delete(one));
    open.add(one);
  }
  await Promise.all(open);
})();

const start = residentMb();
// The engine lets its young generation grow to full size in the first minute of any work; what comes after that would be a leak.
for (let at = 0; at < 600; at += 1) await post('/reload');
const before = { rssMb: residentMb(), descriptors: descriptors(), pid: serving };
for (let at = 0; at < times; at += 1) await post('/reload');
calling = false;
await traffic;
const after = { rssMb: residentMb(), descriptors: descriptors() };

const sorted = serials.toSorted((a, b) => a - b);
const continuous = sorted.every((serial, at) => serial === (sorted[0] ?? 0) + at);
const details = {
  reloads: times,
  calls: serials.length,
  failed: failures.length,
  continuous,
  rssWarmingMb: Math.round((before.rssMb - start) * 10) / 10,
  rssGrowthMb: Math.round((after.rssMb - before.rssMb) * 10) / 10,
  descriptors: [before.descriptors, after.descriptors],
  samePid: server.exitCode === null,
  callP50Ms: Math.round(quantile(tookMs, 0.5) * 10) / 10,
  callP99Ms: Math.round(quantile(tookMs, 0.99) * 10) / 10,
  failures: failures.slice(0, 3),
};
server.kill('SIGTERM');
const met =
  details.failed === 0 &&
  continuous &&
  details.rssGrowthMb <= 20 &&
  Math.abs(before.descriptors - after.descriptors) <= 4 &&
  details.samePid;
const measured = `${details.failed} of ${details.calls} calls failed; ${continuous ? 'continuous' : 'NOT continuous'}; ${details.rssGrowthMb} MB more (after ${details.rssWarmingMb} MB in the first 600 reloads); descriptors ${before.descriptors} before, ${after.descriptors} after; call p99 ${details.callP99Ms} ms`;
await save('reload', {
  figures: { reload: { measured, met } },
  table: table(
    ['reloads', 'calls', 'failed', 'RSS growth', 'call p99'],
    [[times, details.calls, details.failed, `${details.rssGrowthMb} MB`, `${details.callP99Ms} ms`]],
  ),
  details,
});
rmSync(folder, { recursive: true, force: true });
