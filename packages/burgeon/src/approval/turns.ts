import { type ApprovalChannel, BurgeonError } from '@burgeon/kit';
import { canonicalAddress } from './address.ts';
import type { Demand } from './policy.ts';
import type { KeptChannel, KeptRequest, Loaded } from './request.ts';

/** Where a channel's answers come from; one that has a single place is known by its class. */
export const addressOf = async (channel: ApprovalChannel): Promise<string> => (await channel.address?.()) ?? channel.class;

/**
 * The channels to ask, in the order in which they are asked, each of another class and another address than the others: those that are
 * ready first, so that one that is not set up yet is only promised.
 * @throws {BurgeonError} UNSUPPORTED when there are fewer than are demanded
 */
export const planTurns = async (channels: readonly ApprovalChannel[], demand: Demand): Promise<KeptChannel[]> => {
  const ready = new Set<ApprovalChannel>();
  for (const channel of channels) if (await channel.ready().catch(() => false)) ready.add(channel);
  const rank = (channel: ApprovalChannel): number => (isAmong(channel, demand.among) ? 2 : 0) + (ready.has(channel) ? 1 : 0);
  const [first, ...rest] = [...channels].sort((a, b) => rank(b) - rank(a));
  // The one that is demanded is planned first and asked last: it is the stronger proof.
  const demanded = demand.among !== undefined && first !== undefined && isAmong(first, demand.among) ? first : undefined;
  if (demand.among !== undefined && demanded === undefined) throw noneOf(demand.among);
  const order = demand.among === undefined && first !== undefined ? [first, ...rest] : rest;
  const chosen: KeptChannel[] = demanded === undefined ? [] : [await keptOf(demanded)];
  for (const channel of order) {
    const kept = await keptOf(channel);
    if (chosen.length < demand.channels && !chosen.some((other) => isSame(other, kept))) chosen.push(kept);
  }
  if (chosen.length < demand.channels) throw tooFew(demand.channels, chosen.length);
  return demanded === undefined ? chosen : [...chosen.slice(1), ...chosen.slice(0, 1)];
};

/**
 * The request with another channel in turn. Wrong answers go with the turn, not with the channel: switching back and forth gains no tries.
 * The one that loses its turn waits again; the code it sent is void.
 * @throws {BurgeonError} APPROVAL_CODE_INVALID when a channel like it has confirmed, or when a demanded one would no longer come
 */
export const giveTurn = async (loaded: Loaded, channel: ApprovalChannel, current: KeptChannel): Promise<KeptRequest> => {
  const next = await turnOf(loaded, channel, current);
  const { value } = loaded;
  const confirmed = value.channels.filter(({ state }) => state === 'confirmed');
  const isLast = confirmed.length === value.needed - 1;
  if (isLast && value.among !== undefined && ![...confirmed, next].some((each) => isAmong(each, value.among))) {
    throw refusedTurn(`What this version gains must be confirmed by ${value.among.join(' or ')}.`);
  }
  const waiting = value.channels
    .filter((other) => other.state !== 'confirmed' && !isSame(other, next))
    .map((other) => ({ ...bareTurn(other), state: 'waiting' as const }))
    // One that is demanded keeps its place when not all fit.
    .sort((a, b) => Number(isAmong(b, value.among)) - Number(isAmong(a, value.among)));
  return { ...value, channels: [...confirmed, next, ...waiting].slice(0, value.needed) };
};

/** The channel whose turn it is. @throws {BurgeonError} APPROVAL_CLOSED when all have confirmed */
export const whoseTurn = ({ value }: Pick<Loaded, 'value'>): KeptChannel => {
  const channel = value.channels.find(({ state }) => state !== 'confirmed');
  if (channel) return channel;
  throw new BurgeonError('APPROVAL_CLOSED', { message: 'Every channel has confirmed already.' });
};

/** A channel without the code that was sent over it. */
export const bareTurn = ({ hash: _hash, ...bare }: KeptChannel): KeptChannel => bare;

/** A channel when its request is closed: what it was asked is taken back. */
export const closedTurn = (turn: KeptChannel): KeptChannel => ({
  ...bareTurn(turn),
  state: turn.state === 'confirmed' ? 'confirmed' : 'waiting',
});

/** Two of one name or class, or two whose answers come from one place, are one channel. */
const isSame = (a: KeptChannel, b: KeptChannel): boolean => a.name === b.name || a.class === b.class || a.address === b.address;

/** True while a channel reaches who it reached when it was asked: what was sent before goes to nobody who counts now. */
export const isWhereItWas = async (channel: ApprovalChannel, asked: KeptChannel): Promise<boolean> => {
  const { class: kind, address } = await keptOf(channel);
  return asked.class === kind && asked.address === address;
};

/**
 * The channel whose turn it is as it is now: where it leads may have been set anew since it was planned.
 * @throws {BurgeonError} APPROVAL_CODE_INVALID when it leads where one has confirmed by now
 */
export const turnOf = async ({ value }: Loaded, channel: ApprovalChannel, planned: KeptChannel): Promise<KeptChannel> => {
  const next: KeptChannel = { ...(await keptOf(channel)), wrong: planned.wrong };
  requireOther(value, next);
  return next;
};

const requireOther = ({ channels }: KeptRequest, next: KeptChannel): void => {
  if (!channels.some((other) => other.state === 'confirmed' && isSame(other, next))) return;
  throw refusedTurn(`${next.name} answers from where a channel of the class ${next.class} has confirmed already.`);
};

const isAmong = ({ name, class: kind }: { name: string; class: string }, among: readonly string[] | undefined): boolean =>
  among !== undefined && (among.includes(name) || among.includes(kind));

const keptOf = async (channel: ApprovalChannel): Promise<KeptChannel> => ({
  name: channel.name,
  class: channel.class,
  address: canonicalAddress(await addressOf(channel)),
  state: 'waiting',
  wrong: 0,
});

const refusedTurn = (message: string): BurgeonError =>
  new BurgeonError('APPROVAL_CODE_INVALID', { message, hint: 'Confirm by a channel of another class and another address.' });

const tooFew = (needed: number, found: number): BurgeonError =>
  new BurgeonError('UNSUPPORTED', {
    message: `The policy needs ${needed} different approval channels; there ${found === 1 ? 'is' : 'are'} ${found}.`,
    hint: 'Set up another channel (burgeon init --totp, burgeon channels) or another policy (burgeon init --policy one-channel).',
  });

const noneOf = (among: readonly string[]): BurgeonError =>
  new BurgeonError('UNSUPPORTED', {
    message: `The policy wants grave powers confirmed by ${among.join(' or ')}, and there is no such channel.`,
    hint: 'See burgeon channels.',
  });
