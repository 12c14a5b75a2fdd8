import { BurgeonError, type Capability } from '@burgeon/kit';
import { reachOf } from './addresses.ts';

/** One row of an allow-list. */
export interface HostRule {
  /**
   * `[scheme://]host[:port]`: `api.example.com`, `*.example.com` (exactly one label more), `127.0.0.1:8080`, `https://[2606:4700::1]:8443`,
   * `*` (every public host). Without a port: the usual port of the scheme, that is 80 and 443.
   */
  host: string;
  /** Upper case. Absent = all. */
  methods?: readonly string[];
  /** Paths, exact or ending in `*`. Absent = all. */
  paths?: readonly string[];
  /**
   * True: the name may lead to a private address. An address written out, and `localhost`, need no such word; false: not even those, for
   * rules that nobody in person stands for.
   */
  private?: boolean;
  /** True: credentials may go there in the clear. It counts for a private address that is written out: a name may lead anywhere tomorrow. */
  unencrypted?: boolean;
}

/** A rule, read. */
export interface ParsedRule {
  scheme?: string;
  /** Canonical host, or the part behind `*` of a wildcard. */
  host: string;
  wildcard: boolean;
  ports: readonly number[];
  methods?: ReadonlySet<string>;
  paths?: readonly string[];
  private: boolean;
  /** Only public addresses, whatever is written. */
  public: boolean;
  unencrypted: boolean;
}

/** Where something wants to go. */
export interface Destination {
  scheme?: string;
  host: string;
  port: number;
  method?: string;
  path?: string;
}

const usualPorts: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };

/** Schemes of addresses that are reached by a socket of a driver, and their usual ports. */
export const socketPorts: Readonly<Record<string, string>> = {
  postgres: '5432',
  postgresql: '5432',
  mysql: '3306',
  mariadb: '3306',
};

/** The rule for the one place that an address names, its usual port written out where a rule would mean another; empty when it names none. */
export const placeOf = (address: string): string => {
  const url = URL.parse(address);
  const scheme = url?.protocol.slice(0, -1) ?? '';
  if (!url || url.host === '' || url.port !== '' || !Object.hasOwn(socketPorts, scheme)) return url?.host ?? '';
  return `${url.hostname}:${socketPorts[scheme]}`;
};

/** The rules that capabilities stand for: `net.http` with its methods and paths, `net.socket` with its hosts. */
export const hostRules = (capabilities: readonly Capability[]): HostRule[] =>
  capabilities
    .filter(({ kind }) => kind === 'net.http' || kind === 'net.socket')
    .flatMap(({ scope }) => {
      const methods = texts(scope['methods']);
      const paths = texts(scope['paths']);
      return (texts(scope['hosts']) ?? []).map((host) => ({
        host,
        ...(methods === undefined ? {} : { methods }),
        ...(paths === undefined ? {} : { paths }),
        ...(scope['private'] === true ? { private: true } : {}),
        ...(scope['unencrypted'] === true ? { unencrypted: true } : {}),
      }));
    });

const texts = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;

/**
 * A host in the one spelling that is compared: lower case, ASCII, no trailing dot, IPv4 in dotted decimal, IPv6 compressed and bare.
 * The URL parser does the reading, so that what is checked is what would be asked for. @see https://url.spec.whatwg.org/#host-parsing
 * @throws {BurgeonError} CAPABILITY_DENIED when the text is no host
 */
export const canonicalHost = (text: string): string => {
  const bare = text.startsWith('[') || !text.includes(':') ? text : `[${text}]`;
  const url = /^[^/\\?#@\s]{1,255}$/.test(bare) && URL.canParse(`http://${bare}/`) ? new URL(`http://${bare}/`) : undefined;
  if (url === undefined || url.port !== '' || bareHost(url) === '') {
    throw new BurgeonError('CAPABILITY_DENIED', { message: `${JSON.stringify(text.slice(0, 255))} is no host.` });
  }
  return bareHost(url);
};

/** The host of a URL without brackets and without one trailing dot. */
export const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** True when the host of a URL is an address that is not public, or the name that always means this machine. */
export const isInside = (url: URL): boolean => {
  const host = bareHost(url);
  const reach = reachOf(host);
  return reach === undefined ? host === 'localhost' || host.endsWith('.localhost') : reach !== 'public';
};

/** Reads a rule. @throws {BurgeonError} CAPABILITY_DENIED when it is not written as {@link HostRule} says */
export const parseRule = (rule: HostRule): ParsedRule => {
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*\.|\*$|\*(?=:))?(\[[^\]]*\]|[^:/]*)(?::(\d{1,5}))?$/i.exec(rule.host);
  const [, scheme, star, name = '', port] = match ?? [];
  if (match === null || (name === '' && star !== '*') || Number(port ?? 1) > 65_535) {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `${JSON.stringify(rule.host.slice(0, 255))} is no rule for a host.`,
      hint: 'Write host, host:port or scheme://host:port.',
    });
  }
  const usual = scheme === undefined ? undefined : usualPorts[scheme.toLowerCase()];
  return {
    ...(scheme === undefined ? {} : { scheme: scheme.toLowerCase() }),
    host: name === '' ? '' : canonicalHost(name),
    wildcard: star !== undefined,
    ports: port !== undefined ? [Number(port)] : usual !== undefined ? [usual] : [80, 443],
    ...(rule.methods === undefined ? {} : { methods: new Set(rule.methods.map((method) => method.toUpperCase())) }),
    ...(rule.paths === undefined ? {} : { paths: rule.paths }),
    private: rule.private === true,
    public: rule.private === false,
    unencrypted: rule.unencrypted === true && reachOf(canonicalHost(name === '' ? 'x' : name)) === 'private',
  };
};

/** The rules that allow a destination; empty when none does. */
export const matching = (rules: readonly ParsedRule[], to: Destination): ParsedRule[] =>
  rules.filter(
    (rule) =>
      (rule.scheme === undefined || to.scheme === undefined || rule.scheme === to.scheme) &&
      hostMatches(rule, to.host) &&
      rule.ports.includes(to.port) &&
      (rule.methods === undefined || to.method === undefined || rule.methods.has(to.method)) &&
      (rule.paths === undefined || to.path === undefined || rule.paths.some((path) => pathMatches(path, to.path ?? ''))),
  );

const hostMatches = (rule: ParsedRule, host: string): boolean => {
  if (!rule.wildcard) return rule.host === host;
  if (rule.host === '') return true;
  const label = host.slice(0, Math.max(0, host.length - rule.host.length - 1));
  return label !== '' && !label.includes('.') && host.endsWith(`.${rule.host}`);
};

/** What servers read differently: slashes and backslashes that are encoded, dots that are twice, and the parameters of a `..;`. */
const ambiguous = /%(?:25)?(?:2f|5c)|%252e|\/(?:\.|%2e){1,2};/i;

/** What may climb out on some server never fits a narrowed path. */
const pathMatches = (pattern: string, path: string): boolean => {
  if (ambiguous.test(path)) return false;
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
};

/** True when one of the matching rules lets the host lead to this address. */
export const addressAllowed = (rules: readonly ParsedRule[], host: string, address: string): boolean => {
  const reach = reachOf(address);
  if (reach === undefined || reach === 'metadata') return false;
  if (reach === 'public') return rules.length > 0;
  const isLocalName = host === 'localhost' || host.endsWith('.localhost');
  return rules.some((rule) => {
    if (rule.private || rule.public) return rule.private;
    // The very host was granted: an address written out, or the one name that always means this machine.
    return !rule.wildcard && (reachOf(host) !== undefined || (isLocalName && reach === 'loopback'));
  });
};
