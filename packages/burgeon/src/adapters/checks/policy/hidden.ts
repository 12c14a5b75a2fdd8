import { type Finding, nothing } from './finding.ts';
import type { SyntaxNode } from './syntax.ts';

/** Characters that make a reader see other code than the parser does. @see https://www.unicode.org/reports/tr55/ */
const reordering = /[\u202a-\u202e\u2066-\u2069]/;

/** Ends of lines that editors do not show. */
const brokenLines = /\r(?!\n)|[\u2028\u2029]/u;

/**
 * Characters that nobody sees, but for those with an ordinary use: hyphens and joiners between letters, marks of direction, variants of a picture or
 * a sign of Chinese, the mark at the beginning of a file. Several in a row, or where they change nothing, hold something else.
 */
const unseen =
  /[\p{Default_Ignorable_Code_Point}--[\u00ad\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufeff\p{Variation_Selector}]]|(?<!^)\ufeff|[\u200c\u200d]{2}|\p{Variation_Selector}{2}|(?<=[\p{Script=Latin}_$])\p{Variation_Selector}|(?<!\p{Script=Han})[\u{e0100}-\u{e01ef}]/v;

const plain = /^[\w$]*$/;

/** Letters of an identifier that are not seen. */
const empty = /\u200c|\u200d|\u115f|\u1160|\u3164|\uffa0|\p{Variation_Selector}/u;

/** Latin letters among those that look the same. */
const mixed = /^(?=.*[a-z]).*[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/iu;

/** Judges text whose look deceives. Reordering is refused; the rest is told. */
export const judgeHidden = (text: string): Finding[] => [
  ...inText(text, reordering, 'error', 'changes the order in which the code is seen.'),
  ...inText(text, brokenLines, 'warning', 'hides code from readers.'),
  ...inText(text, unseen, 'warning', 'hides code from readers.'),
];

/** Judges the name of one node: does it look like another name? */
export const judgeLook = ({ type, name, start }: SyntaxNode): readonly Finding[] => {
  if ((type !== 'Identifier' && type !== 'PrivateIdentifier') || typeof name !== 'string' || plain.test(name)) return nothing;
  if (!empty.test(name) && !mixed.test(name) && !plain.test(name.normalize('NFKC'))) return nothing;
  const message = `"${name.slice(0, 60)}" looks like another name.`;
  return [{ rule: 'policy-hidden-text', severity: 'warning', message, offset: start }];
};

const inText = (text: string, characters: RegExp, severity: Finding['severity'], what: string): Finding[] => {
  const found = characters.exec(text);
  return found ? [{ rule: 'policy-hidden-text', severity, message: `${codeOf(found[0])} ${what}`, offset: found.index }] : [];
};

const codeOf = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0').toUpperCase()}`;
