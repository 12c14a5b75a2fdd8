import { readFile } from 'node:fs/promises';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import type { KnownKey } from '../../security/known-keys.ts';
import { textOption, type Action } from '../command.ts';
import { usage } from '../fault.ts';
import { readStandardInput } from '../point.ts';
import { confirmed } from '../prompt.ts';
import { bold, count, cyan, dim, green, red, table, when, yellow } from '../text.ts';

type Shown = KnownKey & { signs: boolean };

/** Key documents are small. */
const longest = 100_000;

/** `keys list`: the keys that are known. */
export const list: Action = async ({ open, terminal }) => {
  const keys = await (await open()).call('listKeys');
  terminal.result(keys, () => listText(keys as unknown as Shown[]));
};

const listText = (keys: Shown[]): string => {
  const rows = keys.map((key) => [
    bold(key.id),
    key.name,
    key.role === 'owner' ? (key.signs ? green('signs') : dim('signed before')) : paintTrust(key.trust),
    key.scope.join(', '),
    standingOf(key),
    dim(when(Date.parse(key.addedAt), Date.now())),
  ]);
  const head = ['key', 'name', 'trust', 'may publish', 'counts', 'added'];
  return [table(rows, { head }), '', `${count(keys.length, 'key')}. Next: ${cyan('burgeon keys export')}`].join('\n');
};

const paintTrust = (trust: string): string => (trust === 'unknown' ? yellow(trust) : trust);

const standingOf = ({ revoked, retiredAt, expiresAt }: Shown): string => {
  if (revoked) return red(revoked.since === undefined ? 'revoked' : `revoked since ${revoked.since.slice(0, 10)}`);
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) return red('ran out');
  if (retiredAt !== undefined) return dim('beside its successor');
  return expiresAt === undefined ? green('yes') : green(`until ${expiresAt.slice(0, 10)}`);
};

/** `keys add KEY`: trusts a publisher; KEY is a file, the key itself, or `-` for standard input. */
export const add: Action = async (invocation) => {
  const [given = ''] = invocation.words;
  const publicKey = given === '-' ? await readStandardInput(invocation) : await readKey(given);
  const scope = invocation.options['scope'];
  const said: JsonObject = {};
  for (const name of ['name', 'trust'] as const) {
    const value = textOption(invocation, name);
    if (value !== undefined) said[name] = value;
  }
  const expiresAt = textOption(invocation, 'until');
  const input = { publicKey, ...said, ...(expiresAt === undefined ? {} : { expiresAt }) };
  const client = await invocation.open();
  const added = await client.call('addKey', Array.isArray(scope) ? { ...input, scope: scope.map(String) } : input);
  const key = added as unknown as Shown;
  invocation.terminal.result(
    added,
    () =>
      `${green('Known')} ${bold(key.name)}  ${key.id}  ${paintTrust(key.trust)}, may publish ${key.scope.join(', ')}\n\nNext: ${cyan('burgeon add ./package.tgz')}`,
  );
};

/** A file when there is one of that name, else the key itself: base64, PEM or a document. @throws {BurgeonError} SOURCE_NOT_FOUND */
const readKey = async (given: string): Promise<string> => {
  const text = await readFile(given, 'utf8').catch(() => given);
  if (text === given && !/^\s*(?:[A-Za-z0-9+/_-]{40,}={0,2}\s*$|-----BEGIN|\{)/.test(given)) {
    throw new BurgeonError('SOURCE_NOT_FOUND', {
      message: `There is no file "${given}", and it is no key itself.`,
      hint: 'Give what burgeon keys export prints on the other side: a file, the text itself, or - for standard input.',
    });
  }
  if (text.length <= longest) return text;
  throw usage(`${given} is no key: it is too large.`, 'Give what burgeon keys export prints on the other side.');
};

/** `keys revoke KEY`: what it signed no longer runs. */
export const revoke: Action = async (invocation) => {
  const [key = ''] = invocation.words;
  const [since, why] = [textOption(invocation, 'since'), textOption(invocation, 'why')];
  const client = await invocation.open();
  if (!(await confirmed(invocation, `Revoke ${key} for good? What it signed stops at once.`)))
    throw usage('Nothing was revoked.', 'Add --yes where nobody can be asked.');
  const result = await client.call('revokeKey', {
    key,
    ...(since === undefined ? {} : { since }),
    ...(why === undefined ? {} : { why }),
  });
  const { stopped } = result as { stopped: string[] };
  invocation.terminal.result(result, () =>
    [
      `${red('Revoked')} ${bold(key)}`,
      stopped.length === 0 ? dim('No module was signed with it.') : `No longer to be called: ${stopped.join(', ')}`,
      '',
      `Next: ${cyan('burgeon keys list')}`,
    ].join('\n'),
  );
};

/** `keys rotate`: a new key takes the place of the owner's. */
export const rotate: Action = async ({ open, terminal }) => {
  const result = await (await open()).call('rotateKey');
  const { id, follows = [] } = result as unknown as Shown;
  terminal.result(result, () =>
    [
      `${green('Signs now:')} ${bold(id)}  ${dim(`in the place of ${follows[0] ?? ''}`)}`,
      'Everything that stands was signed again. Give those who know the old key the new one.',
      '',
      `Next: ${cyan('burgeon keys export')}`,
    ].join('\n'),
  );
};

/** `keys export`: what others add to know this home. */
export const exportKey: Action = async (invocation) => {
  const name = textOption(invocation, 'name');
  const client = await invocation.open();
  const document = await client.call('exportKey', name === undefined ? {} : { name });
  invocation.terminal.result(document, () => JSON.stringify(document, null, 2));
};
