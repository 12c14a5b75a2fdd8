import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { BundleFile } from '@burgeon/kit';
import type * as TypeScript from '@typescript/typescript6';
import { compilerOptions } from './options.ts';
import { type CompilerFinding, report } from './report.ts';
import { isLanguage } from './typescript7.ts';
import type { TypeChecker } from './type-checker.ts';

/** As long as the folders that TypeScript 7 is shown. */
const root = '/0000000';

/**
 * TypeScript 6, which is JavaScript: slower, and there on every platform.
 * @throws {Error} when it is not installed
 */
export const openTypeScript6 = async (): Promise<TypeChecker> => {
  const ts = createRequire(import.meta.url)('@typescript/typescript6') as typeof TypeScript;
  const folder = dirname(ts.getDefaultLibFilePath({})).replaceAll('\\', '/');
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);
  /** The declarations of the language, parsed. No other file outlives its check. */
  const language = new Map<string, TypeScript.SourceFile>();
  const hostOf = (shown: readonly BundleFile[]): TypeScript.CompilerHost => {
    const files = new Map(shown.map(({ path, text }) => [`${root}/${path}`, text]));
    const read = (path: string): string | undefined =>
      files.get(path) ?? (isLanguage(path, folder) ? ts.sys.readFile(path) : undefined);
    return {
      getSourceFile: (path, version) => {
        const known = language.get(path);
        const text = known ? undefined : read(path);
        if (known || text === undefined) return known;
        const parsed = ts.createSourceFile(path, text, version);
        if (isLanguage(path, folder)) language.set(path, parsed);
        return parsed;
      },
      getDefaultLibFileName: () => `${folder}/lib.d.ts`,
      getDefaultLibLocation: () => folder,
      writeFile: () => {},
      getCurrentDirectory: () => root,
      getCanonicalFileName: (path) => path,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => '\n',
      fileExists: (path) => files.has(path),
      readFile: (path) => files.get(path),
      directoryExists: (path) => [...files.keys()].some((file) => file.startsWith(`${path}/`)),
      getDirectories: () => [],
      realpath: (path) => path,
    };
  };
  const plain = (found: TypeScript.Diagnostic): CompilerFinding => ({
    ...(found.file === undefined ? {} : { file: found.file.fileName }),
    offset: found.start ?? 0,
    code: found.code,
    isError: found.category === ts.DiagnosticCategory.Error,
    message: ts.flattenDiagnosticMessageText(found.messageText, '\n'),
  });
  return {
    check: (shown) => {
      const rootNames = shown.map(({ path }) => `${root}/${path}`);
      const program = ts.createProgram({ rootNames, options, host: hostOf(shown) });
      return report(diagnosticsOf(program).map(plain), root, shown);
    },
  };
};

/** As the compiler itself tells them: what does not parse is not judged further. */
const diagnosticsOf = (program: TypeScript.Program): readonly TypeScript.Diagnostic[] => {
  const unreadable = [...program.getConfigFileParsingDiagnostics(), ...program.getSyntacticDiagnostics()];
  if (unreadable.length > 0) return unreadable;
  return [...program.getOptionsDiagnostics(), ...program.getSemanticDiagnostics(), ...program.getGlobalDiagnostics()];
};
