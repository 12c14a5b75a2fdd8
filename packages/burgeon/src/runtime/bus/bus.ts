import { BurgeonError, type JsonValue, type ModuleBus, type Published } from '@burgeon/kit';
import { isoNow } from '../../base/clock.ts';
import { endsOf, type Member, requireTopic } from './ends.ts';
import { messageIn, readEnvelope } from './envelope.ts';
import { type BusParts, type Exchange, ask, createExchange, distribute } from './exchange.ts';
import { type Message, outside } from './message.ts';
import { type ParkedView, parkedView } from './parking.ts';
import { openFor } from './sending.ts';
import { traceOf } from './way.ts';
import type { Post } from './work.ts';

/** Carries messages between modules. */
export interface Bus {
  /** The bus as one running module sees it. */
  open(member: Member): ModuleBus;
  /**
   * Publishes what comes from outside, in an envelope of either version.
   * @throws {BurgeonError} INPUT_INVALID when it is none; QUEUE_FULL when nobody took it for want of room
   */
  accept(envelope: unknown): Promise<Published>;
  /** Messages that their receivers could not work on, the oldest first, in envelopes of the given version. */
  parked(query?: { module?: string; version?: 1 | 2 }): Promise<ParkedView[]>;
  /**
   * Hands a parked message over once more and waits; it stays parked when that fails.
   * @throws {BurgeonError} RECORD_NOT_FOUND, and whatever the receiver throws
   */
  redeliver(id: string): Promise<{ id: string; module: string; reply: JsonValue }>;
  /** Forgets a parked message. @throws {BurgeonError} RECORD_NOT_FOUND */
  discard(id: string): Promise<void>;
  /** Has a module looked at again, or all of them: other versions, other channels, other grants. */
  changed(id?: string): void;
  /** Counters in the Prometheus text format. */
  metrics(): string;
  /** Waits a while for what is on its way, and parks the rest. Nothing can be sent afterwards. */
  close(): Promise<void>;
}

/** How long a person waits for a message that is handed over once more. */
const redeliveryMs = 60_000;

/** Makes a bus. Its owner closes it. */
export const createBus = (parts: BusParts): Bus => {
  const exchange = createExchange(parts);
  return {
    open: (member) => openFor(exchange, endsOf(member)),
    accept: (envelope) => accept(exchange, envelope),
    parked: async ({ module, version = 2 } = {}) => (await exchange.parking.list(module)).map((one) => parkedView(one, version)),
    redeliver: (id) => redeliver(exchange, id),
    discard: async (id) => exchange.parking.remove((await exchange.parking.get(id)).id),
    changed: (id) => exchange.directory.changed(id),
    metrics: () => exchange.counters.text([...exchange.mailboxes].map(([id, { size }]) => [id, size] as const)),
    close: () => close(exchange, parts.drainMs),
  };
};

const accept = async (exchange: Exchange, envelope: unknown): Promise<Published> => {
  if (exchange.closed) throw new BurgeonError('CANCELLED', { message: 'The bus is closed.' });
  const { id, sequence } = exchange.nextId();
  const read = readEnvelope(envelope, {
    id,
    source: outside,
    time: isoNow(exchange.clock),
    traceparent: traceOf({ messages: [], calls: 0 }, sequence, exchange.newTrace),
  });
  requireTopic(read.type);
  // Whoever it says it is from: it came from outside, and nobody inside waits for it.
  const message: Message = { ...messageIn(read), from: outside, via: [] };
  return distribute(exchange, message, await exchange.directory.receivers(read.type), outside);
};

const redeliver = async (exchange: Exchange, id: string): Promise<{ id: string; module: string; reply: JsonValue }> => {
  const { module, message, attempts } = await exchange.parking.get(id);
  const receiver = (await exchange.directory.receivers(message.topic)).find((one) => one.id === module);
  try {
    if (!receiver)
      throw new BurgeonError('MODULE_NOT_FOUND', { message: `${module} does not take "${message.topic}" any more.` });
    const post: Post = { to: module, lane: receiver.lane, message: { ...message, from: outside, via: [] } };
    const reply = await ask(exchange, post, { timeoutMs: redeliveryMs });
    await exchange.parking.remove(id);
    return { id, module, reply };
  } catch (error) {
    const reason = BurgeonError.from(error);
    await exchange.parking.put({ id, module, message, reason: reason.toJSON(), attempts: attempts + 1 });
    throw reason;
  }
};

const close = async (exchange: Exchange, drainMs = 5_000): Promise<void> => {
  const { outstanding, clock, closing, mailboxes } = exchange;
  if (outstanding.size > 0 && !exchange.closed) {
    const drained = new AbortController();
    exchange.idle = () => drained.abort();
    await clock.sleep(drainMs, drained.signal).catch(() => {});
  }
  exchange.closed = true;
  closing.abort();
  const reason = new BurgeonError('CANCELLED', { message: 'Burgeon ended before it was worked on.' });
  for (const mailbox of mailboxes.values()) mailbox.clear();
  for (const post of outstanding) {
    outstanding.delete(post);
    post.abandoned = true;
    if (post.waiter) post.waiter.reject(reason);
    else await exchange.park(post, reason, 0);
  }
};
