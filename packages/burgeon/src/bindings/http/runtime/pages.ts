import type { HttpResult, WirePagination } from './types.ts';

/** Changes the address that a page is fetched from. @throws {TypeError} never: an address that may not be followed ends the walk before */
export type Follow = (url: string) => string;

/** Fetches one page. */
export type FetchPage = (input: Record<string, unknown>, follow?: Follow) => Promise<HttpResult>;

/** Where the walk goes next; undefined at its end. */
type Step = { input: Record<string, unknown>; follow?: Follow } | undefined;

/** The value a JSON pointer names; own properties only. */
const at = (root: unknown, pointer: string): unknown => {
  let value = root;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
};

const itemsOf = (pagination: WirePagination, output: unknown): unknown[] => {
  const found = at(output, pagination.output.items);
  return Array.isArray(found) ? found : [];
};

/** Target of the `next` link. @see RFC 8288 section 3 */
export const nextLink = (header: string | undefined): string | undefined => {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(
    /<([^<>]*)>((?:\s*;\s*[^\s;,="]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)/g,
  )) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i.exec(parameters);
    const names = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/);
    if (names.includes('next')) return target;
  }
  return undefined;
};

/** Follows a link only when it stays where the request went: credentials must not leave. */
const sameOrigin = (link: string, current: string): string | undefined => {
  try {
    const target = new URL(link, current);
    return target.origin === new URL(current).origin ? target.href : undefined;
  } catch {
    return undefined;
  }
};

/** A walk under way. */
interface Walk {
  pagination: WirePagination;
  input: Record<string, unknown>;
  /** Address of the page at hand; learnt through `follow`. */
  url: string;
  /** Items seen so far. */
  count: number;
}

const isEnd = (value: unknown): boolean => value === undefined || value === null || value === '' || value === false;

const numberAt = (root: unknown, pointer: string | undefined): number | undefined => {
  const value = pointer === undefined ? undefined : at(root, pointer);
  return typeof value === 'number' ? value : undefined;
};

const followed = (walk: Walk, link: unknown): Step => {
  const target = typeof link === 'string' && link !== '' ? sameOrigin(link, walk.url) : undefined;
  return target === undefined ? undefined : { input: walk.input, follow: () => target };
};

/** The step after a page whose output names the next position, or an address. */
const named = (walk: Walk, next: unknown): Step => {
  const { position } = walk.pagination.input;
  if (isEnd(next)) return undefined;
  const address = typeof next === 'string' && /^(https?:\/\/|\/|\?)/.test(next);
  if (address || position === undefined) return followed(walk, next);
  return { input: { ...walk.input, [position]: next } };
};

/** The step after a page that is counted: by items for `offset`, by one for `page`. */
const counted = (walk: Walk, result: HttpResult, items: unknown[]): Step => {
  const { input, output, style } = walk.pagination;
  if (input.position === undefined || items.length === 0) return undefined;
  const limit = input.limit === undefined ? undefined : walk.input[input.limit];
  if (typeof limit === 'number' && items.length < limit) return undefined;
  const total = numberAt(result.output, output.total);
  const start = Number(walk.input[input.position] ?? (style === 'page' ? 1 : 0));
  if (total !== undefined && style === 'offset' && start + items.length >= total) return undefined;
  if (total !== undefined && style === 'page' && walk.count >= total) return undefined;
  return { input: { ...walk.input, [input.position]: start + (style === 'page' ? 1 : items.length) } };
};

const nextStep = (walk: Walk, result: HttpResult, items: unknown[]): Step => {
  const { output, style } = walk.pagination;
  const next = output.next === undefined ? undefined : at(result.output, output.next);
  if (style === 'link') return followed(walk, nextLink(result.headers['link']) ?? next);
  if (output.next !== undefined) return named(walk, next);
  return style === 'cursor' ? undefined : counted(walk, result, items);
};

/** Pages of one walk; a list that has more never ends, or has to be asked for in parts. */
const mostPages = 10_000;

/**
 * Walks page by page. Ends when the other side says so, at an empty page, when a position or a page repeats, and before a link to
 * another origin. Without a pagination there is one page.
 * @throws {RangeError} after 10,000 pages: nobody may take them for all of them
 */
export async function* walkPages(
  pagination: WirePagination | undefined,
  input: Record<string, unknown>,
  fetchPage: FetchPage,
): AsyncGenerator<HttpResult, void, undefined> {
  if (!pagination) {
    yield await fetchPage(input);
    return;
  }
  const walk: Walk = { pagination, input, url: '', count: 0 };
  const seen = new Set<string>();
  let before = '';
  let pages = 0;
  for (let step: Step = { input }; step;) {
    if (++pages > mostPages) throw new RangeError(`there is no end after ${mostPages} pages`);
    const { follow = (url: string): string => url }: NonNullable<Step> = step;
    walk.input = step.input;
    const result = await fetchPage(step.input, (url) => (walk.url = follow(url)));
    const items = itemsOf(pagination, result.output);
    const now = JSON.stringify(items);
    // A server that ignores the position gives the same page for ever.
    if (items.length > 0 && now === before) return;
    before = now;
    walk.count += items.length;
    yield result;
    step = nextStep(walk, result, items);
    const place = step && JSON.stringify([step.follow?.('') ?? '', step.input]);
    if (place !== undefined && seen.has(place)) return;
    if (place !== undefined) seen.add(place);
  }
}

/** Walks item by item over all pages. */
export async function* walkItems(
  pagination: WirePagination | undefined,
  input: Record<string, unknown>,
  fetchPage: FetchPage,
): AsyncGenerator<unknown, void, undefined> {
  const places = pagination ?? { style: 'link', input: {}, output: { items: '' } };
  for await (const page of walkPages(pagination, input, fetchPage)) yield* itemsOf(places, page.output);
}
