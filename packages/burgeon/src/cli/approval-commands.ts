import type { Command } from './command.ts';
import { groups } from './groups.ts';

/** Commands by which people answer, and say how they are asked. */
export const approving: readonly Command[] = [
  {
    usage: 'approvals',
    group: groups.approve,
    summary: 'the approval inbox',
    options: [['--all', 'with those that are closed']],
    load: async () => (await import('./commands/approvals.ts')).approvals,
  },
  {
    usage: 'approve <request>',
    group: groups.approve,
    summary: 'confirm a request over one channel; its module stands for it too',
    options: [
      ['--code <code>', 'the code of the channel'],
      ['--channel <name>', 'the channel that the code belongs to'],
    ],
    examples: ['approve req_68deagy5peajp7z202pn --code ABC234', 'approve api/petstore'],
    load: async () => (await import('./commands/approvals.ts')).approve,
  },
  {
    usage: 'reject <request>',
    group: groups.approve,
    summary: 'turn a request down',
    options: [['--why <text>', 'the reason, for the record']],
    load: async () => (await import('./commands/approvals.ts')).reject,
  },
  {
    usage: 'channels',
    group: groups.approve,
    summary: 'the ways in which you are asked, and what each takes',
    load: async () => (await import('./commands/channels.ts')).list,
  },
  {
    usage: 'channels set <name> [input...]',
    group: groups.approve,
    summary: 'say how you are reached over a channel',
    fields: true,
    examples: ['channels set email --to me@example.com --from burgeon@example.com --smtp smtps://mail.example.com'],
    load: async () => (await import('./commands/channels.ts')).set,
  },
  {
    usage: 'channels clear <name>',
    group: groups.approve,
    summary: 'forget what was set for a channel',
    load: async () => (await import('./commands/channels.ts')).clear,
  },
  {
    usage: 'channels passkey',
    group: groups.approve,
    summary: 'the passkeys that may confirm',
    options: [
      ['--register', 'print a link under which one can be registered'],
      ['--remove <id>', 'take one away'],
    ],
    examples: ['channels passkey --register'],
    load: async () => (await import('./commands/passkey.ts')).passkey,
  },
];
