import { BurgeonError, type JsonObject, type Provider } from '@burgeon/kit';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { nearest } from '../../../base/nearest.ts';
import { searchOperations } from '../../../interface/search.ts';
import { writeError, writeResult } from './results.ts';
import { signatureOf } from '../../../interface/type-text.ts';
import { aboutOperation, nameTools, reasonOf, toolOf } from './tools.ts';
import { type View, type ViewParts, objectArgument, textArgument } from './view.ts';

/** Hits of one search, and how many are shown when nobody says. */
const hits = { usual: 5, most: 20 } as const;

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

/** The tool that finds. Shared by the views in which operations are found first. */
export const searchTool: Tool = {
  name: 'search_tools',
  description: 'Find operations by what they do. Gives their names and TypeScript signatures. Empty query: an overview.',
  inputSchema: {
    type: 'object',
    properties: { query: { type: 'string' }, limit: { type: 'integer', maximum: hits.most } },
    required: ['query'],
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
};

const tools: Tool[] = [
  searchTool,
  {
    name: 'describe_tool',
    description: 'Full input and output schema of one operation.',
    inputSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: 'call_tool',
    description: 'Call one operation that search_tools found.',
    inputSchema: { type: 'object', properties: { name: { type: 'string' }, arguments: { type: 'object' } }, required: ['name'] },
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  },
];

/** What a search answers: one signature per hit, the name first. */
export const search = (provider: Provider, args: JsonObject): CallToolResult => {
  const description = provider.interface;
  const query = textArgument(args, 'query', '');
  if (query.trim() === '') return text(overview(provider));
  const wanted = typeof args['limit'] === 'number' ? Math.trunc(args['limit']) : hits.usual;
  const found = searchOperations(description, query, Math.max(1, Math.min(hits.most, wanted)));
  if (found.length === 0) return text(`Nothing fits. ${overview(provider)}`);
  const named = nameTools(description);
  const lines = found.map(({ operation }) => {
    const name = named.find(operation.id)?.name ?? operation.id;
    return `// ${aboutOperation(operation, 120)}${operation.effect === 'read' ? '' : ` [${operation.effect}s]`}\n${signatureOf({ ...operation, id: name }, description.types)}`;
  });
  return text(lines.join('\n'));
};

/** What there is, by module and tag, in a few lines. */
const overview = ({ interface: description }: Provider): string => {
  const counts = new Map<string, number>();
  for (const { id, tags } of description.operations) {
    const group = id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : (tags?.[0] ?? 'other');
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  const groups = [...counts].map(([group, count]) => `${group.slice(0, 60)} (${count})`);
  const shown = groups.slice(0, 60).join(', ');
  return `${description.operations.length} operations: ${shown}${groups.length > 60 ? ', ...' : ''}`;
};

const named = (provider: Provider, name: string): { name: string; operation: Provider['interface']['operations'][number] } => {
  const names = nameTools(provider.interface);
  const found = names.find(name);
  if (found) return found;
  const close = nearest(
    name,
    names.operations.map((each) => each.name),
  );
  throw new BurgeonError('OPERATION_NOT_FOUND', {
    message: `There is no operation "${name.slice(0, 100)}".`,
    hint: close === undefined ? 'Find its name with search_tools.' : `Did you mean "${close}"?`,
  });
};

const describe = (provider: Provider, args: JsonObject): CallToolResult => {
  const { name, operation } = named(provider, textArgument(args, 'name'));
  const { tool } = toolOf(name, operation, provider.interface.types);
  const { inputSchema, outputSchema, description } = tool;
  return text(
    JSON.stringify({ name, description, effect: operation.effect, inputSchema, ...(outputSchema ? { outputSchema } : {}) }),
  );
};

/** Three tools, however many operations there are: find, describe, call. */
export const searchView = ({ provider, resultLength }: ViewParts): View => {
  const run: Record<string, (args: JsonObject, options: Parameters<View['call']>[2]) => Promise<CallToolResult>> = {
    search_tools: async (args) => search(provider, args),
    describe_tool: async (args) => describe(provider, args),
    call_tool: async (args, options) => {
      const name = textArgument(args, 'name');
      if (!nameTools(provider.interface).find(name)) {
        const reason = await reasonOf(provider, name);
        if (reason) throw reason;
      }
      const { operation } = named(provider, name);
      const result = await provider.call(operation.id, objectArgument(args, 'arguments'), options);
      return writeResult(result, { operation, length: resultLength });
    },
  };
  return {
    tools: () => tools,
    call: (name, args, options) => (Object.hasOwn(run, name) ? run[name]?.(args, options).catch(writeError) : undefined),
  };
};
