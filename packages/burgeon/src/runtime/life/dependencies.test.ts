import { BurgeonError } from '@burgeon/kit';
import fc from 'fast-check';
import { satisfies } from 'semver';
import { describe, expect, it } from 'vitest';
import { type Dependent, keyOf, resolveDependencies } from './dependencies.ts';

const module = (id: string, version: string, dependencies: Record<string, string> = {}, preferred = false): Dependent => ({
  id,
  version,
  dependencies,
  ...(preferred ? { preferred } : {}),
});

const fails = (available: Dependent[], root: Dependent): BurgeonError => {
  try {
    resolveDependencies(available, [root]);
  } catch (error) {
    return BurgeonError.from(error);
  }
  return expect.unreachable();
};

const picks = (available: Dependent[], ...roots: Dependent[]): Record<string, Record<string, string>> =>
  Object.fromEntries([...resolveDependencies(available, roots).picks].map(([key, chosen]) => [key, Object.fromEntries(chosen)]));

describe('resolveDependencies', () => {
  it('puts what is needed first', () => {
    const all = [module('a', '1.0.0', { b: '^1', c: '^1' }), module('b', '1.0.0', { c: '*' }), module('c', '1.2.0')];
    const { order } = resolveDependencies(all, all.slice(0, 1));
    expect(order.map(keyOf)).toEqual(['c@1.2.0', 'b@1.0.0', 'a@1.0.0']);
  });

  it('takes the active version where it fits, else the highest that does', () => {
    const c = [module('c', '1.0.0'), module('c', '1.1.0', {}, true), module('c', '1.2.0'), module('c', '2.0.0')];
    expect(picks(c, module('a', '1.0.0', { c: '^1' }))).toMatchObject({ 'a@1.0.0': { c: '1.1.0' } });
    expect(picks(c, module('a', '1.0.0', { c: '>=1.2' }))).toMatchObject({ 'a@1.0.0': { c: '2.0.0' } });
  });

  it('lets two majors of one module stand side by side', () => {
    const c = [module('c', '1.0.0'), module('c', '2.0.0', {}, true)];
    const found = picks(c, module('a', '1.0.0', { c: '^1' }), module('b', '1.0.0', { c: '^2' }));
    expect(found).toMatchObject({ 'a@1.0.0': { c: '1.0.0' }, 'b@1.0.0': { c: '2.0.0' } });
  });

  it('passes over a version whose own needs cannot be met, and one that would make a circle', () => {
    const all = [
      module('b', '1.0.0'),
      module('b', '1.1.0', { gone: '*' }, true),
      module('c', '1.0.0'),
      module('c', '1.1.0', { a: '*' }, true),
      module('a', '1.0.0', { b: '*', c: '*' }),
    ];
    expect(picks(all, all[4] as Dependent)).toMatchObject({ 'a@1.0.0': { b: '1.0.0', c: '1.0.0' } });
  });

  it('explains what is missing', () => {
    const root = module('skill/a', '1.0.0', { 'skill/b': '^2', 'skill/c': '*', 'skill/d': 'latest please' });
    const error = fails([module('skill/b', '1.0.0'), module('skill/b', '1.5.0'), module('skill/d', '1.0.0')], root);
    expect(error).toMatchObject({
      code: 'DEPENDENCY_UNMET',
      data: {
        module: 'skill/a',
        unmet: [
          { dependent: 'skill/a@1.0.0', dependency: 'skill/b', range: '^2', available: ['1.5.0', '1.0.0'] },
          { dependency: 'skill/c', available: [] },
          { dependency: 'skill/d' },
        ],
      },
    });
    expect(error.message).toBe(
      'skill/a@1.0.0 cannot be loaded: skill/a@1.0.0 needs skill/b ^2, and there are 1.5.0, 1.0.0; ' +
        'skill/a@1.0.0 needs skill/c *, which is not there; skill/a@1.0.0 needs skill/d latest please, which is no range of versions.',
    );
  });

  it('explains what is missing further down, and circles', () => {
    const all = [module('b', '1.0.0', { c: '*' }), module('c', '1.0.0', { b: '*' }), module('d', '1.0.0', { e: '^1' })];
    const error = fails(all, module('a', '1.0.0', { b: '*', d: '*' }));
    expect(error.message).toContain('b@1.0.0 needs c@1.0.0 needs b@1.0.0, which is a circle');
    expect(error.message).toContain('d@1.0.0 needs e ^1, which is not there');
  });
});

/** Whether a version can be loaded, by trying everything: an own, slow way to the same answer. */
const isPossible = (available: readonly Dependent[], dependent: Dependent, path: readonly Dependent[] = []): boolean =>
  !path.includes(dependent) &&
  Object.entries(dependent.dependencies).every(([id, range]) =>
    available.some(
      (each) => each.id === id && satisfies(each.version, range) && isPossible(available, each, [...path, dependent]),
    ),
  );

const ids = ['a', 'b', 'c', 'd'] as const;
const versions = ['1.0.0', '1.1.0', '2.0.0'] as const;
const needs = fc.dictionary(fc.constantFrom(...ids), fc.constantFrom('^1', '^1.1', '^2', '*', '^3'), { maxKeys: 3 });
const worlds = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...versions), needs, fc.boolean()), {
    selector: ([id, version]) => `${id}@${version}`,
    minLength: 1,
    maxLength: 9,
  })
  .map((rows) => rows.map(([id, version, dependencies, preferred]) => module(id, version, dependencies, preferred)));

describe('for any set of modules', () => {
  it('finds an order when there is one, and only then', () => {
    fc.assert(
      fc.property(worlds, (all) => {
        const [root] = all as [Dependent];
        let found;
        try {
          found = resolveDependencies(all, [root]);
        } catch (error) {
          expect(BurgeonError.from(error).code).toBe('DEPENDENCY_UNMET');
          expect((BurgeonError.from(error).data as { unmet: unknown[] }).unmet.length).toBeGreaterThan(0);
        }
        expect(found !== undefined).toBe(isPossible(all, root));
      }),
      { numRuns: 500 },
    );
  });

  it('gives every dependent a version in its range, loaded before it, and loads nothing that nobody needs', () => {
    fc.assert(
      fc.property(worlds, (all) => {
        const roots = all.filter((each) => isPossible(all, each));
        const { order, picks: chosen } = resolveDependencies(all, roots);
        const keys = order.map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
        const wanted = new Set(roots.map(keyOf));
        for (const [at, dependent] of order.entries()) {
          for (const [id, range] of Object.entries(dependent.dependencies)) {
            const pick = chosen.get(keyOf(dependent))?.get(id) ?? '';
            expect(satisfies(pick, range)).toBe(true);
            expect(keys.indexOf(`${id}@${pick}`)).toBeLessThan(at);
            expect(keys).toContain(`${id}@${pick}`);
            wanted.add(`${id}@${pick}`);
          }
        }
        expect(new Set(keys)).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });
});
