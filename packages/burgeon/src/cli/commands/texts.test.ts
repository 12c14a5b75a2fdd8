import type { Diagnostic } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { BurgeonError } from '@burgeon/kit';
import { faultJson, faultText } from '../fault.ts';
import { absolute } from '../point.ts';
import { render } from '../text.ts';
import { verdictText } from './audit.ts';
import { reportText } from './test.ts';
import { findings, operationTable, quoted } from './describe.ts';
import type { Change } from '../../interface/diff.ts';
import { diffText } from './diff.ts';
import { capabilityText, paintState } from './modules.ts';

const plain = (text: string): string => render(text, false);
const issue = (path: string): { path: string; message: string } => ({ path, message: 'is wrong' });

describe('faults', () => {
  it('names up to three issues, and counts the others', () => {
    const error = new BurgeonError('INPUT_INVALID', {
      message: 'two\nlines',
      data: { issues: ['/a', '', '/c', '/d'].map(issue) },
    });
    expect(plain(faultText(error, false)).split('\n')).toEqual([
      'error  two lines',
      '  why  INPUT_INVALID: /a is wrong; the whole is wrong; /c is wrong; and 1 more',
      '   do  See: burgeon --help',
    ]);
    expect(faultJson(error).error).toMatchObject({ hint: '', code: 'INPUT_INVALID' });
  });

  it.each([[{ issues: 'none' }], [[]], ['text'], [{ issues: [issue('/a')] }]])(
    'falls back to what the code means for %j',
    (data) => {
      expect(plain(faultText(new BurgeonError('TIMEOUT', { message: 'x', data }), false))).toContain(
        'There was no answer in time.',
      );
    },
  );

  it('follows causes with --verbose, not without end', () => {
    const loop = new Error('inner');
    loop.cause = loop;
    const text = plain(faultText(new BurgeonError('INTERNAL', { message: 'outer', cause: loop }), true));
    expect(text.match(/caused by/g)?.length).toBeLessThan(8);
  });
});

