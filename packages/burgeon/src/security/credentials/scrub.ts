/** What stands where a secret stood. */
const mark = Buffer.from('[secret]');

/** One letter of a text in all the ways it may be written, none of them empty. */
export type Letter = readonly Buffer[];

/** Something to take out, letter by letter, and what it is a form of. */
export interface Form {
  name: string;
  letters: readonly Letter[];
}

/** A way to write the first letter of some forms. */
interface Beginning {
  way: Buffer;
  forms: readonly Form[];
}

/** Forms to look for, by the two bytes with which they may begin: nearly all text is passed over by them. */
export interface ScrubTable {
  /** For each two bytes the list of what may begin with them; 0: nothing. */
  pairs: Uint16Array;
  lists: readonly (readonly Beginning[])[];
  /** All that may begin with a byte, for one that is the last so far. */
  byFirst: readonly (readonly Beginning[] | undefined)[];
}

/** Puts forms, none of them empty, into a table. */
export const scrubTable = (forms: Iterable<Form>): ScrubTable => {
  const known = new Map<string, { way: Buffer; second: Letter; forms: Form[] }>();
  for (const form of forms) {
    const [first = [], second = everyByte] = form.letters;
    for (const way of first) {
      // After a way of one byte comes what the next letter begins with, so those of two forms are not one.
      const key = JSON.stringify([way.toString('latin1'), way.length === 1 ? known.size : '']);
      const beginning = known.get(key) ?? { way, second, forms: [] };
      known.set(key, beginning);
      beginning.forms.push(form);
    }
  }
  const [pairs, lists, byFirst] = [new Uint16Array(65_536), [[]] as Beginning[][], [] as Beginning[][]];
  for (const { way, second, forms: some } of known.values()) {
    const beginning = { way, forms: some };
    const [byte = 0, next] = way;
    (byFirst[byte] ??= []).push(beginning);
    for (const after of new Set(next === undefined ? second.map((each) => each[0] ?? 0) : [next])) {
      const pair = byte * 256 + after;
      if (pairs[pair] === 0) pairs[pair] = lists.push([]) - 1;
      lists[pairs[pair] ?? 0]?.push(beginning);
    }
  }
  return { pairs, lists, byFirst };
};

/** What may follow a form of one letter. */
const everyByte: Letter = Array.from({ length: 256 }, (_, byte) => Buffer.of(byte));

/** Takes chunks and gives them back without secrets. Whatever the chunks, all that it gives together is the same. */
export interface Scrubber {
  /** May hold back the end of what it was given: only what may be the beginning of a form. */
  push(chunk: Uint8Array): Buffer;
  /** What was held back. */
  end(): Buffer;
  /** Name of the first thing that was taken out. */
  readonly found: string | undefined;
}

/** A text as far as it was given, and whether that is all of it. */
interface Given {
  text: Buffer;
  last: boolean;
}

/** What is less than a whole number: the text ends within a form, which what follows may complete; or no form stands there. */
const undecided = -1;
const nothing = 0;

/** The end of what is written at a place, when it stands there. */
const endOfWay = (way: Buffer, { text, last }: Given, from: number): number => {
  const most = Math.min(way.length, text.length - from);
  let length = 0;
  while (length < most && text[from + length] === way[length]) length += 1;
  if (length === way.length) return from + length;
  return !last && from + length === text.length ? undecided : nothing;
};

/** The furthest end of a form whose first letter ends at a place. */
const endOf = ({ letters }: Form, given: Given, from: number): number => {
  let ends = [from];
  for (let index = 1; index < letters.length; index += 1) {
    const next: number[] = [];
    for (const end of ends) {
      for (const way of letters[index] ?? []) {
        const reached = endOfWay(way, given, end);
        if (reached === undecided) return undecided;
        if (reached !== nothing && !next.includes(reached)) next.push(reached);
      }
    }
    if (next.length === 0) return nothing;
    ends = next;
  }
  return Math.max(...ends);
};

/** The form that stands at a place and reaches furthest. */
const standingAt = (
  beginnings: readonly Beginning[],
  given: Given,
  at: number,
): { name: string; end: number } | 'undecided' | undefined => {
  let found: { name: string; end: number } | undefined;
  for (const { way, forms } of beginnings) {
    const from = endOfWay(way, given, at);
    if (from === undecided) return 'undecided';
    if (from === nothing) continue;
    for (const form of forms) {
      const end = endOf(form, given, from);
      if (end === undecided) return 'undecided';
      if (end > (found?.end ?? 0)) found = { name: form.name, end };
    }
  }
  return found;
};

/** Makes a scrubber: at each place the form that reaches furthest is taken out. */
export const createScrubber = (table: ScrubTable): Scrubber => {
  const { pairs, lists, byFirst } = table;
  let held: Buffer = Buffer.alloc(0);
  let found: string | undefined;
  const scan = (text: Buffer, last: boolean): Buffer => {
    const parts: Buffer[] = [];
    const given = { text, last };
    let from = 0;
    let at = 0;
    for (;;) {
      // Nearly all bytes begin nothing: this loop is what scrubbing costs.
      while (at + 1 < text.length && pairs[(text[at] as number) * 256 + (text[at + 1] as number)] === 0) at += 1;
      if (at >= text.length) break;
      const byte = text[at] as number;
      const beginnings = at + 1 === text.length ? byFirst[byte] : lists[pairs[byte * 256 + (text[at + 1] as number)] as number];
      const standing = standingAt(beginnings ?? [], given, at);
      if (standing === 'undecided') break;
      if (standing === undefined) {
        at += 1;
        continue;
      }
      parts.push(text.subarray(from, at), mark);
      at = standing.end;
      from = at;
      found ??= standing.name;
    }
    parts.push(text.subarray(from, at));
    held = Buffer.from(text.subarray(at));
    return Buffer.concat(parts);
  };
  return {
    push: (chunk) => scan(held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]), false),
    end: () => scan(held, true),
    get found() {
      return found;
    },
  };
};

/** A whole text without secrets, UTF-8 or for header values one byte a character; `found` hears what it held. */
export const scrubText = (
  table: ScrubTable,
  text: string,
  { encoding = 'utf8', found }: { encoding?: 'utf8' | 'latin1'; found?(name: string): void } = {},
): string => {
  const scrubber = createScrubber(table);
  const clean = Buffer.concat([scrubber.push(Buffer.from(text, encoding)), scrubber.end()]);
  if (scrubber.found === undefined) return text;
  found?.(scrubber.found);
  return clean.toString(encoding);
};
