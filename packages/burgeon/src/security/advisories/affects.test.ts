import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affects, fixesOf } from './affects.ts';
import { comparePython } from './pep440.ts';
import type { Advisory, RangeEvent } from './record.ts';

/** From the lowest to the highest, as PEP 440 and the library `packaging` order them. */
const ordered = [
  '1.dev0',
  '1.0.dev456',
  '1.0a1',
  '1.0a2.dev456',
  '1.0a12.dev456',
  '1.0a12',
  '1.0b1.dev456',
  '1.0b2',
  '1.0b2.post345.dev456',
  '1.0b2.post345',
  '1.0rc1.dev456',
  '1.0rc1',
  '1.0',
  '1.0+abc.5',
  '1.0+abc.7',
  '1.0+5',
  '1.0.post456.dev34',
  '1.0.post456',
  '1.0.15',
  '1.1.dev1',
  '1.1',
  '1.10',
  '2!0.1',
];
const same = [
  ['1.0', '1'],
  ['1.0.0', 'v1.0'],
  ['1.0alpha', '1.0a0'],
  ['1.0-a.1', '1.0a1'],
  ['1.0c1', '1.0rc1'],
  ['1.0pre1', '1.0rc1'],
  ['1.0preview2', '1.0RC2'],
  ['1.0-1', '1.0.post1'],
  ['1.0r4', '1.0.post4'],
  ['1.0rev', '1.0post0'],
  ['1.0dev', '1.0.dev0'],
  ['0!1.0', '1.0'],
  ['1.0+Ubuntu-1', '1.0+ubuntu.1'],
] as const;

