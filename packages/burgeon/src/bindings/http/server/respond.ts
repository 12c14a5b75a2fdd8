/** Writing answers: what the description says about a status, cached per Accept header, and the bytes of a result. */
import type { ServerResponse } from 'node:http';
import type { CallResult, JsonValue, Operation } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { isBytes, resolveSchema } from '../../../interface/schema.ts';
import type { HttpBinding, HttpResponse } from '../binding.ts';
import { documentedResponse } from '../runtime/answer.ts';
import { writeForm } from '../runtime/body.ts';
import { type MediaKind, concreteType, isXml, mediaKind } from '../runtime/media-type.ts';
import { textOf } from '../runtime/serialize.ts';
import type { XmlShape } from '../runtime/types.ts';
import { writeXml } from '../runtime/xml.ts';
import { xmlShape } from '../xml-shape.ts';
import { negotiate } from './negotiate.ts';
import { type Problem, problemText, problemType } from './problem.ts';
import { endAnswer } from './request-body.ts';

/** How one status is answered for one Accept header. */
export interface AnswerPlan {
  status: number;
  /** How the body is written; `none`: there is none. */
  kind: MediaKind | 'none';
  /** False when the client wants none of the documented media types. */
  acceptable: boolean;
  /** How a structured value is written, when the media type is XML. */
  xml?: XmlShape;
  /** Names and values in turn, as `writeHead` takes them. */
  headers: readonly string[];
}

/** Gives the plan of a code (`200`, `4XX`, `default`) for an Accept header. */
export type AnswerPlanner = (code: string | undefined, accept: string | undefined) => AnswerPlan;

/** Plans kept per operation; Accept headers are the client's to invent. */
const maxPlans = 64;

/** Sent with every answer unless switched off: a mirror is called from browser pages too. */
const corsHeaders: readonly string[] = ['access-control-allow-origin', '*', 'access-control-expose-headers', '*'];

/** The number a code stands for: the first of its class, 200 for `default`. */
const statusOf = (code: string): number => {
  if (/^[1-5]\d\d$/.test(code)) return Number(code);
  return /^[1-5]XX$/i.test(code) ? Number(code.charAt(0)) * 100 : 200;
};

/** The code of the ordinary result: as the operation says, else the first documented one that is no error, else 200. */
const ordinaryCode = (operation: Operation, binding: HttpBinding): string =>
  operation.outputCode ??
  binding.responses.find(({ status }) => status.startsWith('2'))?.status ??
  binding.responses.find(({ status }) => status.startsWith('3') || status === 'default')?.status ??
  '200';

/** A media type as a header's value: what a description holds may be anything. */
const headerType = (mediaType: string): string => {
  const safe = mediaType.replace(/[^ -~]/g, '');
  const open = safe.startsWith('text/') && !safe.includes('charset') && safe !== 'text/event-stream';
  return open ? `${safe}; charset=utf-8` : safe;
};

/** Makes the planner of one operation. */
export const createPlanner = (
  operation: Operation,
  binding: HttpBinding,
  options: { types: Record<string, unknown>; cors: boolean },
): AnswerPlanner => {
  const plans = new Map<string, AnswerPlan>();
  const base = options.cors ? corsHeaders : [];
  const usual = ordinaryCode(operation, binding);
  const make = (code: string, accept: string | undefined): AnswerPlan => {
    const status = statusOf(code);
    const documented =
      binding.responses.find((response) => response.status === code) ?? documentedResponse(binding.responses, status);
    if (status === 204 || status === 205 || status === 304 || status < 200)
      return { status, kind: 'none', acceptable: true, headers: base };
    if (!documented)
      return {
        status,
        kind: 'json',
        acceptable: true,
        headers: [...base, 'content-type', status < 400 ? 'application/json' : problemType],
      };
    return planContents({ documented, status, accept, base, types: options.types as never });
  };
  return (code = usual, accept) => {
    const key = `${code}\n${accept ?? ''}`;
    const known = plans.get(key);
    if (known) return known;
    const plan = make(code, accept);
    if (plans.size < maxPlans) plans.set(key, plan);
    return plan;
  };
};

interface ContentsContext {
  documented: HttpResponse;
  status: number;
  accept: string | undefined;
  base: readonly string[];
  types: Parameters<typeof resolveSchema>[1];
}

const planContents = ({ documented, status, accept, base, types }: ContentsContext): AnswerPlan => {
  const { contents } = documented;
  if (contents.length === 0) return { status, kind: 'none', acceptable: true, headers: base };
  const chosen = negotiate(
    accept,
    contents.map(({ mediaType }) => mediaType),
  );
  const content = contents[Math.max(chosen, 0)];
  const bytes = content !== undefined && isBytes(resolveSchema(content.schema, types));
  const mediaType = concreteType(content?.mediaType ?? 'application/json', bytes);
  const kind = bytes ? 'bytes' : mediaKind(mediaType);
  // An error is told whatever the client accepts (RFC 9110 section 12.5.1).
  const plan: AnswerPlan = {
    status,
    kind,
    acceptable: chosen >= 0 || status >= 400,
    headers: [...base, 'content-type', headerType(mediaType)],
  };
  return content && kind === 'text' && isXml(mediaType) ? { ...plan, xml: xmlShape(content.schema, types) } : plan;
};

