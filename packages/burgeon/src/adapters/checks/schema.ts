import { setImmediate } from 'node:timers/promises';
import {
  type Candidate,
  type Check,
  type Diagnostic,
  type Interface,
  type JsonSchema,
  type Operation,
  defineCheck,
} from '@burgeon/kit';
import { pointerToken } from '../../base/json.ts';
import { typeNameIn, walkSchema } from '../../interface/schema.ts';
import { type Direction, type Validator, createValidator } from '../../interface/validate.ts';

/** Findings shown; a broken source repeats itself. */
const findingLimit = 200;

/** One schema of the interface: where it is, and which way its values travel. */
interface Placed {
  schema: JsonSchema;
  at: string;
  direction: Direction;
}

const schemasOf = (description: Interface): Placed[] => [
  ...description.operations.flatMap((operation, index) => operationSchemas(operation, `/interface/operations/${index}`)),
  ...description.channels.flatMap(({ message, reply }, index): Placed[] => [
    { schema: message, at: `/interface/channels/${index}/message`, direction: 'response' },
    ...(reply === undefined ? [] : [{ schema: reply, at: `/interface/channels/${index}/reply`, direction: 'response' as const }]),
  ]),
  ...description.entities.map(({ type }, index): Placed => ({
    schema: type,
    at: `/interface/entities/${index}/type`,
    direction: 'response',
  })),
];

const operationSchemas = (operation: Operation, at: string): Placed[] => [
  { schema: operation.input as JsonSchema, at: `${at}/input`, direction: 'request' },
  { schema: operation.output, at: `${at}/output`, direction: 'response' },
  ...(operation.stream ? [{ schema: operation.stream.item, at: `${at}/stream/item`, direction: 'response' as const }] : []),
  ...(operation.alternatives ?? []).map(({ schema }, index): Placed => ({
    schema,
    at: `${at}/alternatives/${index}/schema`,
    direction: 'response',
  })),
  ...operation.errors.map(({ schema }, index): Placed => ({ schema, at: `${at}/errors/${index}/schema`, direction: 'response' })),
];

/** Compiles a schema; what could not be compiled becomes an error, what could only not be checked (a pattern, a keyword) a warning. */
const judgeSchema = ({ schema, at, direction }: Placed, validator: Validator): Diagnostic[] => {
  const before = validator.unchecked.length;
  validator.check(schema, {}, { direction });
  const found = validator.unchecked.slice(before).filter(({ keyword }) => keyword !== '$ref');
  return found.map(({ path, keyword, message }): Diagnostic => {
    const inTypes = path.startsWith('/types/');
    return {
      severity: keyword === '' ? 'error' : 'warning',
      code: keyword === '' ? 'schema-invalid' : 'schema-unchecked',
      message: keyword === '' ? message : `"${keyword}" is not enforced: ${message}`,
      path: inTypes ? `/interface${path}` : at + path,
      from: 'schema',
    };
  });
};

/** References that lead nowhere: anything is accepted there. */
const judgeReferences = (schema: JsonSchema, at: string, types: Interface['types']): Diagnostic[] => {
  const found: Diagnostic[] = [];
  walkSchema(schema, (node, pointer) => {
    if (typeof node === 'boolean' || node.$ref === undefined) return;
    const name = typeNameIn(node.$ref);
    if (name !== undefined && Object.hasOwn(types, name)) return;
    const message = `"${String(node.$ref).slice(0, 200)}" leads nowhere; anything is accepted there.`;
    found.push({ severity: 'warning', code: 'schema-reference', message, path: `${at}${pointer}/$ref`, from: 'schema' });
  });
  return found;
};

const judgeInput = (operation: Operation, index: number): Diagnostic[] => {
  const { type, properties, required = [] } = operation.input;
  const at = `/interface/operations/${index}/input`;
  if (type !== 'object') {
    const message = `The input of "${operation.id}" is not an object.`;
    return [{ severity: 'error', code: 'input-not-object', message, path: `${at}/type`, from: 'schema' }];
  }
  return required
    .filter((name) => !Object.hasOwn(properties, name))
    .map((name): Diagnostic => {
      const message = `"${operation.id}" requires "${name}", which it does not describe.`;
      return {
        severity: 'warning',
        code: 'input-undescribed',
        message,
        path: `${at}/properties/${pointerToken(name)}`,
        from: 'schema',
      };
    });
};

/** Examples are advice: one that contradicts is told, and stops nothing. */
const judgeExamples = (operation: Operation, index: number, validator: Validator): Diagnostic[] =>
  operation.examples.flatMap((example, position) => {
    const at = `/interface/operations/${index}/examples/${position}`;
    const results = [...operation.errors, ...(operation.alternatives ?? [])];
    const output =
      example.code === undefined ? operation.output : (results.find(({ code }) => code === example.code)?.schema ?? true);
    const parts = [
      ...(example.input === undefined
        ? []
        : [{ value: example.input, schema: operation.input as JsonSchema, part: 'input', direction: 'request' as const }]),
      ...(example.output === undefined
        ? []
        : [{ value: example.output, schema: output, part: 'output', direction: 'response' as const }]),
    ];
    return parts.flatMap(({ value, schema, part, direction }) => {
      const [issue] = validator.check(schema, value, { direction });
      if (!issue) return [];
      const message = `The example "${example.name.slice(0, 80)}" of "${operation.id}" contradicts its schema: ${issue.message}.`;
      return [
        {
          severity: 'warning' as const,
          code: 'example-contradicts',
          message,
          path: `${at}/${part}${issue.path}`,
          from: 'schema',
        },
      ];
    });
  });

/** The same schema stands in many places (errors above all); once is enough. */
const distinct = (all: readonly Placed[]): Placed[] =>
  [
    ...new Map(all.toReversed().map((placed) => [`${placed.direction} ${JSON.stringify(placed.schema)}`, placed])).values(),
  ].toReversed();

/** Compiling is long work on a large description: others, a Ctrl-C among them, get their turn after this many schemas. */
const turn = 16;

const judgeAll = async (description: Interface): Promise<Diagnostic[]> => {
  const validator = createValidator(description.types);
  const found = [
    ...description.operations.flatMap(judgeInput),
    ...Object.entries(description.types).flatMap(([name, schema]) =>
      judgeReferences(schema, `/interface/types/${pointerToken(name)}`, description.types),
    ),
  ];
  for (const [index, placed] of distinct(schemasOf(description)).entries()) {
    if (index % turn === 0) await setImmediate();
    found.push(...judgeReferences(placed.schema, placed.at, description.types), ...judgeSchema(placed, validator));
  }
  for (const [index, operation] of description.operations.entries()) {
    if (index % turn === 0) await setImmediate();
    found.push(...judgeExamples(operation, index, validator));
  }
  const errors = found.filter((each) => each.severity === 'error');
  return [...errors, ...found.filter((each) => each.severity !== 'error')].slice(0, findingLimit);
};

/** Findings by interface: what the validator could not compile it reports once, and the trial goes on with what was compiled here. */
const judged = new WeakMap<Interface, Promise<Diagnostic[]>>();

const run = async ({ interface: description }: Candidate): Promise<Diagnostic[]> => {
  const findings = judged.get(description) ?? judgeAll(description);
  judged.set(description, findings);
  return findings;
};

/** The check of schemas: every input, output and error compiles, inputs are objects, examples agree. */
export const schema: Check = defineCheck({ name: 'schema', run });
