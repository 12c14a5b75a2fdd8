import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsModuleGlobs, readModuleGlobs } from './module-globs.ts';

describe('patterns of modules', () => {
  it.each<[string, string, boolean]>([
    ['*', 'api/petstore', true],
    ['api/*', 'api/petstore', true],
    ['api/*', 'db/petstore', false],
    ['*/petstore', 'db/petstore', true],
    ['*/*', 'db/petstore', true],
    ['api/pet*', 'api/petstore', true],
    ['api/*store', 'api/petstore', true],
    ['api/p*t*e', 'api/petstore', true],
    ['api/petstore', 'api/petstore', true],
    ['api/petstore', 'api/petstore2', false],
    ['api/petstore*', 'api/petstore', true],
    ['a*/x', 'a/b/x', false],
    ['api/a', 'api/a@1.0.0', false],
    ['api/*', 'api/', true],
    ['api/p', '', false],
  ])('%s and %s: %s', (glob, id, fits) => {
    expect(fitsModuleGlobs([glob], id)).toBe(fits);
  });

  it('fits as a regular expression would, for any pattern', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(part, part, name, name, (space, rest, namespace, short) => {
        const expected = new RegExp(`^${`${space}/${rest}`.replace(/\*+/g, '[^/]*')}$`).test(`${namespace}/${short}`);
        expect(fitsModuleGlobs([`${space}/${rest}`], `${namespace}/${short}`)).toBe(expected);
      }),
    );
  });

  it('stays quick whatever the pattern', () => {
    expect(fitsModuleGlobs([`${'a*'.repeat(90)}/b`], `${'a'.repeat(100_000)}/c`)).toBe(false);
  });

  it.each(['', 'petstore', 'a/b/c', 'API/x', 'a b/c', '/x', 'x/', '**', '../x/y', 'a'.repeat(300)])('refuses %j', (glob) => {
    expect(() => readModuleGlobs([glob])).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  });

  it('takes each once, and not too many', () => {
    expect(readModuleGlobs(['api/*', 'api/*', '*'])).toEqual(['api/*', '*']);
    expect(() => readModuleGlobs(Array.from({ length: 101 }, () => 'a/b'))).toThrow(
      expect.objectContaining({ code: 'USAGE' }) as Error,
    );
  });
});
