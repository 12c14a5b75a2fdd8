import type { Random } from './random.ts';

/** How long a string may be, in characters. `maxLength` may be infinite. */
export interface LengthBounds {
  minLength: number;
  maxLength: number;
}

/** Makes a string of one format, as near to the bounds as the format allows. */
export type FormatWriter = (random: Random, bounds: LengthBounds) => string;

const lower = 'abcdefghijklmnopqrstuvwxyz';
const hexDigits = '0123456789abcdef';
const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const repeat = (random: Random, alphabet: string, count: number): string => {
  let text = '';
  for (let index = 0; index < count; index++) text += alphabet[random.below(alphabet.length)];
  return text;
};

const two = (value: number): string => String(value).padStart(2, '0');

const hosts = ['example.com', 'example.org', 'example.net'];
const people = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald', 'linus', 'margaret'];
const nouns = ['orders', 'garden', 'river', 'harbor', 'meadow', 'lantern', 'compass', 'maple', 'willow', 'cedar'];

const writeDate: FormatWriter = (random) => `${2024 + random.below(2)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
const writeTime: FormatWriter = (random, { minLength, maxLength }) => {
  const time = `${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}`;
  const fraction = minLength > 9 && maxLength > 10 ? `.${repeat(random, '123456789', Math.min(minLength - 10, 64) || 1)}` : '';
  return `${time}${fraction}Z`;
};
const writeDateTime: FormatWriter = (random, { minLength, maxLength }) =>
  `${writeDate(random, unbounded)}T${writeTime(random, { minLength: minLength - 11, maxLength: maxLength - 11 })}`;

const unbounded: LengthBounds = { minLength: 0, maxLength: Infinity };

/** Fits the changeable middle of a text: longer when the whole is too short, shorter (never empty) when it is too long. */
const fit = (
  random: Random,
  parts: [before: string, middle: string, after: string],
  { minLength, maxLength }: LengthBounds,
): string => {
  const [before, middle, after] = parts;
  const around = before.length + after.length;
  const most = Math.max(1, maxLength - around);
  const missing = Math.min(minLength - around - middle.length, 65_536);
  return `${before}${missing > 0 ? middle + repeat(random, lower, missing) : middle.slice(0, most)}${after}`;
};

const writeEmail: FormatWriter = (random, bounds) => {
  const host = bounds.maxLength < 20 ? '@a.co' : `@${random.pick(hosts)}`;
  return fit(
    random,
    ['', `${random.pick(people)}.${random.pick(nouns)}`.slice(0, 1 + Math.max(0, bounds.maxLength - host.length - 1)), host],
    bounds,
  ).replace('.@', 'x@');
};

/** Host names are labels of at most 63 characters, 253 in all. @see https://www.rfc-editor.org/rfc/rfc1123 section 2.1 */
const writeHostname: FormatWriter = (random, { minLength, maxLength }) => {
  let name = random.pick(hosts);
  if (maxLength < name.length) name = maxLength < 4 ? 'a' : 'a.co';
  while (name.length < Math.min(minLength, 253)) {
    const missing = Math.min(minLength, 253) - name.length;
    name = missing === 1 ? `a${name}` : `${repeat(random, lower, Math.min(missing - 1, 40))}.${name}`;
  }
  return name;
};

const writeUri: FormatWriter = (random, bounds) =>
  bounds.maxLength < 24
    ? fit(random, ['urn:a:', 'b', ''], bounds)
    : fit(random, [`https://${random.pick(hosts)}/`, random.pick(nouns), ''], bounds);

const writeUuid: FormatWriter = (random) => {
  const digits = repeat(random, hexDigits, 30);
  const variant = '89ab'[random.below(4)] as string;
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-${variant}${digits.slice(15, 18)}-${digits.slice(18)}`;
};

const writeBase64: FormatWriter = (random, { minLength, maxLength }) => {
  const quads = Math.max(Math.ceil(Math.min(minLength, 65_536) / 4), Math.min(4, Math.floor(maxLength / 4)));
  return repeat(random, base64Digits, quads * 4);
};

const writeDuration: FormatWriter = (random, { maxLength }) =>
  maxLength < 6 ? 'P1D' : `P${1 + random.below(9)}DT${1 + random.below(9)}H`;

const writePointer: FormatWriter = (random, bounds) => fit(random, ['/', random.pick(nouns), ''], bounds);

const words: FormatWriter = (random, bounds) => fit(random, ['', random.pick(nouns), ''], bounds);

const ipv4: FormatWriter = (random) => `192.0.2.${1 + random.below(9)}`;

const table: Readonly<Record<string, FormatWriter>> = {
  'date-time': writeDateTime,
  'iso-date-time': writeDateTime,
  date: writeDate,
  time: writeTime,
  'iso-time': writeTime,
  duration: writeDuration,
  uuid: writeUuid,
  guid: writeUuid,
  email: writeEmail,
  'idn-email': writeEmail,
  hostname: writeHostname,
  'idn-hostname': writeHostname,
  // Documentation addresses. @see https://www.rfc-editor.org/rfc/rfc5737 and https://www.rfc-editor.org/rfc/rfc3849
  ipv4,
  ip: ipv4,
  ipv6: (random) => `2001:db8::${repeat(random, '123456789abcdef', 1)}`,
  uri: writeUri,
  url: (random, bounds) =>
    fit(random, [`https://${bounds.maxLength < 24 ? 'a.co' : random.pick(hosts)}/`, random.pick(nouns), ''], bounds),
  iri: writeUri,
  'uri-reference': (random, bounds) => (bounds.minLength <= 1 && bounds.maxLength < 2 ? '/' : writePointer(random, bounds)),
  'iri-reference': writePointer,
  'uri-template': (random, bounds) => fit(random, ['/', random.pick(nouns), bounds.maxLength < 12 ? '' : '/{id}'], bounds),
  'json-pointer': (random, bounds) => (bounds.maxLength === 0 ? '' : writePointer(random, bounds)),
  'relative-json-pointer': (random, bounds) => (bounds.maxLength < 3 ? '0' : fit(random, ['1/', random.pick(nouns), ''], bounds)),
  'json-pointer-uri-fragment': (random, bounds) => fit(random, ['#/', random.pick(nouns), ''], bounds),
  regex: (random, bounds) => fit(random, ['', lower.slice(0, 3 + random.below(4)), ''], bounds),
  byte: writeBase64,
  base64: writeBase64,
  binary: words,
  password: (random, bounds) => fit(random, ['', `${repeat(random, lower, 5)}${repeat(random, '23456789', 3)}`, ''], bounds),
};

/** The writer of a format; undefined for formats nobody registered, which restrict nothing. */
export const formatWriter = (format: string): FormatWriter | undefined =>
  Object.hasOwn(table, format) ? table[format] : undefined;

/** A base64 string of whole quads: what a `contentEncoding` of `base64` carries. */
export const writeBytes: FormatWriter = writeBase64;
