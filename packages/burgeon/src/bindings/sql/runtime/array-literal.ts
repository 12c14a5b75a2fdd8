/** PostgreSQL's text form of arrays. @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */

/** An array whose leaves are text or null. */
export type TextArray = (string | null | TextArray)[];

/** Deeper arrays do not exist: PostgreSQL's MAXDIM is 6. */
const maxDimensions = 6;

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** Array literal of text leaves; every leaf is quoted. */
export const arrayLiteral = (items: TextArray): string =>
  `{${items.map((item) => (item === null ? 'NULL' : Array.isArray(item) ? arrayLiteral(item) : quoted(item))).join(',')}}`;

/** Reads an array literal, bounds in front (`[0:1]={...}`) ignored; undefined when it is malformed. */
export const parseArrayLiteral = (literal: string): TextArray | undefined => {
  let at = /^(?:\[[-\d:]+\])+=/.exec(literal)?.[0].length ?? 0;
  const leaf = (): string | null => {
    if (literal[at] !== '"') {
      const start = at;
      while (at < literal.length && literal[at] !== ',' && literal[at] !== '}') at += 1;
      const text = literal.slice(start, at);
      return text.toUpperCase() === 'NULL' ? null : text;
    }
    let text = '';
    for (at += 1; at < literal.length && literal[at] !== '"'; at += 1) {
      if (literal[at] === '\\') at += 1;
      text += literal[at] ?? '';
    }
    at += 1;
    return text;
  };
  const list = (depth: number): TextArray | undefined => {
    if (literal[at] !== '{' || depth > maxDimensions) return undefined;
    at += 1;
    const items: TextArray = [];
    while (at < literal.length && literal[at] !== '}') {
      const item = literal[at] === '{' ? list(depth + 1) : leaf();
      if (item === undefined) return undefined;
      items.push(item);
      if (literal[at] === ',') at += 1;
    }
    if (literal[at] !== '}') return undefined;
    at += 1;
    return items;
  };
  const items = list(1);
  return at === literal.length ? items : undefined;
};
