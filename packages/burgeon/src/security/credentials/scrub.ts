/** What stands where a secret stood. */
const mark = Buffer.from('[secret]');

/** Something to take out, and what it is a form of. */
export interface Form {
  name: string;
  bytes: Buffer;
}

/** Forms to look for, by their first byte, the longest first. */
export type ScrubTable = readonly (readonly Form[] | undefined)[];

/** Puts forms, none of them empty, into a table. */
export const scrubTable = (forms: Iterable<Form>): ScrubTable => {
  const byFirst: Form[][] = [];
  for (const form of forms) (byFirst[form.bytes[0] ?? 0] ??= []).push(form);
  for (const list of byFirst) list?.sort((a, b) => b.bytes.length - a.bytes.length);
  return byFirst;
};

/** Takes chunks and gives them back without secrets. Whatever the chunks, all that it gives together is the same. */
export interface Scrubber {
  /** May hold back the end of what it was given: at most a byte less than the longest form, and only what may be the beginning of one. */
  push(chunk: Uint8Array): Buffer;
  /** What was held back. */
  end(): Buffer;
  /** Name of the first thing that was taken out. */
  readonly found: string | undefined;
}

/** The longest form that stands at a place; undecided where the text ends within one, which what follows may complete. */
const standingAt = (
  forms: readonly Form[],
  text: Buffer,
  { at, last }: { at: number; last: boolean },
): Form | 'undecided' | undefined => {
  for (const form of forms) {
    const { bytes } = form;
    const most = Math.min(bytes.length, text.length - at);
    let length = 1;
    while (length < most && text[at + length] === bytes[length]) length += 1;
    if (length === bytes.length) return form;
    // It is longer than all that are still to be tried.
    if (!last && at + length === text.length) return 'undecided';
  }
  return undefined;
};

/** Makes a scrubber: at each place the longest form that stands there is taken out. */
export const createScrubber = (table: ScrubTable): Scrubber => {
  const begins = Uint8Array.from({ length: 256 }, (_, byte) => (table[byte] === undefined ? 0 : 1));
  let held: Buffer = Buffer.alloc(0);
  let found: string | undefined;
  const scan = (text: Buffer, last: boolean): Buffer => {
    const parts: Buffer[] = [];
    let from = 0;
    let at = 0;
    for (;;) {
      // Nearly all bytes begin nothing: this loop is what scrubbing costs.
      while (at < text.length && begins[text[at] as number] === 0) at += 1;
      if (at >= text.length) break;
      const form = standingAt(table[text[at] as number] ?? [], text, { at, last });
      if (form === 'undecided') break;
      if (form === undefined) {
        at += 1;
        continue;
      }
      parts.push(text.subarray(from, at), mark);
      at += form.bytes.length;
      from = at;
      found ??= form.name;
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
