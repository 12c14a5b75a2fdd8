import type { JsonSchema } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import type { HttpParameter, HttpStyle } from '../../../bindings/http/binding.ts';
import { type Node, type Place, type Reading, annotate, member, placeOf, textMember } from './reading.ts';
import { readSchema } from './schemas.ts';

/** A declared parameter before it got its property in the input. */
export interface Parameter {
  wire: Omit<HttpParameter, 'property'>;
  schema: JsonSchema;
  place: Place;
}

/** What a list of parameters holds beside ordinary ones: the payload idioms of 2.0. */
export interface Parameters {
  ordinary: Parameter[];
  /** `in: body` and `in: formData` parameters. */
  body: { node: Node; place: Place }[];
  form: { node: Node; place: Place }[];
  /** True when a header parameter `Authorization` was declared; whether it is required. */
  authorization?: { required: boolean; description?: string; place: Place };
}

const locations: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie', 'querystring']);

/**
 * Reads the parameters of an operation: its own win over those of its path. A parameter that cannot be read is reported and left out.
 * `Accept`, `Content-Type` and `Authorization` headers are left out as the specification wants (3.2 section 4.12.2): media types and
 * credentials have their own places in the interface.
 */
export const readParameters = (reading: Reading, lists: readonly { node: unknown; place: Place }[]): Parameters => {
  const found: Parameters = { ordinary: [], body: [], form: [] };
  const seen = new Map<string, number>();
  for (const list of lists) {
    for (const [node, place] of entriesOf(reading, list.node, list.place)) {
      const located = reading.references.follow(node, place);
      if (located === undefined) {
        if (!isObject(node))
          reading.report({ code: 'invalid-parameter', message: 'A parameter must be an object; it is left out.', place });
        continue;
      }
      sort(reading, located.value, located.place, { found, seen });
    }
  }
  return found;
};

/** Parameters are a list; some write an object of them. */
const entriesOf = (reading: Reading, node: unknown, place: Place): [unknown, Place][] => {
  if (node === undefined || node === null) return [];
  if (Array.isArray(node)) return node.map((item, index) => [item, placeOf(place, index)]);
  if (isObject(node)) {
    reading.report({
      code: 'invalid-parameters',
      message: 'The parameters are an object; its members are read as a list.',
      place,
    });
    return Object.entries(node).map(([name, item]) => [isObject(item) ? { name, ...item } : item, placeOf(place, name)]);
  }
  reading.report({ code: 'invalid-parameters', message: 'The parameters are not a list; they are passed over.', place });
  return [];
};

const sort = (reading: Reading, node: Node, place: Place, into: { found: Parameters; seen: Map<string, number> }): void => {
  const { found, seen } = into;
  const location = typeof node['in'] === 'string' ? node['in'].trim() : '';
  if (/^body$/i.test(location)) return void found.body.push({ node, place });
  const name = textMember(node, 'name');
  if (/^form-?data$|^form$/i.test(location) && name !== undefined) return void found.form.push({ node, place });
  const where = locations.has(location) ? location : locations.has(location.toLowerCase()) ? location.toLowerCase() : undefined;
  if (where === undefined || name === undefined) {
    const what = name === undefined ? 'has no name' : `is in ${JSON.stringify(member(node, 'in')) ?? 'no place'}`;
    reading.report({ code: 'invalid-parameter', message: `A parameter ${what}; it is left out.`, place });
    return;
  }
  if (where === 'header' && /^(accept|content-type|authorization)$/i.test(name)) {
    reading.report({
      severity: 'info',
      code: 'reserved-header',
      message: `The header ${name} is not a parameter; it is set by media type and credential.`,
      place,
    });
    const description = textMember(node, 'description');
    if (/^authorization$/i.test(name)) {
      found.authorization = { required: node['required'] === true, place, ...(description === undefined ? {} : { description }) };
    }
    return;
  }
  const parameter = readParameter(reading, { node, place, name, where: where as HttpParameter['in'] });
  const identity = `${where} ${where === 'header' ? name.toLowerCase() : name}`;
  const index = seen.get(identity);
  // The lists come own first: what is there already stands nearer to the operation.
  if (index === undefined) seen.set(identity, found.ordinary.push(parameter) - 1);
};

const readParameter = (
  reading: Reading,
  from: { node: Node; place: Place; name: string; where: HttpParameter['in'] },
): Parameter => {
  const { node, place, name, where } = from;
  const content = mediaOf(node, place);
  const schema =
    content === undefined ? schemaOf(reading, node, place) : readSchema(reading, content.schema ?? true, content.place);
  const wire: Omit<HttpParameter, 'property'> = { name, in: where, ...styleOf(reading, node, place, where) };
  if (where === 'path' || node['required'] === true || node['required'] === 'true') wire.required = true;
  if (node['allowReserved'] === true) wire.allowReserved = true;
  if (node['allowEmptyValue'] === true) wire.allowEmptyValue = true;
  if (content !== undefined) wire.mediaType = content.mediaType;
  return { wire, schema: annotate(schema, notesOf(reading, node, place)), place };
};

