import type { Provider } from '@burgeon/kit';
import type { Action, Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { dim } from '../text.ts';
import { viewOption } from '../view.ts';
import { untilStopped } from '../wait.ts';

/** `mcp`: speaks MCP over standard input and output until the client goes. Other commands reach the home through it meanwhile. */
export const mcp: Action = async (invocation) => {
  const view = viewOption(invocation);
  const { stdin } = invocation.terminal.streams;
  const gone = new Promise<void>((resolve) => {
    stdin.once('end', resolve);
    stdin.once('close', resolve);
  });
  const { provider, close } = await openCatalogue(invocation);
  const { serveMcpStdio } = await import('../../adapters/protocols/mcp/index.ts');
  const { evaluation } = await import('../../server/doors.ts');
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
  const { asLocalModel } = await import('../../server/callers.ts');
  return { provider: asLocalModel(burgeon.catalogue), close: () => served.close(200) };
};
