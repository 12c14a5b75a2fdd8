import type { Capability } from '@burgeon/kit';
import type { VersionRecord } from '../../registry/records.ts';
import { textOption, type Action } from '../command.ts';
import { findModule } from '../module.ts';
import { bold, count, cyan, dim, green, red, table, when, yellow } from '../text.ts';

/** A state in its colour. */
export const paintState = (state: string): string => {
  if (state === 'active' || state === 'approved') return green(state);
  return state === 'pending' || state === 'half'
    ? yellow(state)
    : state === 'rejected' || state === 'expired'
      ? red(state)
      : dim(state);
};

const ago = (iso: string | undefined): string => (iso === undefined ? '-' : when(Date.parse(iso), Date.now()));

/** `list`: the modules. */
export const list: Action = async (invocation) => {
  const state = textOption(invocation, 'state');
  const client = await invocation.open();
  const rows = await client.call('listModules', state === undefined ? {} : { state });
  invocation.terminal.result(rows, () => listText(rows as unknown as VersionRecord[], state));
};

const listText = (rows: VersionRecord[], state: string | undefined): string => {
  if (rows.length === 0 && state !== undefined) return `No module is ${state}.\nNext: ${cyan('burgeon list')}`;
  if (rows.length === 0) return `No modules yet.\nNext: ${cyan('burgeon add ./openapi.yaml')}`;
  const cells = rows.map((row) => [
    bold(row.id),
    row.version,
    paintState(row.state),
    String(row.operations),
    row.digest.slice(0, 8),
    ago(row.lastUsedAt),
  ]);
  const waiting = rows.some(({ state }) => state === 'pending');
  const next = waiting ? 'burgeon approvals' : `burgeon show ${rows[0]?.id ?? ''}`;
  return [
    table(cells, { head: ['module', 'version', 'state', 'operations', 'digest', 'last used'] }),
    '',
    `${count(rows.length, 'module')}. Next: ${cyan(next)}`,
  ].join('\n');
};

/** `versions MODULE`: its versions, newest first. */
export const versions: Action = async (invocation) => {
  const client = await invocation.open();
  const { id, at } = await findModule(client, invocation.words[0] ?? '');
  const rows = await client.call('listVersions', at);
  invocation.terminal.result(rows, () => versionsText(id, rows as unknown as VersionRecord[]));
};

const versionsText = (id: string, rows: VersionRecord[]): string => {
  const cells = rows.map((row) => [
    bold(row.version),
    paintState(row.state),
    String(row.operations),
    row.digest.slice(0, 8),
    ago(row.createdAt),
  ]);
  const [newest, before] = rows;
  const next = newest && before ? `burgeon diff ${id} ${before.version} ${newest.version}` : `burgeon show ${id}`;
  return [bold(id), table(cells, { head: ['version', 'state', 'operations', 'digest', 'made'] }), '', `Next: ${cyan(next)}`].join(
    '\n',
  );
};

/** A capability in one line. */
export const capabilityText = ({ kind, scope }: Capability): string =>
  Object.keys(scope).length === 0 ? kind : `${kind} ${JSON.stringify(scope)}`;
