import { BurgeonError, type CallOptions, type JsonObject, type JsonValue } from '@burgeon/kit';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { McpEvaluate } from './options.ts';
import { shorten, writeError } from './results.ts';
import { search, searchTool } from './search-view.ts';
import { nameTools } from './tools.ts';
import { plainText } from './text.ts';
import { type View, type ViewParts, textArgument } from './view.ts';

const executeTool: Tool = {
  name: 'execute',
  description:
    'Run JavaScript (the body of an async function) in a sandbox. await call(name, input) calls an operation that search_tools found. Return only what you need.',
  inputSchema: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
  annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
};

/** Find, and run code: intermediate results never reach the model. Each call from the code is a call like any other. */
export const codeView = ({ provider, resultLength }: ViewParts, evaluate: McpEvaluate): View => {
  const execute = async (args: JsonObject, options: CallOptions): Promise<CallToolResult> => {
    const code = textArgument(args, 'code');
    const signal = options.signal ?? new AbortController().signal;
    const call = async (name: string, input: JsonObject): Promise<JsonValue> => {
      const found = nameTools(provider.interface).find(name);
      if (!found)
        throw new BurgeonError('OPERATION_NOT_FOUND', {
          message: `There is no operation "${name.slice(0, 100)}".`,
          hint: 'Find its name with search_tools.',
        });
      return (await provider.call(found.operation.id, input, { ...options, signal })).output;
    };
    const { output, logs } = await evaluate(code, call, { signal });
    const { value, shortened } = shorten(output, resultLength);
    const notes = [
      ...(logs.length === 0
        ? []
        : [
            `Log:\n${logs
              .slice(0, 50)
              .map((line) => plainText(line, 200))
              .join('\n')}`,
          ]),
      ...(shortened ? ['The result was shortened; return less.'] : []),
    ];
    return {
      content: [{ type: 'text', text: JSON.stringify(value) }, ...notes.map((text) => ({ type: 'text' as const, text }))],
    };
  };
  const run = async (name: string, args: JsonObject, options: CallOptions): Promise<CallToolResult> =>
    name === 'execute' ? execute(args, options) : search(provider, args);
  return {
    tools: () => [searchTool, executeTool],
    call: (name, args, options) =>
      name === 'execute' || name === 'search_tools' ? run(name, args, options).catch(writeError) : undefined,
  };
};
