import type { Example, JsonObject, JsonSchema, JsonValue } from '@burgeon/kit';
import { define } from '../../../base/json.ts';
import type { Body } from './bodies.ts';
import type { Input } from './inputs.ts';
import { kindOf } from './media-types.ts';
import type { Response } from './responses.ts';

/** No operation needs more examples than a reader would look at. */
const mostExamples = 40;

/** What examples of an operation are made of. */
export interface ExampleParts {
  input: Input;
  body?: Body | undefined;
  responses: readonly Response[];
  ordinary?: Response | undefined;
}

/**
 * Worked examples of an operation: those of the payload joined with those of the ordinary result that have the same name, then those of
 * other results. An input is only given when every required property has an example or a default.
 */
export const examplesOf = ({ input, body, responses, ordinary }: ExampleParts): Example[] => {
  const examples: Example[] = [];
  const results = new Map((ordinary?.contents[0]?.examples ?? []).map(({ name, value }) => [name, value]));
  const parameters = parameterExamples(input);
  const payloads = body?.contents[0]?.examples ?? [];
  const property = input.body?.property;
  for (const { name, value } of payloads) {
    const whole =
      property === undefined
        ? undefined
        : completed(input, {
            ...parameters,
            [property]: jsonValue(value, body!.contents[0]!.http.mediaType, input.schema.properties[property]),
          });
    if (whole !== undefined) examples.push({ name, input: whole });
  }
  const inputOnly = payloads.length === 0 && Object.keys(parameters).length > 0 ? completed(input, parameters) : undefined;
  const [first] = ordinary?.contents ?? [];
  for (const [name, value] of results) {
    const output = jsonValue(value, first!.http.mediaType, first!.http.schema);
    const joined = examples.find((example) => example.name === name);
    if (joined !== undefined) joined.output = output;
    else examples.push({ name, ...(inputOnly && { input: inputOnly }), output });
  }
  if (inputOnly !== undefined && results.size === 0) examples.push({ name: 'parameters', input: inputOnly });
  for (const response of responses) {
    const [content] = response.contents;
    if (response === ordinary || content === undefined) continue;
    for (const { name, value } of content.examples) {
      examples.push({
        name: `${response.http.status} ${name}`,
        output: jsonValue(value, content.http.mediaType, content.http.schema),
        code: response.http.status,
      });
    }
  }
  return examples.slice(0, mostExamples);
};

/** Example or default of each parameter that has one. */
const parameterExamples = (input: Input): JsonObject => {
  const found: JsonObject = {};
  for (const { property } of input.parameters) {
    const schema = input.schema.properties[property];
    if (typeof schema !== 'object') continue;
    const value = schema.examples?.[0] ?? schema.default;
    if (value !== undefined) define(found, property, value);
  }
  return found;
};

const completed = (input: Input, values: JsonObject): JsonObject | undefined =>
  (input.schema.required ?? []).every((property) => Object.hasOwn(values, property)) ? values : undefined;

/** JSON examples are often written as text. */
const jsonValue = (value: unknown, mediaType: string, schema: JsonSchema | undefined): JsonValue => {
  if (
    typeof value === 'string' &&
    kindOf(mediaType) === 'json' &&
    !(typeof schema === 'object' && schema.type === 'string') &&
    /^\s*[{["\d]/.test(value)
  ) {
    try {
      return JSON.parse(value) as JsonValue;
    } catch {
      return value;
    }
  }
  return (value ?? null) as JsonValue;
};
