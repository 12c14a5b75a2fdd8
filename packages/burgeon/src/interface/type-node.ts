/** JSON Schema as TypeScript types, as data: what is printed is decided here, how it looks in `type-text.ts`. */
import type { JsonSchema, JsonValue, SchemaObject } from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import { isAnnotation, isBytes, typeNameIn, typeOf } from './schema.ts';

/** A type. `word` is a built-in or an assigned identifier and is printed as it is; foreign text is only in `literal` and in names of members. */
export type TypeNode =
  | { kind: 'word'; text: string }
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'array'; item: TypeNode }
  | { kind: 'tuple'; items: { type: TypeNode; optional: boolean }[]; rest?: TypeNode }
  | { kind: 'object'; members: TypeMember[]; index?: TypeNode }
  | { kind: 'union' | 'intersection'; of: TypeNode[] };

/** One property of an object type. */
export interface TypeMember {
  name: string;
  optional: boolean;
  readonly: boolean;
  type: TypeNode;
  /** The schema it comes from, for documentation. */
  schema: JsonSchema;
}

/** How schemas become types. */
export interface TypeContext {
  types: Record<string, JsonSchema>;
  /** The type for a reference; undefined leaves it out of unions and intersections (a type that is nothing but itself). */
  reference(name: string): TypeNode | undefined;
  /** The type of bytes. */
  bytes: TypeNode;
  /** `input`: `readOnly` properties are optional; `output`: `writeOnly` ones are. */
  direction: 'input' | 'output';
  /** The context behind an object or array, where a circle is harmless. Default: this one. */
  nested?: TypeContext;
}

const word = (text: string): TypeNode => ({ kind: 'word', text });

/** Accepts everything. */
export const unknownType: TypeNode = word('unknown');
const neverType: TypeNode = word('never');

const isWord = (node: TypeNode, text: string): boolean => node.kind === 'word' && node.text === text;

/** Deepest nesting of inline types; what is below is `unknown`. */
const maxDepth = 24;

/** A union without doubles; `unknown` swallows the rest. */
export const unionOf = (nodes: readonly TypeNode[]): TypeNode => {
  if (nodes.length === 1) return nodes[0] as TypeNode;
  const flat = nodes.flatMap((node) => (node.kind === 'union' ? node.of : [node]));
  if (flat.some((node) => isWord(node, 'unknown'))) return unknownType;
  const distinct = [...new Map(flat.map((node) => [typeKey(node), node])).values()].filter((node) => !isWord(node, 'never'));
  return distinct.length === 1 ? (distinct[0] as TypeNode) : distinct.length === 0 ? neverType : { kind: 'union', of: distinct };
};

/** An object type that any object fits. */
const isOpenObject = (node: TypeNode): boolean =>
  node.kind === 'object' && node.members.length === 0 && node.index !== undefined && isWord(node.index, 'unknown');

/** An intersection without doubles, without `unknown`, and without `{ [key: string]: unknown }` beside other parts. */
const intersectionOf = (nodes: readonly TypeNode[]): TypeNode => {
  if (nodes.length === 1) return nodes[0] as TypeNode;
  const flat = nodes.flatMap((node) => (node.kind === 'intersection' ? node.of : [node]));
  if (flat.some((node) => isWord(node, 'never'))) return neverType;
  const known = flat.filter((node) => !isWord(node, 'unknown'));
  if (known.length <= 1) return known[0] ?? unknownType;
  const closed = known.filter((node) => !isOpenObject(node));
  const distinct = [...new Map((closed.length > 0 ? closed : known).map((node) => [typeKey(node), node])).values()];
  return distinct.length === 1 ? (distinct[0] as TypeNode) : { kind: 'intersection', of: distinct };
};

