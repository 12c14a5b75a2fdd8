import { BurgeonError, type ApprovalChannel, type ApprovalQuestion, type Clock, type Store } from '@burgeon/kit';
import { currentActor } from '../base/actor.ts';
import { isoNow } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Audit, AuditEvent } from '../security/audit.ts';
import { hashCode, normaliseCode, sameText } from '../security/codes.ts';
import { createLanes } from '../security/serial.ts';
import { type Moment, momentNow, passedSince } from './moment.ts';
import { type DemandFacts, type Policy, demandOf } from './policy.ts';
import {
  type ApprovalRequest,
  type ApprovalState,
  type KeptChannel,
  type KeptRequest,
  type Loaded,
  isOpen,
  loadRequest,
  loadRequests,
  publicForm,
  questionOf,
  requestWrite,
} from './request.ts';
import { type Standing, staleness, tightened } from './staleness.ts';
import { bareTurn, closedTurn, giveTurn, isWhereItWas, planTurns, turnOf, whoseTurn } from './turns.ts';

/** What is to be approved. */
export interface ApprovalSubject extends DemandFacts {
  /** Module id, `namespace/name`. */
  module: string;
  version: string;
  digest: string;
  capabilitiesDigest: string;
  /** Rendered by `renderDisclosure`. */
  disclosure: string;
  /** Rendered by `renderConfirmation`. */
  confirmation?: string;
  /** The run of the pipeline that made it. */
  run?: string;
}

/** What the gateway works with. */
export interface GatewayOptions {
  store: Store;
  audit: Audit;
  clock: Clock;
  ids: Ids;
  /** In the order of preference. */
  channels(): Promise<readonly ApprovalChannel[]>;
  policy(): Pick<Policy, 'mode' | 'unchanged' | 'grave'>;
  /** Key under which codes are hashed; 32 bytes that the vault's being locked does not take away. */
  secret: Uint8Array;
  /** What would be activated now; a request that was opened for something else goes stale. Absent = not compared. */
  current?(module: string, version: string): Promise<Standing | undefined>;
}

/** Judges approvals. It activates nothing: the caller does when a request has become `approved`. */
export interface Gateway {
  /**
   * Asks for approval; open requests for the same module are superseded. Comes back `approved` at once when the policy needs no channel.
   * @throws {BurgeonError} UNSUPPORTED when there are fewer kinds of channel than the policy needs
   */
  open(subject: ApprovalSubject): Promise<ApprovalRequest>;
  /**
   * Takes an answer to the channel whose turn it is; without a code asks that channel again (a new code; the old one is void). `channel`
   * may name another one of a class and address that have not confirmed. To ask a channel that has confirmed already, or about what is approved,
   * changes nothing; a code for it is refused.
   * @throws {BurgeonError} REQUEST_NOT_FOUND; APPROVAL_CLOSED; APPROVAL_CODE_INVALID (data.triesLeft); ADAPTER_UNKNOWN; UNSUPPORTED;
   * FORBIDDEN when whoever answers asked for it, or is no person
   */
  answer(id: string, answer: Answer): Promise<ApprovalRequest>;
  /** Refuses for good; whoever refuses by a channel gives its code. @throws {BurgeonError} as `answer` does */
  reject(id: string, why?: string, answer?: Required<Answer>): Promise<ApprovalRequest>;
  /** The approved request, if what it approves may still be activated. @throws {BurgeonError} REQUEST_NOT_FOUND, APPROVAL_CLOSED */
  redeem(id: string): Promise<ApprovalRequest>;
  /** What a channel may be answered about: where it judges answers itself, all that waits; where it sends codes, what it was asked. */
  questions(channel: string): Promise<ApprovalQuestion[]>;
  /** All requests, the oldest first. */
  list(): Promise<ApprovalRequest[]>;
  /** @throws {BurgeonError} REQUEST_NOT_FOUND */
  get(id: string): Promise<ApprovalRequest>;
}

/** What a person gives back. */
interface Answer {
  code?: string;
  channel?: string;
}

/** How long a request stays open, and how long an approval waits for its use. */
const openMs = 24 * 60 * 60 * 1_000;

/** Wrong answers a channel takes before the request is rejected. */
const tries = 5;

