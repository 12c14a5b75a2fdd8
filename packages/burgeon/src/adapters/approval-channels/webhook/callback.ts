import {
  type ApprovalAnswer,
  type ApprovalChannelContext,
  type ApprovalInbox,
  BurgeonError,
  type StoreWrite,
  errorTable,
} from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { pageHeaders } from '../../../base/page.ts';
import { spellUnseen } from '../../../base/unseen.ts';
import { readAnswer } from '../../../security/answer-words.ts';
import { readKeys, toleranceMs, verifiedId } from './signature.ts';
import { secretName } from './settings.ts';

/** Path at which the gateway answers. */
export const callbackPath = '/approve/webhook/callback';

/** Table of the store: ids of messages that were taken, until their time is over. */
const seenTable = 'approval-webhook';

/** Bytes of a callback. */
const mostBytes = 64 * 1024;

type Context = Pick<ApprovalChannelContext, 'clock' | 'store' | 'secret'>;

/**
 * Takes an answer from the gateway: signed like what was sent to it, of now, and each message once. Whoever has not signed learns nothing.
 */
export const takeCallback = async (request: Request, inbox: ApprovalInbox, context: Context): Promise<Response> => {
  if (new URL(request.url).pathname !== callbackPath) return reply(404, { code: 'OPERATION_NOT_FOUND' });
  if (request.method !== 'POST') return reply(405, { code: 'USAGE' }, { allow: 'POST' });
  try {
    const body = await readBytes(request);
    if (body === undefined) return reply(413, { code: 'LIMIT_EXCEEDED' });
    const secret = await context.secret(secretName);
    const id =
      secret === undefined ? undefined : verifiedId(request.headers, body, { keys: readKeys(secret), clock: context.clock });
    if (id === undefined) return reply(401, { code: 'UNAUTHENTICATED' });
    await markSeen(context, id);
    return await answer(body, inbox, { context, id });
  } catch (thrown) {
    return explain(thrown);
  }
};

/** What the gateway says a person said. */
interface Callback {
  request?: string;
  answer: 'approve' | 'reject';
  code: string;
  why?: string;
}

const answer = async (
  body: Uint8Array,
  inbox: ApprovalInbox,
  { context, id }: { context: Context; id: string },
): Promise<Response> => {
  try {
    const said = readCallback(body);
    const proof: ApprovalAnswer = { request: said.request ?? (await onlyQuestion(inbox)), proof: said.code };
    if (said.answer === 'approve') return reply(200, { request: proof.request, state: await inbox.approve(proof) });
    await inbox.reject(proof, said.why);
    return reply(200, { request: proof.request, state: 'rejected' });
  } catch (error) {
    // What failed here may be sent again as it was.
    if (!isTheirs(error)) await context.store.transact([{ kind: 'delete', table: seenTable, id }]);
    throw error;
  }
};

const readBytes = async (request: Request): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Notes a message as taken, and forgets those whose time is over. @throws {BurgeonError} CONFLICT when it was taken before */
const markSeen = async ({ store, clock }: Context, id: string): Promise<void> => {
  const now = clock.now();
  const kept = await store.list(seenTable);
  const over = kept.filter(({ value }) => typeof value['until'] === 'number' && value['until'] < now);
  const writes: StoreWrite[] = over
    .filter((record) => record.id !== id)
    .map((record) => ({ kind: 'delete', table: seenTable, id: record.id }));
  const until = now + 2 * toleranceMs;
  await store.transact([{ kind: 'put', table: seenTable, id, rev: 0, value: { until } }, ...writes]);
};

const names: ReadonlySet<string> = new Set(['type', 'timestamp', 'request', 'answer', 'code', 'said', 'why']);

/** Nothing else may stand in it: what we sent ourselves is no answer when it comes back. */
const readCallback = (body: Uint8Array): Callback => {
  const value = parse(body);
  if (!isObject(value) || Object.keys(value).some((name) => !names.has(name))) throw unreadable();
  const { type = 'approval.answered', request, why, said } = value;
  const words = typeof said === 'string' ? readAnswer(said) : undefined;
  const { answer: answered = words?.answer, code = words?.code } = value;
  if (type !== 'approval.answered' || (answered !== 'approve' && answered !== 'reject')) throw unreadable();
  if (typeof code !== 'string' || !isTextOrNothing(request) || !isTextOrNothing(why)) throw unreadable();
  return {
    answer: answered,
    code,
    ...(request === undefined ? {} : { request }),
    ...(why === undefined ? {} : { why: spellUnseen(why.slice(0, 200)) }),
  };
};

const isTextOrNothing = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';

const parse = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
};

const unreadable = (): BurgeonError =>
  new BurgeonError('USAGE', {
    message: 'The callback cannot be read.',
    hint: 'Send {"request","answer":"approve"|"reject","code"}, or {"request","said":"approve ABC123"}; "why" is optional.',
  });

/** A text message names no request; it can mean one only while one waits. */
const onlyQuestion = async (inbox: ApprovalInbox): Promise<string> => {
  const [only, ...more] = await inbox.questions();
  if (only !== undefined && more.length === 0) return only.request;
  throw new BurgeonError('REQUEST_NOT_FOUND', {
    message: only === undefined ? 'No question waits for an answer by this channel.' : 'More than one question waits.',
    hint: 'Name the request.',
  });
};

const isTheirs = (error: unknown): boolean => BurgeonError.is(error) && errorTable[error.code].fault === 'user';

const explain = (thrown: unknown): Response => {
  if (BurgeonError.is(thrown) && thrown.code === 'CONFLICT')
    return reply(409, { code: 'CONFLICT', message: 'This message was taken before, or another answer came at once.' });
  if (!BurgeonError.is(thrown) || !isTheirs(thrown)) return reply(500, { code: 'INTERNAL' });
  return reply(errorTable[thrown.code].status, thrown.toJSON());
};

const reply = (status: number, value: object, headers: Record<string, string> = {}): Response =>
  Response.json(value, { status, headers: { ...pageHeaders, ...headers } });
