/**
 * Characters that are not seen or that change how others are seen: controls, formats (bidirectional marks, zero-width ones, tags),
 * separators, surrogates, private use, unassigned, variation selectors, fillers, and spaces other than the plain one.
 * @see https://www.unicode.org/reports/tr36/ section 3.1
 */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Variation_Selector}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]|(?! )\p{Zs}/gu;

const longest = 200;

/** Text from outside as a person may read it: unseen characters as `\u{202e}`, quotes escaped, 200 characters at most. */
export const visible = (text: string): string => {
  const cut = text.length > longest ? `${text.slice(0, longest)}...(${text.length})` : text;
  return cut
    .replace(/[\\'"]/g, (character) => `\\${character}`)
    .replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
};

/** A name from outside: bare when it is a plain word, else in quotes, made visible. No sentence can pass as one of ours. */
export const quoted = (text: string): string => (/^[A-Za-z0-9_.:*@/+-]{1,120}$/.test(text) ? text : `'${visible(text)}'`);
