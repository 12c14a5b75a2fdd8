/**
 * Whether modules that are data, and the command line, are as quick as in another checkout of this repository: node src/unchanged.ts CHECKOUT
 * [--quick]. Both run in turns, each with its own data directory: whole processes, and calls in a process that is warm.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import { root, skip } from './machine.ts';
import { run } from './processes.ts';
import { save } from './results.ts';
import { median, table } from './statistics.ts';
import type { WarmRound } from './unchanged-warm.ts';

const quick = process.argv.includes('--quick');
const other = process.argv.slice(2).find((word) => !word.startsWith('--'));
const rounds = quick ? 3 : 15;
const reach = 1.05;

/** One of the two. */
interface Tree {
  name: 'before' | 'now';
  folder: string;
  home: string;
}

const commandOf = (tree: Tree): string[] => [process.execPath, join(tree.folder, 'packages', 'burgeon', 'bin', 'burgeon.mjs')];

/** A checkout that borrowed the packages of another one would run with the kit of that one. @throws {BurgeonError} DEPENDENCY_MISSING */
const requireOwnKit = (folder: string): void => {
  const from = join(folder, 'packages', 'burgeon', 'package.json');
  const kit = existsSync(from) && realpathSync(createRequire(from).resolve('@burgeon/kit'));
  if (kit !== false && kit.startsWith(realpathSync(folder) + sep)) return;
  throw new BurgeonError('DEPENDENCY_MISSING', {
    message: `${folder} has no @burgeon/kit of its own.`,
    hint: `(cd ${folder} && npm ci)`,
  });
};

const specification = (url: string): string =>
  JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'Remote', version: '1.0.0' },
    servers: [{ url }],
    paths: {
      '/things/{id}': {
        get: {
          operationId: 'getThing',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
          responses: {
            200: {
              description: 'A thing.',
              content: { 'application/json': { schema: { type: 'object', properties: { id: { type: 'integer' } } } } },
            },
          },
        },
      },
    },
  });

/** Runs a command to its end. @throws {BurgeonError} INTERNAL when it fails */
const command = async (tree: Tree, words: readonly string[]): Promise<number> => {
  const { code, seconds, stderr, stdout } = await run([...commandOf(tree), ...words, '--home', tree.home], { cwd: tree.home });
  if (code === 0) return seconds * 1_000;
  throw new BurgeonError('INTERNAL', { message: `${tree.name}: ${words.join(' ')} failed: ${(stderr || stdout).slice(0, 500)}` });
};

/** Two modules that are data: one asks a server, one a database. */
const prepare = async (tree: Tree, files: { specification: string; database: string }): Promise<void> => {
  await command(tree, ['init', '--policy', 'unattended']);
  await command(tree, ['add', files.specification, '--name', 'remote']);
  await command(tree, ['add', `sqlite:${files.database}`, '--name', 'local']);
};

/** Times by what was measured, for each tree; every entry is one round. */
type Times = Map<string, Record<Tree['name'], number[]>>;

const note = (times: Times, what: string, tree: Tree, ms: number): void => {
  const entry = times.get(what) ?? { before: [], now: [] };
  times.set(what, entry);
  entry[tree.name].push(ms);
};

/** Who is first changes with every round. */
const inTurn = (trees: readonly Tree[], round: number): Tree[] => (round % 2 === 0 ? [...trees] : trees.toReversed());

const processes: Readonly<Record<string, readonly string[]>> = {
  'burgeon --help, process': ['--help'],
  'burgeon call, HTTP, process': ['call', 'remote.getThing', '{"id":1}'],
  'burgeon call, SQLite, process': ['call', 'local.getThing', '{"id":1}'],
};

const measureProcesses = async (trees: readonly Tree[], times: Times): Promise<void> => {
  // The first of each fills its code cache.
  for (const words of Object.values(processes)) for (const tree of trees) await command(tree, words);
  for (let round = 0; round < rounds; round += 1)
    for (const [what, words] of Object.entries(processes))
      for (const tree of inTurn(trees, round)) note(times, what, tree, await command(tree, words));
};

const measureWarm = async (trees: readonly Tree[], times: Times): Promise<void> => {
  const script = fileURLToPath(new URL('./unchanged-warm.ts', import.meta.url));
  const open = new Map<Tree, ChildProcess>();
  const ask = async (tree: Tree): Promise<WarmRound> => {
    const child = open.get(tree);
    child?.send({ calls: quick ? 200 : 1_500 });
    const [answer] = (await once(child as ChildProcess, 'message')) as [WarmRound];
    return answer;
  };
  try {
    for (const tree of trees) {
      const child = fork(script, [tree.folder, tree.home], { execArgv: ['--no-warnings'] });
      open.set(tree, child);
      await once(child, 'message');
      await ask(tree);
    }
    for (let round = 0; round < rounds; round += 1)
      for (const tree of inTurn(trees, round))
        for (const [what, ms] of Object.entries(await ask(tree))) note(times, what, tree, ms);
  } finally {
    for (const child of open.values()) child.disconnect();
  }
};

const report = async (times: Times): Promise<void> => {
  const rows = [...times].map(([what, { before, now }]) => {
    // Each with what ran right beside it.
    const ratio = median(now.map((ms, at) => ms / (before[at] ?? Number.NaN)));
    return { what, before: median(before), now: median(now), ratio };
  });
  const text = table(
    ['what', 'before, ms', 'now, ms', 'now / before'],
    rows.map((row) => [row.what, row.before.toFixed(3), row.now.toFixed(3), row.ratio.toFixed(3)]),
  );
  if (quick) return void process.stdout.write(`${text}\n`);
  const figureOf = (mark: RegExp): { measured: string; met: boolean } => {
    const found = rows.filter(({ what }) => mark.test(what));
    const measured = found.map(({ what, ratio }) => `${ratio.toFixed(2)} (${what})`).join(', ');
    return { measured, met: found.every(({ ratio }) => ratio <= reach) };
  };
  await save('unchanged', { figures: { call: figureOf(/call/), help: figureOf(/--help/) }, table: text, details: rows });
};

const main = async (): Promise<void> => {
  if (other === undefined)
    return skip(
      'unchanged',
      'name a checkout to compare with: git worktree add ../before COMMIT, npm ci in it, then npm run unchanged -- ../../before',
    );
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-unchanged-'));
  const server = createServer(
    (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":1}'),
  );
  try {
    requireOwnKit(resolve(other));
    const trees = (['before', 'now'] as const).map((name): Tree => ({
      name,
      folder: name === 'now' ? root : resolve(other),
      home: mkdtempSync(join(folder, `${name}-`)),
    }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const files = { specification: join(folder, 'remote.json'), database: join(folder, 'local.db') };
    writeFileSync(files.specification, specification(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    const database = new DatabaseSync(files.database);
    database.exec("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO thing VALUES (1, 'one')");
    database.close();
    for (const tree of trees) await prepare(tree, files);
    const times: Times = new Map();
    await measureProcesses(trees, times);
    await measureWarm(trees, times);
    await report(times);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
};

await main().catch((error: unknown) => {
  const { message, hint = '' } = BurgeonError.from(error);
  process.stderr.write(`${message}\n${hint}\n`);
  process.exitCode = 1;
});
