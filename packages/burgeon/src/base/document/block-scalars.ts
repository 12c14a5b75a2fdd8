/** A block scalar and the offset of the line after it. */
export interface BlockScalar {
  value: string;
  end: number;
}

/**
 * Reads the block scalar (`|` or `>`) whose header stands at `at`, on a line that ends at `lineEnd`; `parent` is the indentation of what it
 * belongs to. Undefined for what is rare: indentation indicators and ragged lines.
 * @see https://yaml.org/spec/1.2.2/#81-block-scalar-styles
 */
export const readBlockScalar = (text: string, at: number, lineEnd: number, parent: number): BlockScalar | undefined => {
  const header = /^([|>])([+-]?)[ \t]*(?:[ \t]#.*)?$/.exec(text.slice(at, lineEnd));
  if (header === null) return undefined;
  const lines: string[] = [];
  let indent = -1;
  let begin = lineEnd + 1;
  while (begin < text.length) {
    const newline = text.indexOf('\n', begin);
    const end = newline === -1 ? text.length : newline;
    let start = begin;
    while (text.charCodeAt(start) === 0x20) start++;
    const spaces = Math.min(start, end) - begin;
    if (start >= end) {
      // A blank line; spaces beyond the indentation belong to the text.
      if (indent === -1 && spaces > parent + 1) return undefined;
      // Whether spaces after the last line end are a line depends on too much.
      if (newline === -1) return undefined;
      lines.push(indent >= 0 && spaces > indent ? ' '.repeat(spaces - indent) : '');
    } else {
      if (spaces <= parent) break;
      if (text[start] === '\t' && indent === -1) return undefined;
      if (indent === -1) indent = spaces;
      if (spaces < indent) return undefined;
      lines.push(text.slice(begin + indent, end));
    }
    begin = end + 1;
  }
  const folds = header[1] === '>';
  return { value: chomped(folds, header[2]!, lines), end: begin };
};

const chomped = (folds: boolean, chomping: string, lines: readonly string[]): string => {
  let last = lines.length;
  while (last > 0 && lines[last - 1] === '') last--;
  const content = lines.slice(0, last);
  const body = folds ? folded(content) : content.join('\n');
  if (chomping === '-') return body;
  if (chomping === '+') return body + '\n'.repeat(lines.length - last + (last > 0 ? 1 : 0));
  return last > 0 ? `${body}\n` : '';
};

/** Between two ordinary lines one line end becomes a space and of several the first goes; beside a line indented further all stay. */
const folded = (lines: readonly string[]): string => {
  let text = '';
  let blanks = 0;
  let before: string | undefined;
  for (const line of lines) {
    if (line === '') {
      blanks++;
      continue;
    }
    const kept = /^[ \t]/.test(line) || /^[ \t]/.test(before ?? '');
    if (before === undefined) text = '\n'.repeat(blanks);
    else text += kept ? '\n'.repeat(blanks + 1) : blanks === 0 ? ' ' : '\n'.repeat(blanks);
    text += line;
    before = line;
    blanks = 0;
  }
  return text;
};