/** Opens the gateway. Requests are kept in the store and outlive the process; everything that happens to them is audited. */
export const openGateway = (options: GatewayOptions): Gateway => {
  const { store } = options;
  // One at a time for each module: asking over a slow channel holds up nobody else.
  const lanes = createLanes();
  const inTurn = async <T>(id: string, work: (loaded: Loaded) => Promise<T>): Promise<T> => {
    const { value } = await loadRequest(store, id);
    return lanes(value.module, async () => work(await loadRequest(store, id)));
  };
  const seen = (id: string): Promise<ApprovalRequest> =>
    inTurn(id, async (loaded) => publicForm(await expireIfDue(options, loaded)));
  const list = async (): Promise<ApprovalRequest[]> => {
    const found: ApprovalRequest[] = [];
    for (const { id } of await loadRequests(store)) found.push(await seen(id));
    return found;
  };
  return {
    open: (subject) => lanes(subject.module, () => openRequest(options, subject)),
    answer: (id, answer) => inTurn(id, async (loaded) => publicForm(await takeAnswer(options, loaded, answer))),
    reject: (id, why, answer) =>
      inTurn(id, async (found) => {
        const loaded = await requireOpen(options, found);
        const proved = answer === undefined ? loaded : await proveRefusal(options, loaded, answer);
        return publicForm(await close(options, proved, { state: 'rejected', reason: why ?? 'the owner said no' }));
      }),
    redeem: (id) => inTurn(id, async (loaded) => publicForm(await requireUsable(options, loaded))),
    questions: async (name) => {
      const channel = await channelOf(options, name);
      const open = (await list()).filter((request) => isOpen(request) && mayAnswer(channel, request));
      return open.map(questionOf);
    },
    list,
    get: seen,
  };
};

const openRequest = async (options: GatewayOptions, subject: ApprovalSubject): Promise<ApprovalRequest> => {
  const { clock, ids, store } = options;
  const demand = demandOf(options.policy(), subject);
  const channels = demand.channels === 0 ? [] : await planTurns(await options.channels(), demand);
  for (const earlier of await loadRequests(store)) {
    if (earlier.value.module === subject.module && isOpen(earlier.value)) {
      await close(options, earlier, { state: 'superseded', reason: `version ${subject.version} was asked for after it` });
    }
  }
  const { module, version, digest, capabilitiesDigest, disclosure, run, capabilitiesChanged, grave, sound } = subject;
  const over = (await options.current?.(module, version))?.over;
  const opened = momentNow(clock);
  const isFree = demand.channels === 0;
  const value: KeptRequest = {
    module,
    version,
    state: isFree ? 'approved' : 'pending',
    digest,
    capabilitiesDigest,
    createdAt: opened.at,
    expiresAt: new Date(clock.now() + openMs).toISOString(),
    opened,
    ...(isFree ? { approved: opened } : {}),
    requester: currentActor(),
    ...(run === undefined ? {} : { run }),
    needed: demand.channels,
    ...(demand.among === undefined ? {} : { among: demand.among }),
    channels,
    receipts: isFree ? [{ channel: 'policy', class: 'policy', at: opened.at }] : [],
    disclosure,
    ...(subject.confirmation === undefined ? {} : { confirmation: subject.confirmation }),
    facts: { capabilitiesChanged, grave, sound },
    ...(over === undefined ? {} : { over }),
  };
  const loaded = await save(options, { id: ids.next('req'), rev: 0, value }, isFree ? 'approved-by-policy' : 'opened');
  return publicForm(isFree ? loaded : await askNext(options, loaded));
};

const takeAnswer = async (options: GatewayOptions, found: Loaded, { code, channel: name }: Answer): Promise<Loaded> => {
  const { state, channels } = found.value;
  const isConfirmed = channels.some((channel) => channel.name === name && channel.state === 'confirmed');
  if (state === 'approved' || (state === 'half' && isConfirmed))
    return code === undefined ? found : refuseAgain(options, found, name);
  const open = await requireOther(options, await requireOpen(options, found));
  const loaded = await requireFresh(options, open);
  const turn = name === undefined ? loaded : await turnTo(options, loaded, name);
  if (code === undefined) return askNext(options, turn, true);
  const asked = whoseTurn(turn).state === 'asked' ? turn : await askNext(options, turn, true);
  return (await fits(options, asked, code)) ? confirm(options, asked) : refuse(options, asked);
};

/** A code counts once: one that is given again, right or wrong, confirms nothing, takes no try, and is told. */
const refuseAgain = async (options: GatewayOptions, loaded: Loaded, channel = ''): Promise<never> => {
  await save(options, loaded, 'code-again', { channel });
  throw new BurgeonError('APPROVAL_CODE_INVALID', {
    message: `The request ${loaded.id} ${loaded.value.state === 'approved' ? 'is approved' : `was confirmed by ${channel}`} already; a code counts once.`,
    hint: loaded.value.state === 'approved' ? 'Nothing needs to be done.' : 'Confirm by another channel.',
  });
};

