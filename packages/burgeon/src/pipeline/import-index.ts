import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { digestOf, isObject, sha256 } from '../base/json.ts';

/** What the import hook knows of one module: enough to resolve or refuse a specifier without opening the store. */
export interface ImportEntry {
  /** Version a specifier without version resolves to; empty when none is active. */
  version: string;
  digest: string;
  state: string;
  /** Every version that may be imported, with its digest. */
  versions: Record<string, string>;
  /** Approval request of what waits. */
  request?: string;
}

/** `imports/index.json`: derived data, made again from the registry whenever it is not there. */
export interface ImportIndex {
  /** By module id. */
  modules: Record<string, ImportEntry>;
  /** sha-256 (hex) of the stubs, by their paths in the folder. */
  files: Record<string, string>;
}

/** The text of an index, with a sum over it: what is imported runs, so a byte that changed on the disk must not go unseen. */
export const indexText = (index: ImportIndex): string => `${JSON.stringify({ ...index, sum: digestOf(index) }, null, 2)}\n`;

/** The index in a folder of imports; one that was never written is empty. @throws {BurgeonError} HOME_DAMAGED */
export const readImportIndex = (folder: string): ImportIndex => {
  const path = join(folder, 'index.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { modules: {}, files: {} };
  }
  const value = parse(text);
  if (!isObject(value) || !isObject(value['modules'])) throw damaged(path);
  const { modules, files, sum } = value as { modules: ImportIndex['modules']; files?: unknown; sum?: unknown };
  // Those that an earlier version wrote carry neither.
  if (sum === undefined && files === undefined) return { modules, files: {} };
  const index = { modules, files: isObject(files) ? (files as ImportIndex['files']) : {} };
  if (sum !== digestOf(index)) throw damaged(path);
  return index;
};

/** Sees to it that the stub of a version is what was written. @throws {BurgeonError} HOME_DAMAGED */
export const requireStub = (folder: string, { files }: ImportIndex, stub: string): void => {
  for (const [path, sum] of Object.entries(files)) {
    if (path.startsWith(`${stub}/`) && sumOf(join(folder, path)) !== sum) throw damaged(join(folder, path));
  }
};

const sumOf = (path: string): string => {
  try {
    return sha256(readFileSync(path));
  } catch {
    return '';
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const damaged = (path: string): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `${path} is not what was written.`,
    hint: 'Remove the folder imports of the data directory: the next command writes it again.',
  });
