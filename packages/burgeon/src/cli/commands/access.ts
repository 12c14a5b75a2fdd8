import type { JsonObject, JsonValue } from '@burgeon/kit';
import type { ApiKey } from '../../security/api-keys.ts';
import { textOption, type Action } from '../command.ts';
import { usage } from '../fault.ts';
import { bold, cyan, dim, green, red, table, when, yellow } from '../text.ts';

/** `access list`: the API keys, never their values. */
export const list: Action = async (invocation) => {
  const client = await invocation.open();
  const result = await client.call('listAccess');
  const keys = result as unknown as ApiKey[];
  invocation.terminal.result(result, () =>
    keys.length === 0
      ? `No API keys yet.\nNext: ${cyan('burgeon access grant --role viewer')}`
      : table(keys.map(rowOf), { head }),
  );
};

const head = ['id', 'ends with', 'role', 'modules', 'state', 'last used', 'name'];

const rowOf = ({ id, last4, role, modules, state, expiresAt, lastUsedAt, name }: ApiKey): string[] => {
  const ends = expiresAt === undefined ? '' : `, ends ${when(Date.parse(expiresAt), Date.now())}`;
  return [
    bold(id),
    last4,
    role,
    modules?.join(' ') ?? 'all',
    state === 'valid' ? `${green(state)}${ends}` : state === 'expired' ? yellow(state) : red(state),
    lastUsedAt === undefined ? dim('never') : dim(when(Date.parse(lastUsedAt), Date.now())),
    name ?? '',
  ];
};

/** `access grant`: makes a key and shows its value, this once. */
export const grant: Action = async (invocation) => {
  const role = textOption(invocation, 'role');
  if (role === undefined) throw usage('A key needs a role.', 'burgeon access grant --role viewer|operator|approver|owner');
  const [name, expires] = [textOption(invocation, 'name'), textOption(invocation, 'expires')];
  const modules = invocation.options['modules'] as string[] | undefined;
  const input: JsonObject = {
    role,
    ...(name === undefined ? {} : { name }),
    ...(expires === undefined ? {} : { expires }),
    ...(modules === undefined ? {} : { modules }),
  };
  const client = await invocation.open();
  const result = await client.call('grantAccess', input);
  const { key, value } = result as unknown as { key: ApiKey; value: string };
  invocation.terminal.result(result, () =>
    [
      `${green('Granted')} ${bold(key.id)}  ${key.role}, ${key.modules?.join(' ') ?? 'all modules'}`,
      value,
      dim('It is shown this once and kept nowhere. Send it as: authorization: Bearer VALUE'),
    ].join('\n'),
  );
};

/** `access revoke ID`: ends a key at once. */
export const revoke: Action = async (invocation) => {
  // Whoever has the value at hand may give that: only its id is used.
  const id = /^(?:bgk_)?([^_]*)/.exec(invocation.words[0] ?? '')?.[1] ?? '';
  const client = await invocation.open();
  const result: JsonValue = await client.call('revokeAccess', { key: id });
  invocation.terminal.result(result, () => `${green('Revoked')} ${bold(id)}`);
};
