/** Changes single bytes of a home, and compares what comes out of it with what came before. */
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { type Burgeon, createBurgeon } from '../../../packages/burgeon/src/burgeon.ts';
import { resolveModule } from '../../../packages/burgeon/src/hook/resolve.ts';
import { sqlite } from '../../../packages/burgeon/src/adapters/stores/sqlite.ts';
import { systemClock } from '../../../packages/burgeon/src/base/clock.ts';
import { openHome } from '../../../packages/burgeon/src/base/home.ts';
import { openMasterKeys } from '../../../packages/burgeon/src/security/master-key.ts';
import { openVault } from '../../../packages/burgeon/src/security/vault.ts';
import { manage } from './operations.ts';

/** A byte of a file, and what it is changed by. */
export interface Flip {
  file: string;
  at: number;
  xor: number;
}

/** What a home gives, by question; an error is `!CODE message`. */
export type Answers = Record<string, string>;

/** What a changed byte led to. */
export type Effect =
  | { kind: 'named' | 'harmless'; texts: string[] }
  /** Something else came out, and nothing said why. */
  | { kind: 'silent'; texts: string[] };

/** Numbers from 0 to 1 that come again with the same seed. @see mulberry32 */
export const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** One byte in every block of 4 kB of every file; `perBlock` of them. */
export const flipsOf = (home: string, { random, perBlock }: { random: () => number; perBlock: number }): Flip[] => {
  const files = (readdirSync(home, { recursive: true }) as string[]).filter((name) => statSync(join(home, name)).isFile());
  return files.toSorted().flatMap((file) => {
    const { size } = statSync(join(home, file));
    const blocks = Array.from({ length: Math.ceil(size / 4_096) * perBlock }, (_, index) => Math.floor(index / perBlock));
    return blocks.map((block): Flip => {
      const length = Math.min(4_096, size - block * 4_096);
      return { file, at: block * 4_096 + Math.floor(random() * length), xor: 1 + Math.floor(random() * 255) };
    });
  });
};

/** Changes the byte. */
export const flip = (home: string, { file, at, xor }: Flip): void => {
  const bytes = readFileSync(join(home, file));
  bytes[at] = (bytes[at] ?? 0) ^ xor;
  writeFileSync(join(home, file), bytes);
};

/** Asks a home everything: what it lists, what its modules are and answer, its secrets, its record, and what would be imported. */
export const answersOf = async (dir: string): Promise<Answers> => {
  const answers: Answers = {};
  const note = async (question: string, work: () => unknown): Promise<void> => {
    answers[question] = await Promise.resolve()
      .then(work)
      .then(
        (value) => JSON.stringify(value ?? null),
        (error: unknown) => told(BurgeonError.from(error)),
      );
  };
  const opened = await createBurgeon({ home: dir, threads: false, waitMs: 1_000 }).catch((error: unknown) =>
    BurgeonError.from(error),
  );
  if (BurgeonError.is(opened)) return { open: told(opened) };
  try {
    await askAll(opened, note);
  } finally {
    await opened.close().catch((error: unknown) => (answers['close'] = told(BurgeonError.from(error))));
  }
  await note('secrets', () => secretsOf(dir));
  for (const id of ['api/notes', 'api/notes@1.0.0', 'api/third', 'skill/adder'])
    await note(`import ${id}`, () => {
      const { file, version, digest } = resolveModule(`burgeon:${id}`, {
        home: dir,
        folder: dir,
        mode: 'locked',
        add: () => false,
      });
      return [version, digest, readFileSync(file, 'utf8'), readFileSync(file.replace('index.ts', 'types.ts'), 'utf8')];
    });
  return answers;
};

const told = ({ code, message }: BurgeonError): string => `!${code} ${message}`;

type Note = (question: string, work: () => Promise<unknown>) => Promise<void>;

const askAll = async (burgeon: Burgeon, note: Note): Promise<void> => {
  const ask = (operation: string, input: JsonObject = {}): Promise<void> =>
    note(`${operation} ${JSON.stringify(input)}`, async () => plain(await manage(burgeon, operation, input)));
  await ask('verifyAudit');
  for (const operation of [
    'listModules',
    'listApprovals',
    'listSecrets',
    'listAccess',
    'listChannels',
    'listKeys',
    'listAudit',
    'showVault',
  ])
    await ask(operation);
  await note('policy', async () => burgeon.policy);
  for (const [namespace, name] of [
    ['api', 'notes'],
    ['api', 'third'],
    ['skill', 'adder'],
  ] as const) {
    await ask('listVersions', { namespace, name });
    await ask('showModule', { namespace, name, files: true });
    await ask('explainModule', { namespace, name });
    await ask('packageModule', { namespace, name });
    if (name === 'notes') await ask('packageModule', { namespace, name, version: '1.0.0' });
    if (namespace === 'api') await ask('callOperation', { namespace, name, operation: 'listNotes', input: {} });
  }
};

/** Without what differs from one opening to the next: when something was last used, how long a call took, under which trace. */
const plain = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !['lastUsedAt', 'elapsedMs', 'traceId'].includes(key))
      .map(([key, each]) => [key, plain(each as JsonValue)]),
  );
};

const secretsOf = async (dir: string): Promise<unknown> => {
  const home = await openHome(dir, { clock: systemClock, waitMs: 1_000 });
  try {
    const store = await sqlite.open(home.path('burgeon.db'), { clock: systemClock });
    try {
      const vault = openVault({ store, masterKey: openMasterKeys({ home, clock: systemClock }), clock: systemClock });
      const all: Record<string, unknown> = {};
      for (const { name, version } of await vault.list()) all[name] = [version, await vault.read(name)];
      return all;
    } finally {
      await store.close();
    }
  } finally {
    await home.close();
  }
};

/** Compares answers with those of the whole home. What differs must be an error, or be what another error is about. */
export const effectOf = (whole: Answers, now: Answers): Effect => {
  const errors = Object.values(now).filter((text) => text.startsWith('!'));
  const broken = now['verifyAudit {}']?.includes('"ok":false') === true ? [now['verifyAudit {}'] ?? ''] : [];
  if ('open' in now) return { kind: 'named', texts: errors };
  const differing = Object.keys(whole).filter((question) => now[question] !== whole[question]);
  const wrong = differing.filter((question) => !now[question]?.startsWith('!') && !broken.includes(now[question] ?? ''));
  if (wrong.length > 0) return { kind: 'silent', texts: wrong.map((question) => `${question}: ${now[question]?.slice(0, 300)}`) };
  return differing.length === 0 ? { kind: 'harmless', texts: [] } : { kind: 'named', texts: [...errors, ...broken] };
};
