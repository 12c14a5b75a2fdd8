/** One number for what can be called, whatever it is written like. */
import type { Interface, JsonSchema } from '@burgeon/kit';
import { canonicalJson, define, digestOf, isObject } from '../base/json.ts';
import { reachableTypes } from './normalise.ts';
import { mapSchema } from './schema.ts';

/** Words for people: they change nothing that can be called. */
const documentation: ReadonlySet<string> = new Set(
  'title summary description $comment example examples externalDocs deprecated tags'.split(' '),
);

const sortedValues = (values: readonly unknown[]): unknown[] =>
  values
    .map((value) => ({ value, key: canonicalJson(value) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ value }) => value);

/** A schema without words for people; lists that mean sets are sorted. */
const bareSchema = (schema: JsonSchema): JsonSchema =>
  mapSchema(schema, (node) => {
    for (const keyword of Object.keys(node)) if (documentation.has(keyword) || keyword.startsWith('x-')) delete node[keyword];
    if (Array.isArray(node.required)) node.required = [...new Set(node.required)];
    if (node.required?.length === 0) delete node.required;
    for (const keyword of ['required', 'enum', 'type']) {
      const list = node[keyword];
      if (Array.isArray(list)) node[keyword] = sortedValues(list);
    }
    return node;
  });

/** Plain JSON without words for people: `description` and its kin where their value is text. */
const bare = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(bare);
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === 'required' && Array.isArray(item))
      define<unknown>(result, key, item.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))).toSorted());
    else if (!documentation.has(key) || typeof item === 'object') define(result, key, bare(item));
  }
  return result;
};

const sortedBy = <T, K extends keyof T>(items: readonly T[], key: K): T[] =>
  items.toSorted((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0));

const bareTypes = (description: Interface): Record<string, JsonSchema> => {
  const result: Record<string, JsonSchema> = {};
  for (const name of reachableTypes(description)) define(result, name, bareSchema(description.types[name] as JsonSchema));
  return result;
};

/**
 * sha-256 (hex) over the canonical form of what can be called: operations, channels, entities, reachable types, auth, locations, bindings.
 * Left out: names and versions of the whole, everything written for people (titles, descriptions, examples, tags, deprecation), where and
 * in which bytes it was found, origins and diagnostics. The order of keys, operations, channels and entities does not matter.
 */
export const fingerprint = (description: Interface): string =>
  digestOf({
    format: description.format,
    locations: bare(description.locations),
    operations: sortedBy(description.operations, 'id').map(
      ({ input, output, alternatives, errors, stream, examples: _examples, tags: _tags, ...rest }) => ({
        ...(bare(rest) as object),
        input: bareSchema(input),
        output: bareSchema(output),
        alternatives: alternatives?.map(({ code, schema }) => ({ code, schema: bareSchema(schema) })),
        errors: sortedBy(errors, 'code').map(({ code, schema }) => ({ code, schema: bareSchema(schema) })),
        stream: stream && { item: bareSchema(stream.item) },
      }),
    ),
    channels: sortedBy(description.channels, 'id').map(({ message, reply, ...rest }) => ({
      ...(bare(rest) as object),
      message: bareSchema(message),
      reply: reply === undefined ? undefined : bareSchema(reply),
    })),
    entities: sortedBy(description.entities, 'name').map(({ type, ...rest }) => ({
      ...(bare(rest) as object),
      type: bareSchema(type),
    })),
    types: bareTypes(description),
    auth: bare(description.auth),
    bindings: bare(description.bindings ?? {}),
  });
