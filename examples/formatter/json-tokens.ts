import { failure, positionOf } from './failure.ts';

/** One piece of JSON: a bracket, a comma, a colon, or a value that stands alone, exactly as it was written. */
export interface JsonToken {
  kind: 'mark' | 'string' | 'number' | 'word' | 'end';
  text: string;
  at: number;
}

const space = /[ \t\n\r]*/y;
/** RFC 8259 section 7: everything but quotes, backslashes and control characters. */
const plain = /[\u0020\u0021\u0023-\u005b\u005d-\uffff]*/y;
const escape = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
const word = /(?:true|false|null)(?!\w)/y;

const find = (expression: RegExp, source: string, at: number): string | undefined => {
  expression.lastIndex = at;
  return expression.exec(source)?.[0];
};

/** Offset of the first character behind `at` that cannot be in a text as it stands: its closing quote, when it has one. */
const textEnd = (source: string, at: number): number => {
  let end = at + 1;
  for (;;) {
    end += find(plain, source, end)?.length ?? 0;
    const escaped = find(escape, source, end);
    if (escaped === undefined) return end;
    end += escaped.length;
  }
};

const textFault = (source: string, at: number, offset: number): Error => {
  const next = source.charAt(offset);
  const isOpen = /^(?:|[\n\r].*|\\)$/.test(source.slice(offset, offset + 2));
  if (isOpen) return failure('unclosed', 'A text is not closed', positionOf(source, at));
  const what =
    next === '\\'
      ? `${JSON.stringify(source.slice(offset, offset + 2))} is no escape of JSON`
      : `The character ${JSON.stringify(next)} must be escaped`;
  return failure('syntax', what, positionOf(source, offset));
};

const faultAt = (source: string, at: number): Error => {
  const place = positionOf(source, at);
  const character = source.charAt(at);
  if (character === '/' || character === '#') return failure('syntax', 'JSON has no comments, but one begins', place);
  if (character === "'") return failure('syntax', 'Texts stand in double quotes, but a single one begins', place);
  const shown = find(/[\w$.+-]{1,40}/y, source, at) ?? String.fromCodePoint(source.codePointAt(at) ?? 0);
  return failure('syntax', `${JSON.stringify(shown)} is no JSON`, place);
};

/** Takes JSON apart, one piece a call. @throws what `failure` makes, with the place of the first thing that is no JSON */
export const jsonReader = (source: string): (() => JsonToken) => {
  // RFC 8259 section 8.1: a byte order mark may be ignored, and must not be written.
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  const take = (kind: JsonToken['kind'], text: string): JsonToken => {
    const token = { kind, text, at };
    at += text.length;
    return token;
  };
  return () => {
    // Most tokens stand side by side, and a look at a character is cheaper than an expression.
    if (source.charCodeAt(at) <= 32) at += find(space, source, at)?.length ?? 0;
    const character = source.charAt(at);
    if (character === '') return take('end', '');
    if ('{}[],:'.includes(character)) return take('mark', character);
    if (character === '"') {
      const end = textEnd(source, at);
      if (source.charAt(end) === '"') return take('string', source.slice(at, end + 1));
      throw textFault(source, at, end);
    }
    const isWord = character === 't' || character === 'f' || character === 'n';
    const text = find(isWord ? word : number, source, at);
    if (text !== undefined) return take(isWord ? 'word' : 'number', text);
    throw faultAt(source, at);
  };
};
