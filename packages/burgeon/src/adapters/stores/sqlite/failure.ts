import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { fullError } from '../../../base/durable-file.ts';

/** Primary result codes. @see https://sqlite.org/rescode.html */
const codes = { io: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 } as const;

const primary = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff;

/** True when the disk itself failed. What it holds of the last writes is unknown then, and a second try would not tell. */
export const isDiskFailure = (error: unknown): boolean =>
  primary(error) === codes.io || (error as { code?: string }).code === 'EIO';

/** What a failure of SQLite means for the file at `location`. Our own errors pass through. */
export const explain = (error: unknown, location: string): BurgeonError => {
  if (BurgeonError.is(error)) return error;
  const code = primary(error);
  const { message } = error as Error;
  if (code === codes.corrupt || code === codes.notDatabase) return damaged(location, message, error);
  const isFull = code === codes.full || ((code === codes.io || code === codes.cannotOpen) && noSpaceBeside(location));
  if (isFull) return fullError(location, error);
  return new BurgeonError('HOME_UNWRITABLE', {
    message: `${location} cannot be used: ${message}.`,
    hint: 'Look at the permissions and the disk of the data directory.',
    cause: error,
  });
};

/** The error of a file that holds something else than was written. */
export const damaged = (location: string, detail: string, cause?: unknown): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `${location} is damaged: ${detail}.`,
    hint: 'Put a copy of the file back, or start again with another --home.',
    ...(cause === undefined ? {} : { cause }),
  });

/** What SQLite keeps beside the file takes this much at least, bytes. Where it finds no room, it only says that it failed. */
const sideFileBytes = 32_768;

const noSpaceBeside = (location: string): boolean => {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(dirname(location));
    return bavail * bsize < sideFileBytes || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
};
