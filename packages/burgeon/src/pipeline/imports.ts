import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BurgeonError, manifestExtension, type BundleFile, type JsonObject } from '@burgeon/kit';
import type { Registry } from '../registry/registry.ts';
import { stubFolder } from '../security/bundle.ts';

/** What the import hook knows of one module: enough to resolve or refuse a specifier without opening the store. */
export interface ImportEntry extends JsonObject {
  /** Version a specifier without version resolves to; empty when none is active. */
  version: string;
  digest: string;
  state: string;
  /** Every version that may be imported, with its digest. */
  versions: Record<string, string>;
}

/** `imports/index.json`: module id -> entry. Derived data: {@link writeImports} makes it again from the registry. */
export interface ImportIndex {
  modules: Record<string, ImportEntry & { request?: string }>;
}

/** What importing needs. */
export interface ImportParts {
  registry: Registry;
  /** `<home>/imports`. */
  folder: string;
  /** `<home>/types.d.ts`. */
  typesFile: string;
}

/**
 * Writes what `import "burgeon:..."` needs after module `changed` changed: its stubs, the index, and one declaration file for editors. Only
 * files of verified bundles are written; what no longer belongs is removed. One at a time: two would write the same files.
 */
export const writeImports = async (parts: ImportParts, changed: string): Promise<void> => {
  await rm(join(parts.folder, changed), { recursive: true, force: true });
  const index: ImportIndex = { modules: {} };
  const references = ['/// <reference path="./imports/runtime.d.ts" />'];
  for (const module of await parts.registry.list()) {
    const versions: Record<string, string> = {};
    for (const version of await parts.registry.versions(module.id)) {
      if (version.state !== 'active' && version.state !== 'superseded') continue;
      versions[version.version] = version.digest;
      if (module.id === changed) await writeStub(parts, { id: module.id, version: version.version });
    }
    const { id, version, digest, state, request } = module;
    index.modules[id] = {
      version: state === 'active' ? version : '',
      digest,
      state,
      versions,
      ...(request === undefined ? {} : { request }),
    };
    if (state === 'active') references.push(`/// <reference path="./imports/${id}/${version}/module.d.ts" />`);
  }
  await replaceFile(join(parts.folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
  await replaceFile(
    parts.typesFile,
    `${['// Written by Burgeon: types of everything that can be imported as "burgeon:...".', ...references].join('\n')}\n`,
  );
};

const writeStub = async (parts: ImportParts, reference: { id: string; version: string }): Promise<void> => {
  const folder = join(parts.folder, reference.id, reference.version);
  const module = await parts.registry.load(reference).catch(() => undefined);
  if (!module) return rm(folder, { recursive: true, force: true });
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
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
};
