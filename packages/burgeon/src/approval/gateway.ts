import { BurgeonError, type ApprovalChannel, type Clock, type Store } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Audit, AuditEvent } from '../security/audit.ts';
import { hashCode, normaliseCode, sameText } from '../security/codes.ts';
import { createSerial } from '../security/serial.ts';
import { type Policy, channelsNeeded } from './policy.ts';
import {
  type ApprovalRequest,
  type ApprovalState,
  type KeptChannel,
  type KeptRequest,
  type Loaded,
  isDue,
  isOpen,
  loadRequest,
  loadRequests,
  publicForm,
  questionOf,
  requestWrite,
} from './request.ts';

/** What is to be approved. */
export interface ApprovalSubject {
  /** Module id, `namespace/name`. */
  module: string;
  version: string;
  digest: string;
  capabilitiesDigest: string;
  /** Rendered by `renderDisclosure`. */
  disclosure: string;
  /** False only when the active version has the same capabilities. */
  capabilitiesChanged: boolean;
  checksOk: boolean;
}

/** What the gateway works with. */
export interface GatewayOptions {
  store: Store;
  audit: Audit;
  clock: Clock;
  ids: Ids;
  /** In the order of preference. */
  channels: readonly ApprovalChannel[];
  policy: Pick<Policy, 'mode' | 'unchanged'>;
  /** Key under which codes are hashed; 32 bytes, from `deriveKey(masterKey, 'approval')`. */
  secret: Uint8Array;
  /** What would be activated now; a request whose digests differ goes stale. Absent = not compared. */
  current?(module: string, version: string): Promise<{ digest: string; capabilitiesDigest: string } | undefined>;
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
   * may name another one of a class that has not confirmed. A channel that has confirmed already changes nothing, and neither does an
   * answer to what is approved.
   * @throws {BurgeonError} REQUEST_NOT_FOUND; APPROVAL_CLOSED; APPROVAL_CODE_INVALID (data.triesLeft); ADAPTER_UNKNOWN; UNSUPPORTED
   */
  answer(id: string, answer: { code?: string; channel?: string }): Promise<ApprovalRequest>;
  /** Refuses for good. @throws {BurgeonError} REQUEST_NOT_FOUND, APPROVAL_CLOSED */
  reject(id: string, why?: string): Promise<ApprovalRequest>;
  /** All requests, the oldest first. */
  list(): Promise<ApprovalRequest[]>;
  /** @throws {BurgeonError} REQUEST_NOT_FOUND */
  get(id: string): Promise<ApprovalRequest>;
}

/** How long a request stays open. */
const openMs = 24 * 60 * 60 * 1_000;

/** Wrong answers a channel takes before the request is rejected. */
const tries = 5;

/** Opens the gateway. Requests are kept in the store and outlive the process; everything that happens to them is audited. */
export const openGateway = (options: GatewayOptions): Gateway => {
  const oneAtATime = createSerial();
  const { store } = options;
  return {
    open: (subject) => oneAtATime(() => openRequest(options, subject)),
    answer: (id, answer) => oneAtATime(async () => publicForm(await takeAnswer(options, await loadRequest(store, id), answer))),
    reject: (id, why) =>
      oneAtATime(async () => {
        const loaded = await requireOpen(options, await loadRequest(store, id));
        return publicForm(await close(options, loaded, { state: 'rejected', reason: why ?? 'the owner said no' }));
      }),
    list: () =>
      oneAtATime(async () => {
        const found: ApprovalRequest[] = [];
        for (const loaded of await loadRequests(store)) found.push(publicForm(await expireIfDue(options, loaded)));
        return found;
      }),
    get: (id) => oneAtATime(async () => publicForm(await expireIfDue(options, await loadRequest(store, id)))),
  };
};

