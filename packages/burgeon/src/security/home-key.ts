import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { BurgeonError } from '@burgeon/kit';
import { writeDurably } from '../base/durable-file.ts';
import type { Home } from '../base/home.ts';
import { sha256 } from '../base/json.ts';

/**
 * 32 bytes of a home in `keys/home.key` (mode 0600), made at the first call. Under them lies what has to work while the vault is locked, such as
 * the codes of approvals; nothing is sealed with them.
 * @throws {BurgeonError} HOME_DAMAGED
 */
export const openHomeKey = async (home: Home): Promise<Uint8Array> => {
  const path = home.path('keys', 'home.key');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ENOENT') throw damaged(home, error);
  });
  if (text !== undefined) {
    const key = Buffer.from(text.slice(0, 64), 'hex');
    if (text !== textOf(key)) throw damaged(home);
    return key;
  }
  const bytes = randomBytes(32);
  await mkdir(home.path('keys'), { recursive: true, mode: 0o700 });
  await writeDurably(path, textOf(bytes));
  return bytes;
};

/** The key and the beginning of its digest: another digit would be another key, and nobody would know why no code fits any more. */
const textOf = (key: Buffer): string => `${key.toString('hex')}${sha256(key).slice(0, 16)}\n`;

const damaged = ({ dir }: Home, cause?: unknown): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `keys/home.key of ${dir} cannot be read as a key.`,
    hint: 'Put a copy of the file back, or take it away: open approval codes are then void.',
    cause,
  });