describe('what commands tell', () => {
  it('describes differences', () => {
    const capability = { kind: 'net.http', scope: { hosts: ['x'] } };
    const none = { added: [], removed: [], changed: [] };
    const gone: Change = { impact: 'breaking', code: 'operation-removed', path: '/operations/0', message: '"a" is gone.' };
    const narrowed: Change = { impact: 'breaking', code: 'type-narrowed', path: '/operations/0/input', message: 'takes less' };
    const words: Change = { impact: 'documentation', code: 'words', path: '/title', message: 'other words' };
    const text = plain(
      diffText({
        verdict: 'major',
        changes: [gone, narrowed, words],
        operations: {
          added: [{ id: 'c', effect: 'read', summary: 'Reads c.' }],
          removed: [{ id: 'a', effect: 'write' }],
          changed: [{ id: 'b', impact: 'breaking', changes: [narrowed] }],
        },
        types: { ...none, added: ['Pet'] },
        capabilities: { added: [capability], widened: [], removed: [{ kind: 'clock', scope: {} }] },
        limits: [{ name: 'cpuMs', from: 100, to: 400 }],
        dependencies: { ...none, changed: ['skill/x'] },
        files: { added: [], removed: ['old.ts'], changed: [{ path: 'index.ts', linesAdded: 3, linesRemoved: 1 }] },
      }),
    );
    for (const line of [
      '+ c  read  Reads c.',
      '- a  write',
      '~ b  breaking',
      '/input  takes less',
      'documentation  /title  other words',
      '+ Pet',
      '+ net.http {"hosts":["x"]}',
      '- clock',
      'cpuMs  100 to 400',
      '~ skill/x',
      '- old.ts',
      '~ index.ts  +3 -1',
      '2 files',
    ])
      expect(text).toContain(line);
    const same = {
      operations: none,
      types: none,
      capabilities: { added: [], widened: [], removed: [] },
      limits: [],
      dependencies: none,
      files: none,
    };
    expect(plain(diffText({ verdict: 'none', changes: [], ...same }))).toBe(
      '\nNo operation or type changed.\n\nThe same capabilities.',
    );
    expect(capabilityText({ kind: 'clock', scope: {} })).toBe('clock');
  });

  it('describes a trial and a broken record', () => {
    const text = plain(
      reportText('api/x@1.0.0', {
        runs: [
          {
            runner: 'trial',
            passed: 1,
            failed: 1,
            skipped: 1,
            cases: [{ name: 'a', file: 'interface.json', state: 'failed', message: 'no answer', ms: 0 }],
          },
          { runner: 'jest', passed: 0, failed: 0, skipped: 0, cases: [], absent: 'Jest is not installed.' },
        ],
        passed: 1,
        failed: 1,
        skipped: 1,
        coverage: 2 / 3,
        results: [
          { operation: 'a', outcome: 'failed', reason: 'no answer' },
          { operation: 'b', outcome: 'skipped' },
        ],
      }),
    );
    expect(text).toMatch(/67 %[\s\S]*jest: not run\. Jest is not installed\.[\s\S]*a {2}trial {2}no answer$/);
    expect(plain(verdictText({ ok: false, entries: 9, firstBad: 4, reason: 'the hash differs' }))).toContain(
      'first bad entry is 4 of 9: the hash differs.',
    );
    expect(plain(verdictText({ ok: false, entries: 9 }))).toContain('first bad entry is 10 of 9');
  });

  it('shows the gravest findings first and says how many there are', () => {
    const many: Diagnostic[] = Array.from({ length: 12 }, (_, index) => ({
      severity: index === 11 ? 'error' : index > 8 ? 'warning' : 'info',
      code: `c${index}`,
      message: 'm',
      path: `/p${index}`,
    }));
    many.push(
      { severity: 'warning', code: 'placed', message: 'm', path: '', position: { line: 3, column: 4 } },
      { severity: 'info', code: 'whole', message: 'm', path: '' },
    );
    const [, counts, rows, more] = findings(many, undefined).map(plain);
    expect(counts).toBe('1 error, 3 warnings, 10 info');
    expect(rows?.split('\n')[0]).toMatch(/error\s+c11\s+\/p11/);
    expect(rows).toContain('3:4');
    expect(more).toContain('and 4 more');
    expect(findings([], undefined)).toEqual([]);
  });

  it('marks operations that are deprecated or delete', () => {
    expect(
      plain(
        operationTable(
          [
            { id: 'a', effect: 'delete', summary: 's', deprecated: true },
            { id: 'b', effect: 'read', deprecated: true },
          ],
          undefined,
        ),
      ),
    ).toBe('  a  delete  (deprecated) s\n  b  read    (deprecated)');
  });

  it.each(['active', 'pending', 'rejected', 'archived'])('shows the state %s as it is', (state) => {
    expect(plain(paintState(state))).toBe(state);
  });
});

describe('words', () => {
  it.each([
    ['./a b.yaml', "'./a b.yaml'"],
    ["it's", String.raw`'it'\''s'`],
    ['plain-1.yaml', 'plain-1.yaml'],
  ])('quotes %s for a shell', (word, expected) => {
    expect(quoted(word)).toBe(expected);
  });

  it.each([
    ['https://x/y', 'https://x/y'],
    ['mcp+stdio:node server.js', 'mcp+stdio:node server.js'],
    ['a sentence of words', 'a sentence of words'],
    ['sqlite:/tmp/x.db', 'sqlite:/tmp/x.db'],
    ['sqlite:x.db', `sqlite:${process.cwd()}/x.db`],
    ['x.yaml', `${process.cwd()}/x.yaml`],
  ])('makes %s absolute where it is a path', (word, expected) => {
    expect(absolute(word)).toBe(expected);
  });
});