describe('versions of Python', () => {
  it('stand in the order of PEP 440', () => {
    for (const [index, low] of ordered.entries())
      for (const high of ordered.slice(index + 1))
        expect([low, high, comparePython(low, high), comparePython(high, low)]).toEqual([low, high, -1, 1]);
  });
  it.each(same)('%s is %s', (a, b) => expect(comparePython(a, b)).toBe(0));
  it.each(['', 'latest', '1..0', '1.0+', '1.0-', '1 0', `${'1.'.repeat(200)}0`])('%j is none', (text) =>
    expect(comparePython(text, '1.0')).toBeUndefined(),
  );

  const version = fc
    .record({
      epoch: fc.option(fc.nat(2), { nil: undefined }),
      release: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      pre: fc.option(fc.tuple(fc.constantFrom('a', 'b', 'rc'), fc.nat(2)), { nil: undefined }),
      post: fc.option(fc.nat(2), { nil: undefined }),
      dev: fc.option(fc.nat(2), { nil: undefined }),
      local: fc.option(fc.constantFrom('1', 'a', 'a.1', '2.b'), { nil: undefined }),
    })
    .map(({ epoch, release, pre, post, dev, local }) =>
      [
        epoch === undefined ? '' : `${epoch}!`,
        release.join('.'),
        pre ? pre.join('') : '',
        post === undefined ? '' : `.post${post}`,
        dev === undefined ? '' : `.dev${dev}`,
        local === undefined ? '' : `+${local}`,
      ].join(''),
    );

  it('are ordered wholly: one way round, and through a third', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const order = (x: string, y: string): number => comparePython(x, y) ?? NaN;
        expect(order(a, a)).toBe(0);
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

const advisory = (events: RangeEvent[], more: Partial<Advisory> = {}, ecosystem = 'npm', type = 'SEMVER'): Advisory => ({
  id: 'OSV-1',
  modified: '2026-01-01T00:00:00Z',
  affected: [{ package: { ecosystem, name: 'left-pad' }, ranges: [{ type, events }] }],
  ...more,
});
const npm = (version: string, name = 'left-pad') => ({ ecosystem: 'npm' as const, name, version });
const python = (version: string, name = 'left-pad') => ({ ecosystem: 'PyPI' as const, name, version });

describe('what a record says of a version', () => {
  it.each([
    ['from the beginning', [{ introduced: '0' }], '0.0.1', true],
    ['before the mending', [{ introduced: '0' }, { fixed: '1.2.0' }], '1.1.9', true],
    ['at the mending', [{ introduced: '0' }, { fixed: '1.2.0' }], '1.2.0', false],
    ['a candidate before the mending', [{ introduced: '0' }, { fixed: '1.2.0' }], '1.2.0-rc.1', true],
    ['at the last', [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }], '1.2.0', true],
    ['after the last', [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }], '1.2.1', false],
    ['before it began', [{ introduced: '1.0.0' }], '0.9.0', false],
    ['between two', [{ introduced: '1.0.0' }, { fixed: '1.1.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }], '1.5.0', false],
    [
      'in the second of two, told the other way round',
      [{ fixed: '2.1.0' }, { introduced: '2.0.0' }, { fixed: '1.1.0' }, { introduced: '1.0.0' }],
      '2.0.5',
      true,
    ],
    ['below a limit', [{ introduced: '0' }, { limit: '2.0.0' }], '1.0.0', true],
    ['at a limit', [{ introduced: '0' }, { limit: '2.0.0' }], '2.0.0', false],
    ['below any limit', [{ introduced: '0' }, { limit: '*' }], '9.0.0', true],
    ['against a bound that is none', [{ introduced: '0' }, { fixed: 'soon' }], '1.0.0', true],
  ] as [string, RangeEvent[], string, boolean][])('%s', (_, events, version, expected) => {
    expect(affects(advisory(events), npm(version))).toBe(expected);
  });

  it('is nothing when it is about another, or was withdrawn', () => {
    const record = advisory([{ introduced: '0' }]);
    expect(affects(record, npm('1.0.0', 'right-pad'))).toBe(false);
    expect(affects(record, python('1.0'))).toBe(false);
    expect(affects({ ...record, withdrawn: '2026-02-01T00:00:00Z' }, npm('1.0.0'))).toBe(false);
    expect(affects({ id: 'OSV-1', modified: '' }, npm('1.0.0'))).toBe(false);
    expect(affects({ ...record, affected: [{ ranges: [] }] }, npm('1.0.0'))).toBe(false);
  });

  it('may be a list of versions, in any spelling of Python', () => {
    const listed = (ecosystem: string, versions: string[]): Advisory => ({
      ...advisory([]),
      affected: [{ package: { ecosystem, name: 'Left_Pad' }, versions }],
    });
    expect(affects(listed('PyPI', ['1.0rc1']), python('1.0.0c1'))).toBe(true);
    expect(affects(listed('PyPI:mirror', ['1.0']), python('1.1'))).toBe(false);
    expect(affects(listed('npm', ['1.0.0']), npm('1.0.0'))).toBe(false);
    expect(affects(listed('npm', ['1.0.0']), npm('1.0.0', 'Left_Pad'))).toBe(true);
  });

  it('is all versions when it says nothing of them, and none when it speaks of revisions beside a list', () => {
    const record = advisory([{ introduced: '0' }], {}, 'npm', 'GIT');
    expect(affects(record, npm('1.0.0'))).toBe(true);
    const listed = { ...record, affected: [{ ...record.affected![0]!, versions: ['0.9.0'] }] };
    expect(affects(listed, npm('1.0.0'))).toBe(false);
  });

  it('goes by the order of its ecosystem', () => {
    const record = advisory([{ introduced: '0' }, { fixed: '1.0.post1' }], {}, 'PyPI', 'ECOSYSTEM');
    expect([affects(record, python('1.0')), affects(record, python('1.0.post1'))]).toEqual([true, false]);
    expect(affects(advisory([{ introduced: '0' }, { fixed: '1.0.0' }], {}, 'npm', 'ECOSYSTEM'), npm('1.0.1'))).toBe(false);
    expect(fixesOf(record, python('1.0'))).toEqual(['1.0.post1']);
  });

  it('agrees with a plain count over any row of events', () => {
    const event = fc.tuple(fc.constantFrom('introduced', 'fixed', 'last_affected'), fc.nat(9));
    fc.assert(
      fc.property(fc.uniqueArray(event, { selector: ([, at]) => at, maxLength: 6 }), fc.nat(10), (events, at) => {
        let expected = false;
        for (let version = 0; version <= at; version++) {
          if (events.some(([kind, bound]) => kind === 'last_affected' && bound === version - 1)) expected = false;
          if (events.some(([kind, bound]) => kind === 'fixed' && bound === version)) expected = false;
          if (events.some(([kind, bound]) => kind === 'introduced' && bound === version)) expected = true;
        }
        const record = advisory(events.map(([kind, bound]) => ({ [kind]: `${bound}.0.0` })));
        // A range without an event says nothing, and so do these.
        fc.pre(events.length > 0);
        expect(affects(record, npm(`${at}.0.0`))).toBe(expected);
      }),
    );
  });
});
