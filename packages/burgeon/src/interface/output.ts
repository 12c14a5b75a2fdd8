import type { JsonValue, Operation } from '@burgeon/kit';
import type { Issue, Validator } from './validate.ts';

/** What is wrong with an answer, by the operation's ordinary result; undefined when it is that or any further successful one. */
export const outputIssue = (validator: Validator, operation: Operation, output: JsonValue): Issue | undefined => {
  const [first] = validator.check(operation.output, output, { direction: 'response' });
  if (!first) return undefined;
  const others = operation.alternatives ?? [];
  return others.some(({ schema }) => validator.check(schema, output, { direction: 'response' }).length === 0) ? undefined : first;
};
