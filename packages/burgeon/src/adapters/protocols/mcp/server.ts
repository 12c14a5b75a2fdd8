import { BurgeonError, type CallOptions, type JsonObject, type Provider } from '@burgeon/kit';
import {
  type McpServerFactory,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import { sha256 } from '../../../base/json.ts';
import { codeView } from './code-view.ts';
import type { McpOptions } from './options.ts';
import { searchView } from './search-view.ts';
import { fitsStatic, staticView, tooLongForStatic } from './static-view.ts';
import { writeError } from './results.ts';
import { plainText } from './text.ts';
import { reasonOf } from './tools.ts';
import type { View } from './view.ts';

/** Tools of one page of `tools/list`. */
const pageSize = 100;

const usualResultLength = 48_000;

const instructions: Record<'static' | 'search' | 'code', string> = {
  static: 'Each tool is one operation.',
  search: 'Find operations with search_tools, then call them with call_tool.',
  code: 'Find operations with search_tools, then use them from code with execute.',
};

/**
 * Chooses the view. A catalogue that outgrows the static view later is shown as `search`, so that nothing is cut off silently.
 * @throws {BurgeonError} USAGE when the static view is asked for, not forced, and too long already
 */
const viewOf = (provider: Provider, options: McpOptions): { name: 'static' | 'search' | 'code'; view: View } => {
  const parts = { provider, resultLength: options.resultLength ?? usualResultLength };
  const found = searchView(parts);
  if (options.view === 'code' && options.evaluate) return { name: 'code', view: codeView(parts, options.evaluate) };
  if (options.view !== 'static') return { name: 'search', view: found };
  if (!options.force && !fitsStatic(provider.interface)) throw tooLongForStatic(provider.interface);
  const whole = staticView(parts);
  const current = (): View => {
    if (options.force || fitsStatic(provider.interface)) return whole;
    options.log?.warn('There are too many operations for one tool each; they are searched instead.', {
      operations: provider.interface.operations.length,
    });
    return found;
  };
  return {
    name: 'static',
    view: { tools: () => current().tools(), call: (name, args, more) => current().call(name, args, more) },
  };
};

const invalid = (message: string): ProtocolError => new ProtocolError(ProtocolErrorCode.InvalidParams, message);

/** A cursor names a place in one list: it ends with the list it was given for. */
const pageOf = (tools: Tool[], cursor: string | undefined): { tools: Tool[]; nextCursor?: string } => {
  if (cursor === undefined && tools.length <= pageSize) return { tools };
  const list = sha256(tools.map(({ name }) => name).join('\n')).slice(0, 12);
  const [, of, place] = /^([0-9a-f]{12})-(\d{1,7})$/.exec(cursor ?? `${list}-0`) ?? [];
  const from = Number(place);
  if (of !== list || !(from >= 0 && from < Math.max(1, tools.length)))
    throw invalid('The cursor is not valid; begin the list again.');
  const next = from + pageSize;
  return { tools: tools.slice(from, next), ...(next < tools.length ? { nextCursor: `${list}-${next}` } : {}) };
};

const callOptions = (context: ServerContext): CallOptions => {
  const { signal, _meta, notify } = context.mcpReq;
  const token = _meta?.progressToken;
  if (token === undefined) return { signal };
  let steps = 0;
  return {
    signal,
    progress: (event) => {
      const message = typeof event['message'] === 'string' ? { message: plainText(event['message'], 200) } : {};
      const total = typeof event['total'] === 'number' ? { total: event['total'] } : {};
      steps += 1;
      const progress = typeof event['progress'] === 'number' ? event['progress'] : steps;
      void notify({ method: 'notifications/progress', params: { progressToken: token, progress, ...total, ...message } }).catch(
        () => {},
      );
    },
  };
};

/**
 * Makes servers for one provider: cheap, because everything that costs is remembered with the description. The SDK asks for one per request
 * or connection.
 * @throws {BurgeonError} USAGE when the static view is asked for and too long
 */
export const serverFactory = (provider: Provider, options: McpOptions): McpServerFactory => {
  const { name, view } = viewOf(provider, options);
  return () => {
    const { name: own, version, title } = provider.interface;
    const server = new Server(
      {
        name: plainText(own, 64) || 'burgeon',
        version: plainText(version, 64) || '0',
        ...(title === undefined ? {} : { title: plainText(title, 100) }),
      },
      {
        capabilities: { tools: { listChanged: true } },
        instructions: instructions[name],
        // What a list holds depends on who asks: the catalogue of one home. It changes only with a notification.
        cacheHints: {
          'tools/list': { ttlMs: 5_000, cacheScope: 'private' },
          'server/discover': { ttlMs: 60_000, cacheScope: 'private' },
        },
      },
    );
    server.setRequestHandler('tools/list', (request) => pageOf(view.tools(), request.params?.cursor));
    server.setRequestHandler('tools/call', async (request, context) => {
      const called = view.call(request.params.name, (request.params.arguments ?? {}) as JsonObject, callOptions(context));
      if (called) return called;
      const reason = await reasonOf(provider, request.params.name);
      if (reason) return writeError(reason);
      throw invalid(`There is no tool "${plainText(request.params.name, 100)}".`);
    });
    return server;
  };
};

/** Reports what the SDK could not. */
export const reportTo =
  (options: McpOptions) =>
  (error: Error): void =>
    options.log?.debug('An MCP exchange failed.', { message: BurgeonError.from(error).message });
