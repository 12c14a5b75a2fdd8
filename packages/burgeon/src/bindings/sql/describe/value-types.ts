/** Types of columns -> JSON Schema: exactly what comes out of a database and goes into it. */
import type { JsonSchema, SchemaObject } from '@burgeon/kit';
import type { SqlDialect, SqlType } from '../runtime/binding.ts';

const safe = Number.MAX_SAFE_INTEGER;

/** Numbers of as many digits that are greater, as patterns; or smaller ones without a leading zero. */
const neighbours = (number: string, greater: boolean): string[] =>
  number.split('').flatMap((digit, index) => {
    const [low, high] = greater ? [Number(digit) + 1, 9] : [index === 0 ? 1 : 0, Number(digit) - 1];
    const rest = number.length - index - 1;
    return low > high ? [] : [`${number.slice(0, index)}[${low}-${high}]${rest > 0 ? `[0-9]{${rest}}` : ''}`];
  });

/** Pattern of the decimal texts of whole numbers from `least` to `most`, which has more digits. */
const wholeBetween = (least: string, most: string): string => {
  const between = most.length - least.length > 1 ? [`[1-9][0-9]{${least.length},${most.length - 2}}`] : [];
  return [...neighbours(least, true), least, ...between, ...neighbours(most, false), most].join('|');
};

const unsafe = String(2 ** 53);

const signed = `^(?:-?(?:${wholeBetween(unsafe, String(2n ** 63n - 1n))})|-${2n ** 63n})$`;

/** Types that every description shares; a column refers to them by name. */
export const sharedTypes: Record<string, SchemaObject> = {
  Int64: {
    description: 'A whole number of 64 bits: a number as long as JSON carries it exactly, decimal text beyond.',
    format: 'int64',
    anyOf: [
      { type: 'integer', minimum: -safe, maximum: safe },
      { type: 'string', pattern: signed },
    ],
  },
  UnsignedInt64: {
    description: 'A whole number of 64 bits from zero: a number as long as JSON carries it exactly, decimal text beyond.',
    anyOf: [
      { type: 'integer', minimum: 0, maximum: safe },
      { type: 'string', pattern: `^(?:${wholeBetween(unsafe, String(2n ** 64n - 1n))})$` },
    ],
  },
  StoredValue: {
    description: 'A value of a column without a fixed type, as it is stored; bytes and whole numbers beyond 2^53 are tagged.',
    anyOf: [
      { type: ['string', 'number'] },
      {
        type: 'object',
        properties: { base64: { type: 'string', contentEncoding: 'base64' } },
        required: ['base64'],
        additionalProperties: false,
      },
      {
        type: 'object',
        properties: { integer: { type: 'string', pattern: signed } },
        required: ['integer'],
        additionalProperties: false,
      },
    ],
  },
};

const reference = (name: string): SchemaObject => ({ $ref: `#/types/${name}` });

const integerSchema = ({ bits = 32, unsigned = false }: SqlType): SchemaObject => {
  const span = 2 ** bits;
  return { type: 'integer', minimum: unsigned ? 0 : -span / 2, maximum: unsigned ? span - 1 : span / 2 - 1 };
};

const decimalSchema = ({ precision, scale = 0, unsigned = false }: SqlType): SchemaObject => {
  const sign = unsigned ? '' : '-?';
  const usual = precision !== undefined && scale >= 0 && scale <= precision;
  if (!usual) return { type: 'string', pattern: `^${sign}[0-9]+(?:\\.[0-9]+)?$` };
  const whole = precision === scale ? '0?' : `[0-9]{1,${precision - scale}}`;
  return { type: 'string', pattern: scale === 0 ? `^${sign}${whole}$` : `^${sign}${whole}(?:\\.[0-9]{1,${scale}})?$` };
};

const fraction = (digits = 6): string => (digits > 0 ? `(?:\\.[0-9]{1,${digits}})?` : '');

const clock = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]';

const timeSchema = ({ precision }: SqlType, dialect: SqlDialect): SchemaObject => ({
  type: 'string',
  pattern:
    dialect === 'mysql' ? `^-?[0-8]?[0-9]{2}:[0-5][0-9]:[0-5][0-9]${fraction(precision)}$` : `^${clock}${fraction(precision)}$`,
});

const timestampSchema = ({ precision }: SqlType): SchemaObject => ({
  type: 'string',
  pattern: `^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T${clock}${fraction(precision)}$`,
});

const floatSchema = (_type: SqlType, dialect: SqlDialect): SchemaObject =>
  dialect === 'postgres' ? { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] } : { type: 'number' };

const arraySchema = ({ element = { kind: 'text' }, dimensions = 1 }: SqlType, dialect: SqlDialect): SchemaObject => {
  let items: JsonSchema = nullable(valueSchema(element, dialect));
  for (let depth = 1; depth < Math.min(dimensions, 6); depth += 1) items = { type: 'array', items };
  return { type: 'array', items };
};

const schemas: Record<SqlType['kind'], (type: SqlType, dialect: SqlDialect) => SchemaObject> = {
  integer: integerSchema,
  bigint: ({ unsigned }) => reference(unsigned ? 'UnsignedInt64' : 'Int64'),
  decimal: decimalSchema,
  float: floatSchema,
  boolean: () => ({ type: 'boolean' }),
  text: ({ length }) => ({ type: 'string', ...(length === undefined ? {} : { maxLength: length }) }),
  uuid: () => ({ type: 'string', format: 'uuid' }),
  date: () => ({ type: 'string', format: 'date' }),
  time: timeSchema,
  timestamp: timestampSchema,
  timestamptz: () => ({ type: 'string', format: 'date-time' }),
  interval: () => ({ type: 'string' }),
  json: () => ({}),
  bytes: ({ length }) => ({
    type: 'string',
    contentEncoding: 'base64',
    ...(length === undefined ? {} : { maxLength: Math.ceil(length / 3) * 4 }),
  }),
  enum: ({ values = [] }) => ({ type: 'string', enum: values }),
  array: arraySchema,
  any: () => reference('StoredValue'),
  other: () => ({ type: 'string' }),
};

/** The schema of a value that is there. Named enums are written out; {@link sharedTypes} are referred to. */
export const valueSchema = (type: SqlType, dialect: SqlDialect): SchemaObject => schemas[type.kind](type, dialect);

/** The same schema, null allowed. */
export const nullable = (schema: SchemaObject): SchemaObject => {
  if (Object.keys(schema).length === 0) return schema;
  if (typeof schema.type === 'string' && schema.enum === undefined) return { ...schema, type: [schema.type, 'null'] };
  if (schema.anyOf && schema.$ref === undefined) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  return { anyOf: [schema, { type: 'null' }] };
};
