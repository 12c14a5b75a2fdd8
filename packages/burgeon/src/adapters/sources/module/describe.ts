import { BurgeonError, type Channel, type Interface, type JsonObject, type Operation, type SchemaObject } from '@burgeon/kit';
import interfaceSchema from '@burgeon/kit/schemas/interface.schema.json' with { type: 'json' };
import { isObject } from '../../../base/json.ts';
import { interfacePath, manifestPath } from '../../../security/bundle.ts';
import type { Card, ChannelRow, OperationRow } from './card.ts';
import { shapeOf } from './document.ts';

const requireInterface = shapeOf(interfaceSchema as unknown as SchemaObject);

/**
 * The interface of a module: what `interface.json` says, or the tables of operations and channels. Nothing of it is bound to a protocol,
 * since the code itself answers; channels say how the bus carries them.
 * @throws {BurgeonError} SOURCE_INVALID when there is neither or both, or it is not right
 */
export const interfaceOf = (card: Card, document: unknown): Interface => {
  const { operations, channels, types = {} } = card.module;
  const tables = operations !== undefined || channels !== undefined;
  if (tables === (document !== undefined)) {
    throw new BurgeonError('SOURCE_INVALID', {
      message: !tables
        ? 'The folder says nowhere which operations the module has.'
        : `Operations or channels stand both in ${manifestPath} and in ${interfacePath}.`,
      hint: `Write ${interfacePath}, or a table "operations" in ${manifestPath}; see docs/modules.md`,
    });
  }
  const own = {
    format: 'burgeon.interface/1',
    name: card.name,
    version: card.version,
    source: { kind: 'module', location: '', digest: '0'.repeat(64) },
    origins: {},
    diagnostics: [],
  };
  const empty = { locations: [], channels: [], entities: [], auth: {} };
  const title = { title: card.title, ...(card.about.description === undefined ? {} : { description: card.about.description }) };
  const table = {
    ...own,
    ...title,
    ...empty,
    types,
    operations: Object.entries(operations ?? {}).map(operationOf),
    channels: Object.entries(channels ?? {}).map(channelOf),
  };
  const written = isObject(document) ? { ...title, ...empty, types: {}, ...document, ...own } : (document ?? table);
  requireInterface(document === undefined ? manifestPath : interfacePath, written);
  const { bindings: _bindings, ...description } = written as Interface;
  return {
    ...description,
    operations: description.operations.map((operation) => ({ ...operation, bindings: {} })),
    channels: description.channels.map((channel) => ({ ...channel, bindings: busOnly(channel.bindings) })),
  };
};

const busOnly = ({ bus }: Channel['bindings']): Channel['bindings'] => (bus === undefined ? {} : { bus });

/** An interface is described as those see it who use it: what the module sends comes in to them. */
const seenFromOutside = { in: 'out', out: 'in', both: 'both' } as const;

const channelOf = ([id, row]: [string, ChannelRow]): Channel => {
  const { direction, message = true, overflow, atOnce, attempts, version, ...words } = row;
  const said = Object.entries({ overflow, atOnce, attempts, version }).filter(([, value]) => value !== undefined);
  return {
    ...words,
    id,
    direction: seenFromOutside[direction],
    message,
    auth: [],
    bindings: said.length === 0 ? {} : { bus: Object.fromEntries(said) as JsonObject },
  };
};

const operationOf = ([id, row]: [string, OperationRow]): Operation => {
  const {
    input = {},
    output = true,
    effect = 'write',
    idempotent = effect === 'read',
    errors = [],
    examples = [],
    ...words
  } = row;
  return {
    ...words,
    id,
    effect,
    idempotent,
    input: { additionalProperties: false, ...input, type: 'object', properties: input.properties ?? {} },
    output,
    errors,
    auth: [],
    examples,
    bindings: {},
  };
};