/** The bytes of a value, as text where it is text. */
const payload = ({ kind, xml }: AnswerPlan, output: JsonValue): string | Buffer => {
  if (kind === 'bytes' || kind === 'multipart')
    return typeof output === 'string' ? Buffer.from(output, 'base64') : JSON.stringify(output);
  if (kind === 'form') return isObject(output) ? writeForm(output) : textOf(output);
  if (xml && typeof output === 'object' && output !== null) return writeXml(output, xml);
  if (kind === 'text') return output === null ? '' : textOf(output);
  return JSON.stringify(output);
};

const isSequential = (kind: string): kind is 'events' | 'lines' | 'sequence' =>
  kind === 'events' || kind === 'lines' || kind === 'sequence';

/** One item of a sequential body. An object with `data` is a whole event; line ends of a field never end the field. */
const itemText = (kind: 'events' | 'lines' | 'sequence', item: JsonValue): string => {
  if (kind === 'lines') return `${JSON.stringify(item)}\n`;
  if (kind === 'sequence') return `\u001e${JSON.stringify(item)}\n`;
  const whole = isObject(item) && Object.hasOwn(item, 'data');
  const data = whole ? item['data'] : item;
  const fields = whole
    ? (['event', 'id', 'retry'] as const).filter((name) => ['string', 'number'].includes(typeof item[name]))
    : [];
  const heads = fields.map((name) => `${name}: ${String((item as Record<string, unknown>)[name]).replace(/[\r\n\0]/g, ' ')}\n`);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${heads.join('')}data: ${text.split(/\r\n|\r|\n/).join('\ndata: ')}\n\n`;
};

/** Headers that describe the hop or the framing, which are this side's own. */
const ownHeaders = new Set(
  'status connection content-encoding content-length content-type date keep-alive proxy-authenticate server set-cookie trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

const printable = (text: string): string =>
  Array.from(text)
    .filter((character) => character >= ' ' && character !== '\u007f')
    .join('');

/** Result attributes as headers. */
const attributeHeaders = (attributes: Record<string, string> | undefined): string[] => {
  if (!attributes) return [];
  return Object.entries(attributes)
    .filter(([name]) => !ownHeaders.has(name) && /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name))
    .flatMap(([name, value]) => [name, Buffer.from(printable(value)).toString('latin1')]);
};

/** What an answer is written with. */
export interface Reply {
  response: ServerResponse;
  plan: AnswerPlan;
  /** True: the head alone is sent. */
  head: boolean;
}

/** Writes a text or bytes with its length. */
const finish = ({ response, plan, head }: Reply, body: string | Buffer | undefined, more: readonly string[]): void => {
  const headers = [...plan.headers, ...more];
  if (body !== undefined)
    headers.push('content-length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.length));
  else if (plan.status >= 200 && plan.status !== 204 && plan.status !== 304) headers.push('content-length', '0');
  response.writeHead(plan.status, headers as never);
  endAnswer(response, head ? undefined : body);
};

/** Writes a result. Resolves when everything was handed to the connection. */
export const writeResult = async (reply: Reply, result: CallResult): Promise<void> => {
  const { plan } = reply;
  const more = attributeHeaders(result.attributes);
  if (isSequential(plan.kind) && !reply.head && (result.stream || Array.isArray(result.output))) {
    return writeItems(reply, { items: result.stream ?? (result.output as JsonValue[]), kind: plan.kind, more });
  }
  const output = result.stream ? await collect(result.stream) : result.output;
  finish(reply, plan.kind === 'none' ? undefined : payload(plan, output), more);
};

const collect = async (stream: AsyncIterable<JsonValue>): Promise<JsonValue[]> => {
  const all: JsonValue[] = [];
  for await (const item of stream) all.push(item);
  return all;
};

interface Items {
  items: AsyncIterable<JsonValue> | JsonValue[];
  kind: 'events' | 'lines' | 'sequence';
  more: string[];
}

/** Writes items as they come, no faster than the client reads; ends quietly when the client leaves. */
const writeItems = async ({ response, plan }: Reply, { items, kind, more }: Items): Promise<void> => {
  response.writeHead(plan.status, [...plan.headers, ...more, 'cache-control', 'no-cache'] as never);
  try {
    for await (const item of items) {
      if (response.destroyed) return;
      if (!response.write(itemText(kind, item))) await drained(response);
    }
    response.end();
  } catch {
    // The head is out: breaking the connection is the only way left to say that the stream failed.
    response.destroy();
  }
};

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });

/** Writes the body that a foreign error carried, under the documented media type of its status. */
export const writeErrorBody = (reply: Reply, body: JsonValue): void => {
  const { plan } = reply;
  if (plan.kind === 'none' || body === null)
    return finish({ ...reply, plan: { ...plan, headers: withoutType(plan.headers) } }, undefined, []);
  finish(reply, isSequential(plan.kind) ? JSON.stringify(body) : payload(plan, body), []);
};

const withoutType = (headers: readonly string[]): readonly string[] => {
  const at = headers.indexOf('content-type');
  return at < 0 ? headers : headers.toSpliced(at, 2);
};

/** Writes a problem document. */
export const writeProblem = (response: ServerResponse, problem: Problem, options: { head: boolean; cors: boolean }): void => {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const headers = Object.entries(problem.headers ?? {}).flat();
  const plan: AnswerPlan = {
    status: problem.status,
    kind: 'json',
    acceptable: true,
    headers: [...(options.cors ? corsHeaders : []), 'content-type', problemType],
  };
  finish({ response, plan, head: options.head }, problemText(problem), headers);
};
