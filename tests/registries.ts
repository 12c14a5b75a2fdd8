/** Compares what a family of adapters says about itself in its folder, its list, its adapters and its documentation. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder `adapters` and the page that lists them. */
export interface Registry {
  adapters: string;
  docs: string;
}

type Loader = () => Promise<{ name?: string; kind?: string }>;

/** The families that exist. */
export function families({ adapters }: Registry): string[] {
  if (!existsSync(adapters)) return [];
  return readdirSync(adapters, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** Says where folder, list, `adapter.name` (a host's `kind`) and docs disagree; an empty list is agreement. */
export async function checkFamily(registry: Registry, family: string): Promise<string[]> {
  const folder = join(registry.adapters, family);
  const inFolder = namesIn(folder);
  const list = join(folder, 'index.ts');
  if (!existsSync(list)) return [`${family}/index.ts is missing`];
  const listed = await loadList(list);
  const inDocs = namesInDocs(registry.docs, family);
  const found: string[] = [];
  for (const name of inFolder) if (!listed.has(name)) found.push(`${family}/${name} is not in the list`);
  for (const [name, load] of listed) {
    if (!inFolder.includes(name)) found.push(`${family}/${name} is listed and has no file`);
    const adapter = await load();
    const own = adapter?.name ?? adapter?.kind;
    if (own !== name) found.push(`${family}/${name} loads an adapter that calls itself "${own}"`);
    if (!inDocs.includes(name)) found.push(`${family}/${name} is not under "## ${family}" in docs/adapters.md`);
  }
  return found;
}

function namesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : [entry.name];
    const [name = '', ...rest] = entry.name.split('.');
    return rest.join('.') === 'ts' && name !== 'index' ? [name] : [];
  });
}

/** Every entry of every exported list: an object of functions, by name. */
async function loadList(path: string): Promise<Map<string, Loader>> {
  const exported = Object.values((await import(/* @vite-ignore */ path)) as Record<string, unknown>);
  const lists = exported.filter((value) => typeof value === 'object' && value !== null);
  return new Map(lists.flatMap((list) => Object.entries(list as Record<string, Loader>)));
}

/** The words in backticks at the start of a row or a point, below the heading of the family. */
function namesInDocs(docs: string, family: string): string[] {
  if (!existsSync(docs)) return [];
  const sections = readFileSync(docs, 'utf8').split(/^## /m);
  const section = sections.find((text) => text.split('\n')[0]?.replaceAll('`', '').trim() === family) ?? '';
  return [...section.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
}