/** Equal for equal types; documentation does not count. */
const typeKey = (node: TypeNode): string => {
  switch (node.kind) {
    case 'word':
      return node.text;
    case 'literal':
      return JSON.stringify(node.value);
    case 'object':
      return `{${node.members.map((member) => `${JSON.stringify(member.name)}${member.optional ? '?' : ''}:${typeKey(member.type)}`).join()}|${node.index ? typeKey(node.index) : ''}}`;
    case 'array':
      return `${typeKey(node.item)}[]`;
    case 'tuple':
      return `[${node.items.map((item) => typeKey(item.type) + (item.optional ? '?' : '')).join()}|${node.rest ? typeKey(node.rest) : ''}]`;
    default:
      return `${node.kind}(${node.of.map(typeKey).join()})`;
  }
};

/** The type of exactly this value. */
const literalOf = (value: JsonValue, depth: number): TypeNode => {
  if (depth > maxDepth) return unknownType;
  if (Array.isArray(value))
    return { kind: 'tuple', items: value.map((item) => ({ type: literalOf(item, depth + 1), optional: false })) };
  if (value === null || typeof value !== 'object') return { kind: 'literal', value };
  const members = Object.entries(value).map(([name, item]) => ({
    name,
    optional: false,
    readonly: false,
    type: literalOf(item, depth + 1),
    schema: true,
  }));
  return { kind: 'object', members };
};

const kindOf = (value: JsonValue): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const listed = (value: unknown): JsonSchema[] | undefined =>
  Array.isArray(value) && value.length > 0 ? (value as JsonSchema[]) : undefined;

/** Types the schema names, or those its other keywords speak of; undefined = any. */
const kindsOf = (schema: SchemaObject): string[] | undefined => {
  if (typeof schema.type === 'string') return [schema.type];
  if (Array.isArray(schema.type) && schema.type.length > 0) return [...new Set(schema.type)];
  if (
    isObject(schema.properties) ||
    schema.additionalProperties !== undefined ||
    Array.isArray(schema.required) ||
    isObject(schema.patternProperties)
  )
    return ['object'];
  if (schema.items !== undefined || Array.isArray(schema.prefixItems)) return ['array'];
  if (schema.contentEncoding !== undefined || schema.pattern !== undefined) return ['string'];
  return undefined;
};

/** The type of a schema. */
export const typeNodeOf = (schema: JsonSchema, context: TypeContext, depth = 0): TypeNode => {
  if (typeof schema === 'boolean') return schema ? unknownType : neverType;
  if (depth > maxDepth || !isObject(schema)) return unknownType;
  const parts: TypeNode[] = [];
  if (schema.$ref !== undefined) parts.push(referenceNode(schema.$ref, context));
  const members = listed(schema.allOf);
  if (members) parts.push(...members.map((member) => typeNodeOf(member, context, depth + 1)));
  for (const alternatives of [listed(schema.oneOf), listed(schema.anyOf)]) {
    if (alternatives) parts.push(alternativesNode(alternatives, schema, context, depth));
  }
  const own = ownNode(schema, context, { depth, alone: parts.length === 0 });
  return intersectionOf([...parts, own]);
};

const referenceNode = (reference: unknown, context: TypeContext): TypeNode => {
  const name = typeNameIn(reference);
  return (name !== undefined && typeOf(context.types, name) !== undefined ? context.reference(name) : undefined) ?? unknownType;
};

/** True for a reference that would make a type nothing but itself. */
const isEmptyReference = (schema: JsonSchema, context: TypeContext): boolean => {
  const name = typeof schema === 'object' ? typeNameIn(schema.$ref) : undefined;
  return name !== undefined && Object.hasOwn(context.types, name) && context.reference(name) === undefined;
};

const alternativesNode = (alternatives: JsonSchema[], schema: SchemaObject, context: TypeContext, depth: number): TypeNode => {
  const kept = alternatives.filter((alternative) => !isEmptyReference(alternative, context));
  if (kept.length === 0) return unknownType;
  return unionOf(
    kept.map((alternative) =>
      intersectionOf([typeNodeOf(alternative, context, depth + 1), tagNode(alternative, schema, context)]),
    ),
  );
};

