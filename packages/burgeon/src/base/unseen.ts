/**
 * Characters that are not seen or that change how others are seen: controls, formats (bidirectional marks, zero-width ones, tags),
 * separators, surrogates, private use, unassigned, variation selectors, fillers, and spaces other than the plain one.
 * @see https://www.unicode.org/reports/tr36/ section 3.1
 */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Variation_Selector}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]|(?! )\p{Zs}/gu;

/** Text with every unseen character spelt out, as `\u{202e}`; those in `kept` stay as they are. */
export const spellUnseen = (text: string, kept = ''): string =>
  text.replace(unseen, (character) =>
    kept.includes(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
