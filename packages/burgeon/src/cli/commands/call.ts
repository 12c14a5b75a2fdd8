import type { Interface, JsonObject, JsonValue } from '@burgeon/kit';
import { nearest } from '../../base/nearest.ts';
import { BurgeonError } from '@burgeon/kit';
import type { Action } from '../command.ts';
import { readInput, splitTarget, type InputShape } from '../input.ts';
import { findModule, withVersion } from '../module.ts';
import { readStandardInput } from '../point.ts';
import { dim, span } from '../text.ts';

/** `call MODULE.OPERATION [INPUT]`: calls one operation. */
export const call: Action = async (invocation) => {
  const { words, terminal } = invocation;
  const { module, operation } = splitTarget(words[0] ?? '');
  const client = await invocation.open();
  const found = await findModule(client, module);
  const at = withVersion(module, found);
  const input = await readInput(words.slice(1), {
    stdin: () => readStandardInput(invocation),
    shape: async () => shapeOf(await client.call('showModule', at), found.id, operation),
  });
  const result = (await client.call('callOperation', { ...at, operation, input })) as {
    output: JsonValue;
    elapsedMs: number;
    traceId: string;
  };
  terminal.result(result, () => outputText(result.output));
  if (!terminal.manners.json && terminal.streams.stdout.isTTY === true)
    terminal.note(dim(`${span(result.elapsedMs)}  ${result.traceId}`));
};

const outputText = (output: JsonValue): string => (typeof output === 'string' ? output : JSON.stringify(output, null, 2));

const shapeOf = (shown: JsonValue, id: string, operationId: string): InputShape => {
  const description = (shown as JsonObject)['interface'] as unknown as Interface;
  const operation = description.operations.find((each) => each.id === operationId);
  if (operation) return { schema: operation.input, types: description.types };
  throw unknownOperation(description, id, operationId);
};

/** The error for an operation that a module does not have. */
export const unknownOperation = (description: Interface, id: string, operationId: string): BurgeonError => {
  const near = nearest(
    operationId,
    description.operations.map((each) => each.id),
  );
  return new BurgeonError('OPERATION_NOT_FOUND', {
    message: `${id} has no operation "${operationId}".`,
    hint: near === undefined ? `All operations: burgeon show ${id}` : `Did you mean ${near}? All operations: burgeon show ${id}`,
    data: { module: id, operation: operationId, ...(near === undefined ? {} : { near }) },
  });
};
