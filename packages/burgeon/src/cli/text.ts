/**
 * Style marks are noncharacters, which honest text never holds; a hostile one could at most colour itself.
 * @see https://www.unicode.org/versions/latest/core-spec/chapter-23/#G12612
 */
const marks: Readonly<Record<string, string>> = {
  '\uFDD0': '\u001B[0m',
  '\uFDD1': '\u001B[1m',
  '\uFDD2': '\u001B[2m',
  '\uFDD3': '\u001B[31m',
  '\uFDD4': '\u001B[32m',
  '\uFDD5': '\u001B[33m',
  '\uFDD6': '\u001B[36m',
};

const styled =
  (mark: string) =>
  (text: string | number): string =>
    text === '' ? '' : `${mark}${text}\uFDD0`;

/** Marks text as a heading or a name. */
export const bold: (text: string | number) => string = styled('\uFDD1');
/** Marks text that may be overlooked. */
export const dim: (text: string | number) => string = styled('\uFDD2');
/** Marks a failure. */
export const red: (text: string | number) => string = styled('\uFDD3');
/** Marks success. */
export const green: (text: string | number) => string = styled('\uFDD4');
/** Marks what waits for somebody. */
export const yellow: (text: string | number) => string = styled('\uFDD5');
/** Marks what can be typed next. */
export const cyan: (text: string | number) => string = styled('\uFDD6');

const isMark = /^[\uFDD0-\uFDD6]$/;
const anyMark = /[\uFDD0-\uFDD6]/g;
const control = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Makes text ready for a terminal: control characters and direction overrides, which outside text may carry to forge what people read,
 * are taken out, then marks become colours, or nothing.
 */
export const render = (text: string, colour: boolean): string =>
  text.replace(control, '').replace(anyMark, (mark) => (colour ? (marks[mark] ?? '') : ''));

const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;
let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for one character each. Its tables cost more than most commands, and plain text needs none of them. */
const graphemes = (text: string): Iterable<Intl.SegmentData> =>
  (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })).segment(text);

/** Columns a text takes in a terminal, marks not counted. */
export const widthOf = (text: string): number => {
  const plain = text.replace(control, '').replace(anyMark, '');
  if (/^[ -~]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes(plain)) width += wide.test(segment) ? 2 : 1;
  return width;
};

/** The first line of a text in at most `width` columns; what was cut shows as an ellipsis. */
export const shorten = (text: string, width: number): string => {
  const line = text.trim().split('\n', 1)[0] ?? '';
  if (widthOf(line) <= width) return line;
  let cut = '';
  let columns = 1;
  for (const { segment } of graphemes(line.slice(0, width * 4))) {
    columns += isMark.test(segment) ? 0 : widthOf(segment);
    if (columns > width) break;
    cut += segment;
  }
  return `${cut}\u2026${/[\uFDD1-\uFDD6]/.test(cut) ? '\uFDD0' : ''}`;
};

/** How a table is laid out. */
export interface TableOptions {
  head?: string[];
  /** Columns of the terminal; the last column is cut to fit. Absent: nothing is cut. */
  columns?: number | undefined;
  /** Spaces before each row. Default: 2. */
  indent?: number;
}

const gap = '  ';

/** Rows in aligned columns. The head, when given, is dim. Empty when there are no rows. */
export const table = (rows: readonly string[][], options: TableOptions = {}): string => {
  if (rows.length === 0) return '';
  const all = options.head ? [options.head.map(dim), ...rows] : rows;
  const cells = all.map((row) => row.map((cell) => cell.replaceAll('\t', ' ').split('\n', 1)[0] ?? ''));
  const widths: number[] = [];
  for (const row of cells) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))));
  const indent = ' '.repeat(options.indent ?? 2);
  return cells.map((row) => (indent + line(row, widths, options, indent.length)).trimEnd()).join('\n');
};

const line = (row: string[], widths: number[], options: TableOptions, used: number): string => {
  let left = (options.columns ?? Number.POSITIVE_INFINITY) - used;
  const out = row.map((cell, column) => {
    const last = column === row.length - 1;
    const width = widths[column] ?? 0;
    const fitted = last && left >= 8 && Number.isFinite(left) ? shorten(cell, left) : cell;
    left -= width + gap.length;
    return last ? fitted : fitted + ' '.repeat(Math.max(0, width - widthOf(fitted)));
  });
  return out.join(gap);
};

/** A count with its noun: `1 operation`, `20 operations`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** A span of time for people: `840 ms`, `2.1 s`, `3 min 4 s`. */
export const span = (milliseconds: number): string => {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1_000)} s`;
};

/** A size for people: `840 B`, `2.1 MB`. */
export const size = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return step === 0 ? `${bytes} B` : `${(bytes / 1_000 ** step).toFixed(1)} ${units[step]}`;
};

/** A point in time as people say it beside `now`; both milliseconds since the epoch. */
export const when = (at: number, now: number): string => {
  const away = Math.abs(at - now);
  const [amount, unit] =
    away < 90_000
      ? [Math.round(away / 1_000), 's']
      : away < 5_400_000
        ? [Math.round(away / 60_000), 'min']
        : away < 129_600_000
          ? [Math.round(away / 3_600_000), 'h']
          : [Math.round(away / 86_400_000), 'd'];
  if (away < 1_000) return 'now';
  return at < now ? `${amount} ${unit} ago` : `in ${amount} ${unit}`;
};
