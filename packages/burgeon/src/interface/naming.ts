/** Names that are safe everywhere: turning any text into identifiers, and giving many things different names. */
import { sha256 } from '../base/json.ts';

/** Words that may not name a variable, function or type in JavaScript or TypeScript, in modules and strict mode included. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'abstract any arguments as assert asserts async await bigint boolean break case catch class const constructor continue debugger declare default delete do ' +
    'else enum eval export extends false finally for from function get global globalThis if implements import in infer instanceof interface intrinsic is keyof let module ' +
    'namespace never new null number object of out override package private protected prototype public readonly require return satisfies set static string super ' +
    'switch symbol this throw true try type typeof undefined unique unknown using var void while with yield NaN Infinity __proto__'
  ).split(' '),
);

/** Letters that Unicode decomposition does not reduce to ASCII: Latin leftovers, Greek, Cyrillic (ISO 9 without marks). */
const transliterations: ReadonlyMap<string, string> = new Map(
  (
    'ß ss æ ae œ oe ø o đ d ð d ł l þ th ħ h ı i ĸ k ŋ n ŧ t ' +
    'α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o ' +
    'а a б b в v г g д d е e ж zh з z и i й j к k л l м m н n о o п p р r с s т t у u ф f х h ц c ч ch ш sh щ sch ъ _ ы y ь _ э e ю yu я ya є ye і i ґ g ў u ђ dj љ lj њ nj ћ c џ dz'
  )
    .split(' ')
    .flatMap((letter, index, all) => (index % 2 === 0 ? [[letter, (all[index + 1] ?? '').replace('_', '')] as const] : [])),
);

/** ASCII rendering of text; characters without one become a space. Only the first 1,000 characters are looked at. */
const asciiOf = (text: string): string => {
  const plain = text.slice(0, 1_000);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain;
  return plain
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, (letter) => {
      const lower = letter.toLowerCase();
      const latin = transliterations.get(lower);
      if (latin === undefined) return ' ';
      return lower === letter ? latin : latin.slice(0, 1).toUpperCase() + latin.slice(1);
    });
};

/** Words of a text: split at punctuation and at camel humps (`XMLReader2` gives `XML`, `Reader2`). Never empty. */
const wordsOf = (text: string): string[] => {
  const words = asciiOf(text).match(/[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+/g);
  return words ?? [`x${sha256(text).slice(0, 8)}`];
};

const capitalised = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();

/** An identifier may not begin with a digit. */
const begun = (name: string): string => (/^[0-9]/.test(name) ? `_${name}` : name);

/** A suffix that {@link assignNames} gave: it stays as it is, so that names which were assigned once are assigned again. */
const assignedSuffix = /_(?=[a-f]*[0-9])[0-9a-f]{6,64}$/;

/** Applies `change` to all of a name but the suffix it was given. */
const beforeSuffix = (text: string, change: (text: string) => string): string => {
  const at = assignedSuffix.exec(text)?.index ?? 0;
  return at > 0 ? change(text.slice(0, at)) + text.slice(at) : change(text);
};

/**
 * Camel-case ASCII identifier for any text: `GET /pets/{petId}` gives `getPetsPetId`. Text without a letter or digit gives `x` + 8 hex
 * digits of its hash. What is such an identifier already stays as it is. May be a reserved word.
 */
export const identifierOf = (text: string): string =>
  beforeSuffix(text, (name) =>
    begun(
      wordsOf(name)
        .map((word, index) => (index === 0 ? word.toLowerCase() : capitalised(word)))
        .join(''),
    ),
  );

/** Pascal-case ASCII identifier for any text: `pet-store owner` gives `PetStoreOwner`. */
export const typeNameOf = (text: string): string => beforeSuffix(text, (name) => begun(wordsOf(name).map(capitalised).join('')));

/** Kebab-case for any text, fit for file names and module names: `Pet Store v2` gives `pet-store-v2`. */
export const kebabOf = (text: string): string => wordsOf(text).join('-').toLowerCase();

/** Name of a tool: letters, digits, `_` and `-` stay as they are, everything else becomes `_`. */
const toolNameOf = (text: string): string => {
  const name = asciiOf(text)
    .replace(/[^a-zA-Z0-9_-]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return name === '' ? `x${sha256(text).slice(0, 8)}` : name;
};

/** How names of one kind look, which are valid, and what joins a suffix to them. */
interface NameStyle {
  of(text: string): string;
  valid: RegExp;
  joint: string;
  maxLength: number;
  /** What makes two names the same. */
  same(name: string): string;
}

const asIs = (name: string): string => name;
const lower = (name: string): string => name.toLowerCase();

const styles = {
  camel: { of: identifierOf, valid: /^[A-Za-z_$][\w$]*$/, joint: '_', maxLength: 120, same: asIs },
  pascal: { of: typeNameOf, valid: /^[A-Za-z_$][\w$]*$/, joint: '_', maxLength: 120, same: lower },
  kebab: { of: kebabOf, valid: /^[a-z0-9-]+$/, joint: '-', maxLength: 80, same: lower },
  tool: { of: toolNameOf, valid: /^[a-zA-Z0-9_-]+$/, joint: '_', maxLength: 64, same: lower },
} satisfies Record<string, NameStyle>;

/** How {@link assignNames} names. */
export interface NamingOptions {
  /** `tool` is `[a-zA-Z0-9_-]{1,64}`. All but `camel` are unique without regard to case, so that they can also name files. */
  style: 'camel' | 'pascal' | 'kebab' | 'tool';
  /** Characters at most; default 120 (`kebab` 80, `tool` 64). */
  maxLength?: number;
  /** Names nobody may get. */
  reserved?: ReadonlySet<string>;
  /** Key -> name given earlier: it is kept when it is valid and no two keys claim it. */
  previous?: ReadonlyMap<string, string>;
}

/**
 * Gives each key a name close to its wish; key -> name. Names are unique, and the result does not depend on the order of `items`: of several
 * that wish the same, the first by key (code units) gets it and the others get a hash of their key as suffix.
 */
export const assignNames = (items: readonly { key: string; wish: string }[], options: NamingOptions): Map<string, string> => {
  const style = styles[options.style];
  const maxLength = Math.max(8, options.maxLength ?? style.maxLength);
  const reserved = options.reserved ?? new Set<string>();
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const take = (key: string, name: string): boolean => {
    if (reserved.has(name) || taken.has(style.same(name))) return false;
    taken.add(style.same(name));
    names.set(key, name);
    return true;
  };
  const sorted = items.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.wish < b.wish ? -1 : 1));
  for (const { key } of sorted) {
    const pinned = options.previous?.get(key);
    if (pinned !== undefined && !names.has(key) && pinned.length <= maxLength && style.valid.test(pinned)) take(key, pinned);
  }
  for (const { key, wish } of sorted) {
    if (names.has(key)) continue;
    const name = style.of(wish);
    if (name.length <= maxLength && take(key, name)) continue;
    if (reserved.has(name) && style.joint === '_' && name.length < maxLength && take(key, `${name}_`)) continue;
    const hash = sha256(key);
    for (let length = 6; ; length += 2) {
      const suffix = `${style.joint}${hash.slice(0, length)}`;
      if (take(key, name.slice(0, Math.max(1, maxLength - suffix.length)) + suffix) || length > hash.length) break;
    }
  }
  return names;
};
