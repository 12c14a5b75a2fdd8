import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../base/json.ts';
import { type PackageVersion, affects, ecosystemOf, packageName } from './affects.ts';
import { type Advisory, parseAdvisories } from './record.ts';

/** Vulnerability data that the owner keeps. */
export interface AdvisoryData {
  records: number;
  /** When the newest of its records was modified, ISO 8601 UTC. */
  date: string;
  /** sha-256 (hex) of its bytes. */
  digest: string;
  /** Ecosystems that it speaks of. */
  ecosystems: ReadonlySet<string>;
  /** The records that say a version of a package is vulnerable, in the order of their ids. */
  about(wanted: PackageVersion): Advisory[];
}

/** Files of one folder that are read. */
const mostFiles = 10_000;

const filesOf = async (path: string): Promise<string[]> => {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  if (found.isFile()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.json')).toSorted();
  return names.slice(0, mostFiles).map((name) => join(path, name));
};

/** What the files look like from outside; the same look is the same data. */
const lookOf = async (files: readonly string[]): Promise<string> => {
  const looks = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs, ino } = await stat(file);
      return `${file} ${size} ${mtimeMs} ${ino}`;
    }),
  );
  return looks.join('\n');
};

const known = new Map<string, { look: string; data: Promise<AdvisoryData> }>();

/**
 * Reads a file of records, or a folder of such; undefined when there is none. What did not change is not read again.
 * @throws {BurgeonError} INPUT_INVALID when a file holds something else
 */
export const readAdvisories = async (path: string | undefined): Promise<AdvisoryData | undefined> => {
  if (path === undefined) return undefined;
  const files = await filesOf(path);
  if (files.length === 0) return undefined;
  const look = await lookOf(files);
  const before = known.get(path);
  if (before?.look === look) return before.data;
  const data = read(files);
  known.set(path, { look, data });
  data.catch(() => known.delete(path));
  return data;
};

const read = async (files: readonly string[]): Promise<AdvisoryData> => {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const byId = new Map<string, Advisory>();
  for (const [index, text] of texts.entries())
    for (const record of parseAdvisories(text, files[index] ?? '')) {
      const other = byId.get(record.id);
      if (!other || other.modified <= record.modified) byId.set(record.id, record);
    }
  return indexed([...byId.values()], sha256(texts.map((text) => sha256(text)).join('\n')));
};

const keyOf = (ecosystem: string, name: string): string => `${ecosystem}:${packageName(ecosystem, name)}`;

const indexed = (records: readonly Advisory[], digest: string): AdvisoryData => {
  const byPackage = new Map<string, Set<Advisory>>();
  const ecosystems = new Set<string>();
  for (const record of records)
    for (const { package: named } of record.affected ?? []) {
      // Records about a repository name no package.
      if (named === undefined) continue;
      const ecosystem = ecosystemOf(named.ecosystem);
      ecosystems.add(ecosystem);
      const key = keyOf(ecosystem, named.name);
      byPackage.set(key, (byPackage.get(key) ?? new Set()).add(record));
    }
  const date = records.reduce((newest, { modified }) => (modified > newest ? modified : newest), '');
  return {
    records: records.length,
    date,
    digest,
    ecosystems,
    about: (wanted) =>
      [...(byPackage.get(keyOf(wanted.ecosystem, wanted.name)) ?? [])]
        .filter((record) => affects(record, wanted))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
};
