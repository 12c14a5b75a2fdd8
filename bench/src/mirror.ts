/**
 * How fast mirrors answer, ours and two peers', in one run: node src/mirror.ts [FOLDER]. Every server is a process of its own, asked by a
 * client in another one: first one request after the other over one connection, then over sixteen. The servers take turns.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, JsonSchema, Operation } from '@burgeon/kit';
import type { HttpBinding } from '../../packages/burgeon/src/bindings/http/binding.ts';
import { createValidator } from '../../packages/burgeon/src/interface/validate.ts';
import { createSynthesiser } from '../../packages/burgeon/src/mirror/synthesise/synthesiser.ts';
import { shortName } from './corpus-files.ts';
import { bench, burgeon, corpusFolder, peerFile, skip } from './machine.ts';
import type { Measured, Plan } from './mirror-client.ts';
import { freePort, run, stand, type Standing } from './processes.ts';
import { readFile } from './reading.ts';
import { save } from './results.ts';
import { median, table } from './statistics.ts';

const folder = corpusFolder(process.argv.slice(2).find((word) => !word.startsWith('--')));
const quick = process.argv.includes('--quick');

/** Files that are tried, in this order, until four have operations that every server answers. */
const candidates = ['d029', 'd034', 'd006', 'd048', 'd045', 'd036', 'd040', 'd051', 'd023', 'd007'];
const wanted = quick ? 1 : 4;
const rounds = quick ? 1 : 3;
const plan: Omit<Plan, 'urls'> = { warmUp: quick ? 100 : 500, requests: quick ? 200 : 2_000, connections: 16 };

/** What each server does with a request before it answers; none validates its own answers. */
const servers = {
  burgeon: 'validates parameters and bodies and refuses bad ones (its default); keeps state; takes any credential or none',
  scalar: 'validates parameters and bodies and refuses bad ones (its default); asks for credentials; no state of its own accord',
  prism: 'validates parameters and bodies and refuses bad ones (its default); asks for credentials; no state',
} as const;

type ServerName = keyof typeof servers;
const names = Object.keys(servers) as ServerName[];

/** A server that stands, and where. */
interface Target {
  url: string;
  standing: Standing;
}

const commandOf = (name: ServerName, file: string, port: number): string[] => {
  if (name === 'scalar') return [process.execPath, join(bench, 'src', 'mirror-scalar.ts'), file, String(port)];
  if (name === 'prism') {
    const cli = peerFile('@stoplight', 'prism-cli', 'dist', 'index.js');
    return [process.execPath, cli, 'mock', file, '-p', String(port), '-h', '127.0.0.1', '-v', 'error'];
  }
  return [...burgeon, 'mirror', file, '--port', String(port), '--json'];
};

const standUp = async (name: ServerName, file: string, home: string): Promise<Target> => {
  const port = await freePort();
  const standing = await stand(commandOf(name, file, port), { port, env: { BURGEON_HOME: home } });
  return { url: `http://127.0.0.1:${port}`, standing };
};

/** Path and query of a request that asks for what is required and nothing more; nothing when that takes more than plain values. */
const pathOf = (operation: Operation, input: JsonObject): string | undefined => {
  const binding = operation.bindings['http'] as unknown as HttpBinding | undefined;
  if (binding?.method !== 'GET') return undefined;
  const required = operation.input.required ?? [];
  let path = binding.path;
  const query: string[] = [];
  for (const { name, property, in: place } of binding.parameters) {
    const value = input[property];
    if (!required.includes(property)) continue;
    if (value === null || value === undefined || typeof value === 'object' || place === 'cookie' || place === 'header')
      return undefined;
    const written = encodeURIComponent(String(value));
    if (place === 'path') path = path.replace(`{${name}}`, written);
    else query.push(`${encodeURIComponent(name)}=${written}`);
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
};

const pathsOf = async (file: string): Promise<string[]> => {
  const description = await readFile(file);
  const validator = createValidator(description.types);
  const synthesiser = createSynthesiser({ types: description.types, seed: 7, validator });
  return description.operations.flatMap((operation) => {
    const schema: JsonSchema = operation.input;
    const path = pathOf(operation, synthesiser.value(schema, { salt: operation.id, direction: 'request' }) as JsonObject);
    return path === undefined ? [] : [path];
  });
};

const answers = async (url: string): Promise<boolean> => {
  const asked = fetch(url, { headers: { accept: 'application/json', authorization: 'Bearer bench' }, redirect: 'manual' });
  const response = await asked.catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status === 200;
};

/** Those paths that all servers answer with 200. */
const shared = async (paths: readonly string[], targets: readonly Target[]): Promise<string[]> => {
  const kept: string[] = [];
  for (const path of paths) {
    const all = await Promise.all(targets.map(({ url }) => answers(`${url}${path}`)));
    if (all.every(Boolean)) kept.push(path);
  }
  return kept.slice(0, 12);
};

/** What one server did on one file. */
interface Row extends Measured {
  file: string;
  server: ServerName;
  paths: number;
}

const measureFile = async (file: string, home: string): Promise<Row[]> => {
  const targets: Target[] = [];
  try {
    for (const name of names) targets.push(await standUp(name, join(folder, file), home));
    const paths = await shared(await pathsOf(join(folder, file)), targets);
    if (paths.length < 2) return [];
    const found = names.map((): Measured[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, { url }] of targets.entries()) {
        const input = JSON.stringify({ ...plan, urls: paths.map((path) => `${url}${path}`) } satisfies Plan);
        const { stdout } = await run([process.execPath, join(bench, 'src', 'mirror-client.ts')], { input });
        found[index]?.push(JSON.parse(stdout) as Measured);
      }
    }
    return names.map((server, index) => {
      const middle = (key: keyof Measured): number => median((found[index] ?? []).map((each) => each[key]));
      return {
        file: shortName(file),
        server,
        paths: paths.length,
        p50: middle('p50'),
        p99: middle('p99'),
        perSecond: middle('perSecond'),
        others: middle('others'),
      };
    });
  } catch (error) {
    skip(`mirror of ${shortName(file)}`, (error as Error).message.split('\n')[0] ?? '');
    return [];
  } finally {
    for (const { standing } of targets) await standing.stop();
  }
};

