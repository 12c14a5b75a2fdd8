/** Putting foreign text into source code: as a string, a property name or a comment, and never as anything else. */

/** Characters that change how text is shown or split: controls, line separators, directions, zero widths. */
const deceptive = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const escaped = (letter: string): string =>
  Array.from({ length: letter.length }, (_, index) => `\\u${letter.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');

/** A single-quoted string literal with exactly this value; closes no script element and holds nothing that a tool reads as a directive. */
export const quoted = (text: string): string => {
  if (/^[\w .:;,()[\]{}=+#$%&?!|*^~-]*$/.test(text)) return `'${text}'`;
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replace(/\\.|'/g, (match) => (match === '\\"' ? '"' : match === "'" ? "\\'" : match))
    .replace(deceptive, escaped)
    .replace(/<(?=[/!])/g, '\\x3c')
    .replace(/\/(?=[/*][#@])|@(?=ts-)/g, (match) => (match === '/' ? '\\/' : '\\x40'));
  return `'${inner}'`;
};

const identifier = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A property name in a type or an object literal: bare when it is an ASCII identifier, else quoted. */
export const propertyName = (name: string): string => (identifier.test(name) ? name : quoted(name));

/** Longest documentation text that is kept, characters. */
const maxText = 4_000;

/** One line of text for a comment: it cannot end the comment, and nothing in it is a tag or a directive. */
export const commentText = (text: string): string =>
  /[^\x20-\x7e]|[@/]|<!|sourcemap/i.test(text) ? defused(text) : text.slice(0, maxText).trimEnd();

const defused = (text: string): string =>
  text
    .slice(0, maxText)
    .toWellFormed()
    .replace(deceptive, ' ')
    .replace(/\*(?=\/)/g, '*\\')
    .replace(/\/(?=\*)/g, '/\\')
    .replace(/(^|[\s{(<*])@(?=[A-Za-z])/g, '$1\\@')
    .replace(/\\?@(?=ts-)/gi, '')
    .replace(/\/(?=\/\s*[#@])/g, '/\\')
    .replace(/<(?=\/script|!--)/gi, '<\\')
    .replace(/sourceMappingURL/gi, 'source map')
    .trimEnd();

/** Text of any length as lines fit for a comment; runs of blank lines become one, at the ends none are left. */
export const commentLines = (text: string): string[] => {
  const lines = text
    .slice(0, maxText)
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map(commentText);
  const kept = lines.filter((line, index) => line !== '' || (index > 0 && lines[index - 1] !== ''));
  if (kept[0] === '') kept.shift();
  if (kept.at(-1) === '') kept.pop();
  return kept;
};

/** A documentation comment of lines that are already safe, indented, with a line end; nothing for no lines. */
export const docComment = (lines: readonly string[], indent = ''): string => {
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`;
};
