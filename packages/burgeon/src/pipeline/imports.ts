import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BurgeonError, manifestExtension, type BundleFile } from '@burgeon/kit';
import { writeFailure } from '../base/durable-file.ts';
import { canonicalJson, sha256 } from '../base/json.ts';
import type { VersionRecord } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import { stubFolder } from '../security/bundle.ts';
import { type ImportEntry, type ImportIndex, indexText, readImportIndex } from './import-index.ts';

/** What importing needs. */
export interface ImportParts {
  registry: Registry;
  /** `<home>/imports`. */
  folder: string;
  /** `<home>/types.d.ts`. */
  typesFile: string;
}

/** Names the module whose files are being written, until all of them are. */
const markOf = (folder: string): string => join(folder, 'unfinished');

/**
 * Writes what `import "burgeon:..."` needs after module `changed` changed: its stubs, one declaration file for editors, and the index. Only
 * files of verified bundles are written; what no longer belongs is removed. One at a time: two would write the same files.
 * @throws {BurgeonError} HOME_FULL, HOME_UNWRITABLE
 */
export const writeImports = async (parts: ImportParts, changed: string): Promise<void> => {
  const mark = markOf(parts.folder);
  await replaceFile(mark, changed);
  await rm(join(parts.folder, changed), { recursive: true, force: true });
  const index: ImportIndex = { modules: {}, files: {} };
  const before = Object.entries(earlierIndex(parts.folder).files);
  const references = ['/// <reference path="./imports/runtime.d.ts" />'];
  for (const module of await parts.registry.list()) {
    const { id, version, state } = module;
    const entry = await entryOf(parts.registry, module);
    index.modules[id] = entry;
    const stubs =
      id === changed
        ? await writeStubs(parts, id, Object.keys(entry.versions))
        : before.filter(([path]) => path.startsWith(`${id}/`));
    Object.assign(index.files, Object.fromEntries(stubs));
    if (state === 'active') references.push(`/// <reference path="./imports/${id}/${version}/module.d.ts" />`);
  }
  await replaceFile(
    parts.typesFile,
    `${['// Written by Burgeon: types of everything that can be imported as "burgeon:...".', ...references].join('\n')}\n`,
  );
  await replaceFile(join(parts.folder, 'index.json'), indexText(index));
  await rm(mark, { force: true });
};

/** The index as it is; one that is damaged is written anew. */
const earlierIndex = (folder: string): ImportIndex => {
  try {
    return readImportIndex(folder);
  } catch {
    return { modules: {}, files: {} };
  }
};

/** Writes again what a process that was killed did not come to write, and what is gone. */
export const mendImports = async (parts: ImportParts): Promise<void> => {
  const due = new Set([await readFile(markOf(parts.folder), 'utf8').catch(() => '')]);
  const written: Record<string, unknown> = earlierIndex(parts.folder).modules;
  for (const module of await parts.registry.list()) {
    const { [module.id]: entry } = written;
    if (canonicalJson(entry) !== canonicalJson(await entryOf(parts.registry, module))) due.add(module.id);
    delete written[module.id];
  }
  for (const id of [...due, ...Object.keys(written)]) if (isPlace(id)) await writeImports(parts, id);
};

/** What was read from a file says which folder is removed: only one inside. */
const isPlace = (id: string): boolean => /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(id);

const entryOf = async (registry: Registry, module: VersionRecord): Promise<ImportEntry> => {
  const { id, version, digest, state, request } = module;
  const usable = (await registry.versions(id)).filter((each) => each.state === 'active' || each.state === 'superseded');
  return {
    version: state === 'active' ? version : '',
    digest,
    state,
    versions: Object.fromEntries(usable.map((each) => [each.version, each.digest])),
    ...(request === undefined ? {} : { request }),
  };
};

/** Writes the stubs of some versions; gives their files with their sums. */
const writeStubs = async (parts: ImportParts, id: string, versions: readonly string[]): Promise<[string, string][]> => {
  const files: [string, string][] = [];
  for (const version of versions)
    for (const { path, text } of await writeStub(parts, { id, version })) files.push([`${id}/${version}/${path}`, sha256(text)]);
  return files;
};

const writeStub = async (parts: ImportParts, reference: { id: string; version: string }): Promise<BundleFile[]> => {
  const folder = join(parts.folder, reference.id, reference.version);
  const module = await parts.registry.load(reference).catch(() => undefined);
  if (!module) return [];
  const stub = stubFolder(module.manifest.extensions[manifestExtension].kind);
  const files: BundleFile[] = ['index.ts', 'types.ts'].flatMap((path) => {
    const text = module.file(stub + path);
    return text === undefined ? [] : [{ path, text }];
  });
  for (const file of files) await replaceFile(join(folder, file.path), file.text);
  const declared = `burgeon:${reference.id}`;
  const body = (await Promise.all(files.toReversed().map(ambientText))).join('\n');
  const text = [declared, `${declared}@${reference.version}`]
    .map((name) => `declare module ${JSON.stringify(name)} {\n${body}\n}`)
    .join('\n');
  await replaceFile(join(folder, 'module.d.ts'), `${text}\n`);
  const runtime = module.file(`${stub}runtime.d.ts`);
  if (runtime !== undefined) await replaceFile(join(parts.folder, 'runtime.d.ts'), runtime);
  return files;
};

/**
 * Declarations of one stub file in the form an ambient module takes: no `declare`, no import of the sibling file, and its types under their own
 * names.
 */
const ambientText = async (file: BundleFile): Promise<string> => {
  const { isolatedDeclarationSync } = await import('oxc-transform');
  const { parseSync, Visitor } = await import('oxc-parser');
  const { code, errors } = isolatedDeclarationSync(file.path, file.text);
  if (errors.length > 0) {
    throw new BurgeonError('INTERNAL', {
      message: `The stub ${file.path} has no declarations of its own: ${errors[0]?.message ?? ''}`,
    });
  }
  const { program } = parseSync('stub.d.ts', code);
  const cuts: Cut[] = [];
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration' && statement.source.value.startsWith('.'))
      cuts.push([statement.start, statement.end]);
    const inner = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (inner && code.startsWith('declare ', inner.start)) cuts.push([inner.start, inner.start + 'declare '.length]);
  }
  new Visitor({
    TSQualifiedName: ({ left, right }) => {
      if (left.type === 'Identifier' && left.name === 'types') cuts.push([left.start, right.start]);
    },
  }).visit(program);
  const ordered = cuts.toSorted(([a], [b]) => a - b);
  let text = '';
  let from = 0;
  for (const [start, end] of ordered) {
    text += code.slice(from, start);
    from = end;
  }
  return text + code.slice(from);
};

/** A span to leave out. */
type Cut = [start: number, end: number];

/** Writes a file so that a reader sees the old text or the new one, never half of it. What a crash leaves, the next time writes over. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeFailure(path, error);
  }
};
