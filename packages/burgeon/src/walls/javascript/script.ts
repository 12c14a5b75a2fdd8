import { BurgeonError, type BundleFile, type Grant, type VerifiedModule, manifestExtension } from '@burgeon/kit';
import { joined } from './joined.ts';
import { type ScriptFile, stripTypes } from './strip.ts';

/** A specifier that code may import, and the power it stands for. */
export interface PowerImport {
  specifier: string;
  kind: string;
  /** What the import is called. */
  name: string;
}

/** A module as an engine for JavaScript takes it. */
export interface Script {
  files: ScriptFile[];
  entry: string;
  powers: PowerImport[];
}

const isCode = (path: string): boolean => /\.[cm]?[jt]s$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

/** What a file imports relatively, as far as plain text tells; the engine refuses what is not in the bundle. */
const relativeImports = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*['"](\.\.?\/[^'"\n]{1,240})['"]/g)].map(([, path = '']) => path);

/** The entry and every file it reaches by relative imports. */
const reached = (module: VerifiedModule, entry: string): BundleFile[] => {
  const found = new Map<string, string>();
  const waiting: (string | undefined)[] = [entry];
  while (waiting.length > 0) {
    const path = waiting.pop();
    const text = path === undefined || found.has(path) || !isCode(path) ? undefined : module.file(path);
    if (path === undefined || text === undefined) continue;
    found.set(path, text);
    waiting.push(...relativeImports(text).map((each) => joined(path, each)));
  }
  return [...found].map(([path, text]) => ({ path, text }));
};

/** The code of a module as JavaScript, with what it may import. @throws {BurgeonError} MODULE_FAILED when it cannot be read */
export const scriptOf = async (
  module: VerifiedModule,
  grants: readonly Grant[],
  powers: readonly PowerImport[],
): Promise<Script> => {
  const { entry = 'index.ts', id } = module.manifest.extensions[manifestExtension];
  const granted = new Set(grants.map(({ kind }) => kind));
  const files = await stripTypes(reached(module, entry));
  if (!files.some(({ path }) => path === entry))
    throw new BurgeonError('MODULE_FAILED', { message: `${id} has no file "${entry}", which is its entry.` });
  return { files, entry, powers: powers.filter(({ kind }) => granted.has(kind)) };
};
