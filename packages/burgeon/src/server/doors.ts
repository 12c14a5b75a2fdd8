import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@burgeon/kit';
import { type McpListener, type McpOptions, type McpViewName, createMcpListener } from '../adapters/protocols/mcp/index.ts';
import { systemClock } from '../base/clock.ts';
import { createHttpListener } from '../bindings/http/server/listener.ts';
import type { Burgeon } from '../burgeon.ts';
import { currentAccess, requireRight } from '../security/access.ts';
import { narrowed } from './narrowed.ts';

/** What answers behind the guard. */
export interface Doors {
  /** Burgeon's own operations; false when none has this path. */
  web(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** All active modules over MCP. */
  mcp(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends streams and sessions, which would never end by themselves. */
  close(): Promise<void>;
}

/** Opens the doors of a home. Calls that still run end when `signal` does. `hosts`: names under which MCP may be reached. */
export const openDoors = async (
  burgeon: Burgeon,
  options: { hosts: readonly string[]; log: Logger; signal: AbortSignal; view?: McpViewName },
): Promise<Doors> => {
  const { hosts, log, signal, view = 'search' } = options;
  const { catalogue, management } = burgeon;
  await catalogue.refresh();
  const mcpOptions = { log, hosts, view, ...(await evaluation(view)) };
  const listeners = new Map<string, McpListener>();
  /** One for each set of modules that some key is good for: what a model is shown is what its key may use. */
  const mcp = (): McpListener => {
    const { modules } = currentAccess();
    const name = JSON.stringify(modules);
    const known =
      listeners.get(name) ?? createMcpListener(modules === undefined ? catalogue : narrowed(catalogue, modules), mcpOptions);
    listeners.set(name, known);
    return known;
  };
  const admit = (operation: string): void => management.admit(operation);
  return {
    web: createHttpListener(management.through('web'), { clock: systemClock, log, cors: false, signal, admit }),
    mcp: async (request, response) => {
      requireRight('operate', 'MCP');
      await mcp()(request, response);
    },
    close: async () => {
      await Promise.all([...listeners.values()].map((each) => each.close()));
    },
  };
};

/** Code of a model runs behind the walls of code modules; only the view that asks for it pays for them. */
export const evaluation = async (view: McpViewName | undefined): Promise<Pick<McpOptions, 'evaluate'>> => {
  if (view !== 'code') return {};
  const { createEvaluator } = await import('../adapters/hosts/isolate/index.ts');
  return { evaluate: createEvaluator() };
};
