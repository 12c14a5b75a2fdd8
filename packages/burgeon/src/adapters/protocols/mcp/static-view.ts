import { BurgeonError, type Interface, type JsonSchema } from '@burgeon/kit';
import { createValidator } from '../../../interface/validate.ts';
import { writeError, writeResult } from './results.ts';
import { type OperationTool, nameTools, toolOf } from './tools.ts';
import type { View, ViewParts } from './view.ts';

/** More than this and models choose worse, and clients truncate. */
const bounds = { tools: 60, bytes: 40 * 1024 } as const;

interface Written {
  tools: OperationTool[];
  byName: Map<string, OperationTool>;
  bytes: number;
}

const written = new WeakMap<Interface, Written>();

const write = (description: Interface): Written => {
  const known = written.get(description);
  if (known) return known;
  const tools = nameTools(description).operations.map(({ name, operation }) => toolOf(name, operation, description.types));
  const bytes = tools.reduce((sum, { tool }) => sum + JSON.stringify(tool).length, 0);
  const made: Written = { tools, byName: new Map(tools.map((each) => [each.tool.name, each])), bytes };
  written.set(description, made);
  return made;
};

/** Whether a description is small enough to be shown tool by tool. */
export const fitsStatic = (description: Interface): boolean =>
  description.operations.length <= bounds.tools && write(description).bytes <= bounds.bytes;

/** The error for a description that is too long for the static view. */
export const tooLongForStatic = (description: Interface): BurgeonError =>
  new BurgeonError('USAGE', {
    message: `${description.operations.length} operations are too many to be shown as one tool each (at most ${bounds.tools}, and ${bounds.bytes} bytes).`,
    hint: 'Use the view "search", or force the static one.',
  });

/** One tool per operation. */
export const staticView = ({ provider, resultLength }: ViewParts): View => {
  const validator = createValidator({});
  return {
    tools: () => write(provider.interface).tools.map(({ tool }) => tool),
    call: (name, args, options) => {
      const found = write(provider.interface).byName.get(name);
      if (!found) return undefined;
      const { operation, shape } = found;
      return provider
        .call(operation.id, args, options)
        .then((result) =>
          writeResult(result, {
            operation,
            length: resultLength,
            ...(shape
              ? { shape, check: (value) => validator.check(shape.schema as JsonSchema, value, { direction: 'response' }) }
              : {}),
          }),
        )
        .catch(writeError);
    },
  };
};
