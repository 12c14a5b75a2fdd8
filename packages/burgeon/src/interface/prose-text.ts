/** Putting foreign text into Markdown: as words, and never as structure, links, markup or code. */

const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

const flat = (text: string): string => text.toWellFormed().replace(controls, ' ').replace(/ {2,}/g, ' ').trim();

/** One line of words: line breaks become spaces, everything that Markdown or HTML would read as structure is escaped. */
export const markdownText = (text: string): string =>
  flat(text)
    .replace(/[\\`*_{}[\]<>#|~!$]/g, '\\$&')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^(\d+)([.)])(?= |$)/, '$1\\$2');

/** A code span that holds exactly this line; a longer fence than any inside. */
export const markdownCode = (text: string): string => {
  const line = flat(text);
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const edge = line.startsWith('`') || line.endsWith('`') || line === '' ? ' ' : '';
  return `${fence}${edge}${line}${edge}${fence}`;
};

/** A double-quoted scalar that YAML 1.1, YAML 1.2 and JSON read alike; letters beyond the basic plane that only format are left out. */
export const yamlText = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffe\uffff]/gu, (letter) =>
    letter.length > 1 ? '' : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
