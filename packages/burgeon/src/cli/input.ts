import { readFile } from 'node:fs/promises';
import { BurgeonError, type JsonObject, type JsonSchema, type JsonValue } from '@burgeon/kit';
import { define, isObject } from '../base/json.ts';
import { nearest } from '../base/nearest.ts';
import { usage } from './fault.ts';
import { isOpen, itemsOf, propertyNames, propertyOf, typeNames, type Types } from './schema.ts';

/** What `--field value` pairs are typed by. */
export interface InputShape {
  schema: JsonSchema;
  types: Types;
}

/** Where input comes from beside the words themselves. */
export interface InputSources {
  /** The shape of the input; asked for only when there are pairs. */
  shape(): Promise<InputShape>;
  /** All of standard input as text. */
  stdin(): Promise<string>;
}

/**
 * The input of a call from the words of the command line: a JSON object, `@file`, `-`, `--field value` pairs, or a document with pairs
 * laid over it. Dots in a field go inward; a field given twice becomes a list.
 * @throws {BurgeonError} USAGE, SOURCE_NOT_FOUND
 */
export const readInput = async (words: readonly string[], sources: InputSources): Promise<JsonObject> => {
  const { documents, pairs } = split(words);
  if (documents.length > 1) {
    throw usage(
      `There are two inputs: ${documents.slice(0, 2).join(' and ')}.`,
      'Give one JSON object, @file or -, and fields as --name value.',
    );
  }
  const [word] = documents;
  const base = word === undefined ? {} : await readDocument(word, sources);
  if (pairs.length === 0) return base;
  const shape = await sources.shape();
  for (const pair of pairs) place(base, pair, shape);
  return base;
};

/** One field as it was written; the value is absent when nothing followed. */
interface Pair {
  field: string;
  value?: string;
}

const split = (words: readonly string[]): { documents: string[]; pairs: Pair[] } => {
  const documents: string[] = [];
  const pairs: Pair[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('--') || word.length === 2) {
      documents.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    if (equals > 0) {
      pairs.push({ field: word.slice(2, equals), value: word.slice(equals + 1) });
      continue;
    }
    const next = words[index + 1];
    const lone = next === undefined || next.startsWith('--');
    pairs.push(lone ? { field: word.slice(2) } : { field: word.slice(2), value: next });
    if (!lone) index++;
  }
  return { documents, pairs };
};

const readDocument = async (word: string, sources: InputSources): Promise<JsonObject> => {
  const from = word === '-' ? 'standard input' : word.startsWith('@') ? word.slice(1) : 'the input';
  const text = word === '-' ? await sources.stdin() : word.startsWith('@') ? await readText(from) : word;
  const value = parseJson(text, from, word);
  if (isObject(value)) return value as JsonObject;
  throw usage(`The input in ${from} is not a JSON object.`, 'An input is an object: \'{"petId": 5}\' or --petId 5');
};

const parseJson = (text: string, from: string, word: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const bare = word === text && !text.trimStart().startsWith('{');
    const message = bare ? `"${word}" is not an input.` : `The JSON in ${from} cannot be read: ${(error as Error).message}.`;
    throw usage(message, 'Write \'{"petId": 5}\', --petId 5, @file.json, or - for standard input.');
  }
};

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BurgeonError(error.code === 'EACCES' ? 'SOURCE_FORBIDDEN' : 'SOURCE_NOT_FOUND', {
      message: `The input file ${path} cannot be read (${error.code ?? error.message}).`,
      hint: 'Check the path after the @.',
      cause: error,
    });
  });

const depthLimit = 32;

const place = (input: JsonObject, pair: Pair, shape: InputShape): void => {
  const { path, schema, negated } = locate(pair, shape);
  const list = typeNames(schema, shape.types).has('array');
  const value = negated ? false : convert(pair, schema, shape.types);
  let target = input;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(target, key) || !isObject(target[key])) define(target, key, {});
    target = target[key] as JsonObject;
  }
  const last = path.at(-1) ?? '';
  const before = Object.hasOwn(target, last) ? target[last] : undefined;
  if (!list || Array.isArray(value)) define(target, last, value);
  else define(target, last, [...(Array.isArray(before) ? before : []), value]);
};

interface Located {
  path: string[];
  schema: JsonSchema | undefined;
  negated: boolean;
}

