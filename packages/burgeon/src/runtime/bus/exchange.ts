import {
  BurgeonError,
  type Clock,
  type DeliveryOutcome,
  type JsonValue,
  type Logger,
  type Published,
  type Store,
} from '@burgeon/kit';
import type { Ids } from '../../base/ids.ts';
import type { Audit } from '../../security/audit.ts';
import { type BusCounters, createBusCounters } from './counters.ts';
import { createDirectory, type Directory, type Members, type Receiver } from './directory.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import type { Message } from './message.ts';
import { openParking, type Parking } from './parking.ts';
import type { QueueBounds } from './queue.ts';
import type { Doing } from './way.ts';
import { createPark, createWork, type DeliverOptions, type Park, type Post } from './work.ts';

/** What the bus is made of. */
export interface BusParts {
  members: Members;
  /** Hands one message to a running instance, which it starts where there is none; gives the reply. */
  deliver(id: string, topic: string, body: JsonValue, options: DeliverOptions): Promise<JsonValue>;
  /** How many calls and messages run in a module now. Default: the messages. */
  inFlight?(id: string): number;
  store: Store;
  audit: Pick<Audit, 'commit'>;
  clock: Clock;
  log: Logger;
  ids: Ids;
  /** A new trace: 32 lower-case hex digits. */
  newTrace(): string;
  /** What may wait for one module. Default: 256 messages, 4 MB. */
  mailbox?: QueueBounds;
  /** How many milliseconds `close` waits for what is on its way. Default: 5,000. */
  drainMs?: number;
}

const usualMailbox: QueueBounds = { messages: 256, bytes: 4 * 1024 * 1024 };
const parkingBounds = { messages: 1_000, bytes: 16 * 1024 * 1024 };

/** Where all messages pass: the mailboxes, and what is counted and kept about them. */
export interface Exchange extends Pick<BusParts, 'clock' | 'newTrace'> {
  directory: Directory;
  counters: BusCounters;
  parking: Parking;
  park: Park;
  mailboxes: Map<string, Mailbox<Post>>;
  /** Everything that waits or is worked on. */
  outstanding: Set<Post>;
  /** Ends the pauses between attempts. */
  closing: AbortController;
  /** Told when nothing is outstanding any more. */
  idle(): void;
  /** True: nothing more is taken. */
  closed: boolean;
  /** Counts messages; together with the id, which no other run has, it names one. */
  nextId(): { id: string; sequence: number };
  mailboxOf(id: string): Mailbox<Post>;
  /** What a module is doing now. */
  doing(id: string): Doing;
}

/** Makes an empty exchange. */
export const createExchange = (parts: BusParts): Exchange => {
  const { clock, log, store, newTrace, inFlight } = parts;
  const closing = new AbortController();
  const directory = createDirectory(parts.members);
  const counters = createBusCounters();
  const parking = openParking({ store, clock, warn: (text) => log.warn(text) }, parkingBounds);
  const shared = { ...parts, directory, counters, parking, closing: closing.signal };
  const work = createWork(shared);
  const mailboxes = new Map<string, Mailbox<Post>>();
  const run = parts.ids.next('message');
  let sequence = 0;
  const exchange: Exchange = {
    clock,
    newTrace,
    directory,
    counters,
    parking,
    park: createPark(shared),
    mailboxes,
    outstanding: new Set(),
    closing,
    idle: () => {},
    closed: false,
    nextId: () => ({ id: `${run}.${(++sequence).toString(36)}`, sequence }),
    mailboxOf: (id) => {
      const known = mailboxes.get(id);
      if (known) return known;
      const made = createMailbox<Post>(parts.mailbox ?? usualMailbox, (post) => work(post).finally(() => leave(exchange, post)));
      mailboxes.set(id, made);
      return made;
    },
    doing: (id) => {
      const messages = (mailboxes.get(id)?.running ?? []).filter(({ inHand }) => inHand).map(({ message }) => message);
      return { messages, calls: Math.max(0, (inFlight?.(id) ?? 0) - messages.length) };
    },
  };
  return exchange;
};

