/**
 * Time and memory of turning a description into a client, against two peers, in one run: node src/generate.ts [FOLDER] [NAME-PART].
 * Every tool gets every file in turn, each time in a fresh process; `node -e 0` is the floor that nobody can go below.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { typescript } from '../../packages/burgeon/src/adapters/targets/typescript/index.ts';
import { openapiFiles, shortName } from './corpus-files.ts';
import { bench, corpusFolder, peerFile, skip } from './machine.ts';
import { run } from './processes.ts';
import { readText } from './reading.ts';
import { save, type Figure } from './results.ts';
import { median, quantile, table } from './statistics.ts';

const folder = corpusFolder(process.argv[2]);
const part = process.argv[3] ?? '';

/** How each tool is started on a file, writing into a folder. */
const tools: Record<string, (file: string, out: string) => string[]> = {
  'node -e 0': () => [process.execPath, '-e', '0'],
  burgeon: (file, out) => [process.execPath, join(bench, 'src', 'generate-once.ts'), file, join(out, 'gen')],
  'hey-api': (file, out) => [
    process.execPath,
    peerFile('@hey-api', 'openapi-ts', 'bin', 'run.js'),
    '-i',
    file,
    '-o',
    join(out, 'gen'),
    '-c',
    '@hey-api/client-fetch',
    '--no-log-file',
  ],
  redocly: (file, out) => [
    process.execPath,
    peerFile('@redocly', 'cli', 'bin', 'cli.js'),
    'generate-client',
    file,
    '-o',
    join(out, 'api.ts'),
  ],
};

/** One tool on one file. */
interface Try {
  tool: string;
  file: string;
  ok: boolean;
  seconds: number;
  peakMb: number | undefined;
  /** The first line of why nothing came out. */
  complaint?: string;
}

/** True when a TypeScript file that holds something came out. */
const wroteCode = (out: string): boolean =>
  readdirSync(out, { recursive: true, encoding: 'utf8' }).some(
    (name) => name.endsWith('.ts') && !name.startsWith('node_modules') && statSync(join(out, name)).size > 0,
  );

/** The line that says what went wrong, without a path of this machine. */
const complaintIn = (text: string): string => {
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line !== '') ?? 'nothing was written')
    .replace(/\/[\w./@-]*\//g, '')
    .slice(0, 200);
};

const tryOnce = async (tool: string, file: string): Promise<Try> => {
  const out = mkdtempSync(join(tmpdir(), 'burgeon-generate-'));
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  mkdirSync(join(out, 'node_modules'));
  for (const scope of ['@hey-api', 'typescript']) symlinkSync(peerFile(scope), join(out, 'node_modules', scope));
  const command = tools[tool]?.(join(folder, file), out) ?? [];
  const { code, seconds, peakMb, stdout, stderr } = await run(command, { cwd: out, timeoutMs: 90_000 });
  const ok = code === 0 && (tool === 'node -e 0' || wroteCode(out));
  rmSync(out, { recursive: true, force: true });
  return { tool, file: shortName(file), ok, seconds, peakMb, ...(ok ? {} : { complaint: complaintIn(`${stderr}\n${stdout}`) }) };
};

/** Seconds that reading and writing takes in a process that has done it before; nothing when the file is refused. */
const warm = async (file: string): Promise<number | undefined> => {
  const text = readFileSync(join(folder, file), 'utf8');
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    const begun = performance.now();
    const description = await readText(file, text).catch(() => undefined);
    if (!description) return undefined;
    await typescript.write(description, { module: 'api/client', version: '1.0.0', form: 'standalone' });
    times.push((performance.now() - begun) / 1_000);
  }
  return median(times.slice(1));
};

const two = (seconds: number): string => seconds.toFixed(2);
const spread = (values: readonly number[]): string =>
  values.length === 0 ? '-' : `${two(median(values))} / ${two(quantile(values, 0.95))} / ${two(Math.max(...values))}`;

