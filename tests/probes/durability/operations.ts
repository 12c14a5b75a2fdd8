/** What is done to a home while it is killed, starved or cut from its disk; and the process that does it. */
import { createInterface } from 'node:readline';
import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { Secret, TOTP } from 'otpauth';
import { type Burgeon, createBurgeon } from '../../../packages/burgeon/src/burgeon.ts';

/** What a ground hands to the operations on it. */
export interface Facts {
  /** Folder with documents and packages. */
  sources: string;
  /** Address of what the modules call. */
  location: string;
  /** The open approval request, the code of its terminal, and the authenticator's secret. */
  request?: string;
  code?: string;
  totp?: string;
}

/** A home as people see it: what must be before an operation or after it, and never between. */
export interface Sight {
  /** Versions with their states, by module. */
  versions: Record<string, Record<string, string>>;
  /** States of the approval requests, by module. */
  requests: Record<string, string[]>;
  /** Versions of secrets by their names. */
  secrets: Record<string, number>;
  accessKeys: number;
  channels: string[];
  ownerKeys: number;
  policy: string;
}

/** One operation of the table. */
export interface Operation {
  name: string;
  /** The home it starts from. */
  ground: 'nothing' | 'grown' | 'asked' | 'half';
  run(burgeon: Burgeon, facts: Facts): Promise<void>;
  /** In which state a home is, in one word. */
  look(sight: Sight): string;
  /** The states that may be found after a crash; the last is the one that is acknowledged. */
  states: readonly string[];
}

/** Calls one of the management operations. */
export const manage = async (burgeon: Burgeon, operation: string, input: JsonObject = {}): Promise<JsonValue> =>
  (await burgeon.management.call(operation, input)).output;

/** Answers a request with the code of the terminal, or with the authenticator's of now. */
export const answer = async (burgeon: Burgeon, { request = '', code = '', totp = '' }: Facts, channel: string): Promise<void> => {
  // Steps that a crash used up are used up: the next one is good as well.
  const tokens = [0, 30_000].map((ms) => new TOTP({ secret: Secret.fromBase32(totp) }).generate({ timestamp: Date.now() + ms }));
  const codes = channel === 'terminal' ? [code] : tokens;
  for (const [index, each] of codes.entries()) {
    try {
      await manage(burgeon, 'approve', { request, channel, code: each });
      return;
    } catch (error) {
      if (index === codes.length - 1 || BurgeonError.from(error).code !== 'APPROVAL_CODE_INVALID') throw error;
    }
  }
};

const notes = 'api/notes';
const inNotes = { namespace: 'api', name: 'notes' };
const other = 'api/other';
const ofModule =
  (id: string) =>
  ({ versions, requests }: Sight): string =>
    Object.entries(versions[id] ?? {})
      .map(([version, state]) => `${version} ${state}`)
      // Asked again after a crash, a module has two requests of one kind.
      .concat([...new Set(requests[id])])
      .join(', ') || 'none';

const adding = (name: string, what: (facts: Facts) => JsonObject): Operation => ({
  name,
  ground: 'grown',
  run: async (burgeon, facts) => void (await manage(burgeon, 'addModule', what(facts))),
  look: ofModule(other),
  states: ['none', '1.0.0 pending', '1.0.0 pending, approved', '1.0.0 active, approved'],
});

const setting = (
  name: string,
  [operation, input]: [string, JsonObject],
  rest: Pick<Operation, 'look' | 'states'>,
): Operation => ({
  name,
  ground: 'grown',
  run: async (burgeon) => void (await manage(burgeon, operation, input)),
  ...rest,
});

const secret = `${notes}/key`;

