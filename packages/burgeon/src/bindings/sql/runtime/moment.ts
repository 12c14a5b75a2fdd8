/** Dates and times as text: never a `Date`, whose time zone and milliseconds would change them. */

const moment = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

/** ISO 8601 text of what a database prints (`2020-01-31 10:00:00+02`); `zone` is added when it prints none. Other forms stay as they are. */
export const isoMoment = (text: string, zone = ''): string => {
  const match = moment.exec(text);
  if (!match) return text;
  const [, year, month, day, hour, minute, second, fraction = '', offset = zone] = match;
  const digits = offset.replace(':', '').slice(1);
  const zero = offset === '' || /^[Zz]$/.test(offset) || /^0+$/.test(digits);
  const suffix = zero
    ? offset === ''
      ? ''
      : 'Z'
    : `${offset.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2).padEnd(2, '0')}`;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${suffix}`;
};

/** The same moment in UTC as `2020-01-31T08:00:00.25Z`, every digit of the fraction kept; undefined when the text is no moment with an offset. */
export const utcMoment = (text: string): string | undefined => {
  const match = moment.exec(text);
  const offset = match?.[8];
  if (!match || offset === undefined) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const digits = offset.replace(':', '').slice(1);
  const minutes = /^[Zz]$/.test(offset) ? 0 : Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0');
  const signed = offset.startsWith('-') ? -minutes : minutes;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at)) return undefined;
  return `${new Date(at - signed * 60_000).toISOString().slice(0, 19)}${fraction}Z`;
};
