import { AnswerError } from './errors.ts';

/** Longest single item, characters: a stream without an end of line must not fill the memory. */
const maxItem = 64 * 1024 * 1024;

/** One server-sent event. */
export interface ServerEvent {
  event?: string;
  data: string;
  id?: string;
}

/** What a reader of events remembers for a reconnection. */
export interface EventCursor {
  lastId?: string;
  retryMs?: number;
}

/** Text of a byte stream as it arrives; bytes of one character may come apart. Cancels the stream when its reader leaves. */
async function* textChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let done = false;
  try {
    while (!done) {
      const step = await reader.read();
      done = step.done;
      const text = step.done ? decoder.decode() : decoder.decode(step.value, { stream: true });
      if (text !== '') yield text;
    }
  } finally {
    if (!done) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

/** Splits a byte stream at line ends, which are not part of the lines; a last line without an end counts when `rest`. */
async function* readLines(
  stream: ReadableStream<Uint8Array>,
  options: { operation: string; end?: RegExp | string; rest?: boolean },
): AsyncGenerator<string, void, undefined> {
  const { operation, end = /\r?\n/, rest = true } = options;
  let pending: string[] = [];
  let length = 0;
  let held = '';
  for await (const arrived of textChunks(stream)) {
    let chunk = held + arrived;
    // A carriage return at the end of a chunk may be the first half of a line end.
    held = chunk.endsWith('\r') ? '\r' : '';
    chunk = held === '' ? chunk : chunk.slice(0, -1);
    const lines = chunk.split(end);
    const last = lines.pop() ?? '';
    for (const line of lines) {
      yield pending.length === 0 ? line : pending.join('') + line;
      pending = [];
      length = 0;
    }
    pending.push(last);
    length += last.length;
    if (length > maxItem)
      throw new AnswerError(operation, { message: `an item of the stream is longer than ${maxItem} characters` });
  }
  const tail = pending.join('');
  if (held !== '' && end instanceof RegExp && end.test('\r')) yield tail;
  else if (rest && tail !== '') yield tail;
}

/** Items of `application/jsonl`, `application/x-ndjson` and kin; empty lines are passed over. */
export async function* readJsonLines(
  stream: ReadableStream<Uint8Array>,
  operation: string,
): AsyncGenerator<unknown, void, undefined> {
  for await (const line of readLines(stream, { operation })) if (line.trim() !== '') yield parseItem(line, operation);
}

/** Items of `application/json-seq`: each begins with a record separator and may span lines. @see RFC 7464 */
export async function* readJsonSequence(
  stream: ReadableStream<Uint8Array>,
  operation: string,
): AsyncGenerator<unknown, void, undefined> {
  for await (const item of readLines(stream, { operation, end: '\u001e' }))
    if (item.trim() !== '') yield parseItem(item, operation);
}

const parseItem = (text: string, operation: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AnswerError(operation, { message: 'an item of the stream is not JSON', raw: text.slice(0, 1_000), cause });
  }
};

/**
 * Events of `text/event-stream`. Comments are passed over, several data lines are joined, an unfinished last event is dropped; `cursor`
 * learns the last id and the retry time.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEvents(
  stream: ReadableStream<Uint8Array>,
  options: { operation: string; cursor?: EventCursor },
): AsyncGenerator<ServerEvent, void, undefined> {
  const { operation, cursor = {} } = options;
  let event = '';
  let data: string[] = [];
  for await (const line of readLines(stream, { operation, end: /\r\n|\r|\n/, rest: false })) {
    if (line === '') {
      if (data.length > 0) {
        const id = cursor.lastId === undefined ? {} : { id: cursor.lastId };
        yield { ...(event === '' ? {} : { event }), data: data.join('\n'), ...id };
      }
      event = '';
      data = [];
      continue;
    }
    const at = line.indexOf(':');
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(line.startsWith(' ', at + 1) ? at + 2 : at + 1);
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
    if (field === 'id' && !value.includes('\0')) cursor.lastId = value;
    if (field === 'retry' && /^\d{1,9}$/.test(value)) cursor.retryMs = Number(value);
  }
}
