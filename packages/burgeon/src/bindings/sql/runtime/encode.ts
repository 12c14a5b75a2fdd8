/** JSON -> values that can be bound. */
import { arrayLiteral, type TextArray } from './array-literal.ts';
import type { SqlDialect, SqlParameter, SqlType } from './binding.ts';
import { bytesOfBase64, hexOf } from './bytes.ts';
import { integerOf } from './integer.ts';
import { utcMoment } from './moment.ts';

const floatNames = ['NaN', 'Infinity', '-Infinity'];

const encodeFloat = (type: SqlType, value: unknown, dialect: SqlDialect): SqlParameter | undefined => {
  const number = typeof value === 'number' ? value : floatNames.includes(String(value)) ? Number(value) : undefined;
  if (number === undefined) return undefined;
  if (dialect === 'postgres') return String(number);
  return dialect === 'mysql' && type.bits === 32 ? Math.fround(number) : number;
};

const encodeBoolean = (value: unknown, dialect: SqlDialect): SqlParameter | undefined => {
  if (typeof value !== 'boolean') return undefined;
  if (dialect === 'postgres') return String(value);
  return dialect === 'sqlite' ? BigInt(value) : Number(value);
};

const encodeBytes = (value: unknown, dialect: SqlDialect): SqlParameter | undefined => {
  const bytes = typeof value === 'string' ? bytesOfBase64(value) : undefined;
  if (bytes === undefined || dialect === 'sqlite') return bytes;
  return dialect === 'postgres' ? `\\x${hexOf(bytes)}` : hexOf(bytes);
};

/** A moment as each database reads it: UTC where the column cannot keep an offset. */
const encodeMoment = (value: unknown, dialect: SqlDialect, zoned: boolean): SqlParameter | undefined => {
  if (typeof value !== 'string') return undefined;
  if (dialect === 'postgres') return value;
  const text = zoned ? (utcMoment(value) ?? value) : value;
  return dialect === 'mysql' ? text.replace('T', ' ').replace('Z', '') : text;
};

const encodeInteger = ({ unsigned }: SqlType, value: unknown, dialect: SqlDialect): SqlParameter | undefined => {
  const integer = integerOf(value);
  if (integer === undefined) return undefined;
  if (dialect !== 'sqlite') return String(integer);
  if (BigInt.asIntN(64, integer) === integer) return integer;
  // In a column of integers text would become a double; one that mirrors unsigned numbers keeps it.
  return unsigned ? String(integer) : undefined;
};

/** Any storage class, as `decodeValue` writes it. */
const encodeAny = (value: unknown): SqlParameter | undefined => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return BigInt(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, 'base64')) return encodeBytes((value as { base64: unknown }).base64, 'sqlite');
  return Object.hasOwn(value, 'integer')
    ? encodeInteger({ kind: 'bigint' }, (value as { integer: unknown }).integer, 'sqlite')
    : undefined;
};

/** Text that the database keeps digit by digit; a whole number of 64 bits is kept anyway. */
const encodeDecimal = ({ digits }: SqlType, value: unknown): SqlParameter | undefined => {
  if (typeof value !== 'string' || digits === undefined) return typeof value === 'string' ? value : undefined;
  const whole = integerOf(value);
  if (whole !== undefined && BigInt.asIntN(64, whole) === whole) return value;
  const significant = value.replace(/[-+.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return significant.length > digits ? undefined : value;
};

const textArray = (items: unknown[], element: SqlType, depth = 0): TextArray | undefined => {
  if (depth > 6) return undefined;
  const texts: TextArray = [];
  for (const item of items) {
    const text =
      Array.isArray(item) && element.kind !== 'json'
        ? textArray(item, element, depth + 1)
        : encodeValue(element, item, 'postgres');
    if (text === undefined) return undefined;
    texts.push(text === null || Array.isArray(text) ? text : String(text));
  }
  return texts;
};

const encodeArray = (type: SqlType, value: unknown, dialect: SqlDialect): SqlParameter | undefined => {
  if (!Array.isArray(value)) return undefined;
  if (dialect !== 'postgres') return JSON.stringify(value);
  const texts = textArray(value, type.element ?? { kind: 'text' });
  return texts && arrayLiteral(texts);
};

/** The value to bind for a JSON value; undefined when the type does not take it. JSON `null` is SQL `NULL`. */
export const encodeValue = (type: SqlType, value: unknown, dialect: SqlDialect): SqlParameter | undefined => {
  if (value === null) return null;
  switch (type.kind) {
    case 'integer':
    case 'bigint':
      return encodeInteger(type, value, dialect);
    case 'decimal':
      return encodeDecimal(type, value);
    case 'float':
      return encodeFloat(type, value, dialect);
    case 'boolean':
      return encodeBoolean(value, dialect);
    case 'bytes':
      return encodeBytes(value, dialect);
    case 'timestamp':
    case 'timestamptz':
      return encodeMoment(value, dialect, type.kind === 'timestamptz');
    case 'json':
      return JSON.stringify(value);
    case 'array':
      return encodeArray(type, value, dialect);
    case 'any':
      return encodeAny(value);
    default:
      return typeof value === 'string' ? value : undefined;
  }
};

/** The expression around a bound value: byte strings travel as hexadecimal, exact numbers are compared exactly. */
export const valueExpression = (type: SqlType, marker: string, dialect: SqlDialect, compared: boolean): string => {
  // A filter may ask for more than the column could hold.
  if (dialect === 'postgres' && compared && type.kind === 'integer') return `${marker}::bigint`;
  if (dialect !== 'mysql') return marker;
  if (type.kind === 'bytes') return `UNHEX(${marker})`;
  // Bit strings are unsigned too, and would take the letters of a text as bits.
  if (type.kind === 'bigint' && type.unsigned) return `CAST(${marker} AS UNSIGNED)`;
  if (!compared) return marker;
  // Without the cast MySQL compares a number with text as floating point and finds 2^53 for 2^53+1.
  if (type.kind === 'bigint' || type.kind === 'integer') return `CAST(${marker} AS ${type.unsigned ? 'UNSIGNED' : 'SIGNED'})`;
  return type.kind === 'decimal' ? `CAST(${marker} AS DECIMAL(65,${Math.max(type.scale ?? 0, 20)}))` : marker;
};