const mediaOf = (node: Node, place: Place): { mediaType: string; schema: unknown; place: Place } | undefined => {
  const content = member(node, 'content');
  if (!isObject(content) || Object.hasOwn(node, 'schema')) return undefined;
  const [mediaType, media] = Object.entries(content)[0] ?? [];
  if (mediaType === undefined) return undefined;
  return {
    mediaType: mediaType.toLowerCase(),
    schema: isObject(media) ? member(media, 'schema') : undefined,
    place: placeOf(place, 'content', mediaType, 'schema'),
  };
};

const ownMembers: ReadonlySet<string> = new Set(
  'name in description required deprecated allowEmptyValue allowReserved style explode content example examples schema collectionFormat type-ref summary'.split(
    ' ',
  ),
);

/** Schema of a parameter or header: under `schema`, or in 2.0 among the members themselves. */
export const schemaOf = (reading: Reading, node: Node, place: Place): JsonSchema => {
  if (Object.hasOwn(node, 'schema')) return readSchema(reading, node['schema'], placeOf(place, 'schema'));
  const inline: Node = {};
  for (const [key, value] of Object.entries(node)) if (!ownMembers.has(key)) inline[key] = value;
  if (Object.keys(inline).some((key) => !key.startsWith('x-'))) return readSchema(reading, inline, place);
  reading.report({ severity: 'info', code: 'schema-missing', message: 'The schema is missing; it is taken for a text.', place });
  return { type: 'string' };
};

/** Description, deprecation and examples of a parameter, to stand on its property. */
const notesOf = (reading: Reading, node: Node, place: Place): Node => {
  const notes: Node = {};
  const description = textMember(node, 'description');
  if (description !== undefined) notes['description'] = description;
  if (node['deprecated'] === true) notes['deprecated'] = true;
  const values = exampleValues(reading, node, place);
  if (values.length > 0) notes['examples'] = values;
  return notes;
};

/** Values of `example` and `examples` beside a schema; references are followed. */
export const exampleValues = (reading: Reading, node: Node, place: Place): unknown[] => {
  if (Object.hasOwn(node, 'example') && node['example'] !== undefined) return [node['example']];
  const examples = member(node, 'examples');
  if (Array.isArray(examples)) return examples;
  if (!isObject(examples)) return [];
  return Object.entries(examples).flatMap(([name, example]) => {
    const located = reading.references.follow(example, placeOf(place, 'examples', name));
    if (located === undefined) return [];
    const key = ['value', 'dataValue'].find((each) => Object.hasOwn(located.value, each));
    return key === undefined ? [] : [located.value[key]];
  });
};

const styles: ReadonlySet<string> = new Set(
  'matrix label simple form cookie spaceDelimited pipeDelimited tabDelimited deepObject'.split(' '),
);

const fromCollectionFormat = (format: unknown, where: string): { style: HttpStyle; explode: boolean } | undefined => {
  const flat: HttpStyle = where === 'query' || where === 'cookie' || where === 'formData' ? 'form' : 'simple';
  if (format === 'multi') return { style: flat, explode: true };
  if (format === 'csv') return { style: flat, explode: false };
  const style =
    format === 'ssv' ? 'spaceDelimited' : format === 'tsv' ? 'tabDelimited' : format === 'pipes' ? 'pipeDelimited' : undefined;
  return style === undefined ? undefined : { style, explode: false };
};

/** Style and explode with the defaults of the place; 2.0 says `collectionFormat` instead, and there lists are comma-separated. */
export const styleOf = (reading: Reading, node: Node, place: Place, where: string): { style: HttpStyle; explode: boolean } => {
  const written = member(node, 'style');
  const items = isObject(node['items']) ? member(node['items'], 'collectionFormat') : undefined;
  const old = fromCollectionFormat(member(node, 'collectionFormat') ?? items, where);
  if (written === undefined && old !== undefined) return old;
  const usual: HttpStyle =
    where === 'query' || where === 'cookie' || where === 'querystring' || where === 'formData' ? 'form' : 'simple';
  if (written === undefined && !Object.hasOwn(node, 'schema') && reading.version === '2.0')
    return { style: usual, explode: false };
  let style: HttpStyle = usual;
  if (typeof written === 'string' && styles.has(written)) style = written as HttpStyle;
  else if (written !== undefined) {
    reading.report({
      code: 'invalid-style',
      message: `The style ${JSON.stringify(written)?.slice(0, 60)} is unknown; "${usual}" is used.`,
      place: placeOf(place, 'style'),
    });
  }
  const explode = member(node, 'explode');
  return {
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form' || style === 'cookie' || style === 'deepObject',
  };
};
