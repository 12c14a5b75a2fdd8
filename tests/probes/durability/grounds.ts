/** The homes that operations start from: made once, copied for every run. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestExtension, type Exposure, type JsonObject, type JsonValue } from '@burgeon/kit';
import { type Burgeon, type BurgeonOptions, createBurgeon } from '../../../packages/burgeon/src/burgeon.ts';
import { type Facts, type Operation, answer, manage } from './operations.ts';

/** A home to start from, with what operations on it need to know. */
export interface Ground {
  home: string;
  facts: Facts;
}

/** All of them, and the server that their modules call. */
export interface Grounds {
  of(name: Operation['ground']): Ground;
  close(): Promise<void>;
}

/** Does something to a home, and closes it again. */
export const within = async <T>(
  home: string,
  work: (burgeon: Burgeon) => Promise<T>,
  options: Partial<BurgeonOptions> = {},
): Promise<T> => {
  const burgeon = await createBurgeon({ home, threads: false, ...options });
  try {
    return await work(burgeon);
  } finally {
    await burgeon.close();
  }
};

/** A document of two operations; with more properties, the interface is a new one. */
const documentOf = (...properties: string[]): string => {
  const schema = {
    type: 'object',
    required: ['text'],
    properties: Object.fromEntries(['text', ...properties].map((name) => [name, { type: 'string' }])),
  };
  const json = (of: JsonValue): JsonObject => ({ 'application/json': { schema: of } });
  const list = { 200: { description: 'all', content: json({ type: 'array', items: schema }) } };
  const body = { required: true, content: json(schema) };
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Notes', version: '1' },
    paths: {
      '/notes': {
        get: { operationId: 'listNotes', responses: list },
        post: { operationId: 'addNote', requestBody: body, responses: { 201: { description: 'made', content: json(schema) } } },
      },
    },
  });
};

const codeModule = (folder: string): string => {
  mkdirSync(folder);
  const operations = { add: { effect: 'read', input: { properties: { to: { type: 'integer' } } }, output: { type: 'integer' } } };
  const card = { name: 'skill.adder', license: 'MIT', extensions: { [manifestExtension]: { operations } } };
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(card));
  writeFileSync(join(folder, 'index.ts'), 'export const operations = { add: async ({ to = 0 }: { to?: number }) => to + 1 };\n');
  return folder;
};

/** Makes them all below a folder. */
export const makeGrounds = async (root: string): Promise<Grounds> => {
  const sources = join(root, 'sources');
  mkdirSync(sources);
  for (const [name, text] of [
    ['notes.json', documentOf()],
    ['notes-2.json', documentOf('colour')],
    ['other.json', documentOf('size').replace('"Notes"', '"Other"')],
  ] as const)
    writeFileSync(join(sources, name), text);
  const standing = await createBurgeon({ home: join(root, 'standing') });
  const mirror: Exposure = await standing.standUp({ what: 'notes.json', text: documentOf('colour', 'size') });
  const facts: Facts = { sources, location: mirror.url };
  const publisher = await publish(join(root, 'publisher'), facts);
  const grown = join(root, 'grown');
  await grow(grown, facts, publisher);
  const [asked, half] = await ask(root, facts);
  const nothing = join(root, 'nothing');
  mkdirSync(nothing, { mode: 0o700 });
  const grounds = { nothing: { home: nothing, facts }, grown: { home: grown, facts }, asked, half };
  return {
    of: (name) => grounds[name],
    close: async () => {
      await mirror.close();
      await standing.close();
    },
  };
};

/** A package of a publisher, and the document of the key. */
const publish = async (home: string, { sources, location }: Facts): Promise<string> => {
  await within(home, (burgeon) => burgeon.init({ policy: 'unattended', totp: false }));
  return within(home, async (burgeon) => {
    await manage(burgeon, 'addModule', { what: join(sources, 'other.json'), location });
    const { base64 } = (await manage(burgeon, 'packageModule', { namespace: 'api', name: 'other' })) as { base64: string };
    writeFileSync(join(sources, 'other.tgz'), Buffer.from(base64, 'base64'));
    return JSON.stringify(await manage(burgeon, 'exportKey'));
  });
};

/** Three modules (one with two versions, one of code), a secret, an access key, a publisher. */
const grow = async (home: string, { sources, location }: Facts, publisher: string): Promise<void> => {
  await within(home, (burgeon) => burgeon.init({ policy: 'unattended', totp: false }));
  await within(home, async (burgeon) => {
    await manage(burgeon, 'addModule', { what: join(sources, 'notes.json'), location });
    await manage(burgeon, 'addModule', { what: join(sources, 'notes-2.json'), location });
    await manage(burgeon, 'addModule', { what: codeModule(join(sources, 'adder')) });
    await manage(burgeon, 'addModule', { what: join(sources, 'notes.json'), location, name: 'third' });
    await manage(burgeon, 'setSecret', { name: 'api/notes/key', value: 'value 1' });
    await manage(burgeon, 'setSecret', { name: 'api/third/key', value: 'value 3' });
    await manage(burgeon, 'grantAccess', { role: 'operator', name: 'first' });
    await manage(burgeon, 'addKey', { publicKey: publisher, name: 'publisher', trust: 'verified', scope: ['*'] });
  });
};

/** A home that waits for the first channel, and one that waits for the second. */
const ask = async (root: string, facts: Facts): Promise<[Ground, Ground]> => {
  const [first, second] = [join(root, 'asked'), join(root, 'half')];
  const made = await within(first, (burgeon) => burgeon.init({ policy: 'two-channels', totp: true }));
  let said = '';
  const write = (text: string): void => void (said += text);
  const request = await within(
    first,
    async (burgeon) => {
      const added = await manage(burgeon, 'addModule', { what: join(facts.sources, 'notes.json'), location: facts.location });
      const { id } = (added as { request: { id: string } }).request;
      if (!said.includes('--code')) await manage(burgeon, 'approve', { request: id, channel: 'terminal' });
      return id;
    },
    { write },
  );
  const code = /--code (\S+)/.exec(said)?.[1] ?? '';
  const known = { ...facts, request, code, totp: made.totp?.secret ?? '' };
  cpSync(first, second, { recursive: true });
  await within(second, (burgeon) => answer(burgeon, known, 'terminal'));
  return [
    { home: first, facts: known },
    { home: second, facts: known },
  ];
};
