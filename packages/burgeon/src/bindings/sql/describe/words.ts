/** Plural and singular of the English words that tables are usually named by. Other words keep their form. */

const irregular: readonly (readonly [singular: string, plural: string])[] = [
  ['person', 'people'],
  ['child', 'children'],
  ['woman', 'women'],
  ['man', 'men'],
  ['mouse', 'mice'],
  ['foot', 'feet'],
  ['datum', 'data'],
  ['medium', 'media'],
  ['criterion', 'criteria'],
  ['index', 'indices'],
];

const unchanging = new Set('series species news equipment information staff fish sheep metadata history'.split(' '));

/** Singulars that end in a plain `s`, and those that end in `ie`. */
const endsInS =
  /(?:status|bus|virus|campus|bonus|census|corpus|focus|alias|canvas|atlas|gas|bias|lens|analysis|basis|crisis|address|process|class)$/;
const endsInIe = /(?:movie|cookie|tie|pie|lie|zombie|selfie|calorie|rookie|brownie)$/;

/** The last word of a name, and what is in front of it. */
const split = (name: string): [before: string, last: string] => {
  const at = /(?:[A-Z]?[a-z]+|[A-Z]+)$/.exec(name)?.index ?? name.length;
  return [name.slice(0, at), name.slice(at)];
};

const inCaseOf = (model: string, word: string): string =>
  /^[A-Z]/.test(model) ? word.slice(0, 1).toUpperCase() + word.slice(1) : word;

const singularWord = (word: string): string => {
  const known = irregular.find(([, plural]) => plural === word || (plural === 'indices' && word === 'indexes'));
  if (known) return known[0];
  if (unchanging.has(word) || endsInS.test(word) || !word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return endsInIe.test(word.slice(0, -1)) ? word.slice(0, -1) : `${word.slice(0, -3)}y`;
  const stem = word.slice(0, -2);
  return word.endsWith('es') && (endsInS.test(stem) || /(?:ss|sh|ch|x|zz)$/.test(stem)) ? stem : word.slice(0, -1);
};

const pluralWord = (word: string): string => {
  if (word === '') return word;
  const known = irregular.find(([singular]) => singular === word);
  if (known) return known[1];
  if (unchanging.has(word)) return word;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
};

/** The singular of a name's last word: `InvoiceLines` gives `InvoiceLine`. */
export const singularOf = (name: string): string => {
  const [before, last] = split(name);
  return before + inCaseOf(last, singularWord(last.toLowerCase()));
};

/** The plural of a name's last word, whether it is one already or not. */
export const pluralOf = (name: string): string => {
  const [before, last] = split(singularOf(name));
  return before + inCaseOf(last, pluralWord(last.toLowerCase()));
};
