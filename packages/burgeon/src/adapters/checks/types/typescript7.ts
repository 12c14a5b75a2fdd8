import { createRequire } from 'node:module';
import { dirname, posix } from 'node:path';
import type { BundleFile } from '@burgeon/kit';
import type { API, Diagnostic as Found, Project } from 'typescript/unstable/sync';
import { compilerOptions } from './options.ts';
import { type CompilerFinding, report } from './report.ts';
import type { TypeChecker } from './type-checker.ts';

/**
 * The folder of the compiler for this platform, with the declarations of the language.
 * @throws {Error} when it is not installed
 */
const compilerFolder = (): string => {
  const front = createRequire(import.meta.url).resolve('typescript/package.json');
  const card = createRequire(front).resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`);
  return `${dirname(card).replaceAll('\\', '/')}/lib`;
};

/** Whether a path is a declaration of the language itself: all that a compiler reads from the disk. */
export const isLanguage = (path: string, folder: string): boolean =>
  path.startsWith(`${folder}/lib.`) && /^[a-z\d.]+\.d\.ts$/.test(path.slice(folder.length + 1));

/** An empty project that stays open, so that the declarations of the language stay parsed. */
const lasting = '/lasting';

/**
 * TypeScript 7: a native program, which asks this process for every file.
 * @throws {Error} when it cannot be started
 */
export const openTypeScript7 = async (): Promise<TypeChecker> => {
  const folder = compilerFolder();
  const { API } = await import('typescript/unstable/sync');
  let files: ReadonlyMap<string, string> = new Map();
  let folders: ReadonlySet<string> = new Set();
  // Each project has a folder that was never used before, of names of one length: what is remembered of a file is never taken for another's, and
  // messages are cut off at the same place.
  let last = 0;
  const show = (root: string, shown: readonly BundleFile[]): string => {
    const config = { compilerOptions, files: shown.map(({ path }) => path) };
    const all = [...shown, { path: 'tsconfig.json', text: JSON.stringify(config) }];
    files = new Map(
      [...files]
        .filter(([path]) => path.startsWith(`${lasting}/`))
        .concat(all.map(({ path, text }) => [`${root}/${path}`, text])),
    );
    folders = new Set([...files.keys()].flatMap(parents));
    return `${root}/tsconfig.json`;
  };
  const api = new API({
    cwd: '/',
    fs: {
      readFile: (path) => files.get(path) ?? (isLanguage(path, folder) ? undefined : null),
      fileExists: (path) => files.has(path),
      directoryExists: (path) => folders.has(path),
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      realpath: (path) => path,
    },
  });
  api.updateSnapshot({ openProjects: [show(lasting, [{ path: 'empty.ts', text: '' }])] });
  return {
    check: (shown) => {
      const root = `/${String(++last).padStart(7, '0')}`;
      const found = findingsOf(api, show(root, shown));
      return report(found.map(plain), root, shown);
    },
  };
};

const parents = (path: string): string[] => {
  const folder = posix.dirname(path);
  return folder === '/' ? ['/'] : [folder, ...parents(folder)];
};

const findingsOf = (api: API, config: string): readonly Found[] => {
  using snapshot = api.updateSnapshot({ openProjects: [config] });
  const project = snapshot.getProject(config);
  const found = project ? diagnosticsOf(project) : [];
  api.updateSnapshot({ closeProjects: [config] }).dispose();
  if (!project) throw new TypeError('the compiler did not take the files');
  return found;
};

/** As the compiler itself tells them: what does not parse is not judged further. */
const diagnosticsOf = ({ program }: Project): readonly Found[] => {
  const unreadable = [...program.getConfigFileParsingDiagnostics(), ...program.getSyntacticDiagnostics()];
  if (unreadable.length > 0) return unreadable;
  return [
    ...program.getProgramDiagnostics(),
    ...program.getBindDiagnostics(),
    ...program.getSemanticDiagnostics(),
    ...program.getGlobalDiagnostics(),
  ];
};

const plain = (found: Found): CompilerFinding => ({
  ...(found.fileName === undefined ? {} : { file: found.fileName }),
  offset: found.pos,
  code: found.code,
  isError: found.category === errorCategory,
  message: messageOf(found, 0),
});

/** `DiagnosticCategory.Error`. */
const errorCategory = 1;

const messageOf = ({ text, messageChain = [] }: Found, depth: number): string =>
  [`${'  '.repeat(depth)}${text}`, ...messageChain.map((each) => messageOf(each, depth + 1))].join('\n');
