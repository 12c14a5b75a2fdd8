import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomIds } from '../../base/ids.ts';
import { isOwnerGone, ownerName } from './owner.ts';

const prefix = 'burgeon-jail-';

let swept = false;

/**
 * Makes an empty folder for one child where it cannot have a `/tmp` of its own, readable by its owner alone. The caller removes it. The first
 * call also takes away what a killed process of ours has left.
 */
export const makeScratch = (): { path: string; remove(): Promise<void> } => {
  if (!swept) sweep();
  const path = join(tmpdir(), `${prefix}${ownerName()}-${randomIds.next('jail').slice(-10)}`);
  mkdirSync(path, { mode: 0o700 });
  return { path, remove: () => rm(path, { recursive: true, force: true }).catch(() => undefined) };
};

const sweep = (): void => {
  swept = true;
  for (const name of readdirSync(tmpdir()))
    if (name.startsWith(prefix) && isOwnerGone(name.slice(prefix.length)))
      void rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
};
