import type { IncomingMessage, ServerResponse } from 'node:http';
import { BurgeonError } from '@burgeon/kit';
import { receiveBody } from '../bindings/http/server/request-body.ts';
import type { Burgeon } from '../burgeon.ts';

/** Where approval channels answer: `/approve/<channel>/...`. */
export const approvalPrefix = '/approve/';

/** Bytes of one answer. */
const answerBytes = 256 * 1024;

/** Answers one request to a channel. */
export type ApprovalDoor = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/** The door of the approval channels. No token is asked for here: each channel tells by its own way who may answer. */
export const createApprovalDoor =
  ({ approvals }: Pick<Burgeon, 'approvals'>, publicUrl?: URL): ApprovalDoor =>
  async (request, response, path) => {
    const [channel = ''] = path.slice(approvalPrefix.length).split('/', 1);
    const answer = await approvals.handle(channel, await asRequest(request, response, publicUrl));
    if (!answer) {
      throw new BurgeonError('OPERATION_NOT_FOUND', {
        message: `No approval channel answers at ${path.slice(0, 200)}.`,
        hint: 'burgeon channels lists the channels.',
      });
    }
    await writeAnswer(response, answer, request.method === 'HEAD');
  };

const asRequest = async (request: IncomingMessage, response: ServerResponse, publicUrl: URL | undefined): Promise<Request> => {
  const { method = 'GET', headers, url = '/' } = request;
  const body = await receiveBody(request, answerBytes);
  if (body === 'too-large') {
    response.setHeader('connection', 'close');
    throw new BurgeonError('SPEC_TOO_COMPLEX', { message: `The payload is larger than ${answerBytes} bytes.` });
  }
  if (body === 'aborted') throw new BurgeonError('CANCELLED', { message: 'The caller went away.' });
  const given = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct))
    for (const value of values ?? []) given.append(name, value);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const origin = publicUrl?.host === headers.host ? publicUrl?.origin : `http://${headers.host}`;
  // Put together, not resolved: a path that begins with two slashes would name another host.
  return new Request(`${origin}${url}`, {
    method,
    headers: given,
    signal: gone.signal,
    ...(body.length > 0 && method !== 'GET' && method !== 'HEAD' ? { body } : {}),
  });
};

/** What the channel says about its own answer, its policy for content above all, stands instead of what is usual. */
const writeAnswer = async (response: ServerResponse, answer: Response, head: boolean): Promise<void> => {
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.writeHead(answer.status);
  response.end(head ? undefined : Buffer.from(await answer.arrayBuffer()));
};
