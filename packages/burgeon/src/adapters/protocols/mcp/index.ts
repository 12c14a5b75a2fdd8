import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BurgeonError, type ExposeOptions, type Exposure, type Protocol, type Provider, defineProtocol } from '@burgeon/kit';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createMcpListener } from './listener.ts';
import { type McpOptions, mcpOptions } from './options.ts';
import { reportTo, serverFactory } from './server.ts';

export { type McpListener, createMcpListener } from './listener.ts';
export type { McpEvaluate, McpOptions, McpViewName } from './options.ts';

const path = '/mcp';

/**
 * Speaks MCP over this process's standard input and output until the client goes or `close` is called.
 * @throws {BurgeonError} USAGE when the static view is asked for and too long
 */
export const serveMcpStdio = (provider: Provider, options: McpOptions = {}): Exposure => {
  let server: { sendToolListChanged(): Promise<void> } | undefined;
  const make = serverFactory(provider, options);
  const report = reportTo(options);
  const handle = serveStdio(
    async (context) => {
      const made = await make(context);
      server = made as typeof server;
      return made;
    },
    { onerror: report },
  );
  // The last server made is the one that serves; on the newer protocol the entry hands the notification to who subscribed.
  const ignore = provider.subscribe?.(() => void server?.sendToolListChanged().catch(report));
  return {
    url: 'stdio:',
    close: async () => {
      ignore?.();
      await handle.close();
    },
  };
};

const listen = async (provider: Provider, options: ExposeOptions): Promise<Exposure> => {
  const { address = '127.0.0.1', port = 0 } = options;
  const literal = address.includes(':') ? `[${address}]` : address;
  const known = mcpOptions(options);
  const listener = createMcpListener(provider, { ...known, hosts: [...(known.hosts ?? []), literal] });
  const server = createServer((request, response) => {
    if (URL.parse(request.url ?? '', 'http://server')?.pathname === path) void listener(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end(`MCP is at ${path}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new BurgeonError('PORT_IN_USE', {
              message: `Port ${port} on ${address} is taken.`,
              hint: 'Choose another port, or 0 for any.',
              cause,
            })
          : new BurgeonError('USAGE', { message: `${address} cannot be bound: ${cause.message}.`, cause }),
      ),
    );
    server.listen(port, address, resolve);
  });
  return {
    url: `http://${literal}:${(server.address() as AddressInfo).port}${path}`,
    close: async () => {
      await listener.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};

/**
 * The Model Context Protocol, as a server: both the revision of 2026-07-28 and those before it, from one endpoint.
 * @see https://modelcontextprotocol.io/specification/2026-07-28
 */
export const mcp: Protocol & Required<Pick<Protocol, 'expose'>> = defineProtocol({
  name: 'mcp',
  schemes: ['mcp'],
  expose: async (provider, options) => {
    const known = mcpOptions(options);
    return known.stdio ? serveMcpStdio(provider, known) : listen(provider, options);
  },
});
