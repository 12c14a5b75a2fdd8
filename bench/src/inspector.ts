/** Lets the official MCP inspector list and call tools, over stdio and over HTTP, in both eras of the protocol: node src/inspector.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { burgeon, peerFile } from './machine.ts';
import { run, stand } from './processes.ts';
import { save } from './results.ts';
import { table } from './statistics.ts';

const description = createRequire(import.meta.url).resolve('@readme/oas-examples/3.0/json/petstore.json');
const folder = mkdtempSync(join(tmpdir(), 'burgeon-inspector-'));
const env = { BURGEON_HOME: join(folder, 'home'), HOME: folder };
const inspector = [
  process.execPath,
  peerFile('@modelcontextprotocol', 'inspector', 'clients', 'launcher', 'build', 'index.js'),
  '--cli',
];

/** What is asked, and a word that the answer must hold. */
const questions: Record<string, { words: string[]; expected: string }> = {
  'tools/list': { words: ['--method', 'tools/list'], expected: '"search_tools"' },
  'tools/list --strict': { words: ['--method', 'tools/list', '--strict'], expected: '"call_tool"' },
  'tools/call search_tools': {
    words: ['--method', 'tools/call', '--tool-name', 'search_tools', '--tool-arg', 'query=store inventory'],
    expected: 'getInventory',
  },
  'tools/call call_tool': {
    words: [
      '--method',
      'tools/call',
      '--tool-name',
      'call_tool',
      '--tool-args-json',
      '{"name":"petstore.getOrderById","arguments":{"orderId":3}}',
    ],
    expected: 'content',
  },
};

/** One question over one way of asking. */
interface Answer {
  transport: string;
  era: string;
  question: string;
  code: number | null;
  ok: boolean;
  seconds: number;
  /** The end of what went wrong; empty when nothing did. */
  complaint: string;
}

const askAll = async (transport: string, before: readonly string[], after: readonly string[] = []): Promise<Answer[]> => {
  const answers: Answer[] = [];
  for (const era of ['legacy', 'modern']) {
    for (const [question, { words, expected }] of Object.entries(questions)) {
      const { code, stdout, stderr, seconds } = await run(
        [...inspector, ...before, '--protocol-era', era, '--format', 'json', ...words, ...after],
        { env },
      );
      const ok = code === 0 && stdout.includes(expected);
      answers.push({
        transport,
        era,
        question,
        code,
        ok,
        seconds,
        complaint: ok ? '' : `${stdout} ${stderr}`.trim().slice(-300),
      });
    }
  }
  return answers;
};

const answers: Answer[] = [];
const mirror = await stand([...burgeon, 'mirror', description, '--json'], { env: { BURGEON_HOME: join(folder, 'other') } });
try {
  const { url } = JSON.parse(mirror.line) as { url: string };
  await run([...burgeon, 'init', '--policy', 'unattended'], { env });
  const added = await run([...burgeon, 'add', description, '--name', 'petstore', '--location', url], { env });
  if (added.code !== 0) throw new BurgeonError('INTERNAL', { message: added.stderr });
  answers.push(...(await askAll('stdio', [], ['--', ...burgeon, 'mcp', '--home', env.BURGEON_HOME])));
  const server = await stand([...burgeon, 'serve', '--port', '0', '--json'], { env });
  const served = JSON.parse(server.line) as { url: string; token: string };
  answers.push(
    ...(await askAll('http', ['--server-url', `${served.url}/mcp`, '--header', `Authorization: Bearer ${served.token}`])),
  );
  await server.stop();
} finally {
  await mirror.stop();
  rmSync(folder, { recursive: true, force: true });
}

const good = answers.filter(({ ok }) => ok).length;
process.exitCode = good === answers.length ? 0 : 1;
await save('inspector', {
  table: table(
    ['transport', 'era', 'question', 'exit', 'answered', 'seconds', 'complaint'],
    answers.map((each) => [
      each.transport,
      each.era,
      each.question,
      each.code ?? 'killed',
      each.ok ? 'yes' : 'no',
      each.seconds.toFixed(1),
      each.complaint.replaceAll('\n', ' ').replaceAll('|', '\\|'),
    ]),
  ),
  figures: {
    inspector: { measured: `${good} of ${answers.length} questions answered over stdio and HTTP`, met: good === answers.length },
  },
  details: answers,
});
