import type { JsonObject, JsonSchema } from '@burgeon/kit';
import type { Client } from '../client.ts';
import type { Action } from '../command.ts';
import { readInput } from '../input.ts';
import { readStandardInput } from '../point.ts';
import { bold, cyan, dim, green, table, yellow } from '../text.ts';

/** A channel as `listChannels` tells it. */
interface Shown {
  name: string;
  class: string;
  ready: boolean;
  /** Why it is not ready, where something is wrong with what was set. */
  problem?: string;
  address: string;
  settings?: JsonObject;
  takes?: JsonSchema;
  secrets: { name: string; is: string; set: boolean }[];
}

/** `channels`: the ways in which the owner is asked. */
export const list: Action = async (invocation) => {
  const client = await invocation.open();
  const result = await client.call('listChannels');
  invocation.terminal.result(result, () => listText(result as unknown as Shown[]));
};

const listText = (channels: Shown[]): string => {
  const rows = channels.map(({ name, class: kind, ready, problem, address }) => [
    bold(name),
    kind,
    ready ? green('ready') : problem === undefined ? dim('not set up') : yellow('not ready'),
    problem ?? (ready && address !== kind ? address : ''),
  ]);
  const open = channels.flatMap(({ name, takes, secrets }) => [
    ...(takes === undefined ? [] : [`  ${name}: ${fieldsOf(takes).join(' ')}`]),
    ...secrets.filter(({ set }) => !set).map((secret) => `  ${name}: ${secret.is}, burgeon secret set ${secret.name}`),
  ]);
  const how =
    open.length === 0
      ? []
      : ['', `Set up with ${cyan('burgeon channels set NAME --field value')}:`, ...open.map((line) => dim(line))];
  return [table(rows, { head: ['channel', 'class', '', 'reaches'] }), ...how].join('\n');
};

const fieldsOf = (schema: JsonSchema): string[] => {
  if (typeof schema === 'boolean') return [];
  const required = new Set(schema.required);
  return Object.keys(schema.properties ?? {}).map((name) => (required.has(name) ? `--${name}` : `[--${name}]`));
};

/** `channels set NAME [INPUT]`: says how the owner is reached over it. */
export const set: Action = async (invocation) => {
  const [name = '', ...words] = invocation.words;
  const client = await invocation.open();
  const takes = (await shownChannel(client, name))?.takes;
  // Whether there is such a channel at all, and whether anything can be set for it, says the operation.
  const settings =
    takes === undefined
      ? {}
      : await readInput(words, {
          stdin: () => readStandardInput(invocation),
          shape: async () => ({ schema: takes, types: {} }),
        });
  const result = await client.call('setChannel', { name, settings });
  const shown = await shownChannel(client, name);
  invocation.terminal.result(result, () => setText(name, shown));
};

const setText = (name: string, shown: Shown | undefined): string => {
  const missing = (shown?.secrets ?? []).filter((secret) => !secret.set);
  const state = shown?.ready === true ? green('It is ready.') : yellow('It is not ready yet.');
  return [
    `${green('Set:')} ${bold(name)}  ${state}${shown?.problem === undefined ? '' : ` ${shown.problem}`}`,
    ...missing.map((secret) => `Next: ${cyan(`burgeon secret set ${secret.name}`)}  ${dim(secret.is)}`),
  ].join('\n');
};

const shownChannel = async (client: Client, name: string): Promise<Shown | undefined> =>
  ((await client.call('listChannels')) as unknown as Shown[]).find((channel) => channel.name === name);

/** `channels clear NAME`: forgets what was set for it. */
export const clear: Action = async (invocation) => {
  const name = invocation.words[0] ?? '';
  const client = await invocation.open();
  const result = await client.call('clearChannel', { name });
  invocation.terminal.result(result, () => `${green('Cleared:')} ${bold(name)}`);
};
