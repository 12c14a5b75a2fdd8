import { BurgeonError, type JsonValue } from '@burgeon/kit';
import { flag, textOption, type Action } from '../command.ts';
import { usage } from '../fault.ts';
import { bold, cyan, dim, green, table, yellow } from '../text.ts';

const policies = ['two-channels', 'one-channel', 'unattended'] as const;

/** `init`: makes the data directory, the owner's signing key and the signed policy. */
export const init: Action = async (invocation) => {
  const { terminal } = invocation;
  const wanted = textOption(invocation, 'policy') ?? 'two-channels';
  const policy = policies.find((each) => each === wanted);
  if (policy === undefined) throw usage(`There is no policy "${wanted}".`, `Policies: ${policies.join(', ')}`);
  const client = await invocation.open();
  if (!client.burgeon) {
    throw new BurgeonError('HOME_BUSY', {
      message: `A server owns ${invocation.home}.`,
      hint: 'Stop it first: the policy is read when a home is opened.',
    });
  }
  const made = await client.burgeon.init({ policy, totp: flag(invocation, 'totp') });
  terminal.result(made as unknown as JsonValue, () => text(made));
};

const meaning: Record<(typeof policies)[number], string> = {
  'two-channels': 'every new version needs two different channels',
  'one-channel': 'every new version needs one channel',
  unattended: 'approves by itself when every check passes; for tests and throw-away homes',
};

const text = (made: {
  home: string;
  policy: (typeof policies)[number];
  keyId: string;
  totp?: { secret: string; url: string };
}): string => {
  const lines = [
    `${green('Ready.')} ${bold(made.home)}`,
    table([
      [dim('policy'), `${made.policy === 'unattended' ? yellow(made.policy) : made.policy}  ${dim(meaning[made.policy])}`],
      [dim('key'), made.keyId],
    ]),
  ];
  if (made.totp) {
    lines.push(
      '',
      'Put this into your authenticator application; it is not shown again.',
      `  ${bold(made.totp.secret)}`,
      `  ${made.totp.url}`,
    );
  } else if (made.policy === 'two-channels') {
    lines.push('', `The second channel is an authenticator: ${cyan('burgeon init --totp')}`);
  }
  return [...lines, '', `Next: ${cyan('burgeon add ./openapi.yaml')}`].join('\n');
};
