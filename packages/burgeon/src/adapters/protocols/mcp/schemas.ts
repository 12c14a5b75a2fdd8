import type { JsonSchema, Operation, SchemaObject } from '@burgeon/kit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isObject } from '../../../base/json.ts';
import { isBytes, mapSchema, resolveSchema, standalone } from '../../../interface/schema.ts';
import { plainText } from './text.ts';

type Types = Record<string, JsonSchema>;

/** An object schema that stands alone. */
export type ToolSchema = { type: 'object' } & SchemaObject;

/** Characters of one schema: aimed at, and never passed. */
const lengths = { aim: 16 * 1024, most: 64 * 1024 } as const;

const descriptionLength = 300;

/** Keywords that tell a model nothing, or that other readers of schemas do not know. */
const dropped: ReadonlySet<string> = new Set([
  '$comment',
  'example',
  'examples',
  'discriminator',
  'xml',
  'externalDocs',
  '$id',
  '$anchor',
  '$schema',
  'id',
]);

const isPattern = (value: unknown): boolean => {
  try {
    return typeof value === 'string' && new RegExp(value, 'u').source !== '';
  } catch {
    return false;
  }
};

/** A copy that any reader of JSON Schema takes: broken patterns and foreign keywords are gone, descriptions are data. */
const tidy = (schema: JsonSchema, words: boolean): JsonSchema =>
  mapSchema(schema, (node) => {
    for (const keyword of Object.keys(node)) if (dropped.has(keyword) || keyword.startsWith('x-')) delete node[keyword];
    for (const keyword of ['description', 'title'] as const) {
      if (words && typeof node[keyword] === 'string') node[keyword] = plainText(node[keyword], descriptionLength);
      else delete node[keyword];
    }
    if (node.pattern !== undefined && !isPattern(node.pattern)) delete node.pattern;
    if (isObject(node.patternProperties) && !Object.keys(node.patternProperties).every(isPattern)) delete node.patternProperties;
    if (!words) delete node.default;
    if (!words && Array.isArray(node.enum) && node.enum.length > 24) delete node.enum;
    return node;
  });

const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, inlineRefs: false, addUsedSchema: false });

const compiles = (schema: JsonSchema): boolean => {
  try {
    ajv.compile(schema);
    return true;
  } catch {
    return false;
  } finally {
    if (typeof schema === 'object') ajv.removeSchema(schema);
  }
};

/** Ever plainer ways to say the same, until one is short enough and compiles. */
const plainer = (schema: JsonSchema, types: Types): (() => JsonSchema)[] => [
  () => tidy(standalone(schema, types, { maxBytes: lengths.aim }), true),
  () => tidy(standalone(schema, types, { maxBytes: lengths.aim }), false),
  () => tidy(standalone(schema, types, { maxDepth: 1, maxBytes: lengths.aim }), false),
  () => tidy(standalone(schema, types, { maxDepth: 0 }), false),
  () => namesOnly(schema),
];

const namesOnly = (schema: JsonSchema): JsonSchema => {
  if (typeof schema === 'boolean' || !isObject(schema.properties)) return {};
  const names = Object.keys(schema.properties).slice(0, 200);
  const required = (Array.isArray(schema.required) ? schema.required : []).filter((name) => names.includes(name));
  return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])), required };
};

const short = (schema: JsonSchema, types: Types): JsonSchema => {
  for (const [step, make] of plainer(schema, types).entries()) {
    const made = make();
    const limit = step < 4 ? lengths.aim : lengths.most;
    if (JSON.stringify(made).length <= limit && compiles(made)) return made;
  }
  return {};
};

const asObject = (schema: JsonSchema): ToolSchema =>
  typeof schema === 'object' && schema.type === 'object' ? (schema as ToolSchema) : { type: 'object' };

/** What a tool takes. Always an object, at most 64 KB of JSON and as a rule 16 KB, and it compiles. */
export const inputSchemaOf = (operation: Operation, types: Types): ToolSchema =>
  asObject(short(operation.input as JsonSchema, types));

/** What a tool gives. `wrapped`: the value is the property `result`, because a result must be an object. */
export interface OutputShape {
  schema: ToolSchema;
  wrapped: boolean;
}

/** The shape of the ordinary result; undefined when it cannot be promised: other results, streams, bytes, or nothing known. */
export const outputShapeOf = (operation: Operation, types: Types): OutputShape | undefined => {
  if (operation.stream || (operation.alternatives ?? []).length > 0) return undefined;
  const resolved = resolveSchema(operation.output, types);
  if (typeof resolved === 'boolean' || Object.keys(resolved).length === 0 || isBytes(resolved)) return undefined;
  if (resolved.type === 'object') {
    const schema = short(resolved, types);
    return { schema: asObject(schema), wrapped: false };
  }
  const schema = short({ type: 'object', properties: { result: operation.output }, required: ['result'] }, types);
  return { schema: asObject(schema), wrapped: true };
};
