import {
  type ApprovalChannel,
  type ApprovalChannelAdapter,
  type ApprovalChannelContext,
  type ApprovalInbox,
  type ApprovalQuestion,
  BurgeonError,
  defineApprovalChannel,
} from '@burgeon/kit';
import { readForm } from '../../../base/form.ts';
import { type Attempts, createAttempts } from '../../../security/attempts.ts';
import { sameText } from '../../../security/codes.ts';
import { requireOwnPage } from '../../../security/own-page.ts';
import { type Proofs, createProofs } from '../../../security/proofs.ts';
import { type WebPages, createWebPages, webPath } from './pages.ts';
import { type Session, type Sessions, createSessions } from './sessions.ts';
import { webWords } from './words.ts';

/** Sign-ins that may be tried, whoever tries. */
const signIns = { most: 5, withinMs: 60_000 };

/** The channel opened: what its pages work with. */
interface Web {
  pages: WebPages;
  sessions: Sessions;
  attempts: Attempts;
  proofs: Proofs;
}

/**
 * Asks on a page that the server of this home serves. Whoever holds a key that may approve signs in once and then answers with a button.
 * The answer is judged where it arrives: the proof that goes on to the gateway is made out there, and nobody can type one.
 */
export const createWeb = (context: ApprovalChannelContext): ApprovalChannel => {
  const locale = context.locale ?? 'en';
  const web: Web = {
    pages: createWebPages(locale),
    sessions: createSessions(context),
    attempts: createAttempts({ clock: context.clock, ...signIns }),
    proofs: createProofs(),
  };
  return defineApprovalChannel({
    name: 'web',
    class: 'web',
    ready: async () => context.approver !== undefined && (await context.pages?.()) !== undefined,
    ask: async ({ request }) => {
      const address = await context.pages?.();
      if (address === undefined) throw noServer();
      context.write(`${webWords[locale].ask}: ${address}${webPath}/${request}\n`);
      return {};
    },
    verify: async (question, proof) => web.proofs.spend(bindingOf(question), proof),
    withdraw: async () => {},
    handle: (request, inbox) => answerRequest(web, request, inbox),
  });
};

/** The web page as an approval channel. */
export const web: ApprovalChannelAdapter = { name: 'web', open: createWeb };

const bindingOf = ({ request, digest, capabilitiesDigest }: ApprovalQuestion): string[] => [request, digest, capabilitiesDigest];

const answerRequest = async (web: Web, request: Request, inbox: ApprovalInbox): Promise<Response> => {
  const { pathname } = new URL(request.url);
  const exchange: Exchange = { ...web, request, inbox, pathname, name: pathname.slice(webPath.length).replace(/^\//, '') };
  try {
    if (request.method === 'GET' || request.method === 'HEAD') return await show(exchange);
    if (request.method === 'POST') return await take(exchange);
  } catch (error) {
    if (BurgeonError.is(error)) return web.pages.failure(error);
    throw error;
  }
  return new Response(null, { status: 405, headers: { allow: 'GET, HEAD, POST' } });
};

/** One request under way. `name` is what stands behind the path of the channel: a request, `sign-out`, or nothing. */
interface Exchange extends Web {
  request: Request;
  inbox: ApprovalInbox;
  pathname: string;
  name: string;
}

/** Whatever is asked for by GET only shows: mail scanners and browsers follow links that nobody pressed. */
const show = async ({ pages, sessions, request, inbox, pathname, name }: Exchange): Promise<Response> => {
  const session = await sessions.find(request);
  if (!session) return pages.signIn(pathname, { wrong: false, status: 401 });
  const questions = await inbox.questions();
  if (name === '') return pages.inbox(questions, session);
  const question = questions.find((each) => each.request === name);
  return question ? pages.question(question, session) : pages.notHere();
};

const take = async (exchange: Exchange): Promise<Response> => {
  const { pages, sessions, request, pathname, name } = exchange;
  requireOwnPage(request);
  const form = await readForm(request);
  const key = form.get('key');
  if (key !== null) return signIn(exchange, key);
  const session = await sessions.find(request);
  if (!session) return pages.signIn(pathname, { wrong: false, status: 401 });
  if (!sameText(form.get('form') ?? '', session.formToken)) throw foreignForm();
  if (name === 'sign-out') return seeOther(webPath, sessions.close(request));
  return decide(exchange, form, session);
};

const signIn = async ({ pages, sessions, attempts, request, pathname, name }: Exchange, key: string): Promise<Response> => {
  attempts.take();
  const cookie = await sessions.open(key, request);
  if (cookie === undefined) return pages.signIn(pathname, { wrong: true, status: 401 });
  return seeOther(name === 'sign-out' ? webPath : pathname, cookie);
};

const decide = async ({ pages, proofs, inbox, name }: Exchange, form: URLSearchParams, { who }: Session): Promise<Response> => {
  const question = (await inbox.questions()).find((each) => each.request === name);
  if (!question) return pages.notHere();
  const { request, digest, capabilitiesDigest } = question;
  if (form.get('digest') !== digest || form.get('capabilities') !== capabilitiesDigest) throw changed();
  const [approves, rejects] = ['approve', 'reject'].map((answer) => form.get('answer') === answer);
  if (approves !== true && rejects !== true) throw new BurgeonError('USAGE', { message: 'The answer is neither yes nor no.' });
  return proofs.lend(bindingOf(question), async (proof) => {
    const answer = { request, proof, by: who };
    if (approves === true) return pages.outcome(await inbox.approve(answer), question);
    await inbox.reject(answer);
    return pages.outcome('rejected', question);
  });
};

const seeOther = (location: string, cookie: string): Response =>
  new Response(null, { status: 303, headers: { location, 'set-cookie': cookie, 'cache-control': 'no-store' } });

const noServer = (): BurgeonError =>
  new BurgeonError('UNSUPPORTED', { message: 'No server of this home runs, so there is no page.', hint: 'Run burgeon serve.' });

const foreignForm = (): BurgeonError =>
  new BurgeonError('FORBIDDEN', { message: 'The form is not of this session.', hint: 'Open the page anew and answer there.' });

const changed = (): BurgeonError =>
  new BurgeonError('APPROVAL_CLOSED', { message: 'What is asked is not what the page showed.', hint: 'Open the page anew.' });
