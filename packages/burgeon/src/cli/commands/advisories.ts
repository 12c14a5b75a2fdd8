import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import type { AdvisoryImport, AdvisoryStatus } from '../../security/advisories/keep.ts';
import type { Action } from '../command.ts';
import { bold, count, cyan, dim, green, red, table, yellow } from '../text.ts';

/** `advisories status`: which vulnerability data there are, and of when. */
export const status: Action = async (invocation) => {
  const client = await invocation.open();
  const result = await client.call('advisoryStatus');
  invocation.terminal.result(result, () => statusText(result as unknown as AdvisoryStatus));
};

const statusText = ({ records, date, digest, ecosystems }: AdvisoryStatus): string => {
  if (records === 0)
    return `${yellow('not checked')}  There are no vulnerability data.\nNext: ${cyan('burgeon advisories import FILE')}`;
  return table([
    [dim('records'), String(records)],
    [dim('of'), date ?? ''],
    [dim('digest'), (digest ?? '').slice(0, 16)],
    [dim('ecosystems'), ecosystems.join(', ')],
  ]);
};

/** `advisories import FILE`: takes OSV records in; every active module is checked again, and vulnerable ones are quarantined. Ends with 1 then. */
export const take: Action = async (invocation) => {
  const [file = ''] = invocation.words;
  const text = await readFile(resolve(file), 'utf8').catch((cause: unknown) => {
    throw new BurgeonError('SOURCE_NOT_FOUND', {
      message: `${file} cannot be read.`,
      hint: 'Give a file with records in the OSV format.',
      cause,
    });
  });
  const client = await invocation.open();
  const result = await client.call('importAdvisories', { text, name: basename(file) });
  const imported = result as unknown as Imported;
  invocation.terminal.result(result as JsonObject, () => importText(imported));
  return imported.quarantined.length === 0 ? 0 : 1;
};

interface Imported extends AdvisoryImport {
  rechecked: number;
  quarantined: { id: string; version: string; advisories: string[] }[];
}

const importText = ({ taken, records, date, rechecked, quarantined }: Imported): string =>
  [
    `${count(taken, 'record')} taken in, ${records} in all, of ${date ?? 'no date'}.`,
    `${count(rechecked, 'active module')} checked again: ${quarantined.length === 0 ? green('none is vulnerable') : red(`${quarantined.length} quarantined`)}.`,
    ...quarantined.map(({ id, version, advisories }) => `  ${bold(id)} ${version}  ${advisories.join(', ')}`),
    ...(quarantined.length === 0
      ? []
      : ['', dim('Add a version in which it is mended; or, at your own risk: burgeon modules load MODULE')]),
  ].join('\n');
