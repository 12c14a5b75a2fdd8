import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Interface } from '@burgeon/kit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { mcp } from '../../packages/burgeon/src/adapters/protocols/mcp/index.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { createMirror } from '../../packages/burgeon/src/mirror/mirror.ts';

/** What the stock client sees of an interface over MCP, one tool an operation. */
export interface Tools {
  served: boolean;
  tools: number;
  badSchemas: number;
  duplicates: number;
  longNames: number;
}

const compiles = (schema: object): boolean => {
  try {
    new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    return (schema as { type?: unknown }).type === 'object';
  } catch {
    return false;
  }
};

/** Serves the interface over MCP in the static view and lists every tool with the stock client. */
export const serveTools = async (description: Interface): Promise<Tools> => {
  const provider = createMirror(description, { clock: systemClock });
  const exposure = await mcp.expose(provider, { clock: systemClock, log: silentLogger, extra: { view: 'static', force: true } });
  const client = new Client({ name: 'bench', version: '1' });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(exposure.url)));
    const tools: { name: string; inputSchema: object }[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await client.listTools(cursor === undefined ? {} : { cursor });
      tools.push(...page.tools);
      cursor = page.nextCursor;
    }
    const names = tools.map((tool) => tool.name);
    return {
      served: tools.length === description.operations.length,
      tools: tools.length,
      badSchemas: tools.filter((tool) => !compiles(tool.inputSchema)).length,
      duplicates: names.length - new Set(names).size,
      longNames: names.filter((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name)).length,
    };
  } catch (error) {
    process.stdout.write(`     MCP: ${(error as Error).message.slice(0, 200)}\n`);
    return { served: false, tools: 0, badSchemas: 0, duplicates: 0, longNames: 0 };
  } finally {
    await client.close();
    await exposure.close();
  }
};
