import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from '@burgeon/kit';
import { type NodeIncomingMessageLike, hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node';
import {
  type McpServerFactory,
  type Server,
  WebStandardStreamableHTTPServerTransport,
  createMcpHandler,
  isLegacyRequest,
} from '@modelcontextprotocol/server';
import { currentActor } from '../../../base/actor.ts';
import type { McpOptions } from './options.ts';
import { reportTo, serverFactory } from './server.ts';

/** Sessions of the older protocol that are kept; the one unused for longest gives way. */
const sessionLimit = 256;

/** Answers requests to one path. Both eras of the protocol use the same one. */
export interface McpListener {
  (request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends streams and sessions. */
  close(): Promise<void>;
}

interface Session {
  /** Who opened it: nobody else is let in, whatever he knows. */
  by: string;
  server: Server;
  transport: WebStandardStreamableHTTPServerTransport;
}

/** Sessions of clients that speak the older protocol: only they can be told of changes, over the stream they hold open. */
class Sessions {
  private readonly open = new Map<string, Session>();
  private readonly make: McpServerFactory;
  private readonly report: (error: Error) => void;

  constructor(make: McpServerFactory, report: (error: Error) => void) {
    this.make = make;
    this.report = report;
  }

  find(id: string): Session | undefined {
    const session = this.open.get(id);
    if (!session || session.by !== currentActor().id) return undefined;
    this.open.delete(id);
    this.open.set(id, session);
    return session;
  }

  async begin(request: Request): Promise<Response> {
    const by = currentActor().id;
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => this.keep(id, { by, server, transport }),
      onsessionclosed: (id) => void this.open.delete(id),
    });
    const server = (await this.make({ era: 'legacy' })) as Server;
    server.onerror = this.report;
    await server.connect(transport);
    return transport.handleRequest(request);
  }

  changed(): void {
    for (const { server } of this.open.values()) void server.sendToolListChanged().catch(this.report);
  }

  async close(): Promise<void> {
    const all = [...this.open.values()];
    this.open.clear();
    await Promise.all(all.map(({ server }) => server.close()));
  }

  private keep(id: string, session: Session): void {
    this.open.set(id, session);
    const oldest = this.open.size > sessionLimit ? this.open.entries().next().value : undefined;
    if (!oldest) return;
    this.open.delete(oldest[0]);
    void oldest[1].server.close().catch(this.report);
  }
}

/** Tells whether a request opens a session of the older protocol. */
const opensSession = async (request: Request): Promise<boolean> => {
  if (request.method !== 'POST' || !(await isLegacyRequest(request))) return false;
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => undefined);
  return (
    typeof body === 'object' && body !== null && !Array.isArray(body) && (body as { method?: unknown }).method === 'initialize'
  );
};

const gone = (): Response =>
  Response.json({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' }, id: null }, { status: 404 });

/**
 * Makes the request listener of one provider. It checks Host and Origin (against pages that rebind a name to this machine); who may call at
 * all is its caller's matter.
 * @throws {BurgeonError} USAGE when the static view is asked for and too long
 */
export const createMcpListener = (provider: Provider, options: McpOptions = {}): McpListener => {
  const make = serverFactory(provider, options);
  const report = reportTo(options);
  const handler = createMcpHandler(make, { onerror: report });
  const sessions = new Sessions(make, report);
  const ignore = provider.subscribe?.(() => {
    handler.notify.toolsChanged();
    sessions.changed();
  });
  const fetch = async (request: Request): Promise<Response> => {
    const id = request.headers.get('mcp-session-id');
    if (id !== null) return (await sessions.find(id)?.transport.handleRequest(request)) ?? gone();
    return (await opensSession(request)) ? sessions.begin(request) : handler.fetch(request);
  };
  const answer = toNodeHandler({ fetch }, { onerror: report });
  const own = ['localhost', '127.0.0.1', '[::1]', ...(options.hosts ?? [])];
  const [hostAllowed, originAllowed] = [hostHeaderValidation(own), originValidation(own)];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (hostAllowed(request, response) && originAllowed(request, response))
      await answer(request as NodeIncomingMessageLike, response);
  };
  const close = async (): Promise<void> => {
    ignore?.();
    await Promise.all([sessions.close(), handler.close()]);
  };
  return Object.assign(listener, { close });
};
