/** What `outline` can read; JavaScript and TypeScript are read alike. */
export type Language = 'javascript' | 'typescript' | 'python';

/** Lines that only Python has, or few others: a value given to a name at the left edge, without a semicolon behind it. */
const pythonLine = new RegExp(
  '^(?:' +
    [
      String.raw`[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*[([].*`,
      String.raw`[ \t]*class[ \t]+\w+[ \t]*(?:\(.*\))?[ \t]*:.*`,
      String.raw`[ \t]*from[ \t]+[.\w]+[ \t]+import\b.*`,
      String.raw`[ \t]*import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+|[ \t]*,.*)?[ \t]*(?:#.*)?`,
      String.raw`[ \t]*(?:(?:el)?if\b[^{;]*|try|else|finally|except\b.*|with\b.*|for\b.+\bin\b.*|while\b.*):(?:[ \t]*#.*)?`,
      String.raw`[ \t]*(?:@\w[\w.]*(?:\(.*\))?|""".*|#.*)`,
      String.raw`[A-Za-z_]\w*(?:[ \t]*:[ \t]*[\w.[\]]+)?[ \t]*=[ \t]*[^=>\s].*`,
    ].join('|') +
    ')$',
);
const scriptLine = new RegExp(
  '^[ \t]*(?:' +
    [
      String.raw`(?:export|const|let|var|interface|declare|namespace)\b.*`,
      String.raw`import\b.*['"{*].*`,
      String.raw`(?:async[ \t]+)?function\b.*`,
      String.raw`\/[/*].*|\*.*`,
      String.raw`.*(?:;|=>.*|[\w)>][ \t]*\{)`,
      String.raw`\}[ \t]*(?:else|catch|finally)\b.*`,
    ].join('|') +
    ')$',
);

/** Lines that are looked at. */
const mostLines = 2_000;

/** Characters of a line that are looked at. */
const mostColumns = 200;

/** Which language a text reads like: Python when more of its lines say so than speak for JavaScript, otherwise TypeScript. */
export const languageOf = (source: string): Language => {
  if (/^#!.*\bpython/.test(source)) return 'python';
  let python = 0;
  let script = 0;
  for (const line of source.split(/\r\n?|\n/, mostLines)) {
    const begin = line.slice(0, mostColumns);
    if (scriptLine.test(begin)) script += 1;
    else if (pythonLine.test(begin)) python += 1;
  }
  return python > script ? 'python' : 'typescript';
};