/** Nobody confirms what he asked for himself, but the owner in person; and what is no person confirms nothing. */
const requireOther = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> => {
  const by = currentActor();
  const { requester } = loaded.value;
  const isSelf = by.kind !== 'owner' && requester.kind !== 'owner' && by.id === requester.id;
  if (!isSelf && by.kind !== 'model' && by.kind !== 'module') return loaded;
  await save(options, loaded, 'self-refused', { by: `${by.kind} ${by.id}` });
  throw new BurgeonError('FORBIDDEN', {
    message: isSelf ? `${by.id} asked for this version and cannot approve it too.` : `A ${by.kind} approves nothing.`,
    hint: 'Another person has to answer.',
  });
};

const proveRefusal = async (options: GatewayOptions, loaded: Loaded, answer: Required<Answer>): Promise<Loaded> => {
  const turn = await turnTo(options, loaded, answer.channel);
  return (await fits(options, turn, answer.code)) ? turn : refuse(options, turn);
};

/** Whether an answer over a channel is waited for: it was asked, or it judges by itself and nothing of its class has confirmed. */
const mayAnswer = (channel: ApprovalChannel, { channels }: ApprovalRequest): boolean => {
  const isAsked = channels.some(({ name, state }) => name === channel.name && state === 'asked');
  const isUsed = channels.some(({ class: kind, state }) => kind === channel.class && state === 'confirmed');
  return isAsked || (channel.verify !== undefined && !isUsed);
};

/** Lets another channel take the turn. */
const turnTo = async (options: GatewayOptions, loaded: Loaded, name: string): Promise<Loaded> => {
  const current = whoseTurn(loaded);
  if (current.name === name) return loaded;
  const value = await giveTurn(loaded, await channelOf(options, name), current);
  return save(options, { ...loaded, value }, 'channel-changed', { channel: name });
};

const channelOf = async (options: GatewayOptions, name: string): Promise<ApprovalChannel> => {
  const channels = await options.channels();
  const channel = channels.find((one) => one.name === name);
  if (channel) return channel;
  throw new BurgeonError('ADAPTER_UNKNOWN', {
    message: `There is no approval channel ${JSON.stringify(name.slice(0, 100))}.`,
    hint: `There ${channels.length === 1 ? 'is' : 'are'}: ${channels.map((one) => one.name).join(', ')}.`,
  });
};

/** Asks the channel whose turn it is. `insist`: its failure is the caller's; otherwise the request stays, to be asked again. */
const askNext = async (options: GatewayOptions, loaded: Loaded, insist = false): Promise<Loaded> => {
  const current = whoseTurn(loaded);
  try {
    const channel = await channelOf(options, current.name);
    if (!(await channel.ready())) throw notReady(current.name);
    const turn = await turnOf(loaded, channel, current);
    const { code } = await channel.ask(questionOf(publicForm(loaded)));
    const hash = code === undefined ? {} : { hash: hashOf(options, loaded, code) };
    return await saveChannel(options, loaded, { ...turn, state: 'asked', ...hash }, 'asked');
  } catch (error) {
    if (insist) throw error;
    return save(options, loaded, 'ask-failed', { channel: current.name, message: BurgeonError.from(error).message });
  }
};

const notReady = (name: string): BurgeonError =>
  new BurgeonError('UNSUPPORTED', {
    message: `The approval channel ${name} is not set up.`,
    hint: name === 'totp' ? 'Run burgeon init --totp.' : 'Set it up, or name another with --channel.',
  });

const hashOf = ({ secret }: GatewayOptions, { id, value }: Loaded, code: string): string =>
  hashCode(secret, [id, value.digest, value.capabilitiesDigest, whoseTurn({ value }).name], normaliseCode(code));

const fits = async (options: GatewayOptions, loaded: Loaded, code: string): Promise<boolean> => {
  const turn = whoseTurn(loaded);
  const channel = await channelOf(options, turn.name);
  if (!(await isWhereItWas(channel, turn))) return false;
  if (turn.hash !== undefined) return sameText(turn.hash, hashOf(options, loaded, code));
  return (await channel.verify?.(questionOf(publicForm(loaded)), code)) ?? false;
};

const confirm = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> => {
  const current = whoseTurn(loaded);
  const receipts = [...loaded.value.receipts, { channel: current.name, class: current.class, at: isoNow(options.clock) }];
  const state = receipts.length >= loaded.value.needed ? 'approved' : 'half';
  const approved = state === 'approved' ? { approved: momentNow(options.clock) } : {};
  const changed = { ...loaded, value: { ...loaded.value, ...approved, receipts, state } satisfies KeptRequest };
  const saved = await saveChannel(
    options,
    changed,
    { ...bareTurn(current), state: 'confirmed' },
    state === 'half' ? 'confirmed' : 'approved',
  );
  return state === 'half' ? askNext(options, saved) : saved;
};

