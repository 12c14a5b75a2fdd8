import { BurgeonError, type JsonObject, type JsonSchema, type JsonValue, type ModuleBus } from '@burgeon/kit';
import { createValidator } from '../interface/validate.ts';
import type { Power } from './power.ts';

const version: JsonSchema = { type: 'string', minLength: 1, maxLength: 64 };
const publishOptions: JsonSchema = { type: 'object', properties: { version }, additionalProperties: false };
const requestOptions: JsonSchema = {
  type: 'object',
  properties: { version, timeoutMs: { type: 'number', minimum: 1, maximum: 300_000 } },
  additionalProperties: false,
};
const noTypes = {};

const optionsOf = <T>(value: JsonValue | undefined, schema: JsonSchema, usage: string): T => {
  // What code leaves out arrives as null.
  const options = value ?? {};
  const [issue] = value === undefined ? [] : createValidator(noTypes).check(schema, options);
  if (!issue) return options as T;
  throw new BurgeonError('INPUT_INVALID', {
    message: `The options of a message are not right at ${issue.path || 'the top'}: ${issue.message}.`,
    hint: usage,
  });
};

const busOf = ({ bus, id }: Power): ModuleBus => {
  if (bus) return bus;
  throw new BurgeonError('CAPABILITY_DENIED', { message: `${id} runs where there are no messages.` });
};

const topicOf = (topic: JsonValue | undefined): string => {
  if (typeof topic === 'string') return topic;
  throw new BurgeonError('INPUT_INVALID', { message: 'A topic is a text like orders.created.' });
};

/** `bus.publish(topic, body, { version })`. @throws {BurgeonError} as `ModuleBus.publish` */
export const hostPublish = async (power: Power, [topic, body = null, given]: JsonValue[]): Promise<JsonValue> => {
  const options = optionsOf<JsonObject & { version?: string }>(given, publishOptions, 'bus.publish(topic, body, { version })');
  return { ...(await busOf(power).publish(topicOf(topic), body, options)) };
};

/** `bus.request(topic, body, { timeoutMs, version })`. Ends with CANCELLED when the module is unloaded. @throws {BurgeonError} as `ModuleBus.request` */
export const hostRequest = async (power: Power, [topic, body = null, given]: JsonValue[]): Promise<JsonValue> => {
  const usage = 'bus.request(topic, body, { timeoutMs, version })';
  const options = optionsOf<{ version?: string; timeoutMs?: number }>(given, requestOptions, usage);
  return busOf(power).request(topicOf(topic), body, { ...options, signal: power.signal });
};
