import { BurgeonError, type JsonSchema, type JsonValue, type Operation, type Result, type Variant } from '@burgeon/kit';

/** Which result of an operation is to be given. */
export interface Wanted {
  kind: 'output' | 'alternative' | 'error';
  /** Code in the protocol's words; undefined when the ordinary result has none. */
  code: string | undefined;
  schema: JsonSchema;
  /** Pointer of the schema from the operation. */
  path: string;
}

/** The result that a variant asks for: that code, else the range or the default that covers it, else the ordinary one. */
export const wantedOf = (operation: Operation, variant: Variant | undefined): Wanted => {
  const code = variant?.code ?? codeOfExample(operation, variant?.example);
  const ordinary: Wanted = { kind: 'output', code: operation.outputCode, schema: operation.output, path: '/output' };
  if (code === undefined || code === operation.outputCode) return ordinary;
  for (const label of covering(code)) {
    const alternative = find(operation.alternatives ?? [], label);
    if (alternative)
      return { kind: 'alternative', code, schema: alternative.result.schema, path: `/alternatives/${alternative.index}/schema` };
    const error = find(operation.errors, label);
    if (error)
      return { kind: 'error', code: concrete(code, '500'), schema: error.result.schema, path: `/errors/${error.index}/schema` };
  }
  return ordinary;
};

/** The result for a record that is not there: the documented one, as near as there is. */
export const missing = (operation: Operation): Wanted => {
  for (const label of ['404', '410', '4XX', 'default']) {
    const error = find(operation.errors, label);
    if (error)
      return { kind: 'error', code: concrete(label, '404'), schema: error.result.schema, path: `/errors/${error.index}/schema` };
  }
  return { kind: 'error', code: '404', schema: { type: 'null' }, path: '' };
};

/** The error of a simulated other side: `data` is `{code, body}`. */
export const remoteError = (code: string | undefined, body: JsonValue): BurgeonError =>
  new BurgeonError('REMOTE_ERROR', {
    message: code === undefined ? 'The mirror answered with an error.' : `The mirror answered ${code}.`,
    hint: 'This is a simulated answer: the mirror was asked for it, or the record was never there.',
    data: { code: code ?? 'default', body },
  });

/** Labels under which a code may be described, most particular first. */
const covering = (code: string): string[] => [code, `${code.slice(0, 1)}XX`, 'default'];

/** A code that a range or a default stands for. */
const concrete = (code: string, fallback: string): string => {
  if (code === 'default') return fallback;
  return /^\dXX$/i.test(code) ? (code[0] === fallback[0] ? fallback : `${code[0]}00`) : code;
};

const find = (results: readonly Result[], label: string): { result: Result; index: number } | undefined => {
  const index = results.findIndex(({ code }) => code.toUpperCase() === label.toUpperCase());
  return index < 0 ? undefined : { result: results[index] as Result, index };
};

const codeOfExample = (operation: Operation, name: string | undefined): string | undefined =>
  name === undefined ? undefined : operation.examples.find((example) => example.name === name)?.code;
