import {
  type BundleFile,
  type Candidate,
  type JsonObject,
  type JsonValue,
  type Operation,
  manifestExtension,
} from '@burgeon/kit';
import { createValidator } from '../../../interface/validate.ts';
import { createSynthesiser } from '../../../mirror/synthesise/synthesiser.ts';

/** Where the generated test lies beside the module, when it runs. */
const generatedPath = 'tests/generated-by-burgeon.test.ts';

/** The same candidate is tested the same way. */
const seed = 1;

/** Examples of one operation that are played. */
const mostExamples = 10;

/** One call of the generated test. */
interface Play {
  operation: string;
  name: string;
  input: JsonObject;
  /** What must come out; absent when anything may. */
  output?: JsonValue;
  /** Code of the error that must come. */
  code?: string;
}

const playsOf = ({ operations, types }: Candidate['interface']): Play[] => {
  const validator = createValidator(types);
  const synthesiser = createSynthesiser({ types, seed, validator });
  return operations.flatMap((operation: Operation) => {
    const examples = operation.examples.slice(0, mostExamples).flatMap(({ name, input, output, code }): Play[] =>
      input === undefined
        ? []
        : [
            {
              operation: operation.id,
              name: `example "${name.slice(0, 80)}"`,
              input,
              ...(output === undefined ? {} : { output }),
              ...(code === undefined ? {} : { code }),
            },
          ],
    );
    const input = synthesiser.value(operation.input, { salt: operation.id, direction: 'request' }) as JsonObject;
    const made = validator.check(operation.input, input, { direction: 'request' }).length === 0;
    return made ? [...examples, { operation: operation.id, name: 'synthesised input', input }] : examples;
  });
};

/** What the interface says may go wrong, by operation. */
const errorsOf = ({ operations }: Candidate['interface']): Record<string, string[]> =>
  Object.fromEntries(operations.map(({ id, errors }) => [id, errors.map(({ code }) => code)]));

/** Text that is one expression of JavaScript, whatever is in it. */
const literal = (value: unknown): string => JSON.stringify(JSON.stringify(value));

/**
 * A test in the words of node:test, written from the interface of a module in JavaScript or TypeScript: its examples, whose outputs must come
 * out, and synthesised input. Undefined for other modules. The same interface gives the same bytes.
 */
export const generatedTest = (candidate: Candidate): BundleFile | undefined => {
  const { kind, host, entry = '' } = candidate.manifest.extensions[manifestExtension];
  if (kind !== 'code' || host === 'wasm' || !/\.[cm]?[jt]s$/.test(entry) || /["'\\\n]/.test(entry)) return undefined;
  const text = `// Written by Burgeon from interface.json.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as module from '../${entry}';

const plays = JSON.parse(${literal(playsOf(candidate.interface))});
const errors = JSON.parse(${literal(errorsOf(candidate.interface))});
const known = (operation, code) => errors[operation].some((each) => each === code || each === 'default');
const plain = (value) => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

await module.init?.();
for (const { operation, name, input, output, code } of plays) {
  test(\`\${operation}: \${name}\`, async (t) => {
    let found;
    try {
      found = plain(await module.operations[operation](input));
    } catch (error) {
      if (error?.code === 'CAPABILITY_DENIED') return t.skip(error.message);
      const told = error?.data?.code ?? error?.code;
      if (code === undefined && typeof told === 'string' && known(operation, told)) return;
      if (code === undefined) throw error;
      return assert.equal(told, code);
    }
    assert.equal(code, undefined, \`it should have ended with \${code}\`);
    if (output !== undefined) assert.deepEqual(found, output);
  });
}
`;
  return { path: generatedPath, text };
};
