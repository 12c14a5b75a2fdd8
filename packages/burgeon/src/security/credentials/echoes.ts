import { isDeepStrictEqual } from 'node:util';
import { BurgeonError, type JsonValue } from '@burgeon/kit';
import { echoForms } from './forms.ts';
import { type Form, type ScrubTable, createScrubber, scrubTable, scrubText } from './scrub.ts';

/** Keeps what a gate has sent as proof from ever coming back. */
export interface Echoes {
  /** Remembers a text, and under which name it is kept. */
  conceal(name: string, text: string): void;
  /** An answer without secrets, in headers and body; `found` hears of them while it is read. */
  cleanAnswer(answer: Response, found: (name: string) => void): Response;
  /** An error without secrets, in message, hint and data; causes that hold one are left behind. */
  cleanError(error: unknown, found: (name: string) => void): unknown;
}

/** Texts that are remembered: tokens are renewed for years, and old ones are worth nothing. */
const mostTexts = 64;

/** Makes the memory of one gate. What was sent with one request may come back with another. */
export const createEchoes = (): Echoes => {
  const texts = new Map<string, Form[]>();
  let table: ScrubTable | undefined;
  const current = (): ScrubTable => (table ??= scrubTable([...texts.values()].flat()));
  return {
    conceal: (name, text) => {
      const known = texts.get(text);
      texts.delete(text);
      texts.set(text, known ?? echoForms(text).map((letters) => ({ name, letters })));
      if (known) return;
      for (const oldest of texts.keys()) if (texts.size > mostTexts) texts.delete(oldest);
      table = undefined;
    },
    cleanAnswer: (answer, found) => (texts.size === 0 ? answer : cleanAnswer(answer, current(), found)),
    cleanError: (error, found) => (texts.size === 0 ? error : cleanError(error, (text) => scrubText(current(), text, { found }))),
  };
};

const cleanAnswer = (answer: Response, table: ScrubTable, found: (name: string) => void): Response => {
  const { status, statusText, url } = answer;
  const clean = (text: string): string => scrubText(table, text, { encoding: 'latin1', found });
  const headers = [...answer.headers].map(([name, value]): [string, string] => [name, clean(value)]);
  const body = answer.body?.pipeThrough(scrubbing(table, found)) ?? null;
  const made = new Response(body, { status, statusText: clean(statusText), headers });
  Object.defineProperty(made, 'url', { value: clean(url) });
  return made;
};

const scrubbing = (table: ScrubTable, found: (name: string) => void): TransformStream<Uint8Array, Uint8Array> => {
  const scrubber = createScrubber(table);
  const pass = (part: Buffer, controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (part.length > 0) controller.enqueue(new Uint8Array(part));
    if (scrubber.found !== undefined) found(scrubber.found);
  };
  return new TransformStream({
    transform: (chunk, controller) => pass(scrubber.push(chunk), controller),
    flush: (controller) => pass(scrubber.end(), controller),
  });
};

const cleanError = (error: unknown, clean: (text: string) => string): unknown => {
  const own = BurgeonError.from(error);
  const { code, retryable, message, hint, data } = own;
  const said = causeTexts(own);
  const cleaned = {
    message: clean(message),
    retryable,
    ...(hint === undefined ? {} : { hint: clean(hint) }),
    ...(data === undefined ? {} : { data: cleanJson(data, clean) }),
  };
  const isClean =
    clean(said) === said && cleaned.message === message && cleaned.hint === hint && isDeepStrictEqual(cleaned.data, data);
  return isClean ? error : new BurgeonError(code, cleaned);
};

const cleanJson = (value: JsonValue, clean: (text: string) => string): JsonValue => {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((each) => cleanJson(each, clean));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [clean(name), cleanJson(each, clean)]));
};

/** What an error says with all its causes, as a log would show it; bounded, since a cause may be anything. */
const causeTexts = (error: Error): string => {
  const texts: string[] = [];
  for (let cause: unknown = error; cause instanceof Error && texts.length < 8; cause = cause.cause)
    texts.push(cause.stack ?? cause.message);
  return texts.join('\n');
};
