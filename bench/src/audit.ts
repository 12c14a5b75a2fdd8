/** How fast the audit takes entries, each acknowledged only when it is on the disk, and how many of those a kill loses: node src/audit.ts. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench } from './machine.ts';
import { save } from './results.ts';
import { median, table } from './statistics.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-audit-'));
const seconds = 4;
const groups = [1, 64, 1_024] as const;

interface Run {
  perSecond: number;
  acknowledged: number;
  lost: number;
}

/** Lets writers write for a while and kills them in the middle of it. */
const run = async (writers: number, name: string): Promise<Run> => {
  const file = join(folder, `${name}.db`);
  const child = spawn(process.execPath, [join(bench, 'src', 'audit-writer.ts'), file, String(writers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen: { at: number; count: number }[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    const count = Number(chunk.toString().trim().split('\n').at(-1));
    if (count > 0) seen.push({ at: performance.now(), count });
  });
  const ended = new Promise((resolve) => void child.once('exit', resolve));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  child.kill('SIGKILL');
  await ended;
  const [first, last] = [seen[0], seen.at(-1)];
  const acknowledged = last?.count ?? 0;
  const perSecond = first && last ? ((last.count - first.count) / (last.at - first.at)) * 1_000 : 0;
  return { perSecond, acknowledged, lost: Math.max(0, acknowledged - kept(file)) };
};

const kept = (file: string): number => {
  const database = new DatabaseSync(file);
  const row = database.prepare("SELECT count(*) AS entries FROM entries WHERE log = 'audit'").get() as { entries: number };
  database.close();
  return row.entries;
};

/** The peer: the same rows into the same file, one transaction each, without a chain, a signature or a group. */
const plain = (): number => {
  const database = new DatabaseSync(join(folder, 'plain.db'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE entries (id INTEGER PRIMARY KEY, entry TEXT)',
  );
  const insert = database.prepare('INSERT INTO entries (entry) VALUES (?)');
  const entry = JSON.stringify({ kind: 'module.called', module: 'api/petstore', data: { operation: 'getPetById' } });
  const begun = performance.now();
  let count = 0;
  for (; performance.now() - begun < 2_000; count += 1) insert.run(entry);
  database.close();
  return count / 2;
};

const rows: string[][] = [];
const runs = new Map<number, Run[]>();
for (const writers of groups) {
  const all: Run[] = [];
  for (let round = 0; round < 3; round += 1) all.push(await run(writers, `${writers}-${round}`));
  runs.set(writers, all);
  const [rate, lost] = [median(all.map((each) => each.perSecond)), all.reduce((sum, each) => sum + each.lost, 0)];
  rows.push([`${writers} at once`, Math.round(rate).toLocaleString('en'), String(all.at(-1)?.acknowledged ?? 0), String(lost)]);
}
const peer = plain();
rows.push(['SQLite alone, one row a transaction', Math.round(peer).toLocaleString('en'), '-', '-']);
rmSync(folder, { recursive: true, force: true });

const most = runs.get(1_024) ?? [];
const perSecond = median(most.map((each) => each.perSecond));
const lost = [...runs.values()].flat().reduce((sum, each) => sum + each.lost, 0);
await save('audit', {
  figures: {
    append: {
      measured: `${Math.round(perSecond).toLocaleString('en')} a second, ${lost} lost in ${[...runs.values()].flat().length} kills`,
      met: perSecond >= 20_000 && lost === 0,
    },
  },
  table: table(['writers', 'entries a second (median of 3)', 'acknowledged in the last run', 'lost by kill -9'], rows),
  details: Object.fromEntries(runs),
});
