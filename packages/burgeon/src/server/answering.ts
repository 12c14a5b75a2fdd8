import type { IncomingMessage, ServerResponse } from 'node:http';
import { BurgeonError } from '@burgeon/kit';
import type { ManagementOperation } from '../management/define.ts';
import type { ApiKeys } from '../security/api-keys.ts';
import { type ApprovalDoor, approvalPrefix } from './approval-door.ts';
import { type Caller, callerOf, noToken, ownerCaller, requireToken, serveCaller } from './callers.ts';
import type { Control } from './control.ts';
import type { Doors } from './doors.ts';
import type { Exchanges } from './exchanges.ts';
import { type Guard, isLoopback } from './guard.ts';
import type { PeerOf } from './peer.ts';
import { answerProblem, securityHeaders } from './problem.ts';
import type { Rates } from './rates.ts';

/** What stands between a connection and the doors, in the order in which a request meets it. */
export interface AnsweringParts {
  guard: Guard;
  isStopping(): boolean;
  peerOf: PeerOf;
  keys: ApiKeys;
  rates: Rates;
  exchanges: Exchanges;
  operations: readonly ManagementOperation[];
  doors: Doors;
  control: Control;
  approvals: ApprovalDoor;
  /** Token of the owner's own commands. */
  ownerToken: string;
  /** True: whoever comes without a token is the owner. */
  open: boolean;
}

/** Answers one request; never throws. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const controlPrefix = '/control/';

/** Whoever answers over a channel's page; the channel itself says who that is. */
const anybody: Pick<Caller, 'actor' | 'access'> = {
  actor: { kind: 'system', id: 'anybody' },
  access: { role: 'viewer', modules: [] },
};

/** One request under way. */
interface Exchange extends AnsweringParts {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  peer: string;
  /** Routes that are answered without a token. */
  openRoutes: ReadonlySet<string>;
}

/**
 * Makes what answers. What no route is known for is refused in the same way as what needs a token, so a new route is closed until it says
 * otherwise, and a stranger learns nothing of what there is.
 */
export const createAnswering = (parts: AnsweringParts): Answering => {
  const openRoutes = new Set(parts.operations.flatMap(({ needs, route }) => (needs === 'nothing' ? [route] : [])));
  return async (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    response.on('error', () => {});
    const path = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
    const exchange: Exchange = { ...parts, request, response, path, peer: parts.peerOf(request), openRoutes };
    try {
      parts.guard(request, path.startsWith(approvalPrefix));
      requireRunning(exchange);
      await route(exchange);
    } catch (thrown) {
      answerProblem(response, BurgeonError.from(thrown));
    }
  };
};

const route = async (exchange: Exchange): Promise<void> => {
  const { request, response, path, rates, exchanges } = exchange;
  if (path.startsWith(controlPrefix)) return ownCommand(exchange);
  if (path.startsWith(approvalPrefix)) {
    exchanges.begin(response);
    await (isRead(request) ? rates.request : rates.answer)(response, exchange.peer);
    return serveCaller(anybody, () => exchange.approvals(request, response, path));
  }
  const caller = await authenticate(exchange);
  exchanges.begin(
    response,
    caller?.key === undefined ? undefined : { key: caller.key, ...(caller.until === undefined ? {} : { until: caller.until }) },
  );
  await rates.request(response, caller?.countedAs ?? exchange.peer);
  if (caller && isAnswer(request, path)) await rates.answer(response, caller.countedAs);
  if (!caller && !isOpen(exchange)) throw noToken();
  await serveCaller(caller ?? anybody, () => throughDoor(exchange, caller));
};

const throughDoor = async (exchange: Exchange, caller: Caller | undefined): Promise<void> => {
  const { request, response, path, doors } = exchange;
  requireNoSocket(request, response);
  if (path === '/mcp' && caller) return asModel(caller, () => doors.mcp(request, response));
  if (await doors.web(request, response)) return;
  throw new BurgeonError('OPERATION_NOT_FOUND', {
    message: `There is nothing at ${request.method} ${path.slice(0, 200)}.`,
    hint: 'What there is: /openapi.json',
  });
};

/** What comes over MCP was asked for by a model, whoever's key it has. */
const asModel = (caller: Caller, work: () => Promise<void>): Promise<void> =>
  serveCaller({ access: caller.access, actor: { kind: 'model', id: caller.actor.id } }, work);

/** Commands of the person at this machine, while this process has the home. Not counted: they are few, and must always get through. */
const ownCommand = async ({ request, response, path, control, ownerToken, exchanges }: Exchange): Promise<void> => {
  requireToken(request, ownerToken);
  if (request.method !== 'POST') {
    throw new BurgeonError('OPERATION_NOT_FOUND', { message: `There is nothing at ${request.method} ${path.slice(0, 200)}.` });
  }
  exchanges.begin(response);
  await control(request, response, path);
};

/** Who calls. Whoever guesses tokens is counted; from the network, he then has to wait even if he has the right one. */
const authenticate = async ({ request, response, keys, open, peer, rates }: Exchange): Promise<Caller | undefined> => {
  const isNear = isLoopback(peer);
  if (!isNear && request.headers.authorization !== undefined && (await rates.hasFailed(peer)))
    await rates.failure(response, peer);
  try {
    return (await callerOf(request, keys)) ?? (open ? ownerCaller : undefined);
  } catch (error) {
    await rates.failure(response, peer);
    throw error;
  }
};

const isRead = ({ method = 'GET' }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const isAnswer = (request: IncomingMessage, path: string): boolean => !isRead(request) && /\/(?:approve|reject)\/?$/.test(path);

const isOpen = ({ request, path, openRoutes }: Exchange): boolean =>
  openRoutes.has(`${request.method === 'HEAD' ? 'GET' : request.method} ${path}`);

/** While it stops, the process still says that it lives; everything else is for the next one. */
const requireRunning = ({ isStopping, path, request, response }: Exchange): void => {
  if (!isStopping() || (path === '/healthz' && isRead(request))) return;
  response.setHeader('connection', 'close');
  response.setHeader('retry-after', '1');
  throw new BurgeonError('SERVER_STOPPING', {
    message: 'The server is stopping.',
    hint: 'Try again in a moment.',
    retryable: true,
  });
};

/** Other upgrades may be passed over (RFC 9110 7.8); who wants a socket cannot do without. */
const requireNoSocket = ({ headers }: IncomingMessage, response: ServerResponse): void => {
  if (!/\bwebsocket\b/i.test(headers.upgrade ?? '')) return;
  response.setHeader('connection', 'close');
  throw new BurgeonError('USAGE', { message: 'This server speaks no WebSocket.', hint: 'Use requests, or MCP at /mcp.' });
};
