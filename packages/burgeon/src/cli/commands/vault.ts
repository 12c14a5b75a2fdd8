import type { JsonObject } from '@burgeon/kit';
import type { VaultState } from '../../security/master-key.ts';
import { flag, type Action, type Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { readStandardInput } from '../point.ts';
import { askHidden } from '../prompt.ts';
import { bold, dim, green, table, yellow } from '../text.ts';

type Shown = VaultState & { secrets: number };

const words: Record<Shown['kind'], string> = {
  none: 'no secret was kept yet',
  file: 'its key lies in keys/master.json (mode 0600)',
  passphrase: 'its key comes from a passphrase',
  keychain: "its key lies in this machine's keychain",
};

/** `vault show`: how the master key comes about, and whether it is open. */
export const show: Action = async (invocation) => {
  const client = await invocation.open();
  const state = (await client.call('showVault')) as unknown as Shown;
  const rows = [
    [dim('vault'), state.locked ? yellow('locked') : green('open'), dim(state.locked ? (state.reason ?? '') : '')],
    [dim('key'), words[state.kind], dim(state.rotating ? 'another one is taking its place: burgeon vault rotate' : '')],
    [dim('secrets'), String(state.secrets)],
  ];
  invocation.terminal.result({ ...state }, () => table(rows));
};

/** `vault unlock`: opens the vault of a running server; without one, tries whether the passphrase is right. */
export const unlock: Action = async (invocation) => {
  const client = await invocation.open();
  const result = await client.call('unlockVault', { passphrase: await readPassphrase(invocation, 'Passphrase of the vault') });
  invocation.terminal.result(result, () =>
    client.remote ? green('Open.') : `${green('Right.')} ${dim('Nothing stays open without a server.')}`,
  );
};

/** `vault rotate`: puts another master key in the place of the one there is. */
export const rotate: Action = async (invocation) => {
  const kinds = (['file', 'keychain', 'passphrase'] as const).filter((kind) => flag(invocation, kind));
  if (kinds.length > 1) throw usage('A vault has one key.', 'Give one of --file, --keychain and --passphrase.');
  const client = await invocation.open();
  const kind = kinds[0] ?? ((await client.call('showVault')) as unknown as Shown).kind;
  const input: JsonObject =
    kind === 'passphrase' ? { kind, passphrase: await newPassphrase(invocation) } : kind === 'none' ? {} : { kind };
  const state = (await client.call('rotateVault', input)) as unknown as Shown;
  invocation.terminal.result(
    { ...state },
    () => `${green('Replaced')} ${bold(`${state.secrets} secrets`)} ${dim(words[state.kind])}`,
  );
};

/** A new passphrase: typed twice, or one line of standard input. */
export const newPassphrase = async (invocation: Invocation): Promise<string> => {
  const passphrase = await readPassphrase(invocation, 'New passphrase of the vault');
  if (!invocation.terminal.interactive || passphrase === (await askHidden(invocation, 'The same once more'))) return passphrase;
  throw usage('The two are not the same.', 'Try again.');
};

const readPassphrase = async (invocation: Invocation, question: string): Promise<string> => {
  const { terminal } = invocation;
  if (!terminal.interactive && terminal.streams.stdin.isTTY === true)
    throw usage('Nobody can be asked for the passphrase here.', 'Pipe it in, or leave --no-input away.');
  const passphrase = terminal.interactive
    ? await askHidden(invocation, question)
    : (await readStandardInput(invocation)).replace(/\r?\n$/, '');
  if (passphrase === '') throw usage('The passphrase is empty.', 'Type one, or pipe it in.');
  return passphrase;
};
