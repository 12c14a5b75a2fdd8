import { targets } from '../adapters/targets/index.ts';
import { silentLogger } from '../base/log.ts';
import { version } from '../base/version.ts';
import { accessOperations } from '../management/access.ts';
import { advisoryOperations } from '../management/advisories.ts';
import { approvalOperations } from '../management/approvals.ts';
import { channelOperations } from '../management/channels.ts';
import { growingOperations } from '../management/growing.ts';
import { inspectingOperations } from '../management/inspecting.ts';
import { judgingOperations } from '../management/judging.ts';
import { keyOperations } from '../management/keys.ts';
import { livingOperations } from '../management/living.ts';
import { type Management, createManagement } from '../management/management.ts';
import { messageOperations } from '../management/messages.ts';
import { packagingOperations } from '../management/packaging.ts';
import { passkeyOperations } from '../management/passkeys.ts';
import { recordOperations } from '../management/record.ts';
import { runningOperations } from '../management/running.ts';
import { secretOperations } from '../management/secrets.ts';
import { skillOperations } from '../management/skills.ts';
import { statusOperations } from '../management/status.ts';
import { vaultOperations } from '../management/vault.ts';
import { resigningOf } from '../pipeline/resign.ts';
import type { Logins } from '../runtime/logins.ts';
import { requireUnlocked } from '../security/master-key.ts';
import type { Engine } from './engine.ts';
import type { Foundation } from './foundation.ts';

/** Burgeon's own operations over all of it. */
export const manage = (
  { home, ring, store, vault, masterKeys, audit, access, registry, clock, policy, checkpoints, served }: Foundation,
  { pipeline, runtime, bus, gateway, channels, metrics, advisories }: Engine,
): Management => {
  let logins: Promise<Logins> | undefined;
  const management: Management = createManagement(
    [
      ...growingOperations({ pipeline }),
      ...inspectingOperations({ registry }),
      ...livingOperations({ pipeline, registry, runtime }),
      ...runningOperations({ registry, runtime, clock }),
      ...messageOperations(bus),
      ...judgingOperations({ pipeline, registry, targets }),
      ...advisoryOperations({ folder: advisories, pipeline, runtime }),
      ...approvalOperations({ gateway, pipeline }),
      ...channelOperations({ channels, policy, vault }),
      ...passkeyOperations({
        clock,
        store,
        pages: async () => served.url,
        record: (event, writes) => audit.commit([event], writes),
      }),
      ...skillOperations({ registry, runtime, pipeline, gateway }),
      ...accessOperations(access),
      ...keyOperations({ ring, resigning: resigningOf({ home, store, registry }), pipeline }),
      ...packagingOperations({ registry, ring }),
      ...secretOperations({
        vault,
        logins: () => (logins ??= openLogins({ registry, vault, audit, clock })),
        describe: (module) => runtime.describe(module),
      }),
      ...vaultOperations({ vault, masterKeys }),
      ...recordOperations({ audit, checkpoints, registry }),
      ...statusOperations({
        metrics: { text: () => metrics.text() + bus.metrics() },
        ready: async () => {
          await store.lastLog('audit');
          await requireUnlocked(masterKeys);
        },
        self: () => management.through('web').interface,
        documentTarget: async () => (await import('../adapters/targets/openapi.ts')).openapi,
      }),
    ],
    version,
  );
  return management;
};

const openLogins = async (parts: Pick<Foundation, 'registry' | 'vault' | 'audit' | 'clock'>): Promise<Logins> => {
  const { createLogins } = await import('../runtime/logins.ts');
  return createLogins({ ...parts, log: silentLogger });
};