/** The table. */
export const operations: readonly Operation[] = [
  {
    name: 'init',
    ground: 'nothing',
    run: async (burgeon) => void (await burgeon.init({ policy: 'one-channel', totp: false })),
    look: ({ policy }) => policy,
    states: ['two-channels', 'one-channel'],
  },
  adding('add', ({ sources, location }) => ({ what: join(sources, 'other.json'), location })),
  adding('package add', ({ sources }) => ({ what: join(sources, 'other.tgz'), allowFresh: true })),
  {
    name: 'approve, first channel',
    ground: 'asked',
    run: (burgeon, facts) => answer(burgeon, facts, 'terminal'),
    look: ofModule(notes),
    states: ['1.0.0 pending, pending', '1.0.0 pending, half'],
  },
  {
    name: 'approve, second channel (activate)',
    ground: 'half',
    run: (burgeon, facts) => answer(burgeon, facts, 'totp'),
    look: ofModule(notes),
    states: ['1.0.0 pending, half', '1.0.0 pending, approved', '1.0.0 active, approved'],
  },
  {
    name: 'rollback',
    ground: 'grown',
    run: async (burgeon) => void (await manage(burgeon, 'rollbackSkill', { id: notes, version: '1.0.0' })),
    look: ({ versions }) => Object.entries(versions[notes] ?? {}).find(([, state]) => state === 'active')?.[0] ?? 'none',
    states: ['1.1.0', '1.0.0'],
  },
  setting('secret set', ['setSecret', { name: `${notes}/token`, value: 'value 1' }], {
    look: ({ secrets }) => String(secrets[`${notes}/token`] ?? 'none'),
    states: ['none', '1'],
  }),
  setting('secret rotate', ['rotateSecret', { name: secret, value: 'value 2' }], {
    look: ({ secrets }) => String(secrets[secret]),
    states: ['1', '2'],
  }),
  setting('vault rotate', ['rotateVault', { kind: 'file' }], { look: () => 'open', states: ['open'] }),
  setting('keys rotate', ['rotateKey', {}], { look: ({ ownerKeys }) => String(ownerKeys), states: ['1', '2'] }),
  setting('access grant', ['grantAccess', { role: 'viewer', name: 'guest' }], {
    look: ({ accessKeys }) => String(accessKeys),
    states: ['1', '2'],
  }),
  setting('channels set', ['setChannel', { name: 'webhook', settings: { url: 'https://gate.example/ask', deliver: 'sms' } }], {
    look: ({ channels }) => String(channels.includes('webhook')),
    states: ['false', 'true'],
  }),
  {
    name: 'audit of calls, checkpoint',
    ground: 'grown',
    run: async (burgeon) => {
      for (const input of [{}, { body: { text: 'a' } }])
        await manage(burgeon, 'callOperation', { ...inNotes, operation: 'body' in input ? 'addNote' : 'listNotes', input });
      await manage(burgeon, 'checkpointAudit', { file: join(burgeon.home.dir, 'checkpoints.jsonl') });
    },
    look: () => 'sound',
    states: ['sound'],
  },
];

/** What a home looks like from outside. */
export const sightOf = async (burgeon: Burgeon): Promise<Sight> => {
  const list = async <T>(operation: string, input: JsonObject = {}): Promise<T[]> =>
    (await manage(burgeon, operation, input)) as unknown as T[];
  const sight: Sight = {
    versions: {},
    requests: {},
    secrets: {},
    accessKeys: 0,
    channels: [],
    ownerKeys: 0,
    policy: burgeon.policy,
  };
  for (const { id } of await list<{ id: string }>('listModules')) {
    const [namespace = '', name = ''] = id.split('/');
    const versions = await list<{ version: string; state: string }>('listVersions', { namespace, name });
    sight.versions[id] = Object.fromEntries(versions.map(({ version, state }) => [version, state]));
  }
  for (const { module, state } of await list<{ module: string; state: string }>('listApprovals'))
    (sight.requests[module] ??= []).push(state);
  for (const { name, version } of await list<{ name: string; version: number }>('listSecrets')) sight.secrets[name] = version;
  sight.accessKeys = (await list('listAccess')).length;
  const channels = await list<{ name: string; settings?: JsonObject }>('listChannels');
  sight.channels = channels.flatMap(({ name, settings }) => (settings ? [name] : []));
  const keys = await list<{ role: string }>('listKeys');
  sight.ownerKeys = keys.filter(({ role }) => role === 'owner').length;
  return sight;
};

/** The process: opens the home, says so, does the operation and acknowledges it for each line it is sent, closes. A home is made after the line. */
const serve = async ([home = '', name = '', facts = '']: string[]): Promise<void> => {
  const say = (text: string): void => void writeSync(1, `${text}\n`);
  const operation = operations.find((each) => each.name === name);
  const open = (): Promise<Burgeon> => createBurgeon({ home, threads: false });
  // Reading a file makes the thread that reads files.
  const early = operation?.ground === 'nothing' ? await readFile(import.meta.filename).then(() => undefined) : await open();
  say('ready');
  let burgeon = early;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'end') break;
    try {
      burgeon ??= await open();
      await operation?.run(burgeon, JSON.parse(facts) as Facts);
      say('acknowledged');
    } catch (error) {
      say(`failed ${JSON.stringify(error)}`);
    }
  }
  await burgeon?.close().catch((error: unknown) => say(`closing ${JSON.stringify(error)}`));
  say('closed');
};

if (process.argv[1] === import.meta.filename) await serve(process.argv.slice(2));