const leave = (exchange: Exchange, post: Post): void => {
  exchange.outstanding.delete(post);
  if (exchange.outstanding.size === 0) exchange.idle();
};

/** Puts a post into the mailbox of its receiver. */
const offer = (exchange: Exchange, post: Post): DeliveryOutcome => {
  const outcome = exchange.mailboxOf(post.to).offer(post);
  if (outcome === 'delivered' || outcome === 'queued') exchange.outstanding.add(post);
  else exchange.counters.count(post.lane.id, outcome);
  return outcome;
};

/** Gives a message to everyone who takes it but its sender. @throws {BurgeonError} QUEUE_FULL when all of them refused it */
export const distribute = (exchange: Exchange, message: Message, receivers: readonly Receiver[], topic: string): Published => {
  const result: Published = { id: message.id, delivered: 0, queued: 0, refused: 0, dropped: 0, receivers: [] };
  for (const { id, lane } of receivers) {
    if (id === message.from) continue;
    const post: Post = {
      to: id,
      lane,
      message,
      dropped: () => {
        exchange.counters.count(lane.id, 'dropped');
        leave(exchange, post);
      },
    };
    const outcome = offer(exchange, post);
    result[outcome] += 1;
    result.receivers.push({ module: id, outcome });
  }
  if (result.receivers.length === 0) exchange.counters.count(topic, 'unheard');
  if (result.refused === 0 || result.refused < result.receivers.length) return result;
  throw full(message.topic, result.receivers.map(({ module }) => module).join(', '), result.receivers);
};

const full = (topic: string, who: string, receivers: Published['receivers']): BurgeonError =>
  new BurgeonError('QUEUE_FULL', {
    message: `Too many messages wait for ${who}; "${topic}" was not taken.`,
    hint: 'Send again later, or have the channel of the receiver say what gives way: "overflow".',
    data: { topic, receivers },
    retryable: true,
  });

const settled = 'settled';

/** Hands a post over and waits for the reply. */
export const ask = (
  exchange: Exchange,
  post: Post,
  bounds: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<JsonValue> =>
  new Promise((resolve, reject) => {
    const { timeoutMs, signal } = bounds;
    const { to, lane, message } = post;
    const ended = new AbortController();
    const end = (settle: () => void): void => {
      if (ended.signal.aborted) return;
      // A reason of ours: without one, each request would cost an exception that nobody looks at.
      ended.abort(settled);
      signal?.removeEventListener('abort', cancel);
      settle();
    };
    const giveUp = (error: BurgeonError, outcome: string): void =>
      end(() => {
        if (exchange.mailboxOf(to).remove(post)) leave(exchange, post);
        exchange.counters.count(lane.id, outcome);
        reject(error);
      });
    const cancel = (): void =>
      giveUp(new BurgeonError('CANCELLED', { message: `Nobody waits for "${message.topic}" any more.` }), 'cancelled');
    post.waiter = { resolve: (reply) => end(() => resolve(reply)), reject: (error) => end(() => reject(error)) };
    if (signal?.aborted) return cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (offer(exchange, post) === 'refused')
      return end(() => reject(full(message.topic, to, [{ module: to, outcome: 'refused' }])));
    exchange.clock.sleep(timeoutMs, ended.signal).then(
      () => giveUp(tooLate(post, timeoutMs), 'timeout'),
      () => {},
    );
  });

const tooLate = ({ to, message: { topic, via } }: Post, timeoutMs: number): BurgeonError =>
  new BurgeonError('TIMEOUT', {
    message: `${to} did not answer "${topic}" within ${timeoutMs} ms.`,
    hint: 'Wait longer with timeoutMs, or see whether it waits in turn for the one who asked.',
    data: { topic, module: to, timeoutMs, modules: [...via] },
    retryable: true,
  });
