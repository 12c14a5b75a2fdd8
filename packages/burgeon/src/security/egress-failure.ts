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

/** What the codes of sockets, names and certificates mean in plain words; `{where}` is host and port. */
const meanings: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ECONNREFUSED: ['{where} refuses the connection.', 'Is the server running, and is the port right?'],
  ENOTFOUND: ['The name of {where} is not known (DNS).', 'Check the spelling of the host and your network.'],
  EAI_AGAIN: ['The name of {where} could not be looked up (DNS).', 'Check your network and try again.'],
  ECONNRESET: ['{where} broke the connection off.', 'Try again later.'],
  UND_ERR_SOCKET: ['{where} broke the connection off.', 'Try again later.'],
  EHOSTUNREACH: ['There is no way to {where}.', 'Check your network.'],
  ENETUNREACH: ['There is no way to {where}.', 'Check your network.'],
  ETIMEDOUT: ['{where} does not take the connection.', 'Check the port and any firewall between.'],
  UND_ERR_CONNECT_TIMEOUT: ['{where} does not take the connection.', 'Check the port and any firewall between.'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['{where} does not speak TLS.', 'Try http:// instead of https://.'],
  CERT_HAS_EXPIRED: ['The certificate of {where} has run out.', 'Its owner must renew it.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['The certificate of {where} is signed by itself.', 'Trust it with NODE_EXTRA_CA_CERTS.'],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'The certificate of {where} comes from an unknown authority.',
    'Trust it with NODE_EXTRA_CA_CERTS.',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'The certificate of {where} comes from an unknown authority.',
    'Trust it with NODE_EXTRA_CA_CERTS.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ['The certificate of {where} is that of another host.', 'Check the spelling of the host.'],
};

/** Codes of what often goes well a moment later. Not among them: names and certificates that are wrong. */
const passing: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Codes of answers that are not as long, or not compressed, as they say. */
const malformed = /^(?:Z_|ZSTD_|ERR__?(?:BROTLI|ERROR|ZSTD)|UND_ERR_RES)/;

/** True for an error that says that an answer is no HTTP, or not what its headers say. */
const isMalformed = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return error.name === 'HTTPParserError' || (typeof code === 'string' && malformed.test(code));
};

/** True when the other side did not answer, and may a moment later. */
export const isPassing = ({ code, data }: BurgeonError): boolean =>
  code === 'REMOTE_UNREACHABLE' && isObject(data) && typeof data['code'] === 'string' && passing.has(data['code']);

/** Turns whatever ended an exchange into an error with a code; ours pass through, also from inside a cause. */
export const explainFailure = (error: unknown, failing: Failing): BurgeonError => {
  const chain = causes(error);
  const own = chain.find((cause) => BurgeonError.is(cause));
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
  const detail =
    chain.map((cause) => (cause instanceof Error ? cause.message : '')).findLast((message) => message !== '') ?? 'unknown';
  if (chain.some(isMalformed)) {
    return new BurgeonError('REMOTE_INVALID', {
      message: `${where} sent what is no answer: ${detail}.`,
      hint: 'Is it an HTTP server? Its owner must mend what it sends.',
      data: { host: where, ...(code === undefined ? {} : { code }) },
      cause: error,
    });
  }
  const known = code !== undefined && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  return new BurgeonError('REMOTE_UNREACHABLE', {
    message: known?.[0].replace('{where}', () => where) ?? `${where} could not be reached: ${detail}`,
    hint: known?.[1] ?? 'Check the address and try again.',
    data: { host: where, ...(code === undefined ? {} : { code }) },
    cause: error,
    retryable: code === undefined || passing.has(code),
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
