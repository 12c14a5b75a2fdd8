/** Writes the table of docs/figures.md anew from what the scripts left in results/: node src/report.ts. What was not measured stays empty. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { root } from './machine.ts';
import { load } from './results.ts';
import { table } from './statistics.ts';

/** One figure that was promised. */
interface Row {
  /** Script and key in its results. */
  from: readonly [script: string, key: string];
  figure: string;
  /** What the best peer does, as measured before on a quiet machine. */
  peer: string;
  reach: string;
}

const rows: readonly Row[] = [
  {
    from: ['corpus', 'modules'],
    figure: 'well-formed specs of the corpus that give a module',
    peer: '97 % (hey-api)',
    reach: '100 %, every loss explained',
  },
  {
    from: ['corpus', 'compiles'],
    figure: 'of those: strict `tsc` (skipLibCheck off), no suppression, `any`',
    peer: '97 % with skipLibCheck on',
    reach: '100 %, < 1 `any` per 1,000 lines',
  },
  { from: ['corpus', 'malformed'], figure: 'malformed specs', peer: 'none explain', reach: 'all explained, >= 5 of 6 salvaged' },
  { from: ['corpus', 'operations'], figure: 'operation coverage of what loads', peer: '100 %', reach: '100 %' },
  {
    from: ['corpus', 'requests'],
    figure: 'client request equals the spec (client to validating mirror, every operation)',
    peer: 'not measured by anyone',
    reach: '>= 99.5 %',
  },
  {
    from: ['corpus', 'answers'],
    figure: 'mirror loads / answered bodies conform / answers 500',
    peer: '98 % / 97 % / some',
    reach: '100 % / >= 99 % / 0',
  },
  {
    from: ['corpus', 'agreement'],
    figure: 'CRUD agreement on detected resource pairs',
    peer: 'none derives state',
    reach: '>= 95 %',
  },
  {
    from: ['corpus', 'mcp'],
    figure: 'MCP: specs served / bad schemas / duplicate names',
    peer: '94 % / 39 / 58',
    reach: '100 % / 0 / 0',
  },
  {
    from: ['generate', 'generation'],
    figure: 'generation, median / p95',
    peer: '0.21 / 0.52 s (redocly), 0.48 / 1.18 s (hey-api), as a process',
    reach: 'warm 0.05 / 0.4 s; as a process 0.25 / 0.8 s',
  },
  {
    from: ['generate', 'largest'],
    figure: '3.9 MB, 400+ operations: describe + generate, as a process',
    peer: '1.3 s (redocly), 3.0 s (hey-api)',
    reach: '< 1.0 s, < 250 MB',
  },
  { from: ['corpus', 'add'], figure: 'whole `add` (all stages)', peer: 'nobody has it', reach: 'median < 2 s, p95 < 6 s' },
  {
    from: ['mirror', 'latency'],
    figure: 'mirror latency against the fastest peer in one run',
    peer: '1.0 (scalar mock)',
    reach: '<= 1.0',
  },
  {
    from: ['hostile', 'injection'],
    figure: 'injection (positions x texts, all targets) / local file read / loopback fetched through `$ref`',
    peer: '0-43 / 4 of 7 / 3 of 7 peers',
    reach: '0 of 48 x 12 / 0 / 0',
  },
  {
    from: ['hostile', 'bombs'],
    figure: '`$ref` fan-out 2^22, YAML bomb, 50 MB, 100k deep',
    peer: 'freeze 5-69 s',
    reach: 'answer or `SPEC_TOO_COMPLEX` < 5 s, health p99 < 100 ms',
  },
  {
    from: ['search-tokens', 'search'],
    figure: 'tools of a 1,200-operation API in the search view',
    peer: '35-384 KB of tools (p95)',
    reach: '<= 400 tokens',
  },
  {
    from: ['inspector', 'inspector'],
    figure: 'the official MCP inspector lists and calls',
    peer: '-',
    reach: 'stdio and HTTP, exit 0',
  },
  {
    from: ['vault', 'read'],
    figure: 'a secret read from the vault in the egress path, one of 1,000, p50 / p99',
    peer: '-',
    reach: '<= 200 us',
  },
  {
    from: ['audit', 'append'],
    figure: 'entries of the audit, each on the disk before it is acknowledged; lost by kill -9',
    peer: '5,450 a second (SQLite, one row a transaction)',
    reach: '>= 20,000 a second, 0 lost',
  },
  {
    from: ['walls', 'load'],
    figure: 'a signed module of 20 KB into a jailed process, to its first answer, p50 / p99',
    peer: '1.9 ms (isolated-vm, no process, unsigned), 67 ms (a Node child)',
    reach: '<= 3 / 10 ms',
  },
  {
    from: ['trust', 'verify'],
    figure: 'signature and every byte verified at each load of a module, p50',
    peer: '-',
    reach: '<= 2 ms',
  },
  {
    from: ['walls', 'call'],
    figure: 'a call into the jail, JSON in and out, p50 / p99',
    peer: '19 / 74 us (a Node child)',
    reach: '<= 20 / 100 us',
  },
  { from: ['walls', 'host'], figure: 'with one question to the host, p50', peer: '37 us (a Node child)', reach: '<= 40 us' },
  {
    from: ['walls', 'bus'],
    figure: 'module to module over the bus, across processes, p50; the whole call, p99',
    peer: '35-81 us (inside workerd)',
    reach: '<= 70 us, < 1 ms',
  },
  {
    from: ['walls', 'rate'],
    figure: 'calls a second of one process, pipelined',
    peer: '112,000 (a Node child)',
    reach: '>= 100,000',
  },
  {
    from: ['walls', 'memory'],
    figure: 'an idle module of 500 / all of them / of 1,000 at once do not answer',
    peer: '1.2 MB (isolated-vm, no process)',
    reach: '<= 1.25 MB / <= 720 MB / 0',
  },
  {
    from: ['walls', 'processor'],
    figure: 'processor work against plain Node: approved / not approved, without a compiler',
    peer: '1.0 (a Node child), 8-10 (QuickJS)',
    reach: '<= 1.15 / 3.6',
  },
  {
    from: ['walls', 'stop'],
    figure: 'a hostile module goes on past its limit, the worst of all cases of time and space',
    peer: 'isolated-vm: some for ever; workerd: for ever',
    reach: '<= 250 ms',
  },
  {
    from: ['walls', 'recovery'],
    figure: 'the process of 50 modules is killed: first answer / all answer',
    peer: 'nobody has it',
    reach: '<= 10 / 400 ms',
  },
  {
    from: ['walls', 'stall'],
    figure: 'stall of the control plane while modules attack, p99',
    peer: 'hangs, dies (worker_threads, node:vm)',
    reach: '<= 20 ms',
  },
  {
    from: ['walls', 'abuse'],
    figure: 'attacks of time and space: cases in which a neighbour failed / that escaped',
    peer: 'neighbours freeze or die with it',
    reach: '0 / 0',
  },
  {
    from: ['unchanged', 'call'],
    figure: 'calls of modules that are data, against the tree before the approval core',
    peer: '-',
    reach: '<= 1.05 of it',
  },
  {
    from: ['reload', 'reload'],
    figure: 'a module with state reloaded 1,000 times in a server under 200 calls/s',
    peer: '-',
    reach: '0 failed, state continuous, <= 20 MB, descriptors constant',
  },
  {
    from: ['checks', 'surface'],
    figure: 'policy + capabilities + structure of a module of 1,000 lines, warm, p50 / p95',
    peer: '40 ms (a policy pass alone)',
    reach: '<= 60 ms',
  },
  {
    from: ['checks', 'all'],
    figure: 'all static checks of it, types included, p50 / p95',
    peer: '11-21 ms warm, 162-331 ms as a process (TypeScript 7 alone)',
    reach: 'warm <= 250 ms, cold <= 1.5 s',
  },
  { from: ['unchanged', 'help'], figure: '`burgeon --help`, against the same', peer: '-', reach: '<= 1.05 of it' },
];

