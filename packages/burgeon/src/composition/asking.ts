import { approvalChannels } from '../adapters/approval-channels/index.ts';
import { type ChannelSet, createChannelSet } from '../approval/channels.ts';
import { type Gateway, openGateway } from '../approval/gateway.ts';
import { randomIds } from '../base/ids.ts';
import { deriveKey } from '../security/master-key.ts';
import { approverOf } from './approver.ts';
import type { Foundation } from './foundation.ts';
import type { BurgeonOptions } from './options.ts';

/** Who is asked, and who judges the answers. */
export interface Asking {
  channels: ChannelSet;
  gateway: Gateway;
}

/** Opens the channels and the gateway over what is kept. `secret`: the home's own, from which the key of the codes is drawn. */
export const openAsking = (foundation: Foundation, options: BurgeonOptions, secret: Uint8Array): Asking => {
  const { clock, store, audit, vault, access, policy, registry, served } = foundation;
  const channels = createChannelSet(
    approvalChannels,
    {
      clock,
      store,
      write: options.write ?? (() => {}),
      secret: (name) => vault.read(name),
      pages: async () => served.url,
      record: (event, writes) => audit.commit([event], writes),
      approver: (token) => approverOf(access, token),
      locale: options.locale ?? 'en',
    },
    () => policy.current().channels ?? {},
  );
  const gateway = openGateway({
    store,
    audit,
    clock,
    ids: randomIds,
    channels: () => channels.all(),
    policy: () => policy.current(),
    secret: deriveKey(secret, 'approval'),
    current: async (id, version) => {
      const versions = await registry.versions(id).catch(() => []);
      const over = versions.find(({ state }) => state === 'active')?.digest;
      const found = versions.find((each) => each.version === version);
      return found && { ...found, ...(over === undefined ? {} : { over }) };
    },
  });
  return { channels, gateway };
};
