/** One form for one meaning: order, reachability, and whether the parts of an interface fit together. */
import type { Diagnostic, Interface, JsonSchema, Operation } from '@burgeon/kit';
import { define, isObject, pointerOf, pointerPath } from '../base/json.ts';
import { directReferences, mapSchema, typeNameIn } from './schema.ts';

const interfaceKeys =
  'format name title version description source locations operations channels entities types auth origins diagnostics bindings'.split(
    ' ',
  );
const operationKeys =
  'id summary description deprecated tags effect idempotent input output outputCode alternatives errors stream auth pagination examples bindings'.split(
    ' ',
  );

/** The object with the named keys first, in that order, then the others as they were; undefined values are dropped. */
const ordered = <T extends object>(value: T, keys: readonly string[]): T => {
  const from = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  const known = keys.filter((key) => Object.hasOwn(from, key));
  for (const key of [...known, ...Object.keys(from).filter((each) => !known.includes(each))]) {
    if (from[key] !== undefined) define(result, key, from[key]);
  }
  return result as T;
};

const byKey = <T>(table: Record<string, T>, change: (value: T) => T = (value) => value): Record<string, T> => {
  const result: Record<string, T> = {};
  for (const key of Object.keys(table).toSorted()) define(result, key, change(table[key] as T));
  return result;
};

/** Required names sorted and single; an empty list says nothing. */
const orderedSchema = (schema: JsonSchema): JsonSchema =>
  mapSchema(schema, (node) => {
    if (!Array.isArray(node.required)) return node;
    const required = [...new Set(node.required)].toSorted();
    if (required.length > 0) node.required = required;
    else delete node.required;
    return node;
  });

const orderedOperation = (operation: Operation): Operation =>
  ordered(
    {
      ...operation,
      input: orderedSchema(operation.input) as Operation['input'],
      output: orderedSchema(operation.output),
      ...(operation.alternatives && {
        alternatives: operation.alternatives.map((each) => ({ ...each, schema: orderedSchema(each.schema) })),
      }),
      errors: operation.errors.map((each) => ({ ...each, schema: orderedSchema(each.schema) })),
      ...(operation.stream && { stream: { ...operation.stream, item: orderedSchema(operation.stream.item) } }),
    },
    operationKeys,
  );

/** Names of types that anything outside the table of types refers to; bindings are searched as plain JSON. */
const rootReferences = (description: Interface): Set<string> => {
  const names = new Set<string>();
  const waiting: unknown[] = [
    description.operations,
    description.channels,
    description.entities,
    description.auth,
    description.bindings,
  ];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string') {
      const name = typeNameIn(value);
      if (name !== undefined) names.add(name);
    } else if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value));
  }
  return names;
};

/** Names of the types that operations, channels, entities or bindings reach; all of them where there is nothing to reach them from. */
export const reachableTypes = (description: Interface): Set<string> => {
  if (description.operations.length + description.channels.length + description.entities.length === 0)
    return new Set(Object.keys(description.types));
  const reached = new Set([...rootReferences(description)].filter((name) => Object.hasOwn(description.types, name)));
  // A Set visits what is added while it is being walked.
  for (const name of reached) {
    for (const next of directReferences(description.types[name] as JsonSchema))
      if (Object.hasOwn(description.types, next)) reached.add(next);
  }
  return reached;
};

/**
 * The same interface in its one form: keys in a fixed order, tables sorted by key, `required` sorted, unreachable types and the origins of
 * what is gone dropped. Operations, channels and properties keep the order of the source. Applying it twice changes nothing more.
 */
export const normaliseInterface = (description: Interface): Interface => {
  const reached = reachableTypes(description);
  const types: Record<string, JsonSchema> = {};
  for (const name of Object.keys(description.types).toSorted()) {
    if (reached.has(name)) define(types, name, orderedSchema(description.types[name] as JsonSchema));
  }
  const origins: Record<string, string> = {};
  for (const pointer of Object.keys(description.origins).toSorted()) {
    const [table, name] = pointerPath(pointer);
    if (table !== 'types' || name === undefined || Object.hasOwn(types, name))
      define(origins, pointer, description.origins[pointer] as string);
  }
  return ordered(
    {
      ...description,
      operations: description.operations.map(orderedOperation),
      channels: description.channels.map((channel) => ({
        ...channel,
        message: orderedSchema(channel.message),
        ...(channel.reply !== undefined && { reply: orderedSchema(channel.reply) }),
      })),
      entities: description.entities.map((entity) => ({ ...entity, type: orderedSchema(entity.type) })),
      types,
      auth: byKey(description.auth),
      origins,
      ...(description.bindings && { bindings: byKey(description.bindings) }),
    },
    interfaceKeys,
  );
};

