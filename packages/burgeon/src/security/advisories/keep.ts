import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { writeDurably } from '../../base/durable-file.ts';
import { isObject } from '../../base/json.ts';
import { readAdvisories } from './data.ts';
import { type Advisory, parseAdvisories } from './record.ts';

/** What is known about the data that is kept. */
export interface AdvisoryStatus {
  records: number;
  /** When the newest record was modified, ISO 8601 UTC; absent when there are none. */
  date?: string;
  digest?: string;
  ecosystems: string[];
}

/** What an import did. */
export interface AdvisoryImport extends AdvisoryStatus {
  /** Records that were not there before, or were older. */
  taken: number;
}

/** Bytes of a file that is taken in. */
const mostBytes = 512 * 1024 * 1024;

/** The one file that is replaced as a whole, so that a crash leaves the data before or the data after. */
const fileIn = (folder: string): string => join(folder, 'osv.json');

/** Vulnerability data of a home. */
export const advisoryStatus = async (folder: string): Promise<AdvisoryStatus> => {
  const data = await readAdvisories(folder);
  if (!data) return { records: 0, ecosystems: [] };
  const { records, date, digest, ecosystems } = data;
  return { records, date, digest, ecosystems: [...ecosystems].toSorted() };
};

/**
 * Adds the records of a document to the data of a home; the newer of two with one id stays.
 * @throws {BurgeonError} INPUT_INVALID when the document holds anything else; nothing is then taken
 */
export const importAdvisories = async (folder: string, text: string, name: string): Promise<AdvisoryImport> => {
  if (text.length > mostBytes) throw new BurgeonError('INPUT_INVALID', { message: `${name} is larger than ${mostBytes} bytes.` });
  const records = parseAdvisories(text, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const byId = new Map((await keptIn(folder)).map((record) => [record.id, record]));
  const fresh = records.filter((record) => (byId.get(record.id)?.modified ?? '') < record.modified);
  for (const record of fresh) byId.set(record.id, record);
  if (fresh.length > 0) {
    const all = [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    // One record a line: what changed can be seen.
    await writeDurably(fileIn(folder), `[\n${all.map((record) => JSON.stringify(record)).join(',\n')}\n]\n`);
  }
  return { taken: fresh.length, ...(await advisoryStatus(folder)) };
};

const keptIn = async (folder: string): Promise<Advisory[]> => {
  try {
    return parseAdvisories(await readFile(fileIn(folder), 'utf8'), fileIn(folder));
  } catch (error) {
    if (isObject(error) && error['code'] === 'ENOENT') return [];
    throw error;
  }
};
