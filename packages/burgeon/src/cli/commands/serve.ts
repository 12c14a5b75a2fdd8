import { setFlagsFromString } from 'node:v8';
import { BurgeonError } from '@burgeon/kit';
import { flag, textOption, type Action } from '../command.ts';
import { numberOption, portBounds } from '../numbers.ts';
import { bold, cyan, dim } from '../text.ts';
import { viewOption } from '../view.ts';
import { untilStopped } from '../wait.ts';

/** Room for running requests after Ctrl-C, so that the command ends within a second; a polite stop gives them longer. Milliseconds. */
const drainMs = { SIGINT: 300, SIGTERM: 8_000 } as const;

/** `serve`: answers over HTTP until stopped. The first line of output says where and with which token. */
export const serve: Action = async (invocation) => {
  // A server that lives for weeks stays small: the young generation does not grow at each burst and then stay so (measured without traffic, 1,000 reloads: 14 MB instead of 71).
  setFlagsFromString('--semi-space-growth-factor=1');
  const { terminal, signal } = invocation;
  const port = numberOption(invocation, 'port', portBounds);
  const address = textOption(invocation, 'host');
  const view = viewOption(invocation);
  const publicUrl = textOption(invocation, 'public');
  const rate = numberOption(invocation, 'rate', { least: 1, most: 100_000_000, whole: true });
  const token = process.env['BURGEON_TOKEN'];
  const client = await invocation.open();
  if (!client.burgeon) {
    throw new BurgeonError('HOME_BUSY', {
      message: `A server owns ${invocation.home} already.`,
      hint: `Talk to ${client.remote?.url ?? 'it'}, or stop it first.`,
      data: { url: client.remote?.url ?? '' },
    });
  }
  const { serve: stand } = await import('../../server/serve.ts');
  const served = await stand({
    burgeon: client.burgeon,
    ...(port === undefined ? {} : { port }),
    ...(address === undefined ? {} : { address }),
    ...(token === undefined || token === '' ? {} : { token }),
    ...(view === undefined ? {} : { view }),
    ...(flag(invocation, 'open') ? { open: true } : {}),
    ...(rate === undefined ? {} : { rates: { perMinute: rate } }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    hosts: (invocation.options['allowHost'] as string[] | undefined) ?? [],
    trustedProxies: (invocation.options['trustProxy'] as string[] | undefined) ?? [],
  });
  const first = { url: served.url, ...(served.token === undefined ? {} : { token: served.token }) };
  terminal.line(first, () =>
    [bold(served.url), ...(served.token === undefined ? [] : [`${dim('token')} ${served.token}`])].join('  '),
  );
  terminal.note(dim(`API ${cyan(`${served.url}/openapi.json`)}  MCP ${cyan(`${served.url}/mcp`)}  stop with Ctrl-C`));
  try {
    await untilStopped(signal, new Promise(() => {}));
  } finally {
    await served.close(drainMs[invocation.stoppedBy() ?? 'SIGTERM']);
  }
};
