/** What every type and function will be called, before anything is written. */
import type { Interface, JsonSchema, Operation } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { assignNames, reservedWords } from '../../../interface/naming.ts';
import { directReferences, resolveSchema, visitSchemas } from '../../../interface/schema.ts';
import { circularReferences } from '../../../interface/type-circles.ts';
import { type TypeContext, type TypeNode, typeNodeOf } from '../../../interface/type-node.ts';

/** Direction in which a type travels. */
export type Direction = TypeContext['direction'];

/** Names of what is written for one operation. */
export interface PlannedOperation {
  operation: Operation;
  /** Name of the function. */
  name: string;
  /** Name of the function that walks the pages, when there are any. */
  pages?: string;
  input: string;
  output: string;
  /** Name of the table of error bodies by code; absent when no error says what it looks like. */
  errors?: string;
}

/** Everything that is named. */
export interface Plan {
  description: Interface;
  operations: PlannedOperation[];
  /** Type -> its name, and the direction it is written in. */
  types: Map<string, { name: string; direction: Direction }>;
  /** Type -> the name of its second form, for types that look different on the way in. */
  inputs: Map<string, string>;
  /** The context for schemas of one direction; `of` = the type that is being written, for circles. */
  context(direction: Direction, of?: string): TypeContext;
}

const typeWords: ReadonlySet<string> = new Set([...reservedWords, 'Uint8Array', 'Blob', 'Promise', 'AsyncIterable', 'Record']);

/** Names that functions may not have: words of the language, what the files import, and `then`, which would make the module a promise. */
const functionWords: ReadonlySet<string> = new Set([
  ...reservedWords,
  ...'then default call stream pages types input options settings runtime client raw createClient operations schemes baseUrl exports module process'.split(
    ' ',
  ),
]);

const reach = (roots: Iterable<JsonSchema>, references: Map<string, string[]>): Set<string> => {
  const reached = new Set<string>();
  for (const root of roots) for (const name of directReferences(root)) if (references.has(name)) reached.add(name);
  for (const name of reached) for (const next of references.get(name) ?? []) if (references.has(next)) reached.add(next);
  return reached;
};

const hasOneWayPart = (schema: JsonSchema, types: Record<string, JsonSchema>): boolean => {
  let found = false;
  visitSchemas(schema, (each) => {
    if (found || !isObject(each.properties) || !Array.isArray(each.required)) return;
    for (const name of each.required) {
      const property = Object.hasOwn(each.properties, name) ? resolveSchema(each.properties[name] as JsonSchema, types) : true;
      if (typeof property === 'object' && (property.readOnly === true || property.writeOnly === true)) found = true;
    }
  });
  return found;
};

/** Types that look different on the way in and out: those with a required one-way property, and those that refer to one. */
const twoFaced = (types: Record<string, JsonSchema>, references: Map<string, string[]>): Set<string> => {
  const backward = new Map<string, string[]>();
  for (const [from, names] of references) {
    for (const to of names) {
      const list = backward.get(to);
      if (list) list.push(from);
      else backward.set(to, [from]);
    }
  }
  const found = new Set([...references.keys()].filter((name) => hasOneWayPart(types[name] as JsonSchema, types)));
  for (const name of found) for (const from of backward.get(name) ?? []) found.add(from);
  return found;
};

const outputsOf = (operation: Operation): JsonSchema[] => [
  operation.output,
  ...(operation.alternatives ?? []).map(({ schema }) => schema),
  ...operation.errors.map(({ schema }) => schema),
  ...(operation.stream ? [operation.stream.item] : []),
];

/** Names that are good as they are stay as they are. */
const fitting = (names: Iterable<string>): Map<string, string> =>
  new Map(
    [...names].flatMap((name) =>
      /^[A-Z][A-Za-z0-9_]*$/.test(name) && !typeWords.has(name) ? [[`1 ${name}`, name] as const] : [],
    ),
  );

