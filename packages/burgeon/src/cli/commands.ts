import { approving } from './approval-commands.ts';
import type { Command } from './command.ts';
import { doors } from './door-commands.ts';
import { groups } from './groups.ts';
import { judging } from './judging-commands.ts';

const pointing = [
  ['--as <source>', 'read it with this source instead of the best guess'],
  ['--name <name>', 'short name of the module'],
  ['--location <url>', "base address to use instead of the document's own"],
  ['--allow-ref <what...>', 'further documents that this one may refer to'],
] as const;

const packaged = [
  ['--integrity <sha512>', 'what a package must be: sha512-...'],
  ['--allow-fresh', 'take in a package that was published less than 72 hours ago'],
  ['--allow-unknown', 'take in a package of somebody nobody here knows; people approve it'],
] as const;

const growing: Command[] = [
  {
    usage: 'describe <what>',
    group: groups.grow,
    summary: 'read a source and print its interface; changes nothing',
    options: pointing,
    examples: ['describe ./petstore.yaml', 'describe postgres://localhost/shop --json'],
    load: async () => (await import('./commands/describe.ts')).describe,
  },
  {
    usage: 'add <what>',
    group: groups.grow,
    summary: 'grow a module: describe, generate, check, try, ask approval',
    options: [...pointing, ...packaged],
    examples: [
      'add ./petstore.yaml',
      'add https://example.com/openapi.json --name shop',
      'cat api.yaml | burgeon add -',
      'add ./skill-counter-1.0.0.tgz',
    ],
    load: async () => (await import('./commands/add.ts')).add,
  },
  {
    usage: 'eject <module>',
    group: groups.grow,
    summary: 'write stand-alone files that need no Burgeon',
    options: [
      ['--target <target>', 'typescript, openapi, skill-md, ...'],
      ['--out <dir>', 'folder to write into'],
      ['--force', 'overwrite files that are there'],
    ],
    examples: ['eject api/petstore --target typescript --out ./client'],
    load: async () => (await import('./commands/eject.ts')).eject,
  },
  {
    usage: 'package <module>',
    group: groups.grow,
    summary: 'write a released version as a signed package, for another home to add',
    options: [
      ['--out <file>', 'file or folder to write into (default: here)'],
      ['--force', 'overwrite a file that is there'],
    ],
    examples: ['package skill/counter', 'package skill/counter@1.0.0 --out ./dist'],
    load: async () => (await import('./commands/package.ts')).packageModule,
  },
];

const using: Command[] = [
  {
    usage: 'list',
    group: groups.use,
    summary: 'the modules',
    options: [['--state <state>', 'only those that are pending, active, rejected or archived']],
    load: async () => (await import('./commands/modules.ts')).list,
  },
  {
    usage: 'show <module>',
    group: groups.use,
    summary: 'one module: what it does and what it may do',
    options: [
      ['--operation <id>', 'one operation: its types and an example call'],
      ['--files', 'with the text of its files'],
    ],
    examples: ['show api/petstore', 'show api/petstore --operation getPetById'],
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    usage: 'call <operation> [input...]',
    group: groups.use,
    summary: 'call one operation: MODULE.OPERATION',
    options: [],
    fields: true,
    examples: [
      'call api/petstore.getPetById --petId 5',
      'call api/petstore.addPet \'{"body":{"name":"Rex"}}\'',
      'call api/petstore.addPet @pet.json',
    ],
    load: async () => (await import('./commands/call.ts')).call,
  },
  {
    usage: 'mirror <what>',
    group: groups.use,
    summary: 'be the interface: stand it up as a server until stopped',
    options: [
      ['--port <port>', 'port to answer on; any free one when absent'],
      ['--seed <number>', 'same seed, same answers'],
      ['--latency <ms>', 'added delay per answer'],
      ['--errors <rate>', 'share of answers that fail, 0 to 1'],
      ['--validation <mode>', 'off, report or enforce'],
      ['--record <file>', 'write what passes'],
      ['--replay <file>', 'answer from a recording'],
      ['--proxy <url>', 'pass requests on'],
      ...pointing.slice(0, 2),
    ],
    examples: ['mirror ./petstore.yaml --port 4010', 'mirror api/petstore --errors 0.1'],
    load: async () => (await import('./commands/mirror.ts')).mirror,
  },
];

