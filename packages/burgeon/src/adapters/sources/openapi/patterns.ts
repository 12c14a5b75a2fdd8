/** Regular expressions of descriptions come from many languages; JSON Schema wants ECMAScript with the `u` flag. */

const compiles = (pattern: string): boolean => {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
};

/** Steps from other dialects to ECMAScript, tried one after the other. */
const steps: readonly ((pattern: string) => string)[] = [
  // /^...$/ with the slashes of a literal
  (pattern) => pattern.replace(/^\/(.*)\/[a-z]*$/s, '$1'),
  // flags at the head, anchors and named groups of PCRE and Python, possessive quantifiers
  (pattern) =>
    pattern
      .replace(/^\(\?[a-z]+\)/, '')
      .replaceAll('(?P<', '(?<')
      .replaceAll('\\A', '^')
      .replace(/\\[zZ]/g, '$')
      .replace(/([*+?}])\+/g, '$1'),
  // POSIX classes
  (pattern) =>
    pattern
      .replaceAll('[:alnum:]', 'A-Za-z0-9')
      .replaceAll('[:alpha:]', 'A-Za-z')
      .replaceAll('[:digit:]', '0-9')
      .replaceAll('[:space:]', '\\s')
      .replaceAll('[:upper:]', 'A-Z')
      .replaceAll('[:lower:]', 'a-z'),
  unescapeIdentities,
];

/** An equal pattern that compiles, or undefined when none was found. */
export const repairPattern = (pattern: string): string | undefined => {
  if (compiles(pattern)) return pattern;
  let repaired = pattern;
  for (const step of steps) {
    repaired = step(repaired);
    if (compiles(repaired)) return repaired;
  }
  return undefined;
};

/** Takes the backslash off characters that need none (`\-`, `\_`, `\@`), and escapes brackets that stand alone. */
function unescapeIdentities(pattern: string): string {
  let inClass = false;
  let out = '';
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    if (character === '\\') {
      const next = pattern[++index] ?? '\\';
      const plain = /[^\w\s^$\\.*+?()[\]{}|/]/.test(next) || next === '_' || next === ' ';
      out += !plain ? `\\${next}` : next === '-' && inClass ? '\\-' : next;
    } else if (inClass && character === '[') out += '\\[';
    else if (!inClass && (character === ']' || (/[{}]/.test(character) && !isQuantifier(pattern, index))))
      out += `\\${character}`;
    else {
      if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
      out += inClass && character === '-' && /^\\[wdsWDS]/.test(pattern.slice(index - 2, index)) ? '\\-' : character;
    }
  }
  return out;
}

const isQuantifier = (pattern: string, index: number): boolean => {
  const near = pattern.slice(Math.max(0, index - 12), index + 12);
  const at = Math.min(12, index);
  for (const match of near.matchAll(/\{\d+(?:,\d*)?\}|\\p\{\w+\}/g))
    if (match.index <= at && at < match.index + match[0].length) return true;
  return false;
};