const scripts = [...new Set(rows.map(({ from: [script] }) => script))];

const cellsOf = ({ from: [script, key], figure, peer, reach }: Row): string[] => {
  const results = load(script);
  const found = results?.figures[key];
  if (!results || !found) return [figure, peer, reach, '', 'not taken', `\`npm run ${script}\``, ''];
  return [
    figure,
    peer,
    reach,
    found.measured,
    found.met ? 'yes' : '**no**',
    `\`${results.command}\``,
    results.measuredAt.slice(0, 10),
  ];
};

/** Every table a script printed, under its name, and the machine it was taken on. */
const detailsOf = (script: string): string => {
  const results = load(script);
  if (!results) return `### ${script}\n\nNot taken.`;
  const { node, processors, memoryGb, load: busy } = results.machine;
  const where = `${results.measuredAt.slice(0, 16)}Z, Node ${node}, ${processors}, ${memoryGb} GB, load average ${busy} at the end.`;
  return `### ${script}\n\n${where}\n\n${results.table}`;
};

/** The page with the text between two marks replaced. */
const withRegion = (page: string, name: string, text: string): string => {
  const [begin, end] = [`<!-- ${name}: npm run report -->`, `<!-- end of ${name} -->`];
  const [before = '', rest = ''] = page.split(begin);
  return `${before}${begin}\n\n${text}\n\n${end}${rest.split(end)[1] ?? ''}`;
};

const head = ['figure', 'best peer (earlier, quiet machine)', 'reach', 'measured', 'reached', 'command', 'date'];
const path = join(root, 'docs', 'figures.md');
const figures = withRegion(readFileSync(path, 'utf8'), 'figures', table(head, rows.map(cellsOf)));
const page = withRegion(figures, 'tables', scripts.map(detailsOf).join('\n\n'));
writeFileSync(path, await format(page, { parser: 'markdown', printWidth: 130 }));
process.stdout.write(`${path}: ${rows.length} figures\n`);
