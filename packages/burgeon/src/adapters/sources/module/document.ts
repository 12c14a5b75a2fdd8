import { BurgeonError, type BundleFile, type JsonSchema, type SchemaObject, type SourceBudget } from '@burgeon/kit';
import { readDocument } from '../../../base/document/read-document.ts';
import { type Validator, createValidator } from '../../../interface/validate.ts';

/** The value of a document of the folder. @throws {BurgeonError} SOURCE_INVALID when it is not there or not readable, SPEC_TOO_COMPLEX */
export const documentIn = async (files: readonly BundleFile[], path: string, budget: SourceBudget): Promise<unknown> => {
  const file = files.find((each) => each.path === path);
  if (file) return (await readDocument(file.text, budget, { mediaType: 'application/json' })).value;
  throw new BurgeonError('SOURCE_INVALID', {
    message: `The folder has no ${path}.`,
    hint: 'A module is a folder with plugin.json, the code, and interface.json or a table of operations.',
  });
};

/** Refuses a value that is not shaped as it must be, naming the first place. @throws {BurgeonError} SOURCE_INVALID (data.issues) */
export type Require = (path: string, value: unknown) => void;

/** Makes a judge of one JSON Schema that stands alone. */
export const shapeOf = (schema: SchemaObject): Require => {
  let made: { validator: Validator; schema: JsonSchema } | undefined;
  const make = (): typeof made & object => {
    // The validator looks for named schemas in a table of types.
    const linked = JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/types/')) as SchemaObject;
    return { validator: createValidator(linked.$defs ?? {}), schema: linked };
  };
  return (path, value) => {
    made ??= make();
    const issues = made.validator.check(made.schema, value, { all: true });
    const [first] = issues;
    if (!first) return;
    throw new BurgeonError('SOURCE_INVALID', {
      message: `${path} is not right at ${first.path || 'the top'}: ${first.message}.`,
      hint: 'Correct it and add the folder again.',
      data: { issues: issues.map((issue) => ({ path: issue.path, message: issue.message })) },
    });
  };
};