type Quantity = 'p50' | 'p99' | 'perSecond';

/** Figures of one server over those of another, file by file; the middle one. */
const ratio = (
  rows: readonly Row[],
  key: Quantity,
  [server, to]: [ServerName, (others: readonly Row[]) => Row | undefined],
): number => {
  const files = [...new Set(rows.map(({ file }) => file))].map((file) => rows.filter((row) => row.file === file));
  return median(
    files.map((some) => (some.find((row) => row.server === server)?.[key] ?? Number.NaN) / (to(some)?.[key] ?? Number.NaN)),
  );
};

const scalar = (some: readonly Row[]): Row | undefined => some.find(({ server }) => server === 'scalar');

const fastestPeer = (some: readonly Row[]): Row | undefined =>
  some.filter(({ server }) => server !== 'burgeon').toSorted((a, b) => a.p50 - b.p50)[0];

const tableOf = (rows: readonly Row[]): string => {
  const cells = rows.map((row) => [
    row.file,
    row.paths,
    row.server,
    row.p50.toFixed(2),
    row.p99.toFixed(2),
    row.perSecond.toFixed(0),
    row.others,
  ]);
  const middles = names.map((name) => [
    'middle of all, scalar = 1',
    '',
    name,
    ...(['p50', 'p99', 'perSecond'] as const).map((key) => ratio(rows, key, [name, scalar]).toFixed(2)),
    '',
  ]);
  const head = ['file', 'paths', 'server', 'p50 ms', 'p99 ms', 'requests/s, 16 connections', 'not 200'];
  const notes = names.map((name) => `- ${name}: ${servers[name]}`).join('\n');
  return `${table(head, [...cells, ...middles])}\n\n${notes}`;
};

const main = async (): Promise<void> => {
  if (!existsSync(folder)) return skip('mirror', `there is no folder ${folder}. Name one: node src/mirror.ts FOLDER`);
  const home = mkdtempSync(join(tmpdir(), 'burgeon-mirror-'));
  const files = readdirSync(folder);
  const rows: Row[] = [];
  for (const candidate of candidates) {
    const file = files.find((name) => name.startsWith(candidate));
    if (file !== undefined) rows.push(...(await measureFile(file, home)));
    process.stdout.write(`${candidate}: ${rows.length / names.length} files so far\n`);
    if (rows.length >= wanted * names.length) break;
  }
  rmSync(home, { recursive: true, force: true });
  if (rows.length === 0) {
    process.exitCode = 1;
    return skip('mirror', 'no file has two operations that every server answers');
  }
  const toScalar = ratio(rows, 'p50', ['burgeon', scalar]);
  const toFastest = ratio(rows, 'p50', ['burgeon', fastestPeer]);
  const measured = `p50: ${toScalar.toFixed(2)} of scalar, ${toFastest.toFixed(2)} of whichever peer is fastest on the file`;
  await save('mirror', { table: tableOf(rows), figures: { latency: { measured, met: toFastest <= 1 } }, details: rows });
};

await main();
