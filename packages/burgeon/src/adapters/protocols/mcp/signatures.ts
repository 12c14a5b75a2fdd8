import type { JsonSchema, Operation, SchemaObject } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { typeNameIn, typeOf } from '../../../interface/schema.ts';
import { plainText } from './text.ts';

type Types = Record<string, JsonSchema>;

/** Characters of one signature. */
const signatureLength = 420;

const properties = 24;

const nameOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(plainText(name, 60)));

/** A type as TypeScript writes it, to a depth; deeper objects are `object`. */
const typeText = (schema: JsonSchema, types: Types, depth: number): string => {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never';
  const name = typeNameIn(schema.$ref);
  if (name !== undefined) {
    const type = typeOf(types, name);
    return type === undefined ? 'unknown' : depth > 0 ? typeText(type, types, depth - 1) : plainText(name, 60);
  }
  if (schema.const !== undefined) return literal(schema.const);
  if (Array.isArray(schema.enum))
    return union(
      schema.enum
        .slice(0, 8)
        .map(literal)
        .concat(schema.enum.length > 8 ? ['...'] : []),
    );
  const members = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(members)) return union(members.slice(0, 5).map((member) => typeText(member, types, depth - 1)));
  if (Array.isArray(schema.allOf) && !isObject(schema.properties))
    return depth < 0 ? 'object' : [...new Set(schema.allOf.slice(0, 4).map((part) => typeText(part, types, depth)))].join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => plainType({ ...schema, type }, types, depth)));
  return plainType(schema, types, depth);
};

const literal = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(plainText(value, 40)) : JSON.stringify(value).slice(0, 40);

const union = (parts: string[]): string => [...new Set(parts)].join('|') || 'unknown';

const plainType = (schema: SchemaObject, types: Types, depth: number): string => {
  switch (schema.type ?? (isObject(schema.properties) ? 'object' : undefined)) {
    case 'string':
    case 'boolean':
    case 'null':
      return String(schema.type);
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      const item = typeText(schema.items ?? true, types, depth);
      return /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return objectText(schema, types, depth);
    default:
      return 'unknown';
  }
};

const objectText = (schema: SchemaObject, types: Types, depth: number): string => {
  const entries = isObject(schema.properties) ? Object.entries(schema.properties as Types) : [];
  if (entries.length === 0) return schema.additionalProperties === false ? '{}' : 'object';
  if (depth <= 0) return 'object';
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  // What is needed comes first: a cut signature still shows it.
  const sorted = entries.toSorted(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  const texts = sorted
    .slice(0, properties)
    .map(([name, property]) => `${nameOf(name)}${required.has(name) ? '' : '?'}: ${typeText(property, types, depth - 1)}`);
  return `{ ${[...texts, ...(sorted.length > properties ? ['...'] : [])].join('; ')} }`;
};

/** An operation as one line of TypeScript, at most some 420 characters: `pets_get(input: { id: string }): Promise<{ name: string }>`. */
export const signatureOf = (name: string, operation: Operation, types: Types): string => {
  for (const [inputDepth, outputDepth] of [
    [3, 2],
    [2, 2],
    [2, 1],
    [1, 0],
  ] as const) {
    const input = typeText(operation.input as JsonSchema, types, inputDepth);
    const output = typeText(operation.output, types, outputDepth);
    const text = `${name}(input: ${input}): Promise<${output}>`;
    if (text.length <= signatureLength) return text;
  }
  const input = typeText(operation.input as JsonSchema, types, 1);
  return `${name}(input: ${input.length > signatureLength - 80 ? `${input.slice(0, signatureLength - 80)}...` : input}): Promise<unknown>`;
};