/** `{kind: "cat"}` for a member that a discriminator names by a value, unless the member says so itself. */
const tagNode = (alternative: JsonSchema, { discriminator }: SchemaObject, context: TypeContext): TypeNode => {
  const name = typeof alternative === 'object' ? typeNameIn(alternative.$ref) : undefined;
  if (
    name === undefined ||
    !isObject(discriminator) ||
    typeof discriminator.propertyName !== 'string' ||
    !isObject(discriminator.mapping)
  )
    return unknownType;
  const values = Object.entries(discriminator.mapping).flatMap(([value, target]) => (typeNameIn(target) === name ? [value] : []));
  const type = typeOf(context.types, name);
  const property =
    typeof type === 'object' && isObject(type.properties) && Object.hasOwn(type.properties, discriminator.propertyName)
      ? type.properties[discriminator.propertyName]
      : undefined;
  if (
    values.length === 0 ||
    typeof property !== 'object' ||
    property.type !== 'string' ||
    property.enum !== undefined ||
    property.const !== undefined
  )
    return unknownType;
  const tag = unionOf(values.map((value): TypeNode => ({ kind: 'literal', value })));
  return {
    kind: 'object',
    members: [{ name: discriminator.propertyName, optional: false, readonly: false, type: tag, schema: true }],
  };
};

/** What the schema says itself, without references and compositions. */
const ownNode = (schema: SchemaObject, context: TypeContext, at: { depth: number; alone: boolean }): TypeNode => {
  const kinds = kindsOf(schema);
  if (schema.const !== undefined) return literalOf(schema.const, at.depth);
  if (Array.isArray(schema.enum) && schema.enum.length > 0) {
    const fitting = schema.enum.filter(
      (value) => kinds === undefined || kinds.includes(kindOf(value)) || (kinds.includes('integer') && typeof value === 'number'),
    );
    return unionOf((fitting.length > 0 ? fitting : schema.enum).map((value) => literalOf(value, at.depth)));
  }
  if (kinds === undefined) return unknownType;
  return unionOf(kinds.map((kind) => kindNode(kind, schema, context, at)));
};

const words: Record<string, string> = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' };

const kindNode = (kind: string, schema: SchemaObject, context: TypeContext, at: { depth: number; alone: boolean }): TypeNode => {
  if (kind === 'string' && isBytes(schema)) return context.bytes;
  if (kind === 'array') return arrayNode(schema, context, at.depth);
  if (kind === 'object') return objectNode(schema, context, at);
  const text = Object.hasOwn(words, kind) ? words[kind] : undefined;
  return text === undefined ? unknownType : word(text);
};

/** Longest tuple; longer ones are arrays of anything. */
const maxTuple = 64;

const arrayNode = (schema: SchemaObject, outer: TypeContext, depth: number): TypeNode => {
  const context = outer.nested ?? outer;
  const rest = schema.items === undefined ? unknownType : typeNodeOf(schema.items, context, depth + 1);
  const prefix = listed(schema.prefixItems);
  if (!prefix) return { kind: 'array', item: rest };
  if (prefix.length > maxTuple) return { kind: 'array', item: unknownType };
  const items = prefix.map((item, index) => ({
    type: typeNodeOf(item, context, depth + 1),
    optional: index >= (schema.minItems ?? 0),
  }));
  return { kind: 'tuple', items, ...(schema.items === false ? {} : { rest }) };
};

