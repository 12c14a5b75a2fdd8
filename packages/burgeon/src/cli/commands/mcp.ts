import type { Provider } from '@burgeon/kit';
import type { McpOptions } from '../../adapters/protocols/mcp/index.ts';
import { textOption, type Action, type Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { dim } from '../text.ts';
import { untilStopped } from '../wait.ts';

const views = ['static', 'search', 'code'] as const;

/** `mcp`: speaks MCP over standard input and output until the client goes. Other commands reach the home through it meanwhile. */
export const mcp: Action = async (invocation) => {
  const wanted = textOption(invocation, 'view');
  const view = views.find((each) => each === wanted);
  if (wanted !== undefined && view === undefined) throw usage(`There is no view "${wanted}".`, `Views: ${views.join(', ')}`);
  const { stdin } = invocation.terminal.streams;
  const gone = new Promise<void>((resolve) => {
    stdin.once('end', resolve);
    stdin.once('close', resolve);
  });
  const { provider, close } = await openCatalogue(invocation);
  const { serveMcpStdio } = await import('../../adapters/protocols/mcp/index.ts');
  const standing = serveMcpStdio(provider, { ...(view === undefined ? {} : { view }), ...(await evaluation(view)) });
  invocation.terminal.note(dim('MCP over standard input and output.'));
  const stopped = new AbortController();
  void gone.then(() => stopped.abort());
  await untilStopped(AbortSignal.any([invocation.signal, stopped.signal]), new Promise(() => {}));
  await standing.close();
  await close();
};

/** The catalogue of the home: of the server that owns it, or of this process, which then serves the home to other commands. */
const openCatalogue = async (invocation: Invocation): Promise<{ provider: Provider; close(): Promise<void> }> => {
  const { burgeon, remote } = await invocation.open();
  if (remote) return { provider: await remote.watch(invocation.signal), close: async () => {} };
  if (!burgeon) throw usage('There is neither a home nor a server.', 'burgeon doctor');
  const { serve } = await import('../../server/serve.ts');
  const served = await serve({ burgeon, port: 0 });
  return { provider: burgeon.catalogue, close: () => served.close(200) };
};

/** Code of a model runs behind the walls of code modules; only the view that asks for it pays for them. */
const evaluation = async (view: (typeof views)[number] | undefined): Promise<Pick<McpOptions, 'evaluate'>> => {
  if (view !== 'code') return {};
  const { createEvaluator } = await import('../../adapters/hosts/isolate/index.ts');
  return { evaluate: createEvaluator() };
};
