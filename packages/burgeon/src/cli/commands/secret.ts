import type { SecretRecord } from '../../security/vault.ts';
import type { Action, Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { readStandardInput } from '../point.ts';
import { askHidden } from '../prompt.ts';
import { bold, cyan, dim, green, red, table, when } from '../text.ts';

/** The value from standard input, its last line break left away, or from a hidden prompt; never from the command line. */
const readValue = async (invocation: Invocation): Promise<string> => {
  const { terminal } = invocation;
  const name = invocation.words[0] ?? '';
  const value = terminal.interactive
    ? await askHidden(invocation, `Value of ${name}`)
    : (await piped(invocation)).replace(/\r?\n$/, '');
  if (value === '') throw usage('The value is empty.', `Pipe it in: burgeon secret set ${name} < FILE`);
  return value;
};

const piped = (invocation: Invocation): Promise<string> => {
  if (invocation.terminal.streams.stdin.isTTY !== true) return readStandardInput(invocation);
  throw usage('Nobody can be asked for the value here.', 'Pipe it in, or leave --no-input away.');
};

const store =
  (operation: 'setSecret' | 'rotateSecret', done: string): Action =>
  async (invocation) => {
    const [name = '', surplus] = invocation.words;
    if (surplus !== undefined)
      throw usage('A value may not stand on the command line.', `Pipe it in: burgeon secret set ${name} < FILE`);
    const value = await readValue(invocation);
    const client = await invocation.open();
    const result = await client.call(operation, { name, value });
    invocation.terminal.result(
      result,
      () => `${green(done)} ${bold(name)}  ${dim(`version ${(result as unknown as SecretRecord).version}`)}`,
    );
  };

/** `secret set NAME`. */
export const set: Action = store('setSecret', 'Kept');

/** `secret rotate NAME`. */
export const rotate: Action = store('rotateSecret', 'Replaced');

/** `secret revoke NAME`. */
export const revoke: Action = async (invocation) => {
  const name = invocation.words[0] ?? '';
  const client = await invocation.open();
  const result = await client.call('revokeSecret', { name });
  invocation.terminal.result(result, () => `${green('Forgotten')} ${bold(name)}`);
};

/** `secret list`: names and versions. */
export const list: Action = async (invocation) => {
  const client = await invocation.open();
  const result = await client.call('listSecrets');
  const rows = (result as unknown as SecretRecord[]).map(({ name, version, createdAt, revoked }) => [
    bold(name),
    `version ${version}`,
    revoked ? red('revoked') : green('kept'),
    dim(when(Date.parse(createdAt), Date.now())),
  ]);
  invocation.terminal.result(result, () =>
    rows.length === 0 ? `No secrets yet.\nNext: ${cyan('burgeon secret set NAME < FILE')}` : table(rows),
  );
};
