import type { Diagnostic, Interface, JsonSchema, SchemaObject } from '@burgeon/kit';
import { pointerToken } from '../../../base/json.ts';
import { resolveSchema, walkSchema } from '../../../interface/schema.ts';
import { advised, finding } from './finding.ts';
import { isUnitName, unitsOf } from './units.ts';

const isNumber = ({ type }: SchemaObject): boolean =>
  Array.isArray(type) ? type.some((each) => each === 'number' || each === 'integer') : type === 'number' || type === 'integer';

/** Words that speak of a range; a number must follow, or stand on both sides. */
const range =
  /\b(?:between|from)\s+-?\d[\d.,]*\s+(?:and|to)\s+-?\d|\b(?:at most|at least|max(?:imum)?(?: of| is|:|\.)?|min(?:imum)?(?: of| is|:|\.)?|up to|no more than|not more than)\s+-?\d|(?<!\p{L})(?:od|między)\s+-?\d[\d.,]*\s+(?:do|a|i)\s+-?\d|(?<!\p{L})(?:co najmniej|co najwyżej|maksymalnie|minimalnie|nie więcej niż)\s+-?\d|-?\d[\d.]*\s?(?:\.\.|…)\s?-?\d/iu;

const isBounded = (schema: SchemaObject): boolean =>
  ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'enum', 'const', 'multipleOf'].some((keyword) =>
    Object.hasOwn(schema, keyword),
  );

/** Where a number stands: its schema, the properties beside it, and which way it travels. */
interface Place {
  schema: SchemaObject;
  name: string;
  at: string;
  beside: readonly string[];
  isInput: boolean;
  severity: Diagnostic['severity'];
}

/** Units and bounds of every number of an interface; what stands in a named type is told once. */
export const judgeNumbers = (description: Interface, severity: Diagnostic['severity']): Diagnostic[] => {
  const schemas: { schema: JsonSchema; at: string; isInput: boolean }[] = [
    ...description.operations.flatMap(({ input, output }, index) => [
      { schema: input as JsonSchema, at: `/interface/operations/${index}/input`, isInput: true },
      { schema: output, at: `/interface/operations/${index}/output`, isInput: false },
    ]),
    ...Object.entries(description.types).map(([name, schema]) => ({
      schema,
      at: `/interface/types/${pointerToken(name)}`,
      isInput: false,
    })),
  ];
  const found: Diagnostic[] = [];
  for (const { schema, at, isInput } of schemas)
    walkSchema(schema, (node, pointer) => {
      if (typeof node === 'boolean' || typeof node.properties !== 'object') return;
      const beside = Object.keys(node.properties);
      for (const [name, property] of Object.entries(node.properties)) {
        const resolved = resolveSchema(property, description.types);
        if (typeof resolved === 'boolean' || !isNumber(resolved)) continue;
        const place = `${at}${pointer}/properties/${pointerToken(name)}`;
        found.push(
          ...judge({
            schema: { ...resolved, ...(typeof property === 'object' ? property : {}) },
            name,
            at: place,
            beside,
            isInput,
            severity,
          }),
        );
      }
    });
  return found;
};

/** A number that stays below this is a share or a dial, whatever it is called. */
const dial = 2;

const isDial = ({ maximum }: SchemaObject): boolean => typeof maximum === 'number' && maximum <= dial;

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

const judge = ({ schema, name, at, beside, isInput, severity }: Place): Diagnostic[] => {
  const text = `${textIn(schema['title'])} ${textIn(schema['description'])}`;
  const { needsUnit, named, told } = unitsOf(name, text);
  const shown = `"${name.slice(0, 100)}"`;
  const found: Diagnostic[] = [];
  if (named !== undefined && told.length > 0 && !told.includes(named))
    found.push(
      finding(
        severity === 'info' ? 'info' : 'warning',
        'unit-conflicts',
        at,
        `${shown} is in ${named} by its name, and in ${told.join(', ')} by its description.`,
      ),
    );
  if (needsUnit && told.length === 0 && !beside.some(isUnitName) && !isDial(schema))
    found.push(
      advised(
        finding(severity, 'unit-missing', at, `Nothing says in which unit ${shown} is.`),
        'Name the unit in the description or in the name: durationMs, weightKg.',
      ),
    );
  if (isInput && range.test(text) && !isBounded(schema))
    found.push(
      advised(
        finding(severity, 'bound-missing', at, `The description of ${shown} speaks of a range that its schema does not hold.`),
        'Give minimum and maximum.',
      ),
    );
  return found;
};
