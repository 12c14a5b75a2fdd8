import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate } from '@burgeon/kit';
import { checkSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { candidateOf, codeCandidate, petInterface } from '../fixtures/candidates.ts';
import { redos } from './index.ts';
import { judgeExpressions } from './judge.ts';
import { isPlainlyQuick } from './plain.ts';

const code = (text: string): Candidate => codeCandidate(text);
const python = (text: string): Candidate => {
  const made = codeCandidate('', { host: 'process', entry: 'main.py' });
  return { ...made, files: [...made.files, { path: 'main.py', text }] };
};
const patterned = (): Candidate => {
  const description = petInterface();
  description.operations[0]!.input.properties['id'] = { type: 'string', pattern: '^(a+)+$' };
  return candidateOf({ description });
};
const found = (candidate: Candidate) => redos.run(candidate, { signal: new AbortController().signal, scratch: async () => '' });

checkSuite(
  { describe, it, expect },
  {
    check: redos,
    scratch: () => mkdtemp(join(tmpdir(), 'burgeon-redos-')),
    valid: [
      { name: 'no code', candidate: candidateOf() },
      { name: 'a pattern of an interface, which a linear engine runs', candidate: patterned() },
      { name: 'code without expressions', candidate: code('export const a = 1 / 2 / 3;') },
      {
        name: 'everyday expressions',
        candidate: code(String.raw`const a = [/^\d{3}-\d{4}$/, /[a-z]+/y, /^(?:a|b)c?$/i, /^[^"]*$/];`),
      },
      { name: 'a constructor with what is computed', candidate: code('export const make = (text: string) => new RegExp(text);') },
      {
        name: 'what only looks like one',
        candidate: code('// (a+)+$\nconst text = "/(a+)+$/"; const match = (a: string) => a; match("(a+)+$");'),
      },
      { name: 'Python', candidate: python('import re\nre.match(r"^\\d+$", x)\n') },
    ],
    invalid: [
      { name: 'a repetition in a repetition', candidate: code('\nconst a = /^(a+)+$/;'), code: 'redos', path: 'index.ts:2:11' },
      {
        name: 'alternatives that begin alike',
        candidate: code('export const f = (x: string) => /^(?:a|a)*$/.test(x);'),
        code: 'redos',
      },
      {
        name: 'RegExp with a constant',
        candidate: code(`const source = '^(a+' + ')+$'; const a = new RegExp(source, 'i');`),
        code: 'redos',
      },
      { name: 'RegExp without new', candidate: code('const a = RegExp(String.raw`^(\\w+\\s?)+$`);'), code: 'redos' },
      { name: 'a text given to match', candidate: code(`export const f = (x: string) => x.match('^(a+)+$');`), code: 'redos' },
      {
        name: 'text given to a member that is named in brackets',
        candidate: code(`export const f = (x: string) => x['search']('^(a+)+$');`),
        code: 'redos',
      },
      { name: 'a high power', candidate: code('const a = /a*a*a*a*b/;'), code: 'redos' },
      { name: 'a square', candidate: code(String.raw`const a = /\s+$/;`), code: 'redos', severity: 'warning' },
      {
        name: 'what cannot be judged',
        candidate: code('const a = new RegExp("(?<a>x+x+)+(?<a>y)");'),
        code: 'redos-unknown',
        severity: 'warning',
      },
      { name: 'code that cannot be read', candidate: code('('.repeat(3_000)), code: 'check-killed' },
      {
        name: 'Python',
        candidate: python('import re\nslow = re.compile(r"^(?P<word>a+)+$")\n'),
        code: 'redos',
        path: 'main.py:2:8',
      },
      { name: 'Python with flags in front', candidate: python(`re.sub('(?i)^(a|a)*$', "", x)`), code: 'redos' },
    ],
  },
);

describe('the check of regular expressions', () => {
  it('tells all of them, with an attack', async () => {
    const all = await found(code('const a = [/^(a+)+$/, /^(b+)+$/];'));
    expect(all.map(({ path }) => path)).toEqual(['index.ts:1:12', 'index.ts:1:23']);
    expect(all[0]?.message).toContain("'a'.repeat(");
  });

  it('keeps on when an expression does not compile', async () => {
    expect((await found(code('const a = [new RegExp("(a+)+("), /^(a+)+$/];'))).map(({ code: each }) => each)).toEqual([
      'redos-unknown',
      'redos',
    ]);
  });

  it('has a time for all of them', () => {
    const one = { source: '^(a+)+$', flags: '' };
    expect(judgeExpressions({ expressions: [one, one], eachMs: 1_000, allMs: 0 })).toEqual([
      { state: 'unjudged' },
      { state: 'unjudged' },
    ]);
  });

  it('says why one was not found out', () => {
    expect(
      judgeExpressions({
        expressions: [
          { source: '(a+)+(', flags: '' },
          { source: '^(a+)+$', flags: 'q' },
        ],
        eachMs: 1_000,
        allMs: 9_000,
      }),
    ).toEqual([
      { state: 'unknown', why: 'invalid' },
      { state: 'unknown', why: 'invalid' },
    ]);
  });
});

describe('what is plainly quick', () => {
  const quick = [
    '',
    'abc',
    '^a+$',
    '^[^/]*',
    String.raw`^\d{1,3}$`,
    'a{2,5}',
    '(?:a|b)',
    String.raw`\bfrom\s{1,100}stdin\b`,
    '[*+{]',
    String.raw`\p{L}x`,
    String.raw`\u{1F600}?`,
    '(?<year>[0-9]{4})',
  ];
  const notPlain = [
    'a+',
    '^a+|b',
    '^a+b+',
    '(?:ab)+',
    '(a|b){2,}',
    '(?=a)b',
    '(?<!a)b',
    String.raw`(a)\1`,
    String.raw`\k<a>`,
    'a{3,}',
    'a{200}',
    'a?'.repeat(13),
  ];
  it.each(quick)('%j', (source) => expect(isPlainlyQuick(source, '')).toBe(true));
  it.each(notPlain)('not %j', (source) => expect(isPlainlyQuick(source, '')).toBe(false));
  it('goes by the flags', () => {
    expect([isPlainlyQuick('a+', 'y'), isPlainlyQuick('^a+', 'm'), isPlainlyQuick('^a+', 'i')]).toEqual([true, false, true]);
  });
});
