import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import type { Logger } from '@burgeon/kit';
import { type McpOptions, type McpViewName, createMcpListener } from '../adapters/protocols/mcp/index.ts';
import { systemClock } from '../base/clock.ts';
import { createHttpListener } from '../bindings/http/server/listener.ts';
import type { Burgeon } from '../burgeon.ts';
import { isLoopback, urlHost } from './guard.ts';

/** What answers behind the guard. */
export interface Doors {
  /** Burgeon's own operations; false when none has this path. */
  web(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** All active modules over MCP. */
  mcp(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends streams and sessions, which would never end by themselves. */
  close(): Promise<void>;
}

/** Opens the doors of a home. Calls that still run end when `signal` does. */
export const openDoors = async (
  burgeon: Burgeon,
  options: { address: string; log: Logger; signal: AbortSignal; view?: McpViewName },
): Promise<Doors> => {
  const { address, log, signal, view = 'search' } = options;
  await burgeon.catalogue.refresh();
  const mcp = createMcpListener(burgeon.catalogue, { log, hosts: ownNames(address), view, ...(await evaluation(view)) });
  return {
    web: createHttpListener(burgeon.management.through('web'), { clock: systemClock, log, cors: false, signal }),
    mcp,
    close: () => mcp.close(),
  };
};

/** Code of a model runs behind the walls of code modules; only the view that asks for it pays for them. */
export const evaluation = async (view: McpViewName | undefined): Promise<Pick<McpOptions, 'evaluate'>> => {
  if (view !== 'code') return {};
  const { createEvaluator } = await import('../adapters/hosts/isolate/index.ts');
  return { evaluate: createEvaluator() };
};

/** Names under which a server on the network may be called: its address, and every other one of this machine. */
const ownNames = (address: string): string[] => {
  if (isLoopback(address)) return [];
  const others = Object.values(networkInterfaces()).flatMap((list) => list?.map((each) => urlHost(each.address)) ?? []);
  return [urlHost(address), hostname(), ...others];
};
