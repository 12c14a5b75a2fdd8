import { BurgeonError, type ExposeOptions, type JsonObject, type JsonValue, type Logger } from '@burgeon/kit';

/** How operations are shown: one tool each, three tools that find and call, or finding and running code. */
export type McpViewName = 'static' | 'search' | 'code';

/** Runs a snippet of JavaScript in a wall. `call` is what the snippet reaches the operations through. */
export type McpEvaluate = (
  code: string,
  call: (operation: string, input: JsonObject) => Promise<JsonValue>,
  options: { signal: AbortSignal },
) => Promise<{ output: JsonValue; logs: string[] }>;

/** What may be asked of the MCP face, in `ExposeOptions.extra`. */
export interface McpOptions {
  /** Default: `search`. */
  view?: McpViewName;
  /** True: the static view may be longer than a model can be expected to bear. */
  force?: boolean;
  /** Needed by the `code` view; without it that view is the `search` view. */
  evaluate?: McpEvaluate;
  /** Characters of JSON that one result may have before it is shortened. Default: 48,000. */
  resultLength?: number;
  /** True: speak over standard input and output instead of listening. */
  stdio?: boolean;
  /** Host names, besides loopback ones, under which clients may reach the server. */
  hosts?: readonly string[];
  log?: Logger;
}

const views: readonly string[] = ['static', 'search', 'code'];

/** The options of this protocol in the neutral ones. @throws {BurgeonError} USAGE when one is not what it should be */
export const mcpOptions = ({ extra = {}, log }: Pick<ExposeOptions, 'extra' | 'log'>): McpOptions => {
  const wrong = (what: string): BurgeonError =>
    new BurgeonError('USAGE', { message: `The option "${what}" of MCP is not valid.`, hint: `Views: ${views.join(', ')}.` });
  const { view, force, evaluate, resultLength, stdio, hosts } = extra as Record<string, unknown>;
  if (view !== undefined && !views.includes(view as string)) throw wrong('view');
  if (evaluate !== undefined && typeof evaluate !== 'function') throw wrong('evaluate');
  if (resultLength !== undefined && !(typeof resultLength === 'number' && resultLength >= 256)) throw wrong('resultLength');
  if (hosts !== undefined && !(Array.isArray(hosts) && hosts.every((host) => typeof host === 'string'))) throw wrong('hosts');
  return {
    log,
    force: force === true,
    stdio: stdio === true,
    ...(view === undefined ? {} : { view: view as McpViewName }),
    ...(evaluate === undefined ? {} : { evaluate: evaluate as McpEvaluate }),
    ...(resultLength === undefined ? {} : { resultLength }),
    ...(hosts === undefined ? {} : { hosts: hosts as string[] }),
  };
};
