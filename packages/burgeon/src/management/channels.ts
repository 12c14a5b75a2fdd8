import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { type ChannelSet, checkSettings, unknownChannel } from '../approval/channels.ts';
import type { PolicyKeeper } from '../approval/policy-keeper.ts';
import { addressOf } from '../approval/turns.ts';
import type { Vault } from '../security/vault.ts';
import { asJson, requiredText, text, type ManagementOperation } from './define.ts';

/** What the owner's view of the channels needs. */
export interface ChannelParts {
  channels: ChannelSet;
  policy: PolicyKeeper;
  vault: Pick<Vault, 'list'>;
}

const named = { properties: { name: text('Name of the channel.') }, required: ['name'] };

/** The ways in which the owner is asked. Never shown to a model: who could set them could answer for the owner. */
export const channelOperations = (parts: ChannelParts): ManagementOperation[] => [
  {
    id: 'listChannels',
    summary: 'Lists the approval channels: whether each is set up, where it reaches the owner, and what can be set for it.',
    effect: 'read',
    needs: 'own',
    route: 'GET /api/channels',
    doors: ['web'],
    output: { type: 'array', items: { type: 'object' } },
    handle: async () => listChannels(parts),
  },
  {
    id: 'setChannel',
    summary: 'Sets up an approval channel; what was set for it before is gone. The policy is signed anew.',
    effect: 'write',
    needs: 'own',
    route: 'PUT /api/channels/{name}',
    doors: ['web'],
    input: {
      properties: {
        ...named.properties,
        settings: { type: 'object', description: 'What `listChannels` says the channel takes.' },
      },
      required: ['name', 'settings'],
    },
    payload: 'settings',
    output: { type: 'object' },
    handle: async (input) => {
      const name = requiredText(input, 'name');
      const settings = input['settings'] as JsonObject;
      checkSettings(
        (await parts.channels.adapters()).find((adapter) => adapter.name === name),
        name,
        settings,
      );
      await change(parts, (before) => ({ ...before, [name]: settings }));
      return asJson({ name, settings });
    },
  },
  {
    id: 'clearChannel',
    summary: 'Forgets what was set for an approval channel.',
    effect: 'delete',
    needs: 'own',
    route: 'DELETE /api/channels/{name}',
    doors: ['web'],
    input: named,
    output: { type: 'object' },
    handle: async (input) => {
      const name = requiredText(input, 'name');
      if (!(await parts.channels.adapters()).some((adapter) => adapter.name === name)) throw unknownChannel(name);
      await change(parts, ({ [name]: _gone, ...rest }) => rest);
      return { name };
    },
  },
];

type Settings = Readonly<Record<string, JsonObject>>;

const change = async ({ channels, policy }: ChannelParts, to: (before: Settings) => Settings): Promise<void> => {
  await policy.change({ channels: to(policy.current().channels ?? {}) });
  channels.reset();
};

const listChannels = async ({ channels, policy, vault }: ChannelParts): Promise<JsonValue> => {
  const kept = new Set((await vault.list()).filter(({ revoked }) => !revoked).map(({ name }) => name));
  const adapters = await channels.adapters();
  const all = await channels.all();
  return Promise.all(
    all.map(async (channel, index) => {
      const { settings: takes, secrets = {} } = adapters[index] ?? {};
      const [ready, address] = await Promise.allSettled([channel.ready(), addressOf(channel)]);
      return asJson({
        name: channel.name,
        class: channel.class,
        ready: ready.status === 'fulfilled' && ready.value,
        ...(ready.status === 'rejected' ? { problem: BurgeonError.from(ready.reason).message } : {}),
        address: address.status === 'fulfilled' ? address.value : '',
        settings: policy.current().channels?.[channel.name],
        takes,
        secrets: Object.entries(secrets).map(([name, is]) => ({ name, is, set: kept.has(name) })),
      });
    }),
  );
};