const openRequest = async (options: GatewayOptions, subject: ApprovalSubject): Promise<ApprovalRequest> => {
  const { clock, ids, policy, store } = options;
  const needed = channelsNeeded(policy, subject);
  const channels = await plan(options, needed);
  for (const earlier of await loadRequests(store)) {
    if (earlier.value.module === subject.module && isOpen(earlier.value)) {
      await close(options, earlier, { state: 'superseded', reason: `version ${subject.version} was asked for after it` });
    }
  }
  const { module, version, digest, capabilitiesDigest, disclosure } = subject;
  const at = isoNow(clock);
  const value: KeptRequest = {
    module,
    version,
    state: needed === 0 ? 'approved' : 'pending',
    digest,
    capabilitiesDigest,
    createdAt: at,
    expiresAt: new Date(clock.now() + openMs).toISOString(),
    needed,
    channels,
    receipts: needed === 0 ? [{ channel: 'policy', class: 'policy', at }] : [],
    disclosure,
  };
  const loaded = await save(options, { id: ids.next('req'), rev: 0, value }, needed === 0 ? 'approved-by-policy' : 'opened');
  return publicForm(needed === 0 ? loaded : await askNext(options, loaded));
};

/** Channels to ask, each of another class: those that are ready first, so that one that is not set up yet is only promised. */
const plan = async ({ channels }: GatewayOptions, needed: number): Promise<KeptChannel[]> => {
  const ready = new Set<ApprovalChannel>();
  for (const channel of channels) if (await channel.ready().catch(() => false)) ready.add(channel);
  const chosen = new Map<string, KeptChannel>();
  for (const channel of [...channels].sort((a, b) => Number(ready.has(b)) - Number(ready.has(a)))) {
    if (chosen.size < needed && !chosen.has(channel.class)) {
      chosen.set(channel.class, { name: channel.name, class: channel.class, state: 'waiting', wrong: 0 });
    }
  }
  if (chosen.size === needed) return [...chosen.values()];
  throw new BurgeonError('UNSUPPORTED', {
    message: `The policy needs ${needed} different approval channels; there ${chosen.size === 1 ? 'is' : 'are'} ${chosen.size}.`,
    hint: 'Set up another channel (burgeon init --totp) or another policy (burgeon init --policy one-channel).',
  });
};

const takeAnswer = async (
  options: GatewayOptions,
  found: Loaded,
  { code, channel: name }: { code?: string; channel?: string },
): Promise<Loaded> => {
  const { state, channels } = found.value;
  if (state === 'approved') return found;
  if (state === 'half' && channels.some((channel) => channel.name === name && channel.state === 'confirmed')) return found;
  const loaded = await requireFresh(options, await requireOpen(options, found));
  const turn = name === undefined ? loaded : await turnTo(options, loaded, name);
  if (code === undefined) return askNext(options, turn, true);
  const asked = whoseTurn(turn).state === 'asked' ? turn : await askNext(options, turn, true);
  return (await fits(options, asked, code)) ? confirm(options, asked) : refuse(options, asked);
};

/** Lets another channel take the turn: one that exists and whose class has not confirmed. */
const turnTo = async (options: GatewayOptions, loaded: Loaded, name: string): Promise<Loaded> => {
  const current = whoseTurn(loaded);
  if (current.name === name) return loaded;
  const channel = channelOf(options, name);
  const { channels } = loaded.value;
  if (channels.some((other) => other.class === channel.class && other.state === 'confirmed')) {
    throw new BurgeonError('APPROVAL_CODE_INVALID', {
      message: `${name} is of the class ${channel.class}, which has confirmed already.`,
      hint: 'Confirm by a channel of another class.',
    });
  }
  // Wrong answers go with the turn, not with the channel: switching back and forth gains no tries.
  const next: KeptChannel = { name, class: channel.class, state: 'waiting', wrong: current.wrong };
  const kept = channels.filter((other) => other.state === 'confirmed');
  // The one that loses its turn waits again; the code it sent is void.
  const rest = channels
    .filter((other) => other.state !== 'confirmed' && other.class !== channel.class)
    .map((other) => ({ ...bare(other), state: 'waiting' as const }));
  const value = { ...loaded.value, channels: [...kept, next, ...rest].slice(0, loaded.value.needed) };
  return save(options, { ...loaded, value }, 'channel-changed', { channel: name });
};

