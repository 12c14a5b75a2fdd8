/** Every form in which an answer may repeat a secret. A host that turns it into something else on purpose cannot be stopped by looking. */

/** Shorter texts would be found in any answer. */
const shortest = 4;
/** The middle of a longer base64 text says less a character. */
const shortestInside = 8;

const percent = (value: string): string[] => {
  const encoded = encodeURIComponent(value);
  const strict = encoded.replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [encoded, strict, strict.replaceAll('%20', '+')];
  return [...forms, ...forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (each) => each.toLowerCase()))];
};

/** Base64 of the value alone, and of its middle when other bytes stand before and behind it, for each of the three places it can begin at. */
const base64 = (value: string): string[] => {
  const bytes = Buffer.from(value, 'utf8');
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // Characters that also hold bits of what stands around are left away: 6 bits each, of 8 a byte.
    const first = Math.ceil((before * 8) / 6);
    return text.slice(first, Math.floor(((before + bytes.length) * 8) / 6));
  });
  const all = [bytes.toString('base64'), ...inside.filter(({ length }) => length >= shortestInside)];
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))];
};

const json = (value: string): string[] => {
  const plain = JSON.stringify(value).slice(1, -1);
  const ascii = plain.replace(/[\u0080-\uffff]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const careful = ascii.replace(/[<>&'+]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`);
  return [
    plain,
    plain.replaceAll('/', '\\/'),
    ascii,
    ascii.replaceAll('/', '\\/'),
    careful,
    careful.toUpperCase().replaceAll('\\U', '\\u'),
  ];
};

const html = (value: string): string[] => {
  const plain = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  return [
    plain,
    ...['&#39;', '&#x27;', '&apos;'].map((quote) => plain.replaceAll("'", quote)),
    plain.replaceAll('&quot;', '&#34;').replaceAll("'", '&#39;'),
  ];
};

const hex = (value: string): string[] => {
  const text = Buffer.from(value, 'utf8').toString('hex');
  return text.length >= 2 * shortest ? [text, text.toUpperCase()] : [];
};

/** The forms of a value as bytes, the longest first; none when it is too short to be told from other text. */
export const echoForms = (text: string): Buffer[] => {
  const value = text.toWellFormed();
  if (value.length < shortest) return [];
  const forms = [value, ...percent(value), ...base64(value), ...json(value), ...html(value), ...hex(value)];
  return [...new Set(forms)]
    .filter((form) => form.length >= shortest)
    .map((form) => Buffer.from(form, 'utf8'))
    .sort((a, b) => b.length - a.length);
};
