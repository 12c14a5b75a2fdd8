import { resolve } from 'node:path';
import { BurgeonError, type JsonValue } from '@burgeon/kit';
import type { InitOptions, Initialised } from '../../burgeon.ts';
import { flag, textOption, type Action, type Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { bold, cyan, dim, green, table, yellow } from '../text.ts';

const policies = ['two-channels', 'one-channel', 'unattended'] as const;

/** `init`: makes the data directory, the owner's signing key and the signed policy. */
export const init: Action = async (invocation) => {
  const { terminal } = invocation;
  const policy = policyOf(textOption(invocation, 'policy') ?? 'two-channels');
  const unchanged = textOption(invocation, 'unchanged');
  const checkpoints = textOption(invocation, 'checkpoints');
  const git = textOption(invocation, 'git');
  const grave = invocation.options['grave'] as string[] | undefined;
  const client = await invocation.open();
  if (!client.burgeon) {
    throw new BurgeonError('HOME_BUSY', {
      message: `A server owns ${invocation.home}.`,
      hint: 'Stop it first: the policy is read when a home is opened.',
    });
  }
  const made = await client.burgeon.init({
    policy,
    ...(unchanged === undefined ? {} : { unchanged: policyOf(unchanged) }),
    ...(grave === undefined ? {} : { grave }),
    ...(checkpoints === undefined ? {} : { checkpoints: resolve(checkpoints) }),
    ...(git === undefined ? {} : { git: resolve(git) }),
    totp: flag(invocation, 'totp'),
    ...(await vaultOf(invocation)),
  });
  terminal.result(made as unknown as JsonValue, () => text(made));
};

/** Where the key of all secrets comes from, when it was chosen. */
const vaultOf = async (invocation: Invocation): Promise<Pick<InitOptions, 'vault'>> => {
  if (flag(invocation, 'keychain')) return { vault: { kind: 'keychain' } };
  if (!flag(invocation, 'passphrase')) return {};
  const { newPassphrase } = await import('./vault.ts');
  return { vault: { kind: 'passphrase', passphrase: await newPassphrase(invocation) } };
};

const policyOf = (wanted: string): (typeof policies)[number] => {
  const policy = policies.find((each) => each === wanted);
  if (policy !== undefined) return policy;
  throw usage(`There is no policy "${wanted}".`, `Policies: ${policies.join(', ')}`);
};

const meaning: Record<(typeof policies)[number], string> = {
  'two-channels': 'every new version needs two different channels',
  'one-channel': 'every new version needs one channel',
  unattended: 'approves by itself when every check passes; for tests and throw-away homes',
};

const text = (made: Initialised): string => {
  const lines = [
    `${green('Ready.')} ${bold(made.home)}`,
    table([
      [dim('policy'), `${made.policy === 'unattended' ? yellow(made.policy) : made.policy}  ${dim(meaning[made.policy])}`],
      [dim('key'), made.keyId],
      ...(made.vault ? [[dim('vault'), made.vault.kind]] : []),
    ]),
  ];
  if (made.vault?.reason !== undefined)
    lines.push('', yellow(`${made.vault.reason} The key of the vault lies in keys/master.json (mode 0600) instead.`));
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
