/** Two homes, one that publishes and one that takes in, for the probes of packages; a table at the end says what came of each. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError, manifestExtension, type JsonObject } from '@burgeon/kit';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBurgeon, type Burgeon } from '../../packages/burgeon/src/burgeon.ts';
import { manualClock } from '../../packages/burgeon/src/base/clock.ts';
import { asText } from '../../packages/burgeon/src/base/json.ts';
import { type ArchiveFile, readArchive, writeArchive } from '../../packages/burgeon/src/registry/package/archive.ts';

/** A home whose time is ours. */
export interface ProbeHome {
  clock: ReturnType<typeof manualClock>;
  burgeon: Burgeon;
  manage(operation: string, input?: JsonObject): Promise<JsonObject>;
}

/** What the probes use. */
export interface PackageHomes {
  /** Folder for what is written; the homes are in it. */
  root: string;
  publisher(): ProbeHome;
  reader(): ProbeHome;
  open(name: string): Promise<ProbeHome>;
  /** A version of the module that all of them are about. */
  addVersion(home: ProbeHome, by: number): Promise<JsonObject>;
  /** It as the publisher packages it. */
  packed(version?: string): Promise<{ bytes: Buffer; integrity: string }>;
  take(home: ProbeHome, bytes: Buffer, more?: JsonObject): Promise<JsonObject>;
  /** Notes what came of a probe. */
  probe(id: string, what: string, came: string, expected: string): void;
}

/** The module that all of them are about. */
export const adder = { namespace: 'skill', name: 'adder' };

/** Opens both before the tests of this file, and closes them after it. */
export const openHomes = (name: string): PackageHomes => {
  const root = mkdtempSync(join(tmpdir(), `burgeon-${name}-`));
  const results: string[][] = [];
  let homes: { publisher: ProbeHome; reader: ProbeHome } | undefined;
  let written = 0;
  const both = (): NonNullable<typeof homes> => homes ?? expect.unreachable();
  const open = (home: string): Promise<ProbeHome> => openAt(join(root, home));
  const addVersion = (home: ProbeHome, by: number): Promise<JsonObject> =>
    home.manage('addModule', { what: writeAdder(root, by) });
  beforeAll(async () => {
    homes = { publisher: await open('publisher'), reader: await open('reader') };
    await addVersion(homes.publisher, 1);
  });
  afterAll(async () => {
    for (const home of Object.values(both())) await home.burgeon.close();
    rmSync(root, { recursive: true, force: true });
    process.stdout.write(`\n${tableOf(results)}\n`);
  });
  return {
    root,
    open,
    addVersion,
    publisher: () => both().publisher,
    reader: () => both().reader,
    packed: async (version) => {
      const which = version === undefined ? adder : { ...adder, version };
      const { base64, integrity } = await both().publisher.manage('packageModule', which);
      return { bytes: Buffer.from(asText(base64), 'base64'), integrity: asText(integrity) };
    },
    take: async (home, bytes, more = {}) => {
      const what = join(root, `taken-${++written}.tgz`);
      writeFileSync(what, bytes);
      return home.manage('addModule', { what, allowFresh: true, ...more });
    },
    probe: (id, what, came, expected) => {
      results.push([id, what, came, came === expected ? 'as it must' : `NOT ${expected}`]);
      expect(came, what).toBe(expected);
    },
  };
};

const openAt = async (home: string): Promise<ProbeHome> => {
  const clock = manualClock(Date.parse('2026-06-01T00:00:00Z'));
  const burgeon = await createBurgeon({ home, threads: false, clock });
  await burgeon.init({ policy: 'unattended', totp: false });
  const manage = async (operation: string, input: JsonObject = {}): Promise<JsonObject> =>
    (await burgeon.management.call(operation, input)).output as JsonObject;
  return { clock, burgeon, manage };
};

const writeAdder = (root: string, by: number): string => {
  const code = `export const operations = { add: async ({ to = 0 }: { to?: number }) => to + ${by} };\n`;
  return writeModule(root, { name: 'skill.adder', code });
};

/** A module with one operation, `add`. Gives its folder. */
export const writeModule = (root: string, { name, code }: { name: string; code: string }): string => {
  const folder = mkdtempSync(join(root, 'module-'));
  const operations = { add: { effect: 'read', input: { properties: { to: { type: 'integer' } } }, output: { type: 'integer' } } };
  const manifest = { name, license: 'MIT', extensions: { [manifestExtension]: { operations } } };
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'index.ts'), code);
  return folder;
};

const tableOf = (results: readonly string[][]): string => {
  const widths = [0, 1, 2].map((column) => Math.max(...results.map((row) => row[column]?.length ?? 0)));
  return results.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
};

/** Why something was refused: code and the one word that programs go by. */
export const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (error: unknown) => {
      const { code, data } = BurgeonError.from(error);
      const { reason, differs } = (data ?? {}) as { reason?: string; differs?: string };
      return [code, reason ?? differs].filter((each) => each !== undefined).join(' ');
    },
  );

/** The package with some of its files changed. */
export const changed = async (bytes: Buffer, change: (files: Map<string, Buffer>) => void): Promise<Buffer> => {
  const files = new Map((await readArchive(bytes)).map(({ path, content }) => [path.slice('package/'.length), content]));
  change(files);
  return writeArchive([...files].map(([path, content]): ArchiveFile => ({ path: `package/${path}`, content })));
};

/** A value as a file. */
export const jsonFile = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
