import type { FoundSecret } from './found.ts';
import { entropyOf, isMadeOfWords, isPlaceholder } from './placeholder.ts';

/** Names of things that hold secrets, in English and Polish. */
const names =
  'secret|token|passw(?:or)?d|passwd|pwd|passphrase|api[_-]?key|(?:access|private|auth|signing|encryption|master|shared)[_-]?key|credential|has[łl]o|klucz|(?<![\\w-])key';

/** A quoted text after such a name: assigned, a member, an argument, a header. */
const quoted = new RegExp(
  `(${names})[\\w-]{0,20}["'\`\\]]?(?:\\s{0,3}:\\s{0,3}string)?\\s{0,3}(?:=>|[:=,(])\\s{0,3}(["'\`])([^"'\`\\s]{8,512})\\2`,
  'gi',
);

/** A line of a file of settings: `NAME=value`, `name: value`. */
const bare = new RegExp(
  `^[ \\t]{0,20}(?:export[ \\t]{1,3})?[\\w.-]{0,40}?(${names})[\\w-]{0,20}[ \\t]{0,3}[=:][ \\t]{0,3}([^\\s"'\`#,;]{12,512})[ \\t]{0,20}$`,
  'gim',
);

const isSettings = (path: string): boolean =>
  /\.(?:env|ya?ml|toml|ini|cfg|conf|properties|txt|md|sh)$|(?:^|\/)\.?env/i.test(path);

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const digest = /^(?:sha\d+[-:])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;
const integrity = /^sha(?:1|256|384|512)-[A-Za-z0-9+/]{20,}={0,2}$/;
const place = /:\/\/|^[./~]|\.(?:[a-z]{2,5})$|^[\w-]+(?:\.[\w-]+){2,}$|^#?\/\w|^[A-Z][A-Z0-9_]+$|[()[\]{}<>\\ ]/;

/** Values that nobody could guess, and passwords of several kinds of characters, next to a name that says what they are. */
export const namedIn = (path: string, text: string): FoundSecret[] => [
  ...[...text.matchAll(quoted)].flatMap((match) => judge(match, match[1] ?? '', match[3] ?? '')),
  ...(isSettings(path) ? [...text.matchAll(bare)].flatMap((match) => judge(match, match[1] ?? '', match[2] ?? '')) : []),
];

const judge = (match: RegExpExecArray, name: string, value: string): FoundSecret[] => {
  if (isPlaceholder(value) || uuid.test(value) || integrity.test(value) || place.test(value) || isMadeOfWords(value)) return [];
  const isPassword = /^(?:pass|pwd|has)/i.test(name);
  const found = (code: FoundSecret['code'], what: string): FoundSecret[] => [
    { code, what, value, offset: match.index + match[0].lastIndexOf(value) },
  ];
  if (isUnguessable(name, value))
    return found('secret-value', `a value that nobody could guess, under the name "${name.slice(0, 40)}",`);
  return isPassword && kindsOf(value) >= 3 ? found('secret-password', 'a password') : [];
};

const isUnguessable = (name: string, value: string): boolean => {
  const bareKey = name.toLowerCase() === 'key';
  if (value.length < (bareKey ? 24 : 16) || !/\d/.test(value) || !/[a-z]/i.test(value)) return false;
  // What is only called a key may be the digest by which something is found.
  if (digest.test(value)) return !bareKey && !/^0+$/.test(value) && entropyOf(value) > 3;
  return entropyOf(value) >= (/^[0-9a-f]+$/i.test(value) ? 3 : bareKey ? 3.8 : 3.4);
};

const kindsOf = (value: string): number => [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
