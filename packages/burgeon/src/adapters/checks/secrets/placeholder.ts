/** Words with which people say that a value stands for another. */
const saying =
  /example|sample|dummy|placeholder|change[-_ ]?me|replace|insert|your|redacted|removed|hidden|masked|todo|fake|mock|xxx|\.\.\.|\*\*\*|<|>|\$\{|\{\{|\$\(|%[sd({]|przyk[łl]ad|twoj|twój/i;

/** True when a value that has the shape of a vendor's tokens is plainly not one. */
export const isPlaceholder = (value: string): boolean =>
  saying.test(value) || /(.)\1{7}/.test(value) || new Set(value.slice(4)).size <= 5;

/** Words of a password that nobody has: documentation is full of them. */
const ordinary =
  /^(?:pass(?:word|wd|phrase)?|pwd|secret|token|key|user(?:name)?|admin|root|test|guest|foo|bar|baz|hunter2|hello|string|value|null|undefined|none|true|false|has[łl]o)[\d!]*$/i;

/** True when a password in an address is plainly none: a word for it, or a place to be filled in. */
export const isOrdinaryPassword = (value: string): boolean =>
  value.length < 4 ||
  ordinary.test(value) ||
  /^[A-Z_]+$/.test(value) ||
  isPlaceholder(value) ||
  /^[:$%{[(@#]|[}\])]$/.test(value);

/** True for text that people made of words: names, paths, sentences, identifiers. */
export const isMadeOfWords = (value: string): boolean => {
  const words = value.split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])/).filter((word) => word !== '');
  const wordlike = words.filter((word) => /^(?:[A-Za-z]?[a-z]{1,14}|[A-Z]{1,14})$/.test(word) || /^\d{1,4}$/.test(word));
  return wordlike.length === words.length && words.some((word) => /[A-Za-z]{3}/.test(word));
};

/** Bits of surprise in each character of a text (Shannon 1948). */
export const entropyOf = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
};
