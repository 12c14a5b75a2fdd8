import { BurgeonError, type JsonObject } from '@burgeon/kit';
import type { MasterKeys, MasterWish } from '../security/master-key.ts';
import type { Vault } from '../security/vault.ts';
import { asJson, optionalText, requiredText, text, type ManagementOperation } from './define.ts';

/** What the operations on the vault itself work with. */
export interface VaultParts {
  vault: Vault;
  masterKeys: MasterKeys;
}

const kinds = ['file', 'passphrase', 'keychain'] as const;

/** The master key: how it comes about, opening it, and putting another in its place. Never shown to a model. */
export const vaultOperations = ({ vault, masterKeys }: VaultParts): ManagementOperation[] => [
  {
    id: 'showVault',
    summary: 'Tells how the master key of the vault comes about, and whether it is open.',
    effect: 'read',
    route: 'GET /api/vault',
    doors: ['web'],
    needs: 'view',
    output: { type: 'object' },
    handle: async () => asJson({ ...(await masterKeys.state()), secrets: (await vault.list()).length }),
  },
  {
    id: 'unlockVault',
    summary: 'Opens the vault with its passphrase, until this process ends.',
    effect: 'write',
    route: 'POST /api/vault/unlock',
    doors: ['web'],
    needs: 'own',
    input: { properties: { passphrase: text('The passphrase; write-only.') }, required: ['passphrase'] },
    output: { type: 'object' },
    handle: async (input) => {
      await masterKeys.unlock(requiredText(input, 'passphrase'));
      return asJson(await masterKeys.state());
    },
  },
  {
    id: 'rotateVault',
    summary: 'Puts a new master key in the place of the one there is; secrets stay as they are.',
    effect: 'write',
    route: 'POST /api/vault/rotate',
    doors: ['web'],
    needs: 'own',
    input: {
      properties: {
        kind: { enum: [...kinds], description: 'How the new key comes about; as the one before when absent.' },
        passphrase: text('The new passphrase; write-only.'),
      },
    },
    output: { type: 'object' },
    handle: async (input) => {
      const { secrets } = await vault.reseal(await wishOf(masterKeys, input));
      return asJson({ ...(await masterKeys.state()), secrets });
    },
  },
];

const wishOf = async (masterKeys: MasterKeys, input: JsonObject): Promise<MasterWish> => {
  const wanted = optionalText(input, 'kind') ?? (await masterKeys.state()).kind;
  const kind = kinds.find((each) => each === wanted) ?? 'file';
  const passphrase = optionalText(input, 'passphrase');
  if (kind !== 'passphrase') return { kind };
  if (passphrase !== undefined) return { kind, passphrase };
  throw new BurgeonError('INPUT_INVALID', {
    message: 'A new passphrase is needed.',
    hint: 'Give it, or another kind: file, keychain.',
  });
};
