import type { JsonSchema, SchemaObject } from '@burgeon/kit';
import { define } from '../../../base/json.ts';

/** What can be told of the values of a schema after references, `allOf` and null alternatives are looked through. */
export interface Shape {
  types: string[];
  properties: Record<string, JsonSchema>;
  items?: JsonSchema;
  format?: string;
  /** The first named type on the way, without `#/types/`. */
  name?: string;
}

/** More parts than this are not looked at: descriptions may refer to each other without end. */
const mostParts = 64;

/** Nor more properties of one part: what tells a record apart stands among the first. */
const mostProperties = 1_000;

/** Shapes of named types; a shape is never changed once it is made. */
const named = new WeakMap<object, Shape>();

/** Looks at a schema without following more than a bounded number of references. */
export const shapeOf = (schema: JsonSchema | undefined, types: Record<string, JsonSchema>): Shape => {
  const name =
    typeof schema === 'object' && schema.$ref !== undefined && Object.keys(schema).length === 1 ? schema.$ref : undefined;
  const type = name === undefined ? undefined : types[name.slice('#/types/'.length)];
  if (typeof type !== 'object') return look(schema, types);
  const known = named.get(type) ?? look(schema, types);
  named.set(type, known);
  return known;
};

const look = (schema: JsonSchema | undefined, types: Record<string, JsonSchema>): Shape => {
  const shape: Shape = { types: [], properties: {} };
  const seen = new Set<JsonSchema>();
  const stack: (JsonSchema | undefined)[] = [schema];
  for (let parts = 0; stack.length > 0 && parts < mostParts; parts++) {
    const part = stack.pop();
    if (typeof part !== 'object' || seen.has(part)) continue;
    seen.add(part);
    absorb(shape, part);
    const name = part.$ref?.startsWith('#/types/') ? part.$ref.slice('#/types/'.length) : undefined;
    if (name !== undefined && Object.hasOwn(types, name)) {
      shape.name ??= name;
      stack.push(types[name]);
    }
    if (part.allOf !== undefined) stack.push(...part.allOf.toReversed());
    const real = [...(part.anyOf ?? []), ...(part.oneOf ?? [])].filter(
      (each) => typeof each !== 'object' || each.type !== 'null',
    );
    if (real.length === 1) stack.push(real[0]);
  }
  return shape;
};

const firsts = new WeakMap<object, [string, JsonSchema][]>();

/** The first properties of a part; listed once, for the same type is looked at for every operation that uses it. */
const firstOf = (properties: Record<string, JsonSchema>): [string, JsonSchema][] => {
  const known = firsts.get(properties);
  if (known !== undefined) return known;
  const first = Object.entries(properties).slice(0, mostProperties);
  firsts.set(properties, first);
  return first;
};

const absorb = (shape: Shape, part: SchemaObject): void => {
  for (const type of [part.type ?? []].flat()) if (type !== 'null' && !shape.types.includes(type)) shape.types.push(type);
  if (part.properties !== undefined) {
    for (const [key, value] of firstOf(part.properties))
      if (!Object.hasOwn(shape.properties, key)) define(shape.properties, key, value);
  }
  if (part.items !== undefined) shape.items ??= part.items;
  if (part.format !== undefined) shape.format ??= part.format;
};

/** Whether values are lists. */
export const isList = (shape: Shape): boolean =>
  shape.types.includes('array') || (shape.types.length === 0 && shape.items !== undefined);

/** Whether values are objects with named properties. */
export const isRecord = (shape: Shape): boolean => Object.keys(shape.properties).length > 0 && !isList(shape);

/** Whether values are single: texts, numbers, truth. */
export const isScalar = (shape: Shape): boolean =>
  Object.keys(shape.properties).length === 0 &&
  shape.items === undefined &&
  !shape.types.includes('object') &&
  !shape.types.includes('array');

/** A name without case and punctuation: `page[size]`, `pageSize` and `page_size` are the same. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
