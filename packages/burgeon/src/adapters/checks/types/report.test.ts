import { describe, expect, it } from 'vitest';
import { type CompilerFinding, report } from './report.ts';

const files = [
  { path: 'b.ts', text: 'one\ntwo' },
  { path: 'a.ts', text: 'three' },
];
const finding = (more: Partial<CompilerFinding>): CompilerFinding => ({
  offset: 0,
  code: 1,
  isError: true,
  message: 'm',
  ...more,
});
const told = (...found: CompilerFinding[]) =>
  report(found, '/0000001', files).map(({ path, code, severity }) => [path, code, severity]);

describe('a report', () => {
  it('goes by the order of the files, then of the places, then of the codes; what is about all of them comes first', () => {
    const found = [
      finding({ file: '/0000001/a.ts' }),
      finding({ file: '/0000001/b.ts', offset: 5 }),
      finding({ file: '/0000001/b.ts', code: 2 }),
      finding({ file: '/0000001/b.ts', code: 1, isError: false }),
      finding({ file: '/somewhere/lib/lib.es5.d.ts', offset: 7 }),
      finding({}),
    ];
    expect(told(...found)).toEqual([
      ['', 'TS1', 'error'],
      ['lib.es5.d.ts:1:8', 'TS1', 'error'],
      ['b.ts:1:1', 'TS1', 'warning'],
      ['b.ts:1:1', 'TS2', 'error'],
      ['b.ts:2:2', 'TS1', 'error'],
      ['a.ts:1:1', 'TS1', 'error'],
    ]);
  });

  it('tells the same once, says nothing of where it was compiled, and cuts what fills a screen', () => {
    const message = `import("/0000001/b").T ${'x'.repeat(3_000)}`;
    const [found, ...more] = report([finding({ message }), finding({ message })], '/0000001', files);
    expect(found?.message).toMatch(/^import\("b"\)\.T x+$/);
    expect(found?.message).toHaveLength(2_000);
    expect([found?.position, more]).toEqual([undefined, []]);
  });
});
