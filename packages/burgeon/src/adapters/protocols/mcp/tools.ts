import type { BurgeonError, Interface, Operation, Provider } from '@burgeon/kit';
import type { Tool } from '@modelcontextprotocol/server';
import { assignNames } from '../../../interface/naming.ts';
import { type OutputShape, inputSchemaOf, outputShapeOf } from './schemas.ts';
import { plainText } from './text.ts';

/** The operations of one description under the names of tools. */
export interface Named {
  /** In the order of the description. */
  operations: readonly { name: string; operation: Operation }[];
  /** By tool name, and by operation id. */
  find(name: string): { name: string; operation: Operation } | undefined;
}

const known = new WeakMap<Interface, Named>();

/** Names every operation: `[a-zA-Z0-9_-]{1,64}`, unique, and the same whatever the order of the description. */
export const nameTools = (description: Interface): Named => {
  const existing = known.get(description);
  if (existing) return existing;
  const names = assignNames(
    description.operations.map(({ id }) => ({ key: id, wish: id })),
    { style: 'tool' },
  );
  const operations = description.operations.map((operation) => ({ name: names.get(operation.id) ?? operation.id, operation }));
  const byId = new Map(operations.map((each) => [each.operation.id, each]));
  const byName = new Map(operations.map((each) => [each.name, each]));
  const named: Named = { operations, find: (name) => byName.get(name) ?? byId.get(name) };
  known.set(description, named);
  return named;
};

/** What an operation does, for a model: summary, else the beginning of the description, else its id. */
export const aboutOperation = (operation: Operation, length = 1_024): string => {
  const text = [operation.summary, operation.description].filter((each) => each !== undefined && each.trim() !== '');
  const unique = text[1]?.startsWith(text[0] ?? '') ? text.slice(1) : text;
  return `${operation.deprecated ? 'Deprecated. ' : ''}${plainText(unique.join(' - ') || operation.id, length)}`;
};

/** One operation as a tool, and the shape it promises. */
export interface OperationTool {
  tool: Tool;
  operation: Operation;
  shape: OutputShape | undefined;
}

/** Writes an operation as a tool. Whatever its schemas hold, there is a tool: a bad schema only says less. */
export const toolOf = (name: string, operation: Operation, types: Interface['types']): OperationTool => {
  const shape = outputShapeOf(operation, types);
  const tool: Tool = {
    name,
    description: aboutOperation(operation),
    inputSchema: inputSchemaOf(operation, types) as Tool['inputSchema'],
    ...(shape ? { outputSchema: shape.schema as NonNullable<Tool['outputSchema']> } : {}),
    annotations: {
      title: plainText(operation.summary ?? operation.id, 100),
      readOnlyHint: operation.effect === 'read',
      destructiveHint: operation.effect === 'delete',
      idempotentHint: operation.idempotent,
      openWorldHint: true,
    },
  };
  return { tool, operation, shape };
};

/** What the provider knows of an operation that is not shown: tool names carry `_` where operation ids carry the first `.`. */
export const reasonOf = async (provider: Provider, name: string): Promise<BurgeonError | undefined> =>
  provider.explain?.(name.includes('.') ? name : name.replace('_', '.'));
