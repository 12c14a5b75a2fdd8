import type { CallOptions, JsonObject, JsonValue, Provider } from '@burgeon/kit';
import { BurgeonError } from '@burgeon/kit';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { isObject } from '../../../base/json.ts';

/** One way of showing operations to a model. */
export interface View {
  /** The tools now, in an order that depends on the description alone. */
  tools(): Tool[];
  /** Calls one tool; undefined when there is none of that name. Failures are results, not exceptions. */
  call(name: string, args: JsonObject, options: CallOptions): Promise<CallToolResult> | undefined;
}

/** What every view needs. */
export interface ViewParts {
  provider: Provider;
  /** Characters of JSON one result may have. */
  resultLength: number;
}

/** A text argument of one of our own tools. @throws {BurgeonError} INPUT_INVALID */
export const textArgument = (args: JsonObject, name: string, fallback?: string): string => {
  const value: JsonValue | undefined = Object.hasOwn(args, name) ? args[name] : fallback;
  if (typeof value === 'string') return value;
  throw new BurgeonError('INPUT_INVALID', {
    message: `"${name}" must be text.`,
    data: { issues: [{ path: `/${name}`, message: 'must be text' }] },
  });
};

/** An object argument; models sometimes send it as text. @throws {BurgeonError} INPUT_INVALID */
export const objectArgument = (args: JsonObject, name: string): JsonObject => {
  let value: unknown = Object.hasOwn(args, name) ? args[name] : {};
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch {
      value = undefined;
    }
  }
  if (isObject(value)) return value as JsonObject;
  throw new BurgeonError('INPUT_INVALID', {
    message: `"${name}" must be an object.`,
    data: { issues: [{ path: `/${name}`, message: 'must be an object' }] },
  });
};
