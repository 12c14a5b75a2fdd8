/**
 * Shows every OpenAPI document below a folder as MCP tools and judges the result: `node scripts/mcp-corpus.ts FOLDER`.
 * Prints one line per document that fails, and the totals; exits with 1 when anything failed.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Interface, type JsonSchema, defaultBudget } from '@burgeon/kit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openapi } from '../packages/burgeon/src/adapters/sources/openapi/index.ts';
import { search, searchView } from '../packages/burgeon/src/adapters/protocols/mcp/search-view.ts';
import { nameTools, toolOf } from '../packages/burgeon/src/adapters/protocols/mcp/tools.ts';
import { systemClock } from '../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../packages/burgeon/src/base/log.ts';

const folder = process.argv[2] ?? '.';
const totals = { documents: 0, unread: 0, operations: 0, badSchemas: 0, duplicateNames: 0, largestTool: 0, slowest: 0 };
const searchTokens: number[] = [];

const read = async (path: string): Promise<Interface | undefined> => {
  const input = { kind: 'document' as const, location: path, text: readFileSync(path, 'utf8') };
  if (openapi.detect(input) < 0.5) return undefined;
  const context = { budget: defaultBudget, clock: systemClock, log: silentLogger, signal: AbortSignal.timeout(60_000) };
  return openapi.read(input, context);
};

const compiles = (schema: unknown): boolean => {
  try {
    new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(schema as object);
    return true;
  } catch {
    return false;
  }
};

const judge = (path: string, description: Interface): void => {
  const begun = performance.now();
  const names = new Set<string>();
  for (const { name, operation } of nameTools(description).operations) {
    const { tool } = toolOf(name, operation, description.types);
    totals.operations += 1;
    if (names.has(name.toLowerCase()) || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) totals.duplicateNames += 1;
    names.add(name.toLowerCase());
    totals.largestTool = Math.max(totals.largestTool, JSON.stringify(tool).length);
    for (const schema of [tool.inputSchema, tool.outputSchema ?? {}] as JsonSchema[]) {
      if (compiles(schema)) continue;
      totals.badSchemas += 1;
      console.log(`${path}: the schema of ${name} does not compile`);
    }
  }
  const provider = { interface: description, call: async () => ({ output: null }) };
  const query = description.operations[Math.floor(description.operations.length / 2)]?.summary ?? 'list';
  searchTokens.push(JSON.stringify(search(provider, { query })).length / 4);
  totals.slowest = Math.max(totals.slowest, performance.now() - begun);
};

for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(?:json|ya?ml)$/.test(path)) continue;
  try {
    const description = await read(join(folder, path));
    if (!description) continue;
    totals.documents += 1;
    judge(path, description);
  } catch (error) {
    totals.unread += 1;
    console.log(`${path}: ${String(error).slice(0, 200)}`);
  }
}
const empty = { interface: {} as Interface, call: async () => ({ output: null }) };
const list = JSON.stringify(searchView({ provider: empty, resultLength: 48_000 }).tools()).length / 4;
const sorted = searchTokens.toSorted((a, b) => a - b);
const [half, most] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
console.log({ ...totals, tokensOfSearchView: list, tokensOfSearch: { median: half, most } });
process.exitCode = totals.badSchemas + totals.duplicateNames > 0 ? 1 : 0;