const keeping: Command[] = [
  {
    usage: 'versions <module>',
    group: groups.keep,
    summary: 'its versions',
    load: async () => (await import('./commands/modules.ts')).versions,
  },
  {
    usage: 'diff <module> <from> <to>',
    group: groups.keep,
    summary: 'what changed between two versions',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    usage: 'rollback <module> [version]',
    group: groups.keep,
    summary: 'go back to an earlier version',
    load: async () => (await import('./commands/life.ts')).rollback,
  },
  {
    usage: 'archive <module>',
    group: groups.keep,
    summary: 'put it away; nothing is erased',
    load: async () => (await import('./commands/life.ts')).archive,
  },
  {
    usage: 'restore <module>',
    group: groups.keep,
    summary: 'bring it back',
    load: async () => (await import('./commands/life.ts')).restore,
  },
  {
    usage: 'remove <module>',
    group: groups.keep,
    summary: 'remove it with all its versions',
    load: async () => (await import('./commands/life.ts')).remove,
  },
  {
    usage: 'reload <module>',
    group: groups.keep,
    summary: 'put a new instance in the place of the one that runs, with its state',
    load: async () => (await import('./commands/life.ts')).reload,
  },
  {
    usage: 'modules load <module>',
    group: groups.keep,
    summary: 'start it, also when it was quarantined or suspended',
    options: [['--replicas <number>', 'so many instances, where it keeps no state']],
    examples: ['modules load parsers/outline --replicas 4'],
    load: async () => (await import('./commands/life.ts')).load,
  },
  {
    usage: 'modules reload <module>',
    group: groups.keep,
    summary: 'the same as reload',
    load: async () => (await import('./commands/life.ts')).reload,
  },
  {
    usage: 'modules unload <module>',
    group: groups.keep,
    summary: 'end what runs of it; the next call starts it anew, with its state',
    options: [['--cascade', 'end the modules that need it first, instead of refusing']],
    load: async () => (await import('./commands/life.ts')).unload,
  },
  {
    usage: 'top',
    group: groups.keep,
    summary: 'the modules that run: state, calls, errors, processor time, memory',
    options: [['--once', 'print it once instead of following']],
    examples: ['top --once'],
    load: async () => (await import('./commands/top.ts')).top,
  },
  ...judging,
  {
    usage: 'audit [module]',
    group: groups.keep,
    summary: 'the record of changes and decisions',
    options: [['--limit <number>', 'at most so many entries, the newest']],
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    usage: 'audit verify',
    group: groups.keep,
    summary: 'verify the whole record; names the first bad entry',
    options: [['--against <file>', 'compare it with checkpoints that were kept elsewhere']],
    load: async () => (await import('./commands/audit.ts')).verify,
  },
  {
    usage: 'audit checkpoint',
    group: groups.keep,
    summary: 'sign what the record holds now, for a place elsewhere',
    options: [['--to <file>', 'append it to this file; the one of init --checkpoints when absent']],
    load: async () => (await import('./commands/audit.ts')).checkpoint,
  },
  {
    usage: 'why <module>',
    group: groups.keep,
    summary: 'why it exists: from what, judged by what, approved by whom, and what it did',
    load: async () => (await import('./commands/audit.ts')).why,
  },
  {
    usage: 'attest <module>',
    group: groups.keep,
    summary: 'the signed statement of a version: where it came from, what judged it, who approved it',
    load: async () => (await import('./commands/package.ts')).attest,
  },
  {
    usage: 'keys list',
    group: groups.keep,
    summary: 'the keys that are known, and how far each is trusted',
    load: async () => (await import('./commands/keys.ts')).list,
  },
  {
    usage: 'keys add <key>',
    group: groups.keep,
    summary: 'trust a publisher: a file, the key itself, or - for standard input',
    options: [
      ['--name <name>', 'who it belongs to'],
      ['--trust <level>', 'own, verified or community (default)'],
      ['--scope <module...>', 'modules it may publish: api/petstore, skill/*, ... (default: all)'],
      ['--until <date>', 'when it ends to count'],
    ],
    examples: ["keys add friend.json --name Friend --trust verified --scope 'skill/*'"],
    load: async () => (await import('./commands/keys.ts')).add,
  },
  {
    usage: 'keys revoke <key>',
    group: groups.keep,
    summary: 'revoke a key: what it signed stops at once',
    options: [
      ['--since <time>', 'only what was signed from then on'],
      ['--why <text>', 'the reason, for the record'],
    ],
    load: async () => (await import('./commands/keys.ts')).revoke,
  },
  {
    usage: 'keys rotate',
    group: groups.keep,
    summary: "put a new key in the place of the owner's, and sign everything again",
    load: async () => (await import('./commands/keys.ts')).rotate,
  },
  {
    usage: 'keys export',
    group: groups.keep,
    summary: "the owner's public key, for others to add",
    options: [['--name <name>', 'who it belongs to']],
    load: async () => (await import('./commands/keys.ts')).exportKey,
  },
  {
    usage: 'secret set <name>',
    group: groups.keep,
    summary: 'keep a secret; the value comes from standard input or a prompt',
    examples: ['secret set api/petstore/api_key < key.txt'],
    load: async () => (await import('./commands/secret.ts')).set,
  },
  {
    usage: 'secret list',
    group: groups.keep,
    summary: 'names and versions, never values',
    load: async () => (await import('./commands/secret.ts')).list,
  },
  {
    usage: 'secret rotate <name>',
    group: groups.keep,
    summary: 'replace the value',
    load: async () => (await import('./commands/secret.ts')).rotate,
  },
  {
    usage: 'secret revoke <name>',
    group: groups.keep,
    summary: 'forget the value',
    load: async () => (await import('./commands/secret.ts')).revoke,
  },
  {
    usage: 'secret login <module> <scheme>',
    group: groups.keep,
    summary: 'log in for a module (OAuth 2): in the browser, or with --device on another one',
    options: [
      ['--device', 'type a code on another device'],
      ['--port <port>', 'port that the browser comes back to (default: any free one)'],
    ],
    load: async () => (await import('./commands/login.ts')).login,
  },
  {
    usage: 'vault show',
    group: groups.keep,
    summary: 'where the key of all secrets comes from, and whether it is at hand',
    load: async () => (await import('./commands/vault.ts')).show,
  },
  {
    usage: 'vault unlock',
    group: groups.keep,
    summary: "open a running server's vault; the passphrase comes from standard input or a prompt",
    load: async () => (await import('./commands/vault.ts')).unlock,
  },
  {
    usage: 'vault rotate',
    group: groups.keep,
    summary: 'put another key in the place of the one there is; secrets stay as they are',
    options: [
      ['--file', 'a key in the data directory'],
      ['--keychain', "a key in this machine's keychain"],
      ['--passphrase', 'a passphrase, from standard input or a prompt'],
    ],
    load: async () => (await import('./commands/vault.ts')).rotate,
  },
];

