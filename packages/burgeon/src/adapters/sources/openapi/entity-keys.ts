import type { JsonSchema } from '@burgeon/kit';
import { singularOf } from './operation-names.ts';
import { type Shape, isScalar, plainName, shapeOf } from './shapes.ts';

/** Names that identify something within its own kind only. */
const generic: ReadonlySet<string> = new Set('id uuid guid key name slug code number sid identifier ref uid pk'.split(' '));

const numeric = (shape: Shape): boolean => shape.types.includes('integer') || shape.types.includes('number');

/** Whether values of a path variable can be those of a record property. */
const compatible = (variable: Shape, property: Shape): boolean => {
  if (!isScalar(property) || property.types.includes('boolean')) return false;
  if (variable.types.length === 0 || property.types.length === 0) return true;
  // A text variable may carry a number; a number variable never carries a text such as a UUID.
  return numeric(variable) ? numeric(property) || property.format === undefined : true;
};

/** What the key of a record is looked for with. */
export interface KeySearch {
  variable: string;
  /** Schema of the path variable. */
  schema: JsonSchema | undefined;
  /** Singular or plural name of the collection. */
  noun: string;
  record: Shape;
  types: Record<string, JsonSchema>;
}

/**
 * The record property a path variable stands for: the one of the same name; for `petId` also `id`; for `pet` also `id`, `name` and their
 * kin. Undefined when the record has none of them.
 */
export const keyProperty = ({ variable, schema, noun, record, types }: KeySearch): string | undefined => {
  const wanted = plainName(variable);
  const own = plainName(singularOf(noun));
  const shape = shapeOf(schema, types);
  const properties = Object.keys(record.properties);
  const find = (name: string): string | undefined =>
    properties.find((property) => plainName(property) === name && compatible(shape, shapeOf(record.properties[property], types)));
  const candidates = [wanted];
  for (const suffix of generic) {
    if (wanted === suffix) candidates.push(own + suffix);
    // `petId` is the pet's `id`; `ownerId` on `/pets/{ownerId}` is not.
    else if (wanted.endsWith(suffix) && speaksOf(wanted.slice(0, -suffix.length), own)) candidates.push(suffix, own + suffix);
  }
  if (wanted === 'id' || wanted === 'identifier') candidates.push('id', `${own}id`, 'uuid', 'guid', 'sid');
  if (related(wanted, own) && !generic.has(wanted)) candidates.push(own, 'id', `${own}id`, 'uuid', 'slug', 'key', 'name', 'code');
  for (const candidate of candidates) {
    const found = find(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** As `related`, and initials too: `pid` of `/pullrequests/{pid}`. */
const speaksOf = (word: string, noun: string): boolean =>
  related(word, noun) || (word.length < 3 && word !== '' && noun.startsWith(word));

/** Whether a word from a variable speaks of the collection: equal, or one the end or the beginning of the other. */
const related = (word: string, noun: string): boolean => {
  const single = plainName(singularOf(word));
  if (single === '' || noun === '') return false;
  return (
    single === noun ||
    (single.length > 2 && (noun.endsWith(single) || noun.startsWith(single))) ||
    (noun.length > 2 && single.endsWith(noun))
  );
};

/**
 * The name under which a record remembers the key of a parent: its own property when it has one (`userId`), otherwise a name that no
 * property of the record has.
 */
export const parentProperty = (parent: { noun: string; variable: string }, record: Shape): string => {
  const wanted = plainName(parent.variable);
  const noun = plainName(parent.noun);
  const names = generic.has(wanted) ? [noun + wanted] : wanted === noun ? [`${noun}id`, wanted] : [wanted];
  const properties = Object.keys(record.properties);
  for (const name of names) {
    const found = properties.find((property) => plainName(property) === name);
    if (found !== undefined) return found;
  }
  let name = generic.has(wanted) ? `${parent.noun}_${parent.variable}` : parent.variable;
  while (properties.includes(name)) name = `${parent.noun}_${name}`;
  return name;
};
