import { describe, expect, it } from 'vitest';
import { bold, count, dim, red, render, shorten, size, span, table, when, widthOf } from './text.ts';

describe('render', () => {
  it('turns marks into colours, or into nothing', () => {
    expect(render(bold('x'), true)).toBe('\u001B[1mx\u001B[0m');
    expect(render(bold(7), false)).toBe('7');
    expect(dim('')).toBe('');
  });

  it.each([
    ['escape sequences', 'a\u001B[2Jb', 'a[2Jb'],
    ['a forged line', 'ok\rDONE', 'okDONE'],
    ['C1 controls', 'a\u009B31mb', 'a31mb'],
    ['direction overrides', 'a\u202Egpj.exe', 'agpj.exe'],
    ['tabs and line ends, which stay', 'a\tb\nc', 'a\tb\nc'],
  ])('takes out %s', (_, hostile, shown) => {
    expect(render(hostile, true)).toBe(shown);
  });
});

describe('widthOf and shorten', () => {
  it.each([
    ['plain', 'abc', 3],
    ['marked', red('abc'), 3],
    ['wide', '\u65E5\u672C', 4],
    ['emoji of several code points', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}', 2],
    ['combining', 'e\u0301', 1],
  ])('measures %s text', (_, text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('cuts with an ellipsis and closes an open style', () => {
    expect(shorten('abcdef', 4)).toBe('abc\u2026');
    expect(shorten('abc', 4)).toBe('abc');
    expect(shorten('a\nb', 9)).toBe('a');
    expect(render(shorten(red('abcdef'), 4), true)).toBe('\u001B[31mabc\u2026\u001B[0m');
  });
});

describe('table', () => {
  it('aligns columns, styles not counted', () => {
    const text = table(
      [
        [bold('a'), 'x'],
        ['bbb', 'y\tz'],
      ],
      { head: ['n', 'v'] },
    );
    expect(render(text, false)).toBe('  n    v\n  a    x\n  bbb  y z');
  });

  it('cuts only the last column to the width of the terminal', () => {
    expect(table([['name', 'a very long summary of it']], { columns: 20 })).toBe('  name  a very long\u2026');
    expect(table([])).toBe('');
    expect(table([['a\nb', '']], { indent: 0 })).toBe('a');
  });
});

describe('amounts', () => {
  it('says them as people do', () => {
    expect([count(1, 'module'), count(2, 'module')]).toEqual(['1 module', '2 modules']);
    expect([span(840.4), span(2_100), span(184_000)]).toEqual(['840 ms', '2.1 s', '3 min 4 s']);
    expect([size(0), size(840), size(2_100_000), size(5e12)]).toEqual(['0 B', '840 B', '2.1 MB', '5000.0 GB']);
    expect([when(0, 500), when(0, 60_000), when(600_000, 0), when(0, 7_200_000), when(0, 864_000_000)]).toEqual([
      'now',
      '60 s ago',
      'in 10 min',
      '2 h ago',
      '10 d ago',
    ]);
  });
});
