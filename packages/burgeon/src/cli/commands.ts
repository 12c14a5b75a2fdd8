import type { Command } from './command.ts';

const groups = {
  start: 'Start:',
  grow: 'Grow modules:',
  use: 'Use them:',
  approve: 'Approve:',
  keep: 'Look after them:',
  doors: 'Open doors:',
  about: 'About this machine:',
} as const;

const pointing = [
  ['--as <source>', 'read it with this source instead of the best guess'],
  ['--name <name>', 'short name of the module'],
  ['--location <url>', "base address to use instead of the document's own"],
  ['--allow-ref <what...>', 'further documents that this one may refer to'],
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
    options: pointing,
    examples: ['add ./petstore.yaml', 'add https://example.com/openapi.json --name shop', 'cat api.yaml | burgeon add -'],
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
];

const using: Command[] = [
  {
    usage: 'list',
    group: groups.use,
    summary: 'the modules',
    options: [['--state <state>', 'only those in this state']],
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

const approving: Command[] = [
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
    summary: 'confirm a request over one channel',
    options: [
      ['--code <code>', 'the code of the channel'],
      ['--channel <name>', 'the channel that the code belongs to'],
    ],
    load: async () => (await import('./commands/approvals.ts')).approve,
  },
  {
    usage: 'reject <request>',
    group: groups.approve,
    summary: 'turn a request down',
    options: [['--why <text>', 'the reason, for the record']],
    load: async () => (await import('./commands/approvals.ts')).reject,
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
    load: async () => (await import('./commands/modules.ts')).diff,
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
  {
    usage: 'check <module>',
    group: groups.keep,
    summary: 'run the checks over a module, or over a folder that holds one',
    options: [
      ['--sarif', 'print a SARIF 2.1.0 document'],
      ['--junit', 'print a JUnit XML document'],
    ],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    usage: 'test <module>',
    group: groups.keep,
    summary: 'try it against its own mirror',
    load: async () => (await import('./commands/check.ts')).test,
  },
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
    load: async () => (await import('./commands/audit.ts')).verify,
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
];

const doors: Command[] = [
  {
    usage: 'serve',
    group: groups.doors,
    summary: 'HTTP API, MCP (/mcp), OpenAPI (/openapi.json), health',
    options: [
      ['--port <port>', 'port to answer on (default: 4600)'],
      ['--host <address>', 'address to bind (default: 127.0.0.1); beyond the machine itself, give a token in BURGEON_TOKEN'],
      ['--open', 'ask for no token; only on the loopback address'],
      ['--view <view>', 'how MCP shows operations: static, search or code'],
    ],
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    usage: 'mcp',
    group: groups.doors,
    summary: 'MCP over standard input and output',
    options: [['--view <view>', 'static, search or code']],
    load: async () => (await import('./commands/mcp.ts')).mcp,
  },
];

const about: Command[] = [
  {
    usage: 'init',
    group: groups.start,
    summary: "make the data directory, the owner's key and the approval policy",
    options: [
      ['--policy <policy>', 'two-channels (default), one-channel or unattended'],
      ['--totp', 'set up an authenticator application as a channel'],
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
