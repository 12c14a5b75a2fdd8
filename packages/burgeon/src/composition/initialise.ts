import type { Policy, PolicyMode } from '../approval/policy.ts';
import type { MasterKind, MasterWish } from '../security/master-key.ts';
import type { Foundation } from './foundation.ts';

/** What the owner decides at the start. */
export interface InitOptions extends Pick<Policy, 'unchanged' | 'grave' | 'checkpoints' | 'git'> {
  policy: PolicyMode;
  totp: boolean;
  /** How the master key of the vault comes about. Default: a file, or the passphrase this was opened with. */
  vault?: MasterWish;
}

/** What `init` made. `totp` is there when an authenticator was asked for. */
export interface Initialised {
  home: string;
  policy: PolicyMode;
  keyId: string;
  /** How the master key came about, when a way was chosen; `reason` says why it is another one. */
  vault?: { kind: MasterKind; reason?: string };
  totp?: { secret: string; url: string };
}

/** Carries out what the owner decided: the policy is signed, keys and secrets are made. */
export const initialise = async (foundation: Foundation, wanted: InitOptions): Promise<Initialised> => {
  const { home, key, vault } = foundation;
  const { unchanged, grave, checkpoints, git } = wanted;
  const chosen = wanted.vault && (await foundation.masterKeys.create(wanted.vault));
  await foundation.policy.change({ mode: wanted.policy, unchanged, grave, checkpoints, git });
  const made = { home: home.dir, policy: wanted.policy, keyId: key.id, ...(chosen ? { vault: chosen } : {}) };
  if (!wanted.totp) return made;
  const { newTotpSecret, totpSecretName } = await import('../adapters/approval-channels/totp.ts');
  const totp = newTotpSecret(home.dir);
  await vault.set(totpSecretName, totp.secret);
  return { ...made, totp };
};
