import { BurgeonError, type CallResult, type JsonObject, type JsonValue, type Operation } from '@burgeon/kit';
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server';
import { define, isObject } from '../../../base/json.ts';
import { isBytes } from '../../../interface/schema.ts';
import type { Issue } from '../../../interface/issue.ts';
import type { OutputShape } from './schemas.ts';
import { plainText } from './text.ts';

/** Bytes that travel as they are; more is told, not sent. */
const blobLength = 4 * 1024 * 1024;

/** Items of a stream that are waited for. */
const streamItems = 1_000;

/** Steps of shortening: items of a list, characters of a text, depth. */
const steps: readonly (readonly [items: number, text: number, depth: number])[] = [
  [200, 4_000, 12],
  [80, 2_000, 10],
  [40, 1_000, 8],
  [20, 400, 7],
  [10, 200, 6],
  [5, 100, 5],
  [2, 60, 4],
  [1, 30, 2],
];

/** A JSON value that fits: lists, texts and depth are cut, and what is left is still JSON of the same kind. */
export const shorten = (value: JsonValue, length: number): { value: JsonValue; shortened: boolean } => {
  if (JSON.stringify(value).length <= length) return { value, shortened: false };
  for (const [items, text, depth] of steps) {
    const cut = cutTo(value, items, text, depth);
    if (JSON.stringify(cut).length <= length) return { value: cut, shortened: true };
  }
  return { value: Array.isArray(value) ? [] : isObject(value) ? {} : '', shortened: true };
};

const cutTo = (value: JsonValue, items: number, text: number, depth: number): JsonValue => {
  if (typeof value === 'string') return value.length <= text ? value : `${value.slice(0, text).toWellFormed()}...`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return depth <= 0 ? [] : value.slice(0, items).map((item) => cutTo(item, items, text, depth - 1));
  const kept: JsonObject = {};
  if (depth > 0)
    for (const [key, item] of Object.entries(value).slice(0, items * 4)) define(kept, key, cutTo(item, items, text, depth - 1));
  return kept;
};

/** How one result is written. */
export interface ResultOptions {
  operation: Operation;
  /** Characters of JSON. */
  length: number;
  /** Set when the tool promised a shape. */
  shape?: OutputShape;
  /** What is wrong with a value, by the tool's own schema. */
  check?(value: JsonValue): Issue[];
}

/** Writes what a call gave. Never throws for what the other side answered. */
export const writeResult = async (result: CallResult, options: ResultOptions): Promise<CallToolResult> => {
  const bytes = bytesOf(result, options.operation);
  if (bytes) return bytes;
  const whole = result.stream ? await drain(result.stream) : result.output;
  const { value, shortened } = shorten(whole, options.length);
  const notes = [
    ...(result.code === undefined ? [] : [`Result code: ${plainText(result.code, 40)}.`]),
    ...(shortened ? ['The result was shortened; ask for less, or for the next part.'] : []),
  ];
  const content: ContentBlock[] = [
    { type: 'text', text: JSON.stringify(value) },
    ...notes.map((text) => ({ type: 'text' as const, text })),
  ];
  if (!options.shape) return { content };
  const structured = options.shape.wrapped ? { result: value } : value;
  const [issue] = isObject(structured)
    ? (options.check?.(structured as JsonValue) ?? [])
    : [{ path: '', message: 'is not an object', keyword: 'type' }];
  if (!issue) return { content, structuredContent: structured as Record<string, JsonValue> };
  // A promise that cannot be kept must not be claimed: clients refuse such results altogether.
  const message = `The result is not what the description promises: ${issue.path} ${issue.message}.`;
  return { isError: true, content: [{ type: 'text', text: `REMOTE_INVALID: ${plainText(message, 400)}` }, ...content] };
};

const drain = async (stream: AsyncIterable<JsonValue>): Promise<JsonValue> => {
  const items: JsonValue[] = [];
  for await (const item of stream) {
    items.push(item);
    if (items.length >= streamItems) break;
  }
  return items;
};

const bytesOf = ({ output, attributes = {} }: CallResult, operation: Operation): CallToolResult | undefined => {
  if (typeof output !== 'string' || !isBytes(operation.output) || !/^[A-Za-z0-9+/]*={0,2}$/.test(output)) return undefined;
  if (output.length > blobLength)
    return writeError(new BurgeonError('LIMIT_EXCEEDED', { message: `The result is ${output.length} characters of base64.` }));
  const declared = typeof operation.output === 'object' ? operation.output.contentMediaType : undefined;
  const mimeType = (attributes['content-type'] ?? declared ?? 'application/octet-stream').split(';', 1)[0]?.trim() ?? '';
  if (/^image\/(?:png|jpeg|gif|webp)$/.test(mimeType)) return { content: [{ type: 'image', data: output, mimeType }] };
  if (mimeType.startsWith('audio/')) return { content: [{ type: 'audio', data: output, mimeType }] };
  const uri = `burgeon://result/${encodeURIComponent(operation.id)}`;
  return { content: [{ type: 'resource', resource: { uri, mimeType, blob: output } }] };
};

/** Writes a failure for a model: what happened, what to do, and the facts. Never a stack. */
export const writeError = (thrown: unknown): CallToolResult => {
  const { code, message, hint, data, retryable } = BurgeonError.from(thrown);
  const lines = [
    `${code}: ${plainText(message, 1_000)}`,
    ...(hint === undefined ? [] : [`What to do: ${plainText(hint, 400)}`]),
    ...(retryable ? ['The same call may succeed later.'] : []),
    ...(data === undefined ? [] : [JSON.stringify(shorten(data, 4_000).value)]),
  ];
  return { isError: true, content: [{ type: 'text', text: lines.join('\n') }] };
};
