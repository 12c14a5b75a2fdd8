import type { JsonSchema, JsonValue, Operation } from '@burgeon/kit';
import { define } from '../base/json.ts';
import { follow, itemsOf, members, propertyNames, propertyOf, typeNames, type Types } from './schema.ts';

const depthLimit = 6;
const widthLimit = 40;

/** A schema as a TypeScript type for people to read: references opened a few levels deep, long unions and objects cut. */
export const typeText = (schema: JsonSchema | undefined, types: Types, depth = 0): string => {
  if (schema === false) return 'never';
  if (depth > depthLimit) return referenceName(schema) ?? '...';
  const self = follow(schema, types);
  if (Array.isArray(self.enum)) return cut(self.enum.map((value) => JSON.stringify(value))).join(' | ');
  if (Object.hasOwn(self, 'const')) return JSON.stringify(self.const);
  const union = self.oneOf ?? self.anyOf;
  if (Array.isArray(union)) return cut(union.map((member) => typeText(member, types, depth + 1))).join(' | ');
  const names = [...typeNames(self, types)];
  if (names.length === 0) return 'unknown';
  return names.map((name) => oneType(name, self, { types, depth })).join(' | ');
};

const referenceName = (schema: JsonSchema | undefined): string | undefined =>
  typeof schema === 'object' && typeof schema.$ref === 'string' ? schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1) : undefined;

const cut = (texts: string[]): string[] => (texts.length <= 12 ? texts : [...texts.slice(0, 12), '...']);

const oneType = (name: string, schema: JsonSchema, { types, depth }: { types: Types; depth: number }): string => {
  if (name === 'integer') return 'number';
  if (name === 'array') {
    const item = typeText(itemsOf(schema, types), types, depth + 1);
    return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
  }
  if (name !== 'object') return name;
  const properties = propertyNames(schema, types);
  if (properties.length === 0) return 'Record<string, unknown>';
  const required = new Set(members(schema, types).flatMap((member) => (Array.isArray(member.required) ? member.required : [])));
  const inner = '  '.repeat(depth + 1);
  const lines = properties.slice(0, widthLimit).map((property) => {
    const value = typeText(propertyOf(schema, property, types), types, depth + 1);
    return `${inner}${keyText(property)}${required.has(property) ? '' : '?'}: ${value};`;
  });
  if (properties.length > widthLimit) lines.push(`${inner}// and ${properties.length - widthLimit} more`);
  return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
};

const keyText = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));

/** A value for every required field, from examples, defaults and the schema's own words: something to copy and change. */
export const exampleInput = (operation: Operation, types: Types): JsonValue =>
  operation.examples.find(({ input }) => input !== undefined)?.input ?? exampleOf(operation.input, types, 0);

const exampleOf = (schema: JsonSchema | undefined, types: Types, depth: number): JsonValue => {
  const self = follow(schema, types);
  const given = [self.examples?.[0], self['example'] as JsonValue | undefined, self.default, self.const, self.enum?.[0]].find(
    (value) => value !== undefined,
  );
  if (given !== undefined) return given;
  const [union] = [...(self.oneOf ?? []), ...(self.anyOf ?? [])];
  if (union !== undefined && depth < depthLimit) return exampleOf(union, types, depth + 1);
  const names = typeNames(self, types);
  if (names.has('object') || names.size === 0) return exampleObject(schema, types, depth);
  if (names.has('array')) return depth < depthLimit ? [exampleOf(itemsOf(schema, types), types, depth + 1)] : [];
  if (names.has('string'))
    return self.format === 'date' ? '2026-01-31' : self.format === 'date-time' ? '2026-01-31T12:00:00Z' : 'text';
  if (names.has('boolean')) return true;
  return names.has('null') ? null : Math.max(self.minimum ?? 1, 1);
};

const exampleObject = (schema: JsonSchema | undefined, types: Types, depth: number): JsonValue => {
  const value: Record<string, JsonValue> = {};
  if (depth >= depthLimit) return value;
  const required = members(schema, types).flatMap((member) => (Array.isArray(member.required) ? member.required : []));
  for (const name of new Set(required)) define(value, name, exampleOf(propertyOf(schema, name, types), types, depth + 1));
  return value;
};
