import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const folder = import.meta.dirname;
const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
const require = createRequire(import.meta.url);
const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

const strict =
  '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --noImplicitOverride --noUnusedLocals --noUnusedParameters --noImplicitReturns --noPropertyAccessFromIndexSignature --skipLibCheck false --target es2022 --module nodenext --allowImportingTsExtensions'.split(
    ' ',
  );

describe('the runtime stands alone', () => {
  it.each(sources)('%s imports nothing but its siblings', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((found) => found[1] ?? '');
    expect(specifiers.filter((specifier) => !sources.includes(specifier.replace('./', '')))).toEqual([]);
  });

  it('compiles as a copy under the strictest flags, with the browser library alone and beside the types of Node', () => {
    const copy = mkdtempSync(join(tmpdir(), 'burgeon-runtime-'));
    try {
      writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
      for (const file of sources) cpSync(join(folder, file), join(copy, file));
      const compile = (...more: string[]): string =>
        spawnSync(process.execPath, [compiler, ...strict, ...more, ...sources], { cwd: copy, encoding: 'utf8' }).stdout;
      expect(compile('--lib', 'es2023,dom', '--types', '')).toBe('');
      symlinkSync(join(dirname(require.resolve('@types/node/package.json')), '..', '..'), join(copy, 'node_modules'), 'junction');
      expect(compile('--lib', 'es2023', '--types', 'node', '--skipLibCheck')).toBe('');
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
