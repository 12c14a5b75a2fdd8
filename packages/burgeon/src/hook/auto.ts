import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BurgeonError, type ErrorJson } from '@burgeon/kit';
import { isObject } from '../base/json.ts';

/** How long one `add` may take, milliseconds. */
const deadlineMs = 120_000;

/**
 * Adds a module that `burgeon.json` names, in a process of its own, because resolving cannot wait for a promise. False when the file does
 * not name it. A module that then waits for approval is not an error here: resolving says so.
 * @throws {BurgeonError} whatever `burgeon add` ended with
 */
export const addFromList = (id: string, { home, folder }: { home: string; folder: string }): boolean => {
  const what = readList(join(folder, 'burgeon.json'))[id];
  if (typeof what !== 'string') return false;
  const bin = fileURLToPath(new URL('../../bin/burgeon.mjs', import.meta.url));
  const words = ['add', '--name', id.slice(id.indexOf('/') + 1), '--home', home, '--json', '--no-input', '--', what];
  // Without these two the child would register this very hook, or hand its standard input to the one who imports.
  const env = { ...process.env, NODE_OPTIONS: '', BURGEON_IMPORT: 'locked' };
  const child = spawnSync(process.execPath, [bin, ...words], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: deadlineMs,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status === 0 || child.status === 3) return true;
  throw BurgeonError.fromJson(
    errorOf(child.stdout) ?? { code: 'INTERNAL', message: `"burgeon add ${what}" ended with ${child.status ?? child.signal}.` },
  );
};

const readList = (path: string): Record<string, unknown> => {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    return isObject(value) && isObject(value['modules']) ? Object.fromEntries(Object.entries(value['modules'])) : {};
  } catch {
    return {};
  }
};

const errorOf = (text: string | null): ErrorJson | undefined => {
  try {
    const value = JSON.parse(text ?? '') as { error?: ErrorJson };
    return value.error;
  } catch {
    return undefined;
  }
};
