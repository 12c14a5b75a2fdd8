import { BurgeonError, type Clock, type Store, type StoreAdapter } from '@burgeon/kit';
import { stores } from '../adapters/stores/index.ts';
import { type PolicyKeeper, keepPolicy } from '../approval/policy-keeper.ts';
import { readPolicy, resignPolicy } from '../approval/policy.ts';
import type { Home } from '../base/home.ts';
import { randomIds } from '../base/ids.ts';
import { openBlobs } from '../registry/blobs.ts';
import { type Registry, openRegistry } from '../registry/registry.ts';
import { releaseTrust } from '../registry/release.ts';
import { type ApiKeys, openApiKeys } from '../security/api-keys.ts';
import { type Audit, openAudit } from '../security/audit.ts';
import { type Checkpoints, keepCheckpoints } from '../security/checkpoints.ts';
import { type KeyRing, openKeyRing } from '../security/key-ring.ts';
import { type OwnerKey, createOwnerKey, hasOwnerKey } from '../security/keys.ts';
import { type MasterKeys, openMasterKeys } from '../security/master-key.ts';
import { type Vault, openVault } from '../security/vault.ts';
import type { BurgeonOptions } from './options.ts';

/** What is kept in the data directory, opened. */
export interface Foundation {
  home: Home;
  clock: Clock;
  key: OwnerKey;
  ring: KeyRing;
  policy: PolicyKeeper;
  checkpoints: Checkpoints;
  store: Store;
  masterKeys: MasterKeys;
  audit: Audit;
  access: ApiKeys;
  vault: Vault;
  registry: Registry;
  /** Where people reach the server of this home, while there is one. */
  served: { url: string | undefined };
}

/** Opens what is kept; its owner closes the store. @throws {BurgeonError} HOME_DAMAGED, SIGNATURE_INVALID, AUDIT_BROKEN */
export const openFoundation = async (home: Home, clock: Clock, options: BurgeonOptions): Promise<Foundation> => {
  if (!(await hasOwnerKey(home))) await createOwnerKey(home);
  const store = await (await sqliteStore()).open(home.path('burgeon.db'), { clock });
  try {
    const ring = await openKeyRing({ home, store, clock, audit: () => audit });
    const key = ring.signer;
    const audit: Audit = openAudit({ store, clock, key });
    await ring.settle((to, from) => resignPolicy(home, to, from));
    const access = openApiKeys({ store, audit, clock, ids: randomIds });
    const policy = await openPolicy({ home, key, clock, audit, store });
    const checkpoints = keepCheckpoints({
      store,
      clock,
      key,
      file: () => policy.current().checkpoints,
      trusted: () => ring.owners(),
    });
    const masterKeys = openMasterKeys({ home, clock, passphrase: options.passphrase });
    const vault = openVault({ store, masterKey: masterKeys, clock, audit });
    const blobs = await openBlobs(home.path('blobs'));
    const registry = openRegistry({ store, blobs, audit, clock, signer: key, trust: releaseTrust(ring) });
    return {
      home,
      clock,
      key,
      ring,
      policy,
      checkpoints,
      store,
      masterKeys,
      audit,
      access,
      vault,
      registry,
      served: { url: undefined },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
};

const unlessMissing = (error: unknown): undefined => {
  if (BurgeonError.from(error).code !== 'RECORD_NOT_FOUND') throw error;
};

const recordGone = (home: Home): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `The record of ${home.dir} is gone: burgeon.db holds nothing of what the policy file says was decided.`,
    hint: 'Put a copy of the data directory back, or start a new one with --home.',
  });

/** The policy that was signed; the strictest one where there is none yet. */
const openPolicy = async (foundation: Pick<Foundation, 'home' | 'key' | 'clock' | 'audit' | 'store'>): Promise<PolicyKeeper> => {
  const { home, key, store } = foundation;
  const known = await readPolicy(home, [key]).catch(unlessMissing);
  // The record is older than the policy file: a policy without a record is what is left when the record was taken away.
  if (known && (await store.lastLog('audit')) === undefined) throw recordGone(home);
  const keeper = keepPolicy(foundation, known ?? { mode: 'two-channels', createdAt: '' });
  if (!known) await keeper.change({});
  return keeper;
};

/** The embedded default; a home always has it. */
const sqliteStore = async (): Promise<StoreAdapter> => {
  const adapter = await stores['sqlite']?.();
  if (adapter) return adapter;
  throw new BurgeonError('INTERNAL', {
    message: 'The sqlite store is missing from this installation.',
    hint: 'Install Burgeon again.',
  });
};