const objectNode = (schema: SchemaObject, outer: TypeContext, at: { depth: number; alone: boolean }): TypeNode => {
  const context = outer.nested ?? outer;
  const required = new Set(Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : []);
  const properties = isObject(schema.properties) ? (schema.properties as Record<string, JsonSchema>) : {};
  const members = Object.keys(properties).map((name) =>
    memberOf(name, properties[name] as JsonSchema, { required: required.has(name), context, depth: at.depth }),
  );
  for (const name of required) {
    if (!Object.hasOwn(properties, name))
      members.push({ name, optional: false, readonly: false, type: unknownType, schema: true });
  }
  const index = indexNode(schema, members, context, at.depth);
  if (index) return { kind: 'object', members, index };
  if (members.length > 0 || !at.alone)
    return members.length > 0 ? { kind: 'object', members } : { kind: 'object', members, index: unknownType };
  return { kind: 'object', members, index: schema.additionalProperties === false ? neverType : unknownType };
};

const memberOf = (
  name: string,
  schema: JsonSchema,
  from: { required: boolean; context: TypeContext; depth: number },
): TypeMember => {
  const { context } = from;
  const target = typeof schema === 'object' ? { ...refersTo(schema, context), ...schema } : undefined;
  const elsewhere = context.direction === 'input' ? target?.readOnly === true : target?.writeOnly === true;
  return {
    name,
    optional: !from.required || elsewhere,
    readonly: target?.readOnly === true,
    type: typeNodeOf(schema, context, from.depth + 1),
    schema,
  };
};

const refersTo = (schema: SchemaObject, { types }: TypeContext): SchemaObject | undefined => {
  const name = typeNameIn(schema.$ref);
  const target = name === undefined ? undefined : typeOf(types, name);
  return typeof target === 'object'
    ? { ...(target.readOnly === true && { readOnly: true }), ...(target.writeOnly === true && { writeOnly: true }) }
    : undefined;
};

/** Kinds of named properties that an index signature still spells out. */
const maxIndexed = 8;

/** The index signature of an object: it has to allow what the named properties are (TypeScript error 2411), so their types join it. */
const indexNode = (
  schema: SchemaObject,
  members: readonly TypeMember[],
  context: TypeContext,
  depth: number,
): TypeNode | undefined => {
  const patterns = isObject(schema.patternProperties)
    ? Object.values(schema.patternProperties as Record<string, JsonSchema>)
    : [];
  const additional = schema.additionalProperties;
  const open = additional === undefined || additional === false ? [] : [additional];
  const indexed = [...patterns, ...open];
  if (indexed.length === 0) return undefined;
  const value = unionOf(indexed.map((each) => typeNodeOf(each, context, depth + 1)));
  if (members.length === 0 || isWord(value, 'unknown')) return value;
  const all = unionOf([
    value,
    ...members.map((member) => member.type),
    ...(members.some((member) => member.optional) ? [word('undefined')] : []),
  ]);
  return all.kind === 'union' && all.of.length > maxIndexed ? unknownType : all;
};

/** True when the schema is an object with named places and nothing else: it becomes an interface. */
export const isPlainObject = (schema: JsonSchema): schema is SchemaObject =>
  typeof schema === 'object' &&
  kindsOf(schema)?.join() === 'object' &&
  schema.enum === undefined &&
  schema.const === undefined &&
  !['$ref', 'allOf', 'oneOf', 'anyOf'].some((keyword) => schema[keyword] !== undefined && !isAnnotation(keyword));

/** A type and the types it is made of without an object, array or tuple between: where a circle would never end. */
export const immediateReferences = (schema: JsonSchema): { all: string[]; joined: string[] } => {
  const all = new Set<string>();
  const joined = new Set<string>();
  const waiting: { schema: JsonSchema; chosen: boolean }[] = [{ schema, chosen: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { schema: each, chosen } = next;
    if (!isObject(each)) continue;
    const name = typeNameIn(each.$ref);
    if (name !== undefined) all.add(name);
    if (name !== undefined && !chosen) joined.add(name);
    for (const member of listed(each.allOf) ?? []) waiting.push({ schema: member as JsonSchema, chosen });
    for (const list of [each.oneOf, each.anyOf])
      for (const member of listed(list) ?? []) waiting.push({ schema: member, chosen: true });
  }
  return { all: [...all], joined: [...joined] };
};
