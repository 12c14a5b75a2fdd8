import type { JsonObject, JsonSchema, JsonValue } from '@burgeon/kit';
import { define } from '../../base/json.ts';
import { writeWord } from './names.ts';
import { patternOf } from './pattern/generate.ts';
import { type Shape, kindOf, matchesAny } from './shape.ts';
import { type Writing, deepest, reaches, soonestFirst } from './writing.ts';

/** Properties written at most, however many are asked for. */
const mostProperties = 2_000;

/** An object of a shape: all its properties, or only the required ones where the writing is lean. */
export const writeObject = (writing: Writing, shape: Shape): JsonObject => {
  const { shape: final, names } = chooseNames(writing, shape);
  const result: JsonObject = {};
  for (const name of names) {
    const value = writeMember(writing, final, name);
    if (value !== undefined) define(result, name, value);
  }
  addFree(writing, final, result);
  return result;
};

/** The names to write, with the shape that results from what they bring with them. */
const chooseNames = (writing: Writing, first: Shape): { shape: Shape; names: Set<string> } => {
  let shape = first;
  const names = new Set<string>();
  const wanted = [...shape.properties.keys()].filter((name) => isWanted(writing, shape, name));
  for (const name of [...wanted, ...shape.required]) names.add(name);
  for (const name of names) if (isMarked(writing, shape, name)) names.delete(name);
  // What one name brings may bring more; the depth of such chains is bounded, not followed for ever.
  const applied = new Set<JsonSchema>();
  for (let round = 0; round < 16; round++) {
    const before = names.size + applied.size;
    for (const [name, needed] of shape.dependentRequired) if (names.has(name)) for (const each of needed) names.add(each);
    for (const [name, schema] of shape.dependentSchemas) {
      if (!names.has(name) || applied.has(schema)) continue;
      applied.add(schema);
      shape = writing.shapes.extended(shape, schema);
      for (const each of shape.required) names.add(each);
    }
    if (names.size + applied.size === before) break;
  }
  trim(writing, shape, names);
  return { shape, names };
};

/** Leaves out optional names until no more than `maxProperties` are there. */
const trim = ({ random }: Writing, shape: Shape, names: Set<string>): void => {
  if (names.size <= shape.maxProperties) return;
  const needed = new Set(shape.required);
  for (const [name, also] of shape.dependentRequired) if (needed.has(name)) for (const each of also) needed.add(each);
  const spare = [...names].filter((name) => !needed.has(name));
  while (names.size > shape.maxProperties && spare.length > 0)
    names.delete(spare.splice(random.below(spare.length), 1)[0] as string);
};

/** Properties of the other direction are not there at all. */
const isMarked = (writing: Writing, shape: Shape, name: string): boolean => {
  if (writing.marked) return false;
  const member = writing.shapes.member(shape, name);
  return writing.direction === 'request' ? member.readOnly : member.writeOnly;
};

const isWanted = (writing: Writing, shape: Shape, name: string): boolean => {
  if (shape.required.has(name)) return true;
  if (writing.lean || (writing.omission > 0 && writing.random.next() < writing.omission)) return false;
  const member = writing.shapes.member(shape, name);
  if (member.impossible || !reaches(writing.shapes, member, deepest)) return false;
  return nameFits(writing, shape, name);
};

const nameFits = (writing: Writing, shape: Shape, name: string): boolean => {
  if (shape.propertyNames.length === 0) return true;
  const names = writing.shapes.of(shape.propertyNames);
  if (names.impossible || (names.values && !names.values.includes(name))) return false;
  return (
    name.length >= names.minLength && name.length <= names.maxLength && names.patterns.every((each) => matchesAny([each], name))
  );
};

const writeMember = (writing: Writing, shape: Shape, name: string): JsonValue | undefined => {
  const member = writing.shapes.member(shape, name);
  const tag = tagOf(shape, name);
  if (tag !== undefined && !member.impossible && (!member.values || member.values.includes(tag))) {
    if ((kindOf(tag) & member.kinds) !== 0 && matchesAll(member.patterns, tag)) return tag;
  }
  writing.path.push(name);
  const value = writing.write(writing, member, name);
  writing.path.pop();
  return value;
};

const matchesAll = (patterns: readonly string[], text: string): boolean =>
  patterns.every((pattern) => patternOf(pattern)?.test(text) !== false);

/** The value by which a discriminating property names the type that is being written. */
const tagOf = (shape: Shape, name: string): string | undefined => {
  for (const { property, mapping } of shape.discriminators) {
    if (property !== name) continue;
    const entries = Object.entries(mapping);
    for (const type of [...shape.names].reverse()) {
      const entry = entries.find(([, target]) => target === type || (typeof target === 'string' && target.endsWith(`/${type}`)));
      if (entry) return entry[0];
    }
  }
  return shape.implied.find(([property]) => property === name)?.[1];
};

/** Adds properties nobody declared: where a minimum asks for them, and one or two to a map. */
const addFree = (writing: Writing, shape: Shape, result: JsonObject): void => {
  const isMap = shape.properties.size === 0 && (shape.patternProperties.length > 0 || shape.closures.length > 0) && !writing.lean;
  const here = Object.keys(result).length;
  const wanted = Math.min(
    Math.max(shape.minProperties, isMap ? 1 + writing.random.below(2) : 0),
    shape.maxProperties,
    mostProperties,
  );
  let count = here;
  if (count >= wanted) return;
  const declared = soonestFirst(writing.shapes, shape, [...shape.properties.keys()].slice(0, mostProperties));
  for (let attempt = 0; count < wanted && attempt < wanted * 4 + 16; attempt++) {
    const name = attempt < declared.length ? declared[attempt] : nextName(writing, shape, attempt - declared.length);
    if (name === undefined || Object.hasOwn(result, name) || isMarked(writing, shape, name)) continue;
    const member = writing.shapes.member(shape, name);
    const endless =
      isMap && shape.minProperties <= count && (writing.open.includes(member) || !reaches(writing.shapes, member, deepest));
    if (member.impossible || endless) continue;
    define(result, name, writeMember(writing, shape, name) as JsonValue);
    count++;
  }
};

/** A name nobody declared: by the patterns, then by the rule for names, then any word. */
const nextName = (writing: Writing, shape: Shape, attempt: number): string | undefined => {
  const patterns = shape.patternProperties;
  if (patterns.length > 0 && attempt % 2 === 0) {
    return patternOf(writing.random.pick(patterns)[0])?.generate(writing.random, { minLength: 1, maxLength: 64 });
  }
  if (shape.propertyNames.length > 0) {
    const name = writing.write(writing, writing.shapes.extended(writing.shapes.of(shape.propertyNames), textSchema), '');
    return typeof name === 'string' ? name : undefined;
  }
  const word = writeWord(writing.random);
  return attempt < 64 ? word.split('-')[0] : `${word}-${attempt}`;
};

const textSchema: JsonSchema = { type: 'string' };
