import { readFile } from 'node:fs/promises';
import {
  type ApprovalChannel,
  type ApprovalChannelAdapter,
  type ApprovalChannelContext,
  type ApprovalInbox,
  type ApprovalQuestion,
  BurgeonError,
  type JsonValue,
  defineApprovalChannel,
  errorTable,
} from '@burgeon/kit';
import { readJsonForm } from '../../../base/form.ts';
import { asText } from '../../../base/json.ts';
import { pageHeaders } from '../../../base/page.ts';
import { type Attempts, createAttempts } from '../../../security/attempts.ts';
import { requireOwnPage } from '../../../security/own-page.ts';
import { type Proofs, createProofs } from '../../../security/proofs.ts';
import { type Bench, assertionOptions, isByOurKey, spendAssertion } from './assertion.ts';
import { type Answer, dropNonce } from './challenge.ts';
import { keysOf } from './keys.ts';
import { type PasskeyPages, createPasskeyPages, passkeyPath, scriptPath } from './pages.ts';
import { partyOf, requireParty } from './party.ts';
import { registerPasskey, registrationOptions } from './registration.ts';
import { passkeyWords } from './words.ts';

/** What pages may send, whoever opened them. */
const sendings = { most: 60, withinMs: 60_000 };

/** The channel opened: what its pages work with. */
interface Passkeys {
  context: ApprovalChannelContext;
  pages: PasskeyPages;
  attempts: Attempts;
  proofs: Proofs;
}

/**
 * Asks for the signature of a passkey: a fingerprint, a face, a PIN or a security key. What it signs names the request, the bundle, its
 * capabilities and the answer, so its signature serves for nothing else.
 */
export const createPasskey = (context: ApprovalChannelContext): ApprovalChannel => {
  const locale = context.locale ?? 'en';
  const passkeys: Passkeys = {
    context,
    pages: createPasskeyPages(locale),
    attempts: createAttempts({ clock: context.clock, ...sendings }),
    proofs: createProofs(),
  };
  return defineApprovalChannel({
    name: 'passkey',
    class: 'passkey',
    ready: async () => {
      const party = partyOf(await context.pages?.());
      return party !== undefined && (await keysOf(context.store, party.id)).length > 0;
    },
    ask: async ({ request }) => {
      const { origin } = requireParty(await context.pages?.());
      context.write(`${passkeyWords[locale].ask}: ${origin}${passkeyPath}/${request}\n`);
      return {};
    },
    verify: async (question, proof) => {
      if (passkeys.proofs.spend(bindingOf(question), proof)) return true;
      const party = partyOf(await context.pages?.());
      const response = parsed(proof);
      return party !== undefined && spendAssertion({ ...context, party }, { question, answer: 'approve', response });
    },
    withdraw: (request) => dropNonce(context.store, request),
    handle: (request, inbox) => answerRequest(passkeys, request, inbox),
  });
};

/** Passkeys as an approval channel. */
export const passkey: ApprovalChannelAdapter = { name: 'passkey', open: createPasskey };

const bindingOf = ({ request, digest, capabilitiesDigest }: ApprovalQuestion): string[] => [request, digest, capabilitiesDigest];

const answerRequest = async (passkeys: Passkeys, request: Request, inbox: ApprovalInbox): Promise<Response> => {
  const { pathname } = new URL(request.url);
  const names = pathname.slice(passkeyPath.length).split('/').slice(1);
  if (request.method === 'GET' || request.method === 'HEAD') return show(passkeys, pathname, inbox);
  if (request.method !== 'POST')
    return new Response(null, { status: 405, headers: { ...pageHeaders, allow: 'GET, HEAD, POST' } });
  try {
    requireOwnPage(request);
    passkeys.attempts.take();
    const sent = await readJsonForm(request);
    if (names.length > 2 || (names[1] ?? 'options') !== 'options') throw notHere();
    const given = await (names[0] === 'register' ? register(passkeys, names, sent) : answer(passkeys, { names, sent, inbox }));
    return json(200, given);
  } catch (error) {
    if (!BurgeonError.is(error)) throw error;
    return json(errorTable[error.code].status, { code: error.code, message: error.message, hint: error.hint ?? null });
  }
};

/** Whatever is asked for by GET only shows: it makes no challenge and uses no link up. */
const show = async ({ pages }: Passkeys, pathname: string, inbox: ApprovalInbox): Promise<Response> => {
  if (pathname === scriptPath) return script();
  if (pathname === `${passkeyPath}/register`) return pages.register();
  const name = pathname.slice(passkeyPath.length + 1);
  const question = (await inbox.questions()).find((each) => each.request === name);
  return question ? pages.question(question) : pages.notHere();
};

const script = async (): Promise<Response> => {
  const text = await readFile(new URL('./page.js', import.meta.url), 'utf8');
  return new Response(text, { headers: { ...pageHeaders, 'content-type': 'text/javascript; charset=utf-8' } });
};

/** `register/options` and `register`. */
const register = async ({ context }: Passkeys, [, step]: string[], sent: Record<string, unknown>): Promise<unknown> => {
  const token = asText(sent['token']);
  if (step === 'options') return registrationOptions(context, token);
  const { name } = await registerPasskey(context, { token, name: asText(sent['name']), response: sent['response'] });
  context.write(`The passkey ${JSON.stringify(name)} was registered.\n`);
  return { outcome: 'registered' };
};

/** `REQUEST/options` and `REQUEST`. */
const answer = async (
  { context, proofs }: Passkeys,
  { names: [name, step], sent, inbox }: { names: string[]; sent: Record<string, unknown>; inbox: ApprovalInbox },
): Promise<unknown> => {
  const bench: Bench = { ...context, party: requireParty(await context.pages?.()) };
  const question = (await inbox.questions()).find((each) => each.request === name);
  if (!question) throw notHere();
  const said = answerFrom(sent['answer']);
  if (step === 'options') return assertionOptions(bench, question, said);
  const { response } = sent;
  if (!(await isByOurKey(bench, response))) throw unknownKey();
  const { request } = question;
  if (said === 'approve') return { outcome: await inbox.approve({ request, proof: JSON.stringify(response) }) };
  // The gateway asks whether a proof is good, not for what: a signed no is judged here, and goes on as a proof that can pass for nothing else.
  const good = await spendAssertion(bench, { question, answer: 'reject', response });
  if (good) await proofs.lend(bindingOf(question), (proof) => inbox.reject({ request, proof }));
  else await inbox.reject({ request, proof: JSON.stringify(response) });
  return { outcome: 'rejected' };
};

const answerFrom = (value: unknown): Answer => {
  if (value === 'approve' || value === 'reject') return value;
  throw new BurgeonError('USAGE', { message: 'The answer is neither yes nor no.' });
};

const json = (status: number, value: unknown): Response =>
  new Response(JSON.stringify(value), { status, headers: { ...pageHeaders, 'content-type': 'application/json' } });

const parsed = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
};

const notHere = (): BurgeonError =>
  new BurgeonError('REQUEST_NOT_FOUND', {
    message: 'No such request waits for a passkey.',
    hint: 'Open the link that came with it.',
  });

const unknownKey = (): BurgeonError =>
  new BurgeonError('FORBIDDEN', {
    message: 'No registered passkey has signed this.',
    hint: 'Use one that burgeon channels passkey lists, or register it first.',
  });
