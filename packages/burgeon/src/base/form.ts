import { BurgeonError } from '@burgeon/kit';
import { isObject } from './json.ts';

/** Bytes of what a page of ours may send back: a few fields, or what an authenticator says. */
const mostBytes = 64 * 1024;

/** The fields that a form sent. @throws {BurgeonError} USAGE when it is no form, LIMIT_EXCEEDED when it is larger than 64 KiB */
export const readForm = async (request: Request): Promise<URLSearchParams> =>
  new URLSearchParams(await readText(request, 'application/x-www-form-urlencoded'));

/** The JSON object that a script sent. @throws {BurgeonError} USAGE when it is none, LIMIT_EXCEEDED when it is larger than 64 KiB */
export const readJsonForm = async (request: Request): Promise<Record<string, unknown>> => {
  const value = parsed(await readText(request, 'application/json'));
  if (isObject(value)) return value;
  throw new BurgeonError('USAGE', { message: 'The payload is not a JSON object.' });
};

const readText = async (request: Request, wanted: string): Promise<string> => {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== wanted) throw new BurgeonError('USAGE', { message: `The content type "${type.slice(0, 100)}" is not ${wanted}.` });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new BurgeonError('LIMIT_EXCEEDED', { message: `The payload is larger than ${mostBytes} bytes.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
