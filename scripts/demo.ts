/**
 * The main job from end to end, on embedded defaults and no server: an API description and a database become live modules, are called from
 * the command line, from `import` and over MCP, and Burgeon stands in for the API. Everything happens in a throw-away home.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, 'packages', 'burgeon', 'bin', 'burgeon.mjs');
const description = createRequire(import.meta.url).resolve('@readme/oas-examples/3.0/json/petstore.json');
const folder = mkdtempSync(join(tmpdir(), 'burgeon-demo-'));
const home = join(folder, 'home');
const environment = { ...process.env, BURGEON_HOME: home, NO_COLOR: '1' };
const running: ChildProcess[] = [];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const heading = (text: string): void => say(`\n== ${text}`);
const shown = (argument: string): string =>
  argument.startsWith(root)
    ? relative(root, argument)
    : argument.includes(' ') || argument.includes('{')
      ? `'${argument}'`
      : argument;

/** Runs one command, shows it and what it printed, and gives its standard output. Ends the demo when it fails. */
const burgeon = (...words: string[]): string => {
  say(`$ burgeon ${words.map(shown).join(' ')}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...words], {
    env: environment,
    encoding: 'utf8',
    cwd: folder,
  });
  if (stderr.trim() !== '') say(indented(stderr));
  if (stdout.trim() !== '') say(indented(stdout));
  if (status !== 0) throw new TypeError(`burgeon ${words[0]} ended with ${status}`);
  return stdout;
};

const indented = (text: string, lines = 24): string => {
  const all = text.trimEnd().split('\n');
  const kept = all.slice(0, lines).map((line) => `  ${line.length > 180 ? `${line.slice(0, 180)}...` : line}`);
  return [...kept, ...(all.length > lines ? [`  ... ${all.length - lines} more lines`] : [])].join('\n');
};

/** Starts a command that stays, and gives the first line it prints. */
const stay = async (...words: string[]): Promise<string> => {
  say(`$ burgeon ${words.map(shown).join(' ')} &`);
  const child = spawn(process.execPath, [cli, ...words], { env: environment, stdio: ['ignore', 'pipe', 'inherit'], cwd: folder });
  running.push(child);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new TypeError(`burgeon ${words[0]} said nothing`);
};

/** Talks to an MCP server on stdio as a client without any library would: lists the tools, then looks for one. */
const askOverMcp = async (query: string): Promise<string[]> => {
  say('$ burgeon mcp   (and a client that lists the tools and searches)');
  const child = spawn(process.execPath, [cli, 'mcp', '--quiet'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: folder,
  });
  running.push(child);
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'demo', version: '1' } },
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { id, result } = JSON.parse(line) as {
      id?: number;
      result?: { tools?: { name: string }[]; content?: { text: string }[] };
    };
    if (id === 1) {
      send({ method: 'notifications/initialized' });
      send({ id: 2, method: 'tools/list' });
    }
    if (id === 2) {
      said.push(`tools: ${(result?.tools ?? []).map((tool) => tool.name).join(', ')}`);
      send({ id: 3, method: 'tools/call', params: { name: 'search_tools', arguments: { query, limit: 2 } } });
    }
    if (id === 3) {
      child.kill();
      return [...said, `search_tools ${JSON.stringify(query)}:`, ...(result?.content ?? []).map((part) => part.text)];
    }
  }
  return said;
};

const demo = async (): Promise<void> => {
  heading('1. A throw-away home whose signed policy approves what passes every check (yours asks you, over two channels)');
  burgeon('init', '--policy', 'unattended');

  heading('2. What does this API description say?');
  burgeon('describe', description);

  heading('3. Burgeon becomes that API: a server made from the description alone');
  const mirror = JSON.parse(await stay('mirror', description, '--json')) as { url: string; operations: number };
  say(`  ${mirror.operations} operations at ${mirror.url}`);

  heading('4. The description becomes a module: described, checked, tried, approved, signed, versioned');
  burgeon('add', description, '--name', 'petstore', '--location', mirror.url);
  burgeon('secret', 'list');

  heading('5. Call it; what was posted can be read back');
  burgeon('call', 'petstore.addPet', JSON.stringify({ body: { id: 77, name: 'Reks', photoUrls: [] } }));
  burgeon('call', 'petstore.getPetById', '--petId', '77');

  heading('6. A database becomes a module the same way');
  const file = join(folder, 'bookshop.db');
  const database = new DatabaseSync(file);
  database.exec(readFileSync(join(root, 'examples', 'bookshop', 'bookshop.sql'), 'utf8'));
  database.close();
  burgeon('add', `sqlite:${file}`);
  burgeon('call', 'bookshop.listBooks', JSON.stringify({ where: { price: { gt: '30' } }, limit: 2 }));

  heading('7. From code: typed, through import');
  copyFileSync(join(root, 'examples', 'bookshop', 'app.ts'), join(folder, 'app.ts'));
  say('$ node --import burgeon/register app.ts');
  const words = ['--import', 'burgeon/register', 'app.ts'];
  const ran = spawnSync(process.execPath, words, { env: environment, encoding: 'utf8', cwd: folder });
  say(indented(`${ran.stdout}${ran.stderr}`));
  if (ran.status !== 0) throw new TypeError(`the program ended with ${ran.status}`);

  heading('8. For agents: MCP');
  say(indented((await askOverMcp('find a pet by its id')).join('\n')));

  heading('9. What happened, in a record that cannot be altered unnoticed');
  burgeon('list');
  burgeon('audit', 'verify');

  heading('Now your own');
  say('  npx burgeon init --totp');
  say('  npx burgeon add ./openapi.yaml          or a URL, or postgres://..., mysql://..., sqlite:FILE');
  say('  npx burgeon serve                       HTTP, OpenAPI and MCP');
};

try {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await demo();
} finally {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
