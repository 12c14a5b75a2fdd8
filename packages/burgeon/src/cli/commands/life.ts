import type { JsonObject } from '@burgeon/kit';
import type { Action, Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { findModule } from '../module.ts';
import { confirmed } from '../prompt.ts';
import { bold, cyan } from '../text.ts';
import { paintState } from './modules.ts';

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

/** `reload MODULE`: drops the running instance. */
export const reload: Action = (invocation) => steer(invocation, 'reloadModule');

/** `remove MODULE`: removes it with all its versions, after asking. */
export const remove: Action = async (invocation) => {
  const client = await invocation.open();
  const { id } = await findModule(client, invocation.words[0] ?? '');
  if (!(await confirmed(invocation, `Remove ${id} with all its versions?`)))
    throw usage('Nothing was removed.', `To put it away instead: burgeon archive ${id}`);
  await steer(invocation, 'removeModule');
};
