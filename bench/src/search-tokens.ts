/**
 * What an API of 1,200 operations costs a model in the search view of MCP, and how fast it finds: node src/search-tokens.ts. The API is the
 * petstore of a published package, sixty times under other nouns; the client is the official one, over HTTP.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { mcp } from '../../packages/burgeon/src/adapters/protocols/mcp/index.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { createMirror } from '../../packages/burgeon/src/mirror/mirror.ts';
import { readText } from './reading.ts';
import { save } from './results.ts';
import { median, quantile, table } from './statistics.ts';

const wanted = 1_200;
const searches = 420;

/** Each becomes an API of its own. Ten firsts times six seconds. */
const firsts = ['garden', 'harbour', 'museum', 'railway', 'clinic', 'library', 'orchard', 'studio', 'market', 'airport'];
const seconds = ['north', 'south', 'east', 'west', 'upper', 'lower'];

interface Document {
  paths: Record<string, Record<string, { operationId?: string; summary?: string }>>;
}

/** The petstore under sixty nouns: paths, names and summaries all say which. */
const multiplied = (): string => {
  const path = createRequire(import.meta.url).resolve('@readme/oas-examples/3.0/json/petstore.json');
  const document = JSON.parse(readFileSync(path, 'utf8')) as Document;
  const paths: Document['paths'] = {};
  let count = 0;
  for (const second of seconds) {
    for (const first of firsts) {
      for (const [at, item] of Object.entries(document.paths)) {
        const operations = Object.entries(item).flatMap(([method, operation]) => {
          if (!operation.operationId || count >= wanted) return [];
          count += 1;
          const { operationId, summary } = operation;
          return [
            [
              method,
              { ...operation, operationId: `${second}_${first}_${operationId}`, summary: `${summary} in the ${second} ${first}` },
            ] as const,
          ];
        });
        paths[`/${second}/${first}${at}`] = Object.fromEntries(operations);
      }
    }
  }
  return JSON.stringify({ ...document, paths });
};

/** What a model might ask for, and the operation that does it. */
const purposes = {
  'find pet by id': 'GetPetById',
  'upload an image of a pet': 'UploadFile',
  'place an order': 'PlaceOrder',
  'delete user': 'DeleteUser',
  'log in': 'LoginUser',
  'inventory by status': 'GetInventory',
  'update a pet': 'UpdatePet',
} as const;

/** Every purpose in every place, in turn: what is asked for and the name of the tool that ought to be found. */
const questionAt = (index: number): { query: string; expected: string } => {
  const all = Object.entries(purposes);
  const [purpose, action] = all[index % all.length] ?? ['', ''];
  const place = Math.floor(index / all.length);
  const [second = '', first = ''] = [seconds[place % seconds.length], firsts[Math.floor(place / seconds.length) % firsts.length]];
  return {
    query: `${purpose} in the ${second} ${first}`,
    expected: `${second}${first[0]?.toUpperCase()}${first.slice(1)}${action}(`,
  };
};

const description = await readText('large.json', multiplied());
const exposure = await mcp.expose(createMirror(description, { clock: systemClock }), {
  clock: systemClock,
  log: silentLogger,
  extra: { view: 'search' },
});
const client = new Client({ name: 'bench', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(exposure.url)));
const list = await client.listTools();
const bytes = Buffer.byteLength(JSON.stringify({ tools: list.tools }));
const latencies: number[] = [];
const answerBytes: number[] = [];
let hits = 0;
for (let index = 0; index < searches; index++) {
  const { query, expected } = questionAt(index);
  const begun = performance.now();
  const answer = await client.callTool({ name: 'search_tools', arguments: { query } });
  latencies.push(performance.now() - begun);
  const text = JSON.stringify(answer.content);
  answerBytes.push(Buffer.byteLength(text));
  if (text.includes(expected)) hits += 1;
}
await client.close();
await exposure.close();

const tokens = Math.ceil(bytes / 4);
const p95 = quantile(latencies, 0.95);
await save('search-tokens', {
  table: table(
    [
      'operations',
      'tools',
      'tools/list bytes',
      'tokens (bytes / 4)',
      'search ms: first / median / p95',
      'answer tokens: median / max',
      'the right one among the five hits',
    ],
    [
      [
        description.operations.length,
        list.tools.length,
        bytes,
        tokens,
        [latencies[0] ?? 0, median(latencies), p95].map((value) => value.toFixed(1)).join(' / '),
        `${Math.ceil(median(answerBytes) / 4)} / ${Math.ceil(Math.max(...answerBytes) / 4)}`,
        `${hits} of ${searches}`,
      ],
    ],
  ),
  figures: {
    search: {
      measured: `${description.operations.length} operations: ${tokens} tokens of tools (bytes / 4); search p95 ${p95.toFixed(1)} ms`,
      met: description.operations.length >= wanted && tokens <= 400,
    },
  },
  details: {
    operations: description.operations.length,
    bytes,
    hits,
    latencies: latencies.map((value) => Number(value.toFixed(2))),
  },
});
