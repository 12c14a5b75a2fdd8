import type { JsonObject, JsonValue } from '@burgeon/kit';
import { textOption, type Action } from '../command.ts';
import { findModule } from '../module.ts';
import { bold, count, cyan, dim, green, red, table, when, yellow } from '../text.ts';

/** One row of `list` and `versions`. */
interface Row {
  id: string;
  version: string;
  state: string;
  kind: string;
  host: string;
  digest: string;
  operations: number;
  createdAt?: string;
  lastUsedAt?: string;
}

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
  invocation.terminal.result(rows, () => listText(rows as unknown as Row[]));
};

const listText = (rows: Row[]): string => {
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
  invocation.terminal.result(rows, () => versionsText(id, rows as unknown as Row[]));
};

const versionsText = (id: string, rows: Row[]): string => {
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

/** `diff MODULE V1 V2`: what changed. */
export const diff: Action = async (invocation) => {
  const [reference = '', from = '', to = ''] = invocation.words;
  const client = await invocation.open();
  const { id, at } = await findModule(client, reference);
  const result = await client.call('diffVersions', { ...at, from, to });
  invocation.terminal.result(result, () => diffText(`${bold(id)}  ${from} ${dim('to')} ${to}`, result as JsonObject));
};

const diffText = (title: string, { verdict, changes, capabilities }: JsonObject): string => {
  const rows = (Array.isArray(changes) ? changes : []).map((change) => changeRow(change as JsonObject));
  const paint = verdict === 'major' ? red : verdict === 'minor' ? yellow : green;
  const power = capabilityLines(capabilities);
  return [
    `${title}  ${paint(String(verdict))}`,
    rows.length === 0 ? dim('  No operation or type changed.') : table(rows),
    ...(power.length > 0 ? ['', 'Capabilities', ...power] : [dim('  The same capabilities.')]),
  ].join('\n');
};

const changeRow = (change: JsonObject): string[] => [
  String(change['severity'] ?? change['kind'] ?? ''),
  cyan(String(change['path'] ?? change['operation'] ?? change['subject'] ?? '')),
  String(change['message'] ?? change['text'] ?? ''),
];

const capabilityLines = (capabilities: JsonValue | undefined): string[] => {
  if (typeof capabilities !== 'object' || capabilities === null || Array.isArray(capabilities)) return [];
  const signs: Record<string, string> = {
    added: green('+'),
    removed: red('-'),
    changed: yellow('~'),
    widened: yellow('~'),
    narrowed: yellow('~'),
  };
  return Object.entries(capabilities).flatMap(([how, items]) =>
    Array.isArray(items) && Object.hasOwn(signs, how)
      ? items.map((item) => `  ${signs[how] ?? ' '} ${capabilityText(item)}`)
      : [],
  );
};

/** A capability in one line. */
export const capabilityText = (item: JsonValue): string => {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return JSON.stringify(item);
  const scope = item['scope'] ?? {};
  return Object.keys(scope as JsonObject).length === 0
    ? String(item['kind'])
    : `${String(item['kind'] ?? '')} ${JSON.stringify(scope)}`;
};
