import { BurgeonError, type Store } from '@burgeon/kit';
import {
  type ModuleRecord,
  type ModuleReference,
  getModule,
  getVersion,
  getVersions,
  listAll,
  plainVersion,
  tables,
} from './records.ts';

/**
 * Finds what a text means: `namespace/name`, `namespace/name@1.2.0` (or `@v1.2.0`), or a bare `name` that fits one module. Without a version: the active
 * one, else the newest.
 * @throws {BurgeonError} MODULE_NOT_FOUND with the nearest name as hint, NAME_AMBIGUOUS, VERSION_NOT_FOUND
 */
export const resolveReference = async (store: Store, text: string): Promise<ModuleReference> => {
  const [name, written] = splitOnce(text.trim(), '@');
  const version = written === undefined ? undefined : plainVersion(written);
  // The common case, on the path of every call, costs one read; only a short or unknown name looks at all modules.
  const module = (await getModule(store, name))?.value ?? findModule(await allModules(store), name);
  const { id, active } = module;
  if (version === undefined && active !== undefined) return { id, version: active };
  if (version !== undefined && (await getVersion(store, { id, version }))) return { id, version };
  const versions = (await getVersions(store, id)).map(({ value }) => value.version);
  const newest = versions.at(-1);
  if (version === undefined && newest !== undefined) return { id, version: newest };
  throw new BurgeonError('VERSION_NOT_FOUND', {
    message: `${id} has no ${version === undefined ? 'version' : `version ${JSON.stringify(version.slice(0, 100))}`}.`,
    hint: versions.length === 0 ? 'Add it again.' : `There ${versions.length === 1 ? 'is' : 'are'}: ${versions.join(', ')}.`,
    data: { module: id, versions },
  });
};

const allModules = async (store: Store): Promise<ModuleRecord[]> =>
  (await listAll<ModuleRecord>(store, tables.modules)).map(({ value }) => value);

const findModule = (modules: readonly ModuleRecord[], name: string): ModuleRecord => {
  const same = name.includes('/') ? [] : modules.filter(({ id }) => shortName(id) === name);
  const [only, ...others] = same;
  if (only && others.length === 0) return only;
  if (only) {
    const names = same.map(({ id }) => id);
    throw new BurgeonError('NAME_AMBIGUOUS', {
      message: `${name} fits ${names.length} modules.`,
      hint: `Write one of: ${names.join(', ')}.`,
      data: { modules: names },
    });
  }
  throw notFound(modules, name);
};

const notFound = (modules: readonly ModuleRecord[], name: string): BurgeonError => {
  const wanted = name.slice(0, 64).toLowerCase();
  const near = modules
    .map(({ id }) => ({ id, distance: Math.min(distance(wanted, id), distance(wanted, shortName(id))) }))
    .filter((one) => one.distance <= Math.max(2, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ id }) => id);
  return new BurgeonError('MODULE_NOT_FOUND', {
    message: `There is no module ${JSON.stringify(name.slice(0, 200))}.`,
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : modules.length === 0
          ? 'There are none yet: burgeon add WHAT makes one.'
          : 'Run burgeon list to see all.',
    ...(near.length > 0 ? { data: { near } } : {}),
  });
};

const shortName = (id: string): string => id.slice(id.indexOf('/') + 1);

const splitOnce = (text: string, separator: string): [string, string | undefined] => {
  const at = text.indexOf(separator, 1);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

/** How many letters must be put in, left out, changed or swapped with their neighbour. Texts are at most some 160 letters long. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
};