const refuse = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> => {
  const current = whoseTurn(loaded);
  const wrong = current.wrong + 1;
  const saved = await saveChannel(options, loaded, { ...current, wrong }, 'code-wrong');
  const triesLeft = tries - wrong;
  if (triesLeft <= 0) await close(options, saved, { state: 'rejected', reason: 'too many wrong codes' });
  throw new BurgeonError('APPROVAL_CODE_INVALID', {
    message: `The code for ${current.name} is not right.${triesLeft <= 0 ? ' It was the last try; the request is rejected.' : ''}`,
    hint:
      triesLeft <= 0
        ? 'Add the module again to open a new request.'
        : `Tries left: ${triesLeft}. Leave --code away to be asked again.`,
    data: { triesLeft: Math.max(0, triesLeft) },
  });
};

const requireOpen = async (options: GatewayOptions, found: Loaded): Promise<Loaded> => {
  const loaded = await expireIfDue(options, found);
  if (isOpen(loaded.value)) return loaded;
  throw closed(loaded);
};

const requireFresh = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> => {
  const reason = tightened(options.policy(), loaded.value) ?? (await staleness(options, loaded.value));
  if (reason === undefined) return loaded;
  throw closed(await close(options, loaded, { state: 'stale', reason }));
};

const closed = ({ id, value }: Loaded): BurgeonError =>
  new BurgeonError('APPROVAL_CLOSED', {
    message: `The request ${id} is ${value.state}${value.reason === undefined ? '' : `: ${value.reason}`}.`,
    hint: value.state === 'approved' ? 'Nothing needs to be done.' : 'Add the module again to open a new request.',
    data: { request: id, state: value.state },
  });

const expireIfDue = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> =>
  isOpen(loaded.value) && (await isOver(options, loaded.value.opened))
    ? close(options, loaded, { state: 'expired', reason: `nobody answered until ${loaded.value.expiresAt}` })
    : loaded;

/** An approval that lay unused for too long is none. */
const requireUsable = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> => {
  const { state, approved } = loaded.value;
  if (state !== 'approved' || approved === undefined) throw closed(loaded);
  const reason = tightened(options.policy(), loaded.value);
  if (reason !== undefined) throw closed(await close(options, loaded, { state: 'stale', reason }));
  if (!(await isOver(options, approved))) return loaded;
  throw closed(await close(options, loaded, { state: 'expired', reason: 'it was approved, and not used within 24 hours' }));
};

/** Whether the time is up. The newest entry of the audit tells a clock that was set back. */
const isOver = async ({ clock, audit }: GatewayOptions, since: Moment): Promise<boolean> =>
  passedSince(since, clock, Date.parse((await audit.last())?.at ?? '') || 0) >= openMs;

const close = async (
  options: GatewayOptions,
  loaded: Loaded,
  { state, reason }: { state: ApprovalState; reason: string },
): Promise<Loaded> => {
  const asked = loaded.value.channels.filter((channel) => channel.state === 'asked');
  const channels = loaded.value.channels.map(closedTurn);
  const saved = await save(options, { ...loaded, value: { ...loaded.value, channels, state, reason } }, state, { reason });
  // The request is closed whether or not the channel can take its question back.
  for (const { name } of asked) await withdrawFrom(options, name, loaded.id).catch(() => {});
  return saved;
};

const withdrawFrom = async (options: GatewayOptions, name: string, id: string): Promise<void> =>
  (await channelOf(options, name)).withdraw(id);

const saveChannel = (options: GatewayOptions, loaded: Loaded, changed: KeptChannel, kind: string): Promise<Loaded> => {
  const channels = loaded.value.channels.map((channel) => (channel.name === changed.name ? changed : channel));
  return save(options, { ...loaded, value: { ...loaded.value, channels } }, kind, { channel: changed.name });
};

const save = async (
  { audit }: GatewayOptions,
  loaded: Loaded,
  kind: string,
  data: Record<string, string> = {},
): Promise<Loaded> => {
  const { module, version, digest, capabilitiesDigest, run } = loaded.value;
  const told = { request: loaded.id, version, digest, capabilitiesDigest, ...(run === undefined ? {} : { run }), ...data };
  const event: AuditEvent = { kind: `approval.${kind}`, module, data: told };
  await audit.commit([event], [requestWrite(loaded)]);
  return { ...loaded, rev: loaded.rev + 1 };
};