const about: Command[] = [
  {
    usage: 'init',
    group: groups.start,
    summary: "make the data directory, the owner's key and the approval policy",
    options: [
      ['--policy <policy>', 'two-channels (default), one-channel or unattended'],
      ['--unchanged <policy>', 'what holds for new versions that may do no more than the one before'],
      ['--grave <channel...>', 'one of these must confirm what may delete, define or use a credential'],
      ['--checkpoints <file>', 'keep signed heads of the record there too, best on another disk'],
      ['--git <dir>', 'keep the sources of every released version in a git repository there'],
      ['--totp', 'set up an authenticator application as a channel'],
      ['--keychain', "keep the key of all secrets in this machine's keychain"],
      ['--passphrase', 'make the key of all secrets from a passphrase, from standard input or a prompt'],
    ],
    examples: ['init --totp', 'init --policy unattended --home ./throw-away'],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    usage: 'doctor',
    group: groups.about,
    summary: 'Node, platform, libraries, walls and the data directory',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    usage: 'modules test-isolation',
    group: groups.about,
    summary: 'attack the hosts with hostile modules, and say which walls stand on this machine',
    options: [
      ['--host <host>', 'only this one: isolate, isolate-jitless, strict, wasm or process'],
      ['--walls', 'attack nobody; only say which walls stand'],
    ],
    examples: ['modules test-isolation', 'modules test-isolation --host strict --json'],
    load: async () => (await import('./commands/walls.ts')).testIsolation,
  },
  {
    usage: 'bench [name...]',
    group: groups.about,
    summary: 'take the figures here: load, call, bus, memory, abuse, recovery',
    options: [
      ['--peers', 'with what others have, in the same run; needs a clone of the repository'],
      ['--quick', 'less of everything, in about a minute'],
    ],
    examples: ['bench', 'bench load call --quick'],
    load: async () => (await import('./commands/bench.ts')).bench,
  },
  {
    usage: 'completion <shell>',
    group: groups.about,
    summary: 'completion for bash, zsh or fish',
    examples: ['completion bash >> ~/.bashrc'],
    load: async () => (await import('./commands/completion.ts')).completion,
  },
];

/** Every command in the order in which help lists them. */
export const commands: readonly Command[] = [
  ...about.slice(0, 1),
  ...growing,
  ...using,
  ...approving,
  ...keeping,
  ...doors,
  ...about.slice(1),
];