const locate = (pair: Pair, shape: InputShape): Located => {
  const parts = pair.field.split('.');
  if (parts.length > depthLimit || parts.includes(''))
    throw usage(`--${pair.field} is not a field.`, 'Fields are names with dots between them: --body.name Rex');
  const found = descend(parts, shape.schema, shape.types) ?? descend(['body', ...parts], shape.schema, shape.types);
  if (found) return { ...found, negated: false };
  const [first = '', ...rest] = parts;
  if (first.startsWith('no-') && pair.value === undefined) {
    const positive = descend([first.slice(3), ...rest], shape.schema, shape.types);
    if (positive && typeNames(positive.schema, shape.types).has('boolean')) return { ...positive, negated: true };
  }
  throw unknownField(pair.field, shape);
};

/** Follows a path of property names through a schema, and spells each as the schema does: `pet-id` finds `petId`. */
const descend = (
  parts: string[],
  schema: JsonSchema,
  types: Types,
): { path: string[]; schema: JsonSchema | undefined } | undefined => {
  const path: string[] = [];
  let current: JsonSchema | undefined = schema;
  for (const part of parts) {
    const names = propertyNames(current, types);
    const spelled = names.includes(part) ? part : names.find((name) => name === camel(part));
    const free = spelled === undefined && path.length > 0 && (names.length === 0 || isOpen(current, types));
    if (spelled === undefined && !free) return undefined;
    path.push(spelled ?? part);
    current = spelled === undefined ? undefined : propertyOf(current, spelled, types);
  }
  return { path, schema: current };
};

const camel = (part: string): string => part.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const unknownField = (field: string, { schema, types }: InputShape): BurgeonError => {
  const own = propertyNames(schema, types);
  const inner = propertyNames(propertyOf(schema, 'body', types), types).map((name) => `body.${name}`);
  const near = nearest(field, [...own, ...inner]) ?? nearest(`body.${field}`, inner);
  const known = [...own, ...inner].slice(0, 12).map((name) => `--${name}`);
  const all = known.length === 0 ? 'The operation takes no input.' : `Fields: ${known.join(' ')}`;
  return usage(`There is no field "${field}".`, near === undefined ? all : `Did you mean --${near}? ${all}`);
};

const convert = ({ field, value }: Pair, schema: JsonSchema | undefined, types: Types): JsonValue => {
  const names = typeNames(schema, types);
  if (value === undefined) {
    if (names.size === 0 || names.has('boolean')) return true;
    throw usage(`--${field} needs a value.`, `Write --${field} VALUE`);
  }
  if (names.has('array') && !names.has('string') && value.trimStart().startsWith('[')) return structured(field, value);
  if (names.has('array')) return scalar(field, value, typeNames(itemsOf(schema, types), types));
  return scalar(field, value, names);
};

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const scalar = (field: string, value: string, names: Set<string>): JsonValue => {
  const any = names.size === 0;
  if (value === 'null' && names.has('null') && !names.has('string')) return null;
  if ((any || names.has('boolean')) && (value === 'true' || value === 'false')) return value === 'true';
  if ((any || names.has('number') || names.has('integer')) && number.test(value)) {
    // An integer that a double cannot hold stays text, so that no digit is lost; whoever takes big integers takes them as text too.
    const exact = value.includes('.') || /e/i.test(value) || Number.isSafeInteger(Number(value));
    if (exact) return Number(value);
  }
  if ((any || (names.has('object') && !names.has('string'))) && /^\s*[{["]/.test(value)) return structured(field, value);
  return value;
};

const structured = (field: string, value: string): JsonValue => {
  try {
    return JSON.parse(value) as JsonValue;
  } catch (error) {
    throw usage(
      `The value of --${field} is not JSON: ${(error as Error).message}.`,
      `Write --${field} '{"name": "Rex"}' or --${field}.name Rex`,
    );
  }
};

/** A module and one of its operations: `api/petstore.getPetById`, `petstore@1.0.0.getPetById`. @throws {BurgeonError} USAGE */
export const splitTarget = (target: string): { module: string; operation: string } => {
  const dot = target.lastIndexOf('.');
  const [module, operation] = [target.slice(0, dot), target.slice(dot + 1)];
  if (dot > 0 && /^[A-Za-z_$][\w$-]*$/.test(operation)) return { module, operation };
  throw usage(
    `"${target}" does not name an operation.`,
    `Write MODULE.OPERATION, like: burgeon call ${dot > 0 ? module : target || 'api/petstore'}.getPetById --petId 5`,
  );
};