const describesErrors = (operation: Operation): boolean =>
  operation.errors.some(({ schema }) => schema !== true && !(typeof schema === 'object' && schema.type === 'null'));

/** Gives every type, input, output and function its name. */
export const planOf = (description: Interface): Plan => {
  const { types, operations } = description;
  const references = new Map(Object.keys(types).map((name) => [name, directReferences(types[name] as JsonSchema)]));
  const inward = reach(
    operations.map(({ input }) => input),
    references,
  );
  const outward = reach(
    [
      ...operations.flatMap(outputsOf),
      ...description.channels.flatMap(({ message, reply }) => (reply === undefined ? [message] : [message, reply])),
      ...description.entities.map(({ type }) => type),
    ],
    references,
  );
  const faced = twoFaced(types, references);
  const second = [...faced].filter((name) => inward.has(name) && outward.has(name));
  const typeNames = assignNames(
    [
      ...Object.keys(types).map((name) => ({ key: `1 ${name}`, wish: name })),
      ...second.map((name) => ({ key: `2 ${name}`, wish: `${name} Input` })),
      ...operations.flatMap(({ id }) =>
        ['Input', 'Output', 'Errors'].map((part) => ({ key: `3 ${part} ${id}`, wish: `${id} ${part}` })),
      ),
    ],
    { style: 'pascal', reserved: typeWords, previous: fitting(Object.keys(types)) },
  );
  const functionNames = assignNames(
    operations.flatMap((operation) => [
      { key: `1 ${operation.id}`, wish: operation.id },
      ...(operation.pagination ? [{ key: `2 ${operation.id}`, wish: `${operation.id} Pages` }] : []),
    ]),
    { style: 'camel', reserved: functionWords, previous: new Map(operations.map(({ id }) => [`1 ${id}`, id])) },
  );
  const named = (key: string): string => typeNames.get(key) ?? 'unknown';
  const planned = new Map(
    Object.keys(types).map((name) => {
      const direction: Direction = faced.has(name) && !outward.has(name) ? 'input' : 'output';
      return [name, { name: named(`1 ${name}`), direction }] as const;
    }),
  );
  const inputs = new Map(second.map((name) => [name, named(`2 ${name}`)]));
  return {
    description,
    types: planned,
    inputs,
    context: contexts(description, planned, inputs),
    operations: operations.map((operation) => ({
      operation,
      name: functionNames.get(`1 ${operation.id}`) ?? 'operation',
      ...(operation.pagination ? { pages: functionNames.get(`2 ${operation.id}`) ?? 'operationPages' } : {}),
      input: named(`3 Input ${operation.id}`),
      output: named(`3 Output ${operation.id}`),
      ...(describesErrors(operation) ? { errors: named(`3 Errors ${operation.id}`) } : {}),
    })),
  };
};

const contexts = (description: Interface, planned: Plan['types'], inputs: Plan['inputs']): Plan['context'] => {
  const { types } = description;
  const circles = circularReferences(types);
  return (direction, of) => {
    const bytes: TypeNode = { kind: 'word', text: 'string' };
    const word = (name: string): TypeNode => {
      const text = (direction === 'input' ? inputs.get(name) : undefined) ?? planned.get(name)?.name ?? 'unknown';
      return { kind: 'word', text };
    };
    const nested: TypeContext = { types, bytes, direction, reference: word };
    const cut = of === undefined ? undefined : circles.get(of);
    if (!cut) return nested;
    const ownPart = (name: string): TypeNode | undefined => {
      const schema = types[name];
      if (name === of || typeof schema !== 'object') return undefined;
      const { $ref: _reference, allOf: _all, oneOf: _one, anyOf: _any, ...own } = schema;
      return Object.hasOwn(own, 'properties') ? typeNodeOf(own, nested) : undefined;
    };
    return { ...nested, nested, reference: (name) => (cut.has(name) ? ownPart(name) : word(name)) };
  };
};
