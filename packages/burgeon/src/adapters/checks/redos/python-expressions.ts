import type { BundleFile } from '@burgeon/kit';

/** A regular expression that Python code holds, in the words of ECMAScript. */
export interface PythonExpression {
  file: string;
  /** 1-based, both. */
  line: number;
  column: number;
  source: string;
  flags: string;
}

/** Calls that compile their first argument, when it is one plain literal. */
const call =
  /\bre\.(?:compile|match|search|fullmatch|findall|finditer|split|subn?)\(\s{0,200}([rR]?)("""|'''|"|')((?:\\[\s\S]|(?!\2)[\s\S]){0,4000})\2/g;

/** The constant regular expressions of Python files, as far as they stand in a call of `re`. */
export const pythonExpressions = (files: readonly BundleFile[]): PythonExpression[] =>
  files
    .filter(({ path }) => path.endsWith('.py'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(call)].map((match) => {
        const before = text.slice(0, match.index);
        const source = match[1] === '' ? unescaped(match[3] ?? '') : (match[3] ?? '');
        return {
          file: path,
          line: before.split('\n').length,
          column: match.index - before.lastIndexOf('\n'),
          ...inEcmaScript(source),
        };
      }),
    );

/** A literal without `r`: a doubled backslash is one, what stands for a character stays as the expression would read it too. */
const unescaped = (text: string): string => text.replaceAll(/\\([\\'"])/g, (_, sign: string) => sign);

/** Python's own words for what ECMAScript has others for. @see https://docs.python.org/3/library/re.html#regular-expression-syntax */
const inEcmaScript = (source: string): { source: string; flags: string } => {
  const [leading = '', letters = ''] = /^\(\?([aiLmsux]+)\)/.exec(source) ?? [];
  const flags = ['i', 'm', 's'].filter((flag) => letters.includes(flag)).join('');
  const body = source
    .slice(leading.length)
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, String.raw`\k<$1>`)
    .replaceAll(String.raw`\A`, '^')
    .replaceAll(String.raw`\Z`, '$');
  return { source: body, flags };
};
