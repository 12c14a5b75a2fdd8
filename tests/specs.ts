/** Reads the text cases of `tests/specs` and runs them against the real command. `docs` of the form: the head of `tests/specs/README.md`. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './source-tree.ts';

/** One section of a case: what kind it is, what stands beside the kind, and its text. */
export interface Section {
  kind: string;
  argument: string;
  text: string;
}

/** One file of cases: steps that share a folder and a home. */
export interface Spec {
  title: string;
  sections: Section[];
}

/** What a command ended with. */
interface Ended {
  exit: number;
  stdout: string;
  stderr: string;
}

const kinds = new Set(['case', 'file', 'start', 'run', 'expect']);
const bin = process.env['BURGEON_BIN'] ?? join(root, 'packages/burgeon/bin/burgeon.mjs');
const register = join(root, 'packages/burgeon/src/hook/register.ts');

/** Takes a text apart; a line `==== kind argument` begins a section. @throws {Error} when it is not written as the form says */
export function parseSpec(name: string, text: string): Spec {
  const parts = text.split(/^==== +(\w+) *(.*)$/m);
  const sections: Section[] = [];
  for (let index = 1; index < parts.length; index += 3) {
    const [kind = '', argument = '', body = ''] = parts.slice(index, index + 3);
    if (!kinds.has(kind)) throw new Error(`${name}: there is no section "${kind}"`);
    sections.push({ kind, argument: argument.trim(), text: body.trim() });
  }
  const [first] = sections;
  if (first?.kind !== 'case' || first.argument === '') throw new Error(`${name}: the first section is not "==== case TITLE"`);
  return { title: first.argument, sections };
}

/** Runs a case in a folder of its own; the result lists what differs, a line each. */
export async function runSpec(spec: Spec): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'burgeon-spec-'));
  const world: World = { folder, values: {}, started: [], wrong: [] };
  try {
    for (const section of spec.sections) await steps[section.kind]?.(world, section);
    return world.wrong;
  } finally {
    await Promise.all(world.started.map(stop));
    await rm(folder, { recursive: true, force: true });
  }
}

interface World {
  folder: string;
  /** What `{name}` in later sections stands for. */
  values: Record<string, string>;
  started: ChildProcess[];
  last?: Ended & { line: string };
  wrong: string[];
}

const steps: Record<string, (world: World, section: Section) => Promise<void>> = {
  file: async (world, { argument, text }) => {
    const path = join(world.folder, argument);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${fill(world, text)}\n`);
  },
  start: async (world, { argument, text }) => {
    const child = spawn(process.execPath, [bin, ...words(fill(world, text)).slice(1)], {
      ...place(world),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    world.started.push(child);
    const first = JSON.parse(await firstLine(child)) as Record<string, unknown>;
    for (const [key, value] of Object.entries(first)) world.values[`${argument}.${key}`] = String(value);
  },
  run: async (world, { argument, text }) => {
    const [line = '', ...input] = fill(world, argument === '' ? text : `${argument}\n${text}`).split('\n');
    world.last = { line, ...(await run(world, line, input.join('\n'))) };
  },
  expect: async (world, { text }) => {
    if (!world.last) throw new Error('expect before run');
    const before = world.wrong.length;
    for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) judge(world, world.last, line);
    if (world.wrong.length > before)
      world.wrong.push(`  exit ${world.last.exit}\n  stdout ${world.last.stdout}\n  stderr ${world.last.stderr}`);
  },
};

const fill = ({ values }: World, text: string): string =>
  text.replace(/\{([\w.]+)\}/g, (whole, name: string) => values[name] ?? whole);

const place = ({ folder }: World): { cwd: string; env: NodeJS.ProcessEnv } => ({
  cwd: folder,
  env: { PATH: process.env['PATH'], HOME: folder, LANG: 'C', NO_COLOR: '1', BURGEON_IMPORT: 'prompt' },
});

/** A line as a shell would take it apart: words, with single or double quotes around what belongs together. */
const words = (line: string): string[] =>
  [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
  );

function run(world: World, line: string, input: string): Promise<Ended> {
  const [program, ...rest] = words(line);
  const args = program === 'burgeon' ? [bin, ...rest] : ['--import', register, ...rest];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { ...place(world), timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ exit: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function judge(world: World, last: Ended & { line: string }, line: string): void {
  const [, word = '', rest = ''] = /^(\w+) ?(.*)$/.exec(fill(world, line)) ?? [];
  const wrong = (what: string): void => void world.wrong.push(`${last.line}: ${what}`);
  if (word === 'exit') return last.exit === Number(rest) ? undefined : wrong(`ended with ${last.exit}, not ${rest}`);
  if (word === 'out' || word === 'err') {
    const text = word === 'out' ? last.stdout : last.stderr;
    const unwanted = rest.startsWith('not ');
    const found = text.includes(unwanted ? rest.slice(4) : rest);
    return found !== unwanted ? undefined : wrong(`${word} ${rest}`);
  }
  if (word === 'json') return differences(JSON.parse(last.stdout), JSON.parse(rest), '').forEach(wrong);
  if (word === 'keep') return keep(world, last, rest, wrong);
  throw new Error(`There is no expectation "${word}"`);
}

/** `keep name = a.0.b` keeps a value of the JSON output, `keep name ~ pattern` what the first group finds in standard error. */
function keep(world: World, last: Ended, rest: string, wrong: (what: string) => void): void {
  const [, name = '', how = '', where = ''] = /^(\w+) ([=~]) (.*)$/.exec(rest) ?? [];
  const found = how === '~' ? new RegExp(where).exec(last.stderr)?.[1] : at(JSON.parse(last.stdout), where.split('.'));
  if (found === undefined) wrong(`nothing at ${where}`);
  else world.values[name] = typeof found === 'string' ? found : JSON.stringify(found);
}

const at = (value: unknown, path: string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

/** Where `wanted` is not contained in `given`: objects may have more keys, lists must match item by item. */
function differences(given: unknown, wanted: unknown, path: string): string[] {
  if (typeof wanted !== 'object' || wanted === null)
    return given === wanted ? [] : [`${path || '/'} is ${JSON.stringify(given)}, not ${JSON.stringify(wanted)}`];
  if (typeof given !== 'object' || given === null) return [`${path || '/'} is ${JSON.stringify(given)}`];
  const short = Array.isArray(wanted) && (given as unknown[]).length !== wanted.length;
  const length = short ? [`${path || '/'} has ${(given as unknown[]).length} items, not ${wanted.length}`] : [];
  return [
    ...length,
    ...Object.entries(wanted).flatMap(([key, value]) =>
      differences((given as Record<string, unknown>)[key], value, `${path}/${key}`),
    ),
  ];
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`ended with ${code} before its first line`)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n', 1)[0] ?? '');
    });
  });
}

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGINT');
  });
