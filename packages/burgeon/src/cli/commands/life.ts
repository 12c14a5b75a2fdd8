import type { JsonObject } from '@burgeon/kit';
import { flag, type Action, type Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { findModule, withVersion } from '../module.ts';
import { numberOption } from '../numbers.ts';
import { confirmed } from '../prompt.ts';
import { bold, count, cyan, dim } from '../text.ts';
import { paintState } from './modules.ts';
import { paintLife } from './top.ts';

const steer = async (invocation: Invocation, operation: string, more: JsonObject = {}): Promise<void> => {
  const client = await invocation.open();
  const { at } = await findModule(client, invocation.words[0] ?? '');
  const result = await client.call(operation, { ...at, ...more });
  const { id, version, state } = (result as { module: { id: string; version: string; state: string } }).module;
  invocation.terminal.result(
    result,
    () =>
      `${bold(id)} ${version}  ${paintState(state)}\n\nNext: ${cyan(state === 'removed' ? 'burgeon list' : `burgeon versions ${id}`)}`,
  );
};

/** `rollback MODULE [VERSION]`: goes back to an earlier version. */
export const rollback: Action = (invocation) => {
  const version = invocation.words[1];
  return steer(invocation, 'rollbackModule', version === undefined ? {} : { version });
};

/** `archive MODULE`: puts it away. */
export const archive: Action = (invocation) => steer(invocation, 'archiveModule');

/** `restore MODULE`: brings it back. */
export const restore: Action = (invocation) => steer(invocation, 'restoreModule');

/** What was done to what runs. */
interface Steered {
  module: { id: string; version: string; state: string; life: string; replicas: number };
  unloaded?: string[];
}

const steerRunning = async (invocation: Invocation, operation: string, more: JsonObject = {}): Promise<void> => {
  const { terminal, words } = invocation;
  const client = await invocation.open();
  const [reference = ''] = words;
  const result = await client.call(operation, { ...withVersion(reference, await findModule(client, reference)), ...more });
  const { module, unloaded } = result as unknown as Steered;
  terminal.result(result, () => steeredText(module, unloaded));
  // Whatever a command starts of itself ends with it.
  if (!client.remote && module.life === 'ready')
    terminal.note(dim(`It ran for as long as this command. To keep modules running: ${cyan('burgeon serve')}`));
};

const steeredText = ({ id, version, life, replicas }: Steered['module'], unloaded: string[] = []): string => {
  const others = unloaded.filter((each) => each !== id && each !== `${id}@${version}`);
  return [
    `${bold(id)} ${version}  ${paintLife(life)}${replicas > 1 ? `  ${count(replicas, 'instance')}` : ''}`,
    ...(others.length > 0 ? [`Unloaded before it: ${others.join(', ')}`] : []),
    '',
    `Next: ${cyan('burgeon top')}`,
  ].join('\n');
};

/** `reload MODULE`, `modules reload MODULE`: puts a new instance in the place of the one that runs. */
export const reload: Action = (invocation) => steerRunning(invocation, 'reloadModule');

/** `modules load MODULE`: starts it, also when it was put aside. */
export const load: Action = (invocation) => {
  const replicas = numberOption(invocation, 'replicas', { least: 1, most: 64, whole: true });
  return steerRunning(invocation, 'loadModule', replicas === undefined ? {} : { replicas });
};

/** `modules unload MODULE`: ends what runs of it. */
export const unload: Action = (invocation) =>
  steerRunning(invocation, 'unloadModule', flag(invocation, 'cascade') ? { cascade: true } : {});

/** `remove MODULE`: removes it with all its versions, after asking. */
export const remove: Action = async (invocation) => {
  const client = await invocation.open();
  const { id } = await findModule(client, invocation.words[0] ?? '');
  if (!(await confirmed(invocation, `Remove ${id} with all its versions?`)))
    throw usage('Nothing was removed.', `To put it away instead: burgeon archive ${id}`);
  await steer(invocation, 'removeModule');
};