const whoseTurn = ({ value }: Loaded): KeptChannel => {
  const channel = value.channels.find(({ state }) => state !== 'confirmed');
  if (channel) return channel;
  throw new BurgeonError('APPROVAL_CLOSED', { message: 'Every channel has confirmed already.' });
};

const channelOf = ({ channels }: GatewayOptions, name: string): ApprovalChannel => {
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
    const channel = channelOf(options, current.name);
    if (!(await channel.ready())) throw notReady(current.name);
    const { code } = await channel.ask(questionOf(loaded));
    const hash = code === undefined ? {} : { hash: hashOf(options, loaded, code) };
    return await saveChannel(options, loaded, { ...bare(current), state: 'asked', ...hash }, 'asked');
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

const bare = ({ name, class: kind, state, wrong }: KeptChannel): KeptChannel => ({ name, class: kind, state, wrong });

const hashOf = ({ secret }: GatewayOptions, { id, value }: Loaded, code: string): string =>
  hashCode(secret, [id, value.digest, value.capabilitiesDigest, whoseTurn({ id, value, rev: 0 }).name], normaliseCode(code));

const fits = async (options: GatewayOptions, loaded: Loaded, code: string): Promise<boolean> => {
  const { name, hash } = whoseTurn(loaded);
  if (hash !== undefined) return sameText(hash, hashOf(options, loaded, code));
  const channel = channelOf(options, name);
  return (await channel.verify?.(questionOf(loaded), code)) ?? false;
};

const confirm = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> => {
  const current = whoseTurn(loaded);
  const receipts = [...loaded.value.receipts, { channel: current.name, class: current.class, at: isoNow(options.clock) }];
  const state = receipts.length >= loaded.value.needed ? 'approved' : 'half';
  const changed = { ...loaded, value: { ...loaded.value, receipts, state } satisfies KeptRequest };
  const saved = await saveChannel(
    options,
    changed,
    { ...bare(current), state: 'confirmed' },
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
  const { module, version, digest, capabilitiesDigest } = loaded.value;
  if (options.current === undefined) return loaded;
  const now = await options.current(module, version);
  if (now?.digest === digest && now.capabilitiesDigest === capabilitiesDigest) return loaded;
  throw closed(await close(options, loaded, { state: 'stale', reason: 'the module is no longer the one that was asked about' }));
};

const closed = ({ id, value }: Loaded): BurgeonError =>
  new BurgeonError('APPROVAL_CLOSED', {
    message: `The request ${id} is ${value.state}${value.reason === undefined ? '' : `: ${value.reason}`}.`,
    hint: value.state === 'approved' ? 'Nothing needs to be done.' : 'Add the module again to open a new request.',
    data: { request: id, state: value.state },
  });

const expireIfDue = async (options: GatewayOptions, loaded: Loaded): Promise<Loaded> =>
  isOpen(loaded.value) && isDue(loaded.value, options.clock)
    ? close(options, loaded, { state: 'expired', reason: `nobody answered until ${loaded.value.expiresAt}` })
    : loaded;

const close = async (
  options: GatewayOptions,
  loaded: Loaded,
  { state, reason }: { state: ApprovalState; reason: string },
): Promise<Loaded> => {
  const asked = loaded.value.channels.filter((channel) => channel.state === 'asked');
  const channels = loaded.value.channels.map(bare);
  const saved = await save(options, { ...loaded, value: { ...loaded.value, channels, state, reason } }, state, { reason });
  // The request is closed whether or not the channel can take its question back.
  for (const { name } of asked) {
    const channel = options.channels.find((one) => one.name === name);
    await channel?.withdraw(loaded.id).catch(() => {});
  }
  return saved;
};

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
  const { module, version, digest, capabilitiesDigest } = loaded.value;
  const event: AuditEvent = {
    kind: `approval.${kind}`,
    module,
    data: { request: loaded.id, version, digest, capabilitiesDigest, ...data },
  };
  await audit.commit([event], [requestWrite(loaded)]);
  return { ...loaded, rev: loaded.rev + 1 };
};
