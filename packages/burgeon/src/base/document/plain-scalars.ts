/** What a plain scalar means in the core schema. @see https://yaml.org/spec/1.2.2/#1032-tag-resolution */
export const resolvePlain = (text: string): string | number | boolean | null => {
  const first = text.charCodeAt(0);
  // Most scalars begin with a letter that no special value begins with.
  const digitLike = (first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x2b || first === 0x2e;
  if (digitLike) return numberOf(text);
  if (text.length > 5 || !/^[tTfFnN~]/.test(text)) return text;
  if (text === 'true' || text === 'True' || text === 'TRUE') return true;
  if (text === 'false' || text === 'False' || text === 'FALSE') return false;
  return text === '~' || text === 'null' || text === 'Null' || text === 'NULL' ? null : text;
};

const numberOf = (text: string): string | number | null => {
  if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  if (/^0o[0-7]+$/.test(text) || /^0x[\da-fA-F]+$/.test(text)) return Number(text);
  return /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text) ? null : text;
};

const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ['/', '/'],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

/** A quoted scalar and the offset after its closing quote. */
export interface Quoted {
  value: string;
  end: number;
}

/** Reads the quoted scalar that begins at `start`; undefined when it does not end or escapes what nobody may. Lines are folded, their indentation is not judged. */
export const readQuoted = (text: string, start: number): Quoted | undefined => {
  const quote = text[start]!;
  const simple = text.indexOf(quote, start + 1);
  if (simple === -1) return undefined;
  const inner = text.slice(start + 1, simple);
  const plain = !inner.includes('\n') && (quote === '"' ? !inner.includes('\\') : text[simple + 1] !== "'");
  return plain ? { value: inner, end: simple + 1 } : readFolded(text, start, quote);
};

const readFolded = (text: string, start: number, quote: string): Quoted | undefined => {
  const done: string[] = [];
  let line = '';
  // White space before this length of the line was escaped and is kept at its end.
  let kept = 0;
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index]!;
    if (character === quote) {
      if (quote === '"' || text[index + 1] !== "'") return { value: done.join('') + line, end: index + 1 };
      line += "'";
      index++;
    } else if (character === '\\' && quote === '"') {
      const escaped = readEscape(text, index + 1);
      if (escaped === undefined) return undefined;
      line += escaped.value;
      kept = line.length;
      index = escaped.end - 1;
    } else if (character === '\n') {
      const blank = /(?:[ \t]*\n)*[ \t]*/y;
      blank.lastIndex = index + 1;
      const space = blank.exec(text)![0];
      let length = line.length;
      while (length > kept && (line[length - 1] === ' ' || line[length - 1] === '\t')) length--;
      const breaks = space.split('\n').length - 1;
      done.push(line.slice(0, length), breaks === 0 ? ' ' : '\n'.repeat(breaks));
      line = '';
      kept = 0;
      index += space.length;
    } else line += character;
  }
  return undefined;
};

const readEscape = (text: string, at: number): Quoted | undefined => {
  const letter = text[at] ?? '';
  if (letter === '\n') {
    let end = at + 1;
    while (text[end] === ' ' || text[end] === '\t') end++;
    return text[end] === '\n' ? undefined : { value: '', end };
  }
  const digits = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
  if (digits === 0) {
    const value = escapes.get(letter);
    return value === undefined ? undefined : { value, end: at + 1 };
  }
  const hex = text.slice(at + 1, at + 1 + digits);
  const code = Number.parseInt(hex, 16);
  if (!/^[\da-fA-F]+$/.test(hex) || hex.length < digits || code > 0x10ffff) return undefined;
  return { value: String.fromCodePoint(code), end: at + 1 + digits };
};
