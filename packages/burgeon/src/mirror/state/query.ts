import type { EntityOperation, JsonObject, JsonValue, Operation } from '@burgeon/kit';
import { sameKey } from './collection.ts';

/** A part of a list, and where the next part begins. */
export interface Slice {
  records: JsonObject[];
  /** Records that fit, on all pages. */
  total: number;
  /** Value of the position input for the next part; undefined on the last. */
  next: string | undefined;
}

/** Keeps the records whose properties equal the inputs of the same name; a list as input means any of its items. */
export const filterRecords = (
  records: JsonObject[],
  input: JsonObject,
  known: (property: string) => boolean,
  apart: ReadonlySet<string>,
): JsonObject[] => {
  const filters = Object.entries(input).filter(([name, value]) => !apart.has(name) && known(name) && isComparable(value));
  if (filters.length === 0) return records;
  return records.filter((record) =>
    filters.every(([name, value]) => equalsAny(Object.hasOwn(record, name) ? record[name] : undefined, value)),
  );
};

const isComparable = (value: JsonValue): boolean =>
  (value !== null && typeof value !== 'object') ||
  (Array.isArray(value) && value.length > 0 && value.every((item) => item !== null && typeof item !== 'object'));

const equalsAny = (actual: JsonValue | undefined, wanted: JsonValue): boolean => {
  const allowed = Array.isArray(wanted) ? wanted : [wanted];
  const present = Array.isArray(actual) ? actual : [actual];
  return present.some((each) => each !== undefined && allowed.some((value) => sameKey(each, value)));
};

/** Names of inputs that steer a list instead of describing its records. */
export const steering = (operation: Operation, mapping: EntityOperation): Set<string> => {
  const { limit, position } = operation.pagination?.input ?? {};
  const names = [
    ...Object.keys(mapping.key),
    'limit',
    'offset',
    'page',
    'per_page',
    'perPage',
    'page_size',
    'pageSize',
    'cursor',
    'sort',
    'order',
    'fields',
  ];
  return new Set([...names, ...(limit === undefined ? [] : [limit]), ...(position === undefined ? [] : [position])]);
};

const count = (value: JsonValue | undefined): number | undefined => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? Math.floor(number) : undefined;
};

/** The part of a list that the pagination inputs ask for. */
export const sliceRecords = (records: JsonObject[], operation: Operation, input: JsonObject): Slice => {
  const { pagination } = operation;
  const total = records.length;
  if (!pagination) return { records, total, next: undefined };
  const read = (name: string | undefined): number | undefined =>
    name !== undefined && Object.hasOwn(input, name) ? count(input[name]) : undefined;
  const limit = read(pagination.input.limit);
  const size = limit === undefined || limit === 0 ? Math.max(total, 1) : limit;
  const position = read(pagination.input.position);
  const first = pagination.style === 'page' ? firstPage(operation, pagination.input.position) : 0;
  const start = position === undefined ? 0 : pagination.style === 'page' ? Math.max(0, position - first) * size : position;
  const end = Math.min(total, start + size);
  const next = end >= total ? undefined : pagination.style === 'page' ? (position ?? first) + 1 : end;
  return { records: records.slice(start, end), total, next: next === undefined ? undefined : String(next) };
};

/** Pages count from 1 unless the description lets them begin at 0 by default. */
const firstPage = (operation: Operation, name: string | undefined): number => {
  const schema = name === undefined ? undefined : operation.input.properties[name];
  return typeof schema === 'object' && schema.default === 0 ? 0 : 1;
};
