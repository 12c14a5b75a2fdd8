import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BurgeonError, type Diagnostic } from '@burgeon/kit';

/**
 * The compiler itself rather than its JavaScript front: the front would cost a second process.
 * @throws {BurgeonError} DEPENDENCY_MISSING when there is none for this platform
 */
export const compilerPath = (): string => {
  const name = `@typescript/typescript-${process.platform}-${process.arch}`;
  try {
    const front = createRequire(import.meta.url).resolve('typescript/package.json');
    const folder = dirname(createRequire(front).resolve(`${name}/package.json`));
    return join(folder, 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc');
  } catch (cause) {
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: `The TypeScript compiler is not installed: ${name}.`,
      hint: 'npm install typescript',
      cause,
    });
  }
};

/** How strictly candidates are compiled. */
export const compilerOptions = {
  target: 'es2025',
  lib: ['esnext'],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  erasableSyntaxOnly: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  forceConsistentCasingInFileNames: true,
  skipLibCheck: false,
  noEmit: true,
} as const;

const line = /^(?:(.+?)\((\d+),(\d+)\): )?(error|warning) (TS\d+): (.*)$/;

/** Findings shown of one candidate. */
const findingLimit = 200;

/** Diagnostics from the compiler's plain output; indented lines belong to the one before. `paths` are those of the bundle. */
export const readOutput = (output: string): Diagnostic[] => {
  const found: Diagnostic[] = [];
  for (const text of output.split(/\r?\n/)) {
    const [, path, row, column, severity, code, message] = line.exec(text) ?? [];
    const last = found.at(-1);
    if (code === undefined || message === undefined) {
      if (last && /^\s+\S/.test(text) && last.message.length < 2_000) last.message += `\n${text}`;
      continue;
    }
    if (found.length >= findingLimit) break;
    const position = { line: Number(row ?? 1), column: Number(column ?? 1) };
    found.push({
      severity: severity === 'error' ? 'error' : 'warning',
      code,
      message,
      path: path === undefined ? '' : `${path}:${position.line}:${position.column}`,
      ...(path === undefined ? {} : { position }),
      from: 'types',
    });
  }
  return found;
};
