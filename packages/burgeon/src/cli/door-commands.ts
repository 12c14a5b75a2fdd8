import type { Command } from './command.ts';
import { groups } from './groups.ts';

/** Commands that open the doors of a home, and say for whom. */
export const doors: readonly Command[] = [
  {
    usage: 'serve',
    group: groups.doors,
    summary: 'HTTP API, MCP (/mcp), OpenAPI (/openapi.json), health',
    options: [
      ['--port <port>', 'port to answer on (default: 4600)'],
      ['--host <address>', 'address to bind (default: 127.0.0.1); beyond the machine itself, give a token in BURGEON_TOKEN'],
      ['--open', 'ask for no token; only on the loopback address'],
      ['--view <view>', 'how MCP shows operations: static, search or code'],
      ['--public <url>', 'address at which people reach it through a proxy'],
      ['--allow-host <name...>', 'further host names under which it is reached'],
      ['--trust-proxy <address...>', 'proxies that are believed about whose request they pass on'],
      ['--rate <number>', 'requests in a minute, for each key and each address (default: 60000)'],
    ],
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    usage: 'access list',
    group: groups.doors,
    summary: 'the API keys: roles, modules, dates; never their values',
    load: async () => (await import('./commands/access.ts')).list,
  },
  {
    usage: 'access grant',
    group: groups.doors,
    summary: 'make an API key; its value is shown once',
    options: [
      ['--role <role>', 'viewer, operator, approver or owner'],
      ['--name <name>', 'what it is called, for people'],
      ['--modules <pattern...>', 'the modules it is good for (default: all)'],
      ['--expires <span>', 'how long it is good for: 12h, 30d, never (default: 90d)'],
    ],
    examples: ['access grant --role viewer', "access grant --role operator --modules 'api/*' --expires 30d"],
    load: async () => (await import('./commands/access.ts')).grant,
  },
  {
    usage: 'access revoke <key>',
    group: groups.doors,
    summary: 'end an API key at once',
    load: async () => (await import('./commands/access.ts')).revoke,
  },
  {
    usage: 'mcp',
    group: groups.doors,
    summary: 'MCP over standard input and output',
    options: [['--view <view>', 'static, search or code']],
    load: async () => (await import('./commands/mcp.ts')).mcp,
  },
];
