import type { Diagnostic } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { BurgeonError } from '@burgeon/kit';
import { faultJson, faultText } from '../fault.ts';
import { absolute } from '../point.ts';
import { render } from '../text.ts';
import { verdictText } from './audit.ts';
import { trialText } from './check.ts';
import { findings, operationTable, quoted } from './describe.ts';
import { capabilityText, diffText, paintState } from './modules.ts';

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
    const text = plain(
      diffText({
        verdict: 'major',
        changes: [
          { impact: 'breaking', code: 'gone', path: '/operations/a', message: 'a is gone' },
          { impact: 'compatible', code: 'new', path: '', message: 'b is new' },
          { impact: 'documentation', code: 'words', path: '/title', message: 'other words' },
        ],
        capabilities: { added: [capability], widened: [], removed: [{ kind: 'clock', scope: {} }] },
      }),
    );
    expect(text).toContain('breaking       /operations/a  a is gone');
    expect(text).toContain('+ net.http {"hosts":["x"]}');
    expect(text).toContain('- clock');
    expect(plain(diffText({ verdict: 'none', changes: [], capabilities: { added: [], widened: [], removed: [] } }))).toContain(
      'No operation or type changed',
    );
    expect(capabilityText({ kind: 'clock', scope: {} })).toBe('clock');
  });

  it('describes a trial and a broken record', () => {
    const text = plain(
      trialText('api/x@1.0.0', {
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
    expect(text).toMatch(/67 %[\s\S]*a {2}no answer$/);
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
