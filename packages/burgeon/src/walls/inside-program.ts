import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf } from '../base/json.ts';

/** What is started inside a jail: scripts, and everything that must be readable for them. */
export interface InsideProgram {
  main: string;
  engine: string;
  read: string[];
}

const main = new URL('./inside/main.ts', import.meta.url);
const root = new URL('..', import.meta.url);
const cache = fileURLToPath(new URL('../../../node_modules/.cache/burgeon-inside/', root));

/** The files that some files import, themselves included. They are ours, and import nothing but their like and Node. */
const reachedFrom = (urls: URL[]): URL[] => {
  const found = new Map<string, URL>();
  const waiting = [...urls];
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    if (found.has(url.href)) continue;
    found.set(url.href, url);
    for (const [, specifier = ''] of readFileSync(url, 'utf8').matchAll(
      /^(?:import|export)\b(?!\s+type\b)[^;]*?from '(\.[^']+)';/gms,
    ))
      waiting.push(new URL(specifier, url));
  }
  return [...found.values()];
};

const placeOf = (url: URL): string => relative(fileURLToPath(root), fileURLToPath(url)).replace(/\.ts$/, '.js');

/**
 * Our sources as JavaScript: Node strips types with WebAssembly, which a process without just-in-time compilation does not have. They are kept
 * under their digest beside the packages of the workspace, which nobody else can write.
 */
const write = async (engine: URL): Promise<InsideProgram> => {
  const { transformSync } = await import('oxc-transform');
  const files = reachedFrom([main, engine]).map((url) => ({ url, text: readFileSync(url, 'utf8') }));
  const folder = join(cache, digestOf(files.map(({ url, text }) => [placeOf(url), text])).slice(0, 16));
  const program = { main: join(folder, placeOf(main)), engine: join(folder, placeOf(engine)), read: [folder] };
  if (existsSync(folder)) return program;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(`${folder}-`);
  for (const { url, text } of files) {
    const place = join(making, placeOf(url));
    mkdirSync(dirname(place), { recursive: true });
    const options = { typescript: { rewriteImportExtensions: 'rewrite' as const } };
    writeFileSync(place, transformSync(fileURLToPath(url), text, options).code, { mode: 0o444 });
  }
  writeFileSync(join(making, 'package.json'), '{"type":"module"}');
  // Whoever is inside may be somebody else.
  chmodSync(making, 0o755);
  try {
    renameSync(making, folder);
  } catch {
    // Another process was first.
    rmSync(making, { recursive: true, force: true });
  }
  return program;
};

const published = (engine: URL): InsideProgram => {
  const card = findPackageJSON(import.meta.url);
  const files = reachedFrom([main, engine]).map((url) => fileURLToPath(url));
  return { main: fileURLToPath(main), engine: fileURLToPath(engine), read: [...files, ...(card === undefined ? [] : [card])] };
};

const made = new Map<string, Promise<InsideProgram>>();

/** The runner with one engine, as JavaScript on disk. Published code is JavaScript already. */
export const insideProgram = (engine: URL): Promise<InsideProgram> => {
  const known = made.get(engine.href);
  if (known) return known;
  const making = import.meta.url.endsWith('.ts') ? write(engine) : Promise.resolve(published(engine));
  made.set(engine.href, making);
  return making;
};
