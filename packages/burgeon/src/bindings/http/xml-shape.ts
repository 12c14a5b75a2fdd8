/** What schemas say about XML, in the small form that the codec reads. */
import type { JsonSchema } from '@burgeon/kit';
import { define, isObject } from '../../base/json.ts';
import { resolveSchema, typeNameIn } from '../../interface/schema.ts';
import type { XmlShape } from './runtime/types.ts';

type Types = Record<string, JsonSchema>;

/** Nesting and size of a shape; below, elements are read as they come. */
const maxDepth = 8;
const maxNodes = 400;

const textAt = (node: Record<string, unknown>, key: string): string | undefined => {
  const value = Object.hasOwn(node, key) ? node[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** The `xml` keyword of a schema, in the words of OpenAPI 3.2 (`nodeType`) and before. */
const keywordOf = (schema: Record<string, unknown>): XmlShape => {
  const xml = isObject(schema['xml']) ? schema['xml'] : {};
  const shape: XmlShape = {};
  const [name, prefix, namespace] = [textAt(xml, 'name'), textAt(xml, 'prefix'), textAt(xml, 'namespace')];
  if (name !== undefined) shape.name = name;
  if (prefix !== undefined) shape.prefix = prefix;
  if (namespace !== undefined) shape.namespace = namespace;
  if (xml['attribute'] === true || xml['nodeType'] === 'attribute') shape.attribute = true;
  if (xml['wrapped'] === true || (xml['nodeType'] === 'element' && schema['items'] !== undefined)) shape.wrapped = true;
  return shape;
};

const kindOf = (schema: Record<string, unknown>): XmlShape['kind'] => {
  const types = [schema['type']].flat();
  if (types.includes('string')) return 'text';
  if (types.includes('number') || types.includes('integer')) return 'number';
  return types.includes('boolean') ? 'boolean' : undefined;
};

/** The shape of a whole document: its root is named by the schema, or by the type it refers to. */
export const xmlShape = (schema: JsonSchema, types: Types): XmlShape => shapeOf(schema, types, { depth: 0, count: { nodes: 0 } });

interface Walk {
  depth: number;
  count: { nodes: number };
}

const shapeOf = (schema: JsonSchema, types: Types, walk: Walk): XmlShape => {
  const resolved = resolveSchema(schema, types);
  if (!isObject(resolved) || walk.depth > maxDepth || ++walk.count.nodes > maxNodes) return {};
  const shape = keywordOf(resolved);
  const type = isObject(schema) ? typeNameIn(schema.$ref) : undefined;
  // The name of a type names a document and the items of one, not the properties that hold it.
  if (type !== undefined && walk.depth === 0) shape.name ??= type;
  const kind = kindOf(resolved);
  if (kind) shape.kind = kind;
  if ([resolved.type].flat().includes('object')) shape.properties = {};
  collect(resolved, { shape, types, walk: { ...walk, depth: walk.depth + 1 } });
  if (walk.depth === 0 && shape.items && isObject(resolved.items)) shape.items.name ??= typeNameIn(resolved.items.$ref) ?? 'item';
  return shape;
};

/** Takes in what a schema and the members of its compositions say about parts. */
const collect = (schema: Record<string, unknown>, into: { shape: XmlShape; types: Types; walk: Walk }): void => {
  const { shape, types, walk } = into;
  const { items, properties, additionalProperties } = schema;
  if (items !== undefined) shape.items ??= shapeOf(items as JsonSchema, types, walk);
  if (isObject(additionalProperties)) shape.additional ??= shapeOf(additionalProperties as JsonSchema, types, walk);
  if (isObject(properties)) {
    shape.properties ??= {};
    for (const [name, property] of Object.entries(properties)) {
      if (!Object.hasOwn(shape.properties, name)) define(shape.properties, name, shapeOf(property as JsonSchema, types, walk));
    }
  }
  const members = [schema['allOf'], schema['anyOf'], schema['oneOf']].filter(Array.isArray).flat() as JsonSchema[];
  for (const member of members) {
    const resolved = resolveSchema(member, types);
    if (isObject(resolved) && ++walk.count.nodes <= maxNodes && walk.depth <= maxDepth)
      collect(resolved, { ...into, walk: { ...walk, depth: walk.depth + 1 } });
  }
};
