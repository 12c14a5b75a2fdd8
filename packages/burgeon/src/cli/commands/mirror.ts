import { BurgeonError, type JsonObject } from '@burgeon/kit';
import type { Burgeon } from '../../burgeon.ts';
import { textOption, type Action, type Invocation } from '../command.ts';
import type { Client } from '../client.ts';
import { usage } from '../fault.ts';
import { numberOption, portBounds } from '../numbers.ts';
import { absolute, pointingInput } from '../point.ts';
import { bold, count, cyan, dim } from '../text.ts';
import { untilStopped } from '../wait.ts';

/** `mirror MODULE|WHAT`: stands it up until Ctrl-C. The first line of output says where. */
export const mirror: Action = async (invocation) => {
  const { terminal } = invocation;
  const request = await requestOf(invocation);
  const client = await invocation.open();
  const standing = await standUp(client, request, invocation.signal);
  const { url, protocol, operations } = standing;
  terminal.line({ url, protocol, operations }, () => `${bold(url)}  ${dim(`${protocol}, ${count(operations, 'operation')}`)}`);
  const trying = /^https?:/.test(url) ? `curl ${url}/` : `burgeon describe ${url}`;
  terminal.note(dim(`Answers like the real thing until Ctrl-C. Try: ${cyan(trying)}`));
  // What stands needs the home no more; other commands may have it.
  await client.close();
  await untilStopped(invocation.signal, standing.ended);
  await standing.close();
};

const moduleWords = /^[a-z][\w-]*(\/[\w.-]+)?(@[\w.+-]+)?$/i;

const requestOf = async (invocation: Invocation): Promise<JsonObject> => {
  for (const later of ['record', 'replay', 'proxy'] as const) {
    if (textOption(invocation, later) === undefined) continue;
    throw new BurgeonError('UNSUPPORTED', {
      message: `This version cannot ${later === 'proxy' ? 'pass requests on' : later} while it mirrors.`,
      hint: `Leave --${later} away; the same --seed gives the same answers again.`,
    });
  }
  const validation = textOption(invocation, 'validation');
  if (validation !== undefined && !['off', 'report', 'enforce'].includes(validation)) {
    throw usage(`--validation is "${validation}".`, 'Write off, report or enforce.');
  }
  const what = invocation.words[0] ?? '';
  const input = await pointingInput(invocation);
  // A word that may be a module stays as it is: who owns the registry decides, and reads it as a path only when there is none.
  const named = moduleWords.test(what) && input['what'] === absolute(what) && !(await exists(what)) ? what : input['what'];
  return { ...input, what: named ?? what, ...numbers(invocation), ...(validation === undefined ? {} : { validation }) };
};

const exists = async (path: string): Promise<boolean> => {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    () => true,
    () => false,
  );
};

const numbers = (invocation: Invocation): JsonObject => {
  const read = {
    port: numberOption(invocation, 'port', portBounds),
    seed: numberOption(invocation, 'seed', { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true }),
    latencyMs: numberOption(invocation, 'latency', { least: 0, most: 600_000, whole: false }),
    errorRate: numberOption(invocation, 'errors', { least: 0, most: 1, whole: false }),
  };
  return Object.fromEntries(Object.entries(read).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
};

interface Standing {
  url: string;
  protocol: string;
  operations: number;
  /** Resolves when it no longer stands. */
  ended: Promise<void>;
  close(): Promise<void>;
}

const standUp = async ({ burgeon, remote }: Client, request: JsonObject, signal: AbortSignal): Promise<Standing> => {
  if (burgeon) {
    const standing = await burgeon.standUp(request as unknown as Parameters<Burgeon['standUp']>[0]);
    return { ...standing, ended: new Promise(() => {}), close: () => standing.close() };
  }
  if (!remote) throw new BurgeonError('INTERNAL', { message: 'There is neither a home nor a server.' });
  return { ...(await remote.standUp(request, signal)), close: async () => {} };
};
