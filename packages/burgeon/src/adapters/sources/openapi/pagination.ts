import type { JsonSchema, Operation, Pagination } from '@burgeon/kit';
import { pointerToken } from '../../../base/json.ts';
import type { HttpBinding } from '../../../bindings/http/binding.ts';
import { findList } from './lists.ts';
import { type Shape, isRecord, isScalar, plainName, shapeOf } from './shapes.ts';

const words = (text: string): readonly string[] => text.split(' ');

/** Names of steering parameters without case and punctuation, best first. */
const names = {
  limit: words(
    'limit pagesize perpage pagelimit maxresults maxitems itemsperpage resultsperpage recordsperpage size take top first count max maxcount batchsize rows hitsperpage numresults num',
  ),
  cursor: words(
    'cursor pagetoken nextpagetoken nexttoken continuationtoken continuation after pageafter pagecursor nextcursor aftercursor startingafter paginationtoken startcursor marker nextmarker startkey exclusivestartkey scrollid bookmark pagestate pageid skiptoken nextpageid',
  ),
  offset: words('offset skip start startat startindex from pageoffset startposition startrow startfrom'),
  page: words('page pagenumber pageno pagenum pageindex currentpage p'),
} as const;

const nextNames = words(
  'nextcursor nextpagetoken nexttoken nextpage next continuationtoken cursor aftercursor endcursor nextmarker paginationtoken after nextpageid nextpagecursor continuation scrollid bookmark nextstart',
);
const nextLinks = words('next nextpageurl nexturl nextlink odatanextlink nextpageuri nextpagelink nexthref nextpage');
const totalNames = words(
  'total totalcount totalresults totalitems totalelements totalrecords totalsize totalhits resultcount numfound foundcount',
);
const groups = words(
  'meta metadata paging pagination page pageinfo links responsemetadata pages resultinfo info additionaldata cursors next',
);

/** Detects how to walk the result of an operation from its parameters and the shape of its output; undefined when it is not certain how. */
export const paginationOf = (
  operation: Operation,
  binding: HttpBinding,
  types: Record<string, JsonSchema>,
): Pagination | undefined => {
  if (operation.effect !== 'read' || operation.stream !== undefined || binding.method === 'HEAD') return undefined;
  const noun =
    binding.path
      .split('/')
      .filter((segment) => segment !== '' && !segment.includes('{'))
      .at(-1) ?? '';
  const find = (wanted: readonly string[]): string | undefined => parameter(operation, binding, wanted, types);
  const limit = find(names.limit);
  const cursor = find(names.cursor);
  const page = find(names.page);
  const offset = find(names.offset);
  const byLink = ordinaryHeaders(binding).has('link');
  if (cursor === undefined && page === undefined && offset === undefined && limit === undefined && !byLink) return undefined;
  const list = findList(operation.output, noun, types);
  if (list === undefined) return undefined;
  const shape = shapeOf(operation.output, types);
  const link = nextOf(shape, types, nextLinks, true);
  const next = nextOf(shape, types, nextNames, false) ?? (cursor === undefined ? undefined : link);
  const total = nextOf(shape, types, totalNames, false);
  const input = (position: string | undefined): Pagination['input'] => ({
    ...(limit && { limit }),
    ...(position && { position }),
  });
  const output = (at: string | undefined): Pagination['output'] => ({
    items: list.pointer,
    ...(at !== undefined && { next: at }),
    ...(total !== undefined && { total }),
  });
  if (cursor !== undefined && (next !== undefined || (page === undefined && offset === undefined)))
    return { style: 'cursor', input: input(cursor), output: output(next) };
  if (page !== undefined)
    return {
      style: isText(operation, page, types) ? 'cursor' : 'page',
      input: input(page),
      output: output(isText(operation, page, types) ? next : undefined),
    };
  // Where the output says what comes next, `from` is the place to go on at and no count.
  if (offset !== undefined && next !== undefined) return { style: 'cursor', input: input(offset), output: output(next) };
  if (offset !== undefined && !isText(operation, offset, types))
    return { style: 'offset', input: input(offset), output: output(undefined) };
  if (link !== undefined || byLink) return { style: 'link', input: input(undefined), output: output(link) };
  return undefined;
};

const ordinaryHeaders = (binding: HttpBinding): Set<string> =>
  new Set(
    binding.responses
      .filter(({ status }) => status.startsWith('2'))
      .flatMap(({ headers }) => Object.keys(headers).map((name) => name.toLowerCase())),
  );

/** Property of the first query parameter that has one of the names. */
const parameter = (
  operation: Operation,
  binding: HttpBinding,
  wanted: readonly string[],
  types: Record<string, JsonSchema>,
): string | undefined => {
  for (const name of wanted) {
    const found = binding.parameters.find((each) => each.in === 'query' && plainName(each.name) === name);
    if (
      found !== undefined &&
      !isMoment(operation, found.property) &&
      isScalar(shapeOf(operation.input.properties[found.property], types))
    )
      return found.property;
  }
  return undefined;
};

/** `start`, `from` and `after` are now and then moments, which filter and do not steer. */
const isMoment = (operation: Operation, property: string): boolean => {
  const schema = operation.input.properties[property];
  return (
    typeof schema === 'object' &&
    (/date|time/.test(schema.format ?? '') || /\b(timestamp|date|time|epoch|ISO 8601)\b/i.test(schema.description ?? ''))
  );
};

const isText = (operation: Operation, property: string, types: Record<string, JsonSchema>): boolean => {
  const shape = shapeOf(operation.input.properties[property], types);
  return (
    shape.types.length === 1 &&
    shape.types[0] === 'string' &&
    operation.input.properties[property] !== undefined &&
    !/\d/.test(exampleOf(operation, property))
  );
};

/** Page numbers are now and then declared as texts; an example tells. */
const exampleOf = (operation: Operation, property: string): string => {
  const schema = operation.input.properties[property];
  const value = typeof schema === 'object' ? (schema.examples?.[0] ?? schema.default) : undefined;
  return value === undefined || typeof value === 'object' ? '' : String(value).slice(0, 20);
};

/** Pointer of a scalar property with a telling name: at the top, or in a group such as `meta` or `paging`, at most three levels down. */
const nextOf = (
  shape: Shape,
  types: Record<string, JsonSchema>,
  wanted: readonly string[],
  links: boolean,
): string | undefined => {
  let level: { shape: Shape; pointer: string }[] = [{ shape, pointer: '' }];
  for (let depth = 0; depth < 3 && level.length > 0; depth++) {
    const below: typeof level = [];
    for (const at of level) {
      const properties = Object.entries(at.shape.properties);
      for (const name of wanted) {
        const found = properties.find(
          ([key, schema]) =>
            plainName(key) === name && isNext(shapeOf(schema, types), key, links, depth > 0 && /links?$/i.test(at.pointer)),
        );
        if (found !== undefined) return `${at.pointer}/${pointerToken(found[0])}`;
      }
      for (const [key, schema] of properties) {
        if (!groups.includes(plainName(key))) continue;
        const inner = shapeOf(schema, types);
        if (isRecord(inner)) below.push({ shape: inner, pointer: `${at.pointer}/${pointerToken(key)}` });
      }
    }
    level = below;
  }
  return undefined;
};

const isNext = (shape: Shape, key: string, links: boolean, inLinks: boolean): boolean => {
  if (!isScalar(shape) || shape.types.includes('boolean')) return false;
  const address = inLinks || /ur[il]|link|href/i.test(key) || /^ur[il]/.test(shape.format ?? '');
  return links ? address || plainName(key) === 'next' : !address;
};