const rowOf = (tool: string, tries: readonly Try[]): (string | number)[] => {
  const own = tries.filter((each) => each.tool === tool && each.ok);
  const all = tries.filter((each) => each.tool === tool).length;
  const peaks = own.flatMap(({ peakMb }) => (peakMb === undefined ? [] : [peakMb]));
  const memory = peaks.length === 0 ? '-' : `${median(peaks).toFixed(0)} / ${Math.max(...peaks).toFixed(0)}`;
  return [tool, `${own.length} of ${all}`, spread(own.map(({ seconds }) => seconds)), memory];
};

/** The largest file alone, each tool three times, in turn. */
const takeLargest = async (file: string): Promise<Try[]> => {
  const tries: Try[] = [];
  for (let round = 0; round < 3; round++) {
    for (const tool of Object.keys(tools)) tries.push(await tryOnce(tool, file));
  }
  return tries;
};

/** Every tool on every file, in turn. Says so when a tool makes nothing of any. */
const takeAll = async (files: readonly string[]): Promise<Try[]> => {
  const tries: Try[] = [];
  for (const file of files) {
    for (const tool of Object.keys(tools)) tries.push(await tryOnce(tool, file));
    process.stdout.write('.');
  }
  process.stdout.write('\n');
  for (const tool of Object.keys(tools)) {
    const failed = tries.filter((each) => each.tool === tool && !each.ok);
    if (failed.length === files.length) skip(tool, failed[0]?.complaint ?? '');
  }
  return tries;
};

const figuresOf = (tries: readonly Try[], large: readonly Try[], warmSeconds: readonly number[]): Record<string, Figure> => {
  const own = tries.filter(({ tool, ok }) => tool === 'burgeon' && ok).map(({ seconds }) => seconds);
  const ownLarge = large.filter(({ tool }) => tool === 'burgeon');
  const largeSeconds = median(ownLarge.map(({ seconds }) => seconds));
  const largeMb = Math.max(...ownLarge.map(({ peakMb }) => peakMb ?? Number.NaN));
  const [warmMiddle, warmHigh, middle, high] = [warmSeconds, own].flatMap(
    (each) => [median(each), quantile(each, 0.95)] as const,
  ) as [number, number, number, number];
  return {
    generation: {
      measured: `warm ${warmMiddle.toFixed(3)} / ${warmHigh.toFixed(3)} s; as a process ${two(middle)} / ${two(high)} s`,
      met: warmMiddle <= 0.05 && warmHigh <= 0.4 && middle <= 0.25 && high <= 0.8,
    },
    largest: {
      measured: `${two(largeSeconds)} s, ${largeMb.toFixed(0)} MB`,
      met: ownLarge.every(({ ok }) => ok) && largeSeconds < 1 && largeMb < 250,
    },
  };
};

const main = async (): Promise<void> => {
  if (!existsSync(folder)) return skip('generate', `there is no folder ${folder}. Name one: node src/generate.ts FOLDER`);
  const files = openapiFiles(folder, part);
  const sizeOf = (file: string): number => statSync(join(folder, file)).size;
  const [largest = ''] = files.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  const tries = await takeAll(files);
  const large = await takeLargest(largest);
  const warmTimes: { file: string; seconds: number }[] = [];
  for (const file of files) {
    const seconds = await warm(file);
    if (seconds !== undefined) warmTimes.push({ file: shortName(file), seconds });
  }
  const warmSeconds = warmTimes.map(({ seconds }) => seconds);
  const head = ['tool', 'generates', 'seconds: median / p95 / max', 'peak MB: median / max'];
  const names = Object.keys(tools);
  const warmRow = ['burgeon, warm, in process', `${warmSeconds.length} of ${files.length}`, spread(warmSeconds), '-'];
  const text = [
    table(head, [...names.map((tool) => rowOf(tool, tries)), warmRow]),
    `The largest file (${(sizeOf(largest) / 1e6).toFixed(1)} MB) alone, three times each:`,
    table(
      head,
      names.map((tool) => rowOf(tool, large)),
    ),
  ].join('\n\n');
  if (part !== '') return void process.stdout.write(`\n${text}\n`);
  await save('generate', {
    table: text,
    figures: figuresOf(tries, large, warmSeconds),
    details: { tries, large, warm: warmTimes },
  });
};

await main();
