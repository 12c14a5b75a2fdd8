import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A runner that somebody installed with npm: its command, and the folders that it reads. */
export interface InstalledRunner {
  command: string;
  read: string[];
}

/** Every `node_modules` above a folder: what a package may import. */
const modulesAbove = (folder: string): string[] => {
  const found: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) found.push(join(at, 'node_modules'));
    if (at === dirname(at)) return found;
  }
};

/** Looks for a package in some folders, then beside us; undefined when it is nowhere. */
export const findInstalled = (name: string, command: string, folders: readonly string[]): InstalledRunner | undefined => {
  for (const from of [...folders.map((folder) => join(folder, 'x.js')), import.meta.filename]) {
    try {
      const card = createRequire(from).resolve(`${name}/package.json`);
      const path = join(dirname(card), command);
      if (existsSync(path)) return { command: path, read: modulesAbove(dirname(card)) };
    } catch {
      // Not there: the next folder may have it.
    }
  }
  return undefined;
};
