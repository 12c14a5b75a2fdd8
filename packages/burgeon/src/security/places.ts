import { type ParsedRule, parseRule } from './host-rules.ts';

/** A place of a scope, read; undefined when it is none. */
const read = (text: string): ParsedRule | undefined => {
  try {
    const rule = parseRule({ host: text });
    return isReachable(rule) ? rule : undefined;
  } catch {
    return undefined;
  }
};

/**
 * True when a name server or a network could know the host. What none could, as `a.example;b.example`, and a star that stands for nothing would only
 * look like more than they are.
 */
const isReachable = ({ host, ports }: ParsedRule): boolean =>
  (host === '' || host.includes(':') || host.split('.').every((label) => /^[\w-]{1,63}$/.test(label))) && !ports.includes(0);

/**
 * A place in the one spelling that is shown and compared: `[scheme://]host[:port]` with a host in lower case, ASCII, without a dot at its end.
 * Undefined when the text is no place.
 */
export const canonicalPlace = (text: string): string | undefined => {
  const rule = read(text);
  if (!rule) return undefined;
  const scheme = rule.scheme === undefined ? '' : `${rule.scheme}://`;
  const host = rule.host.includes(':') ? `[${rule.host}]` : rule.host;
  const name = rule.wildcard ? (host === '' ? '*' : `*.${host}`) : host;
  const port = /:(\d{1,5})$/.exec(text.replace(/\[[^\]]*\]/, ''))?.[1];
  return `${scheme}${name}${port === undefined ? '' : `:${Number(port)}`}`;
};

/** True when whoever may reach the first place may reach the second: the same or a narrower host, scheme and port. `*` is every place. */
export const placeIncludes = (grant: string, want: string): boolean => {
  if (grant === '*') return true;
  const [given, wanted] = [read(grant), read(want)];
  if (!given || !wanted) return false;
  if (given.scheme !== undefined && given.scheme !== wanted.scheme) return false;
  return wanted.ports.every((port) => given.ports.includes(port)) && hostIncludes(given, wanted);
};

const hostIncludes = (given: ParsedRule, wanted: ParsedRule): boolean => {
  if (!given.wildcard) return !wanted.wildcard && given.host === wanted.host;
  if (given.host === '') return true;
  if (wanted.wildcard) return given.host === wanted.host;
  const label = wanted.host.slice(0, Math.max(0, wanted.host.length - given.host.length - 1));
  return label !== '' && !label.includes('.') && wanted.host.endsWith(`.${given.host}`);
};
