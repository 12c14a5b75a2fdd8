import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { digestOf } from './json.ts';
import { version } from './version.ts';

const here = fileURLToPath(new URL('..', import.meta.url));

let known: string | undefined;

/**
 * What this very program is: its version and its Node. When it runs from sources, which change while the version stays, also what they look like
 * from outside: names, sizes, times.
 */
export const build = (): string => (known ??= [version, process.versions.node, ...sources()].join(' '));

const sources = (): string[] => {
  if (!import.meta.url.endsWith('.ts')) return [];
  const kit = fileURLToPath(new URL('.', import.meta.resolve('@burgeon/kit')));
  return [digestOf([here, kit].flatMap(looks))];
};

const looks = (folder: string): (string | number)[][] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .toSorted()
    .map((path) => {
      const { size, mtimeMs } = statSync(`${folder}/${path}`);
      return [path, size, mtimeMs];
    });