type Report = (code: string, path: (string | number)[], message: string) => void;

const checkUnique = (items: readonly { key: string; path: (string | number)[] }[], what: string, report: Report): void => {
  const seen = new Set<string>();
  for (const { key, path } of items) {
    if (seen.has(key)) report('name-duplicate', path, `There are several ${what} named "${key}".`);
    seen.add(key);
  }
};

const checkReferences = (value: JsonSchema, path: (string | number)[], { types }: Interface, report: Report): void => {
  for (const name of directReferences(value)) {
    if (!Object.hasOwn(types, name)) report('reference-broken', path, `There is no type named "${name}".`);
  }
};

const checkOperation = (operation: Operation, index: number, description: Interface, report: Report): void => {
  const at = (...path: (string | number)[]): (string | number)[] => ['operations', index, ...path];
  if (operation.id === '') report('name-empty', at('id'), 'An operation needs an id.');
  const properties = isObject(operation.input.properties) ? operation.input.properties : {};
  if (operation.input.type !== 'object')
    report('input-no-object', at('input'), `The input of "${operation.id}" must be an object schema.`);
  for (const name of operation.input.required ?? []) {
    if (!Object.hasOwn(properties, name))
      report('required-unknown', at('input', 'required'), `"${name}" is required but is no property of the input.`);
  }
  checkReferences(operation.input, at('input'), description, report);
  checkReferences(operation.output, at('output'), description, report);
  operation.alternatives?.forEach((each, each2) =>
    checkReferences(each.schema, at('alternatives', each2, 'schema'), description, report),
  );
  operation.errors.forEach((each, each2) => checkReferences(each.schema, at('errors', each2, 'schema'), description, report));
  if (operation.stream) checkReferences(operation.stream.item, at('stream', 'item'), description, report);
  operation.auth.forEach((alternative, position) => {
    for (const key of Object.keys(alternative)) {
      if (!Object.hasOwn(description.auth, key))
        report('auth-unknown', at('auth', position, key), `There is no auth scheme named "${key}".`);
    }
  });
  for (const name of Object.values(operation.pagination?.input ?? {})) {
    if (!Object.hasOwn(properties, name))
      report('pagination-unknown', at('pagination', 'input'), `"${name}" steers the pages but is no property of the input.`);
  }
};

const checkEntities = (description: Interface, report: Report): void => {
  const operations = new Set(description.operations.map(({ id }) => id));
  const entities = new Set(description.entities.map(({ name }) => name));
  description.entities.forEach((entity, index) => {
    checkReferences(entity.type, ['entities', index, 'type'], description, report);
    for (const [role, mapped] of Object.entries(entity.operations)) {
      if (!operations.has(mapped.operation)) {
        report(
          'operation-unknown',
          ['entities', index, 'operations', role],
          `There is no operation named "${mapped.operation}".`,
        );
      }
    }
    entity.relations?.forEach((relation, position) => {
      if (!entities.has(relation.entity))
        report('entity-unknown', ['entities', index, 'relations', position], `There is no entity named "${relation.entity}".`);
    });
  });
};

/** Whether the parts fit together: ids unique, references resolve, auth keys, required inputs and the operations of entities exist. Empty = sound. */
export const checkInterface = (description: Interface): Diagnostic[] => {
  const found: Diagnostic[] = [];
  const report: Report = (code, path, message) =>
    found.push({ severity: 'error', code, message, path: pointerOf(path), from: 'interface' });
  checkUnique(
    description.operations.map(({ id }, index) => ({ key: id, path: ['operations', index, 'id'] })),
    'operations',
    report,
  );
  checkUnique(
    description.channels.map(({ id }, index) => ({ key: id, path: ['channels', index, 'id'] })),
    'channels',
    report,
  );
  checkUnique(
    description.entities.map(({ name }, index) => ({ key: name, path: ['entities', index, 'name'] })),
    'entities',
    report,
  );
  description.operations.forEach((operation, index) => checkOperation(operation, index, description, report));
  description.channels.forEach((channel, index) => {
    checkReferences(channel.message, ['channels', index, 'message'], description, report);
    checkReferences(channel.reply ?? true, ['channels', index, 'reply'], description, report);
  });
  for (const [name, type] of Object.entries(description.types)) checkReferences(type, ['types', name], description, report);
  checkEntities(description, report);
  return found;
};
