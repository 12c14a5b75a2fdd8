import { flag, textOption, type Action } from '../command.ts';
import { bold, cyan, dim, green, table, when } from '../text.ts';

/** A passkey as `listPasskeys` tells it. */
interface Shown {
  id: string;
  name: string;
  createdAt: string;
  party: string;
}

/** `channels passkey`: the passkeys that may confirm; `--register` prints a link for another one, `--remove` takes one away. */
export const passkey: Action = async (invocation) => {
  const { terminal } = invocation;
  const client = await invocation.open();
  const removed = textOption(invocation, 'remove');
  if (removed !== undefined) {
    const result = await client.call('removePasskey', { passkey: removed });
    return terminal.result(result, () => `${green('Removed:')} ${bold((result as unknown as Shown).name)}`);
  }
  if (flag(invocation, 'register')) {
    const result = await client.call('invitePasskey');
    const { url, expiresAt } = result as unknown as { url: string; expiresAt: string };
    return terminal.result(result, () =>
      [
        'Open this in a browser of the device whose passkey is to confirm:',
        cyan(url),
        dim(`It works once, until ${expiresAt}. Whoever has it can register a passkey.`),
      ].join('\n'),
    );
  }
  const result = await client.call('listPasskeys');
  terminal.result(result, () => listText(result as unknown as Shown[]));
};

const listText = (passkeys: Shown[]): string =>
  passkeys.length === 0
    ? `No passkeys yet.\nNext: ${cyan('burgeon channels passkey --register')}`
    : table(
        passkeys.map(({ id, name, createdAt, party }) => [bold(name), id, party, dim(when(Date.parse(createdAt), Date.now()))]),
        { head: ['name', 'id', 'for', 'registered'] },
      );
