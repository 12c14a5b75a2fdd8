import { BurgeonError } from '@burgeon/kit';
import { isObject } from '../base/json.ts';

/** What was going on when an exchange failed. */
export interface Failing {
  /** Host and port. */
  where: string;
  /** The signal of the deadline. */
  deadline?: AbortSignal | undefined;
  /** The caller's own signal. */
  signal?: AbortSignal | undefined;
  limits: { deadlineMs: number; connectMs: number; headerBytes: number };
}

type Explained = (where: string) => { message: string; hint: string };

/** What the codes of sockets, names and certificates mean in plain words. */
const meanings: Readonly<Record<string, Explained>> = {
  ECONNREFUSED: (where) => ({
    message: `${where} refuses the connection.`,
    hint: 'Is the server running, and is the port right?',
  }),
  ENOTFOUND: (where) => ({
    message: `The name of ${where} is not known (DNS).`,
    hint: 'Check the spelling of the host and your network.',
  }),
  EAI_AGAIN: (where) => ({
    message: `The name of ${where} could not be looked up (DNS).`,
    hint: 'Check your network and try again.',
  }),
  ECONNRESET: (where) => ({ message: `${where} broke the connection off.`, hint: 'Try again later.' }),
  UND_ERR_SOCKET: (where) => ({ message: `${where} broke the connection off.`, hint: 'Try again later.' }),
  EHOSTUNREACH: (where) => ({ message: `There is no way to ${where}.`, hint: 'Check your network.' }),
  ENETUNREACH: (where) => ({ message: `There is no way to ${where}.`, hint: 'Check your network.' }),
  ETIMEDOUT: (where) => ({ message: `${where} does not take the connection.`, hint: 'Check the port and any firewall between.' }),
  UND_ERR_CONNECT_TIMEOUT: (where) => ({
    message: `${where} does not take the connection.`,
    hint: 'Check the port and any firewall between.',
  }),
};

/** Turns whatever ended an exchange into an error with a code; ours pass through, also from inside a cause. */
export const explainFailure = (error: unknown, failing: Failing): BurgeonError => {
  const chain = causes(error);
  const own = chain.find(BurgeonError.is);
  if (own) return own;
  const { where } = failing;
  if (failing.signal?.aborted) {
    return new BurgeonError('CANCELLED', { message: `The call to ${where} was cancelled.`, cause: error });
  }
  if (failing.deadline?.aborted) return timeout(failing, error);
  const code = chain.map((cause) => (isObject(cause) ? cause['code'] : undefined)).find((value) => typeof value === 'string') as
    string | undefined;
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new BurgeonError('LIMIT_EXCEEDED', {
      message: `${where} sent more than ${failing.limits.headerBytes} bytes of headers.`,
      cause: error,
    });
  }
  const known = code !== undefined && Object.hasOwn(meanings, code) ? meanings[code]?.(where) : undefined;
  const detail =
    chain.map((cause) => (cause instanceof Error ? cause.message : '')).findLast((message) => message !== '') ?? 'unknown';
  return new BurgeonError('REMOTE_UNREACHABLE', {
    message: known?.message ?? `${where} could not be reached: ${detail}`,
    hint: known?.hint ?? 'Check the address and try again.',
    data: { host: where, ...(code === undefined ? {} : { code }) },
    cause: error,
    retryable: true,
  });
};

const timeout = ({ where, limits }: Pick<Failing, 'where' | 'limits'>, cause?: unknown): BurgeonError =>
  new BurgeonError('TIMEOUT', {
    message: `${where} did not finish its answer within ${limits.deadlineMs} ms.`,
    hint: 'Try again, or give the call more time.',
    cause,
    retryable: true,
  });

/** An error with its causes, outermost first; bounded, since a cause may be anything. */
const causes = (error: unknown): unknown[] => {
  const chain: unknown[] = [];
  for (let cause = error; cause !== undefined && cause !== null && chain.length < 8;) {
    chain.push(cause);
    cause = isObject(cause) ? cause['cause'] : undefined;
  }
  return chain;
};
