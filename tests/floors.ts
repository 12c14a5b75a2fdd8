/** Who may import whom. There is no way to switch a rule off in a file: an exception is a change to a table here, in review. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type Reach, type SourceFile, isTest, reaches, root } from './source-tree.ts';

/** The floors of `packages/burgeon/src` from the ground up. Imports go to a strictly lower floor or stay in their own room. */
export const floors: readonly (readonly string[])[] = [
  ['base'],
  ['interface'],
  ['bindings', 'walls'],
  ['mirror', 'security'],
  ['adapters'],
  ['registry', 'approval'],
  ['runtime'],
  ['pipeline', 'need', 'isolation'],
  ['management'],
  ['composition'],
  ['burgeon.ts'],
  ['server', 'cli', 'hook', 'measure', 'index.ts'],
];

/** Lower rooms that a room may still not know. */
const forbidden: readonly (readonly [from: string, to: string])[] = [['mirror', 'bindings']];

/** Rooms of one floor of which the first may load the second, by `import()` only. */
const lazily: readonly (readonly [from: string, to: string])[] = [
  ['cli', 'server'],
  ['cli', 'measure'],
];

/** Packages whose sources run anywhere, also inside a guest: they import no package and nothing of Node. */
const importsNothing: readonly string[] = ['kit'];

/** One import that goes where it may not. */
export interface Violation {
  path: string;
  line: number;
  specifier: string;
  message: string;
}

/** Where a file stands. `adapter` is `<family>/<name>`; the name is `index` for the list of a family. */
interface Place {
  pkg: string;
  room?: string;
  floor: number;
  adapter?: string;
}

/** Finds the place of a path relative to the root; undefined outside the packages. */
function placeOf(path: string): Place | undefined {
  const [top, pkg, src, room, family, file] = path.split('/');
  if (top !== 'packages' || pkg === undefined) return undefined;
  if (pkg !== 'burgeon' || src !== 'src' || room === undefined) return { pkg, floor: -1 };
  const name = family === undefined ? room.replace(/\.test\.ts$/, '.ts') : room;
  const place: Place = { pkg, room: name, floor: floors.findIndex((rooms) => rooms.includes(name)) };
  if (room === 'adapters' && family !== undefined) place.adapter = `${family}/${file?.split('.')[0] ?? ''}`;
  return place;
}

/** Judges every reach of every file; an empty list is a sound house. */
export function checkFloors(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const from = placeOf(file.path);
    const lost =
      from?.pkg === 'burgeon' && from.floor < 0 ? [violation(file, undefined, `room "${from.room}" is on no floor`)] : [];
    const found = reaches(file).flatMap((reach) => {
      const message = from && judge(file, from, reach);
      return message ? [violation(file, reach, message)] : [];
    });
    return [...lost, ...found];
  });
}

const violation = (file: SourceFile, reach: Reach | undefined, message: string): Violation => ({
  path: file.path,
  line: reach?.line ?? 1,
  specifier: reach?.specifier ?? '',
  message,
});

function judge(file: SourceFile, from: Place, reach: Reach): string | undefined {
  if (!reach.specifier.startsWith('.')) return judgePackage(file, from, reach.specifier);
  const path = resolvePath(file.path, reach.specifier);
  const to = placeOf(path);
  if (to === undefined) return isTest(file.path) && path.startsWith('tests/') ? undefined : 'reaches out of the packages';
  if (to.pkg !== from.pkg) return 'reaches into another package by a relative path';
  if (from.pkg !== 'burgeon' || to.room === undefined) return undefined;
  if (to.floor > from.floor) return `runs up from "${from.room}" to "${to.room}"`;
  if (isTest(file.path)) return undefined;
  return from.room === to.room ? judgeAdapters(from, to, reach) : judgeRooms(from, to, reach);
}

function judgeRooms(from: Place, to: Place, reach: Reach): string | undefined {
  const among = (pairs: readonly (readonly [string, string])[]) => pairs.some(([a, b]) => a === from.room && b === to.room);
  if (among(forbidden)) return `"${from.room}" may not know "${to.room}"`;
  if (to.floor < from.floor || (among(lazily) && reach.kind === 'dynamic')) return undefined;
  return `"${from.room}" and "${to.room}" share a floor`;
}

function judgeAdapters(from: Place, to: Place, reach: Reach): string | undefined {
  if (from.adapter === undefined || from.adapter === to.adapter) return undefined;
  const [family, name] = from.adapter.split('/');
  const own = to.adapter?.split('/')[0] === family;
  if (name !== 'index' || !own) return `adapter "${from.adapter}" knows adapter "${to.adapter}"`;
  return reach.kind === 'dynamic' ? undefined : `the list of "${family}" must load "${to.adapter}" lazily`;
}

function judgePackage(file: SourceFile, from: Place, specifier: string): string | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const known = declared(from.pkg);
  if (isTest(file.path) && (known.test.has(name) || isOfNode(specifier))) return undefined;
  if (importsNothing.includes(from.pkg)) return `"${from.pkg}" imports nothing`;
  if (isOfNode(specifier)) return undefined;
  if (/^@burgeon\/[^/]+\/src\b/.test(specifier)) return 'reaches behind the exports of another package';
  return known.run.has(name) ? undefined : `"${name}" is no run-time dependency of "${from.pkg}"`;
}

/** An older Node does not know every module of a newer one. */
const isOfNode = (specifier: string): boolean => specifier.startsWith('node:') || isBuiltin(specifier);

type Card = Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string> | undefined>;
const cards = new Map<string, { run: Set<string>; test: Set<string> }>();

/** The package names that a package's sources, and its tests, may import. */
function declared(pkg: string): { run: Set<string>; test: Set<string> } {
  const known = cards.get(pkg);
  if (known) return known;
  const read = (folder: string) => JSON.parse(readFileSync(posix.join(root, folder, 'package.json'), 'utf8')) as Card;
  const card = read(`packages/${pkg}`);
  const run = new Set(Object.keys({ ...card.dependencies, ...card.optionalDependencies }));
  const test = new Set([...run, ...Object.keys({ ...card.devDependencies, ...read('.').devDependencies })]);
  cards.set(pkg, { run, test });
  return { run, test };
}

/** The path, relative to the root, that a relative specifier names. */
function resolvePath(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier.replace(/[?#].*$/, ''));
}

/** Groups of files that import each other in a circle, type-only imports and packages' entries included (Tarjan 1972). */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const graph = new Map(files.map((file) => [file.path, edges(file)] as const));
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.get(path) ?? 0);
    stack.push(path);
    for (const next of graph.get(path) ?? []) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(path) !== order.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || graph.get(path)?.includes(path)) cycles.push(group);
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return cycles;
}

function edges(file: SourceFile): string[] {
  return reaches(file)
    .filter((reach) => reach.kind !== 'url')
    .map(({ specifier }) => {
      if (specifier.startsWith('.')) return resolvePath(file.path, specifier);
      return specifier.replace(/^@burgeon\/(\w+)(\/\w+)?$/, 'packages/$1/src$2/index.ts');
    });
}
