import { BurgeonError, type Clock, type ErrorCode, type JsonValue, type Logger } from '@burgeon/kit';
import type { Audit } from '../../security/audit.ts';
import type { BusCounters } from './counters.ts';
import type { Directory, Receiver } from './directory.ts';
import type { Lane } from './ends.ts';
import type { Delivery } from './queue.ts';
import { bodyOf, outside } from './message.ts';
import type { Parking } from './parking.ts';

/** A delivery on its way to one module. */
export interface Post extends Delivery {
  to: string;
  lane: Lane;
  /** Who waits for the reply. Such a post is handed over once and never parked: who waits decides what to do. */
  waiter?: Waiter;
  /** True once it was put away while somebody still worked on it: how that ends changes nothing more. */
  abandoned?: boolean;
  /** True while the module has it in hand. */
  inHand?: boolean;
}

/** Somebody who waits. The first of the two that is called counts. */
export interface Waiter {
  resolve(reply: JsonValue): void;
  reject(error: BurgeonError): void;
}

/** How a message is handed over. */
export interface DeliverOptions {
  /** Id of the module that waits for the reply; absent where none does. */
  from?: string;
}

/** What the work on a post needs. */
export interface WorkParts {
  /** Hands one message to a running instance, which it starts where there is none; gives the reply. */
  deliver(id: string, topic: string, body: JsonValue, options: DeliverOptions): Promise<JsonValue>;
  directory: Directory;
  parking: Parking;
  counters: BusCounters;
  audit: Pick<Audit, 'commit'>;
  clock: Clock;
  log: Logger;
  /** Aborted when nothing is tried again. */
  closing: AbortSignal;
}

/** What no second attempt changes. */
const final: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INPUT_INVALID',
  'CAPABILITY_DENIED',
  'MODULE_NOT_FOUND',
  'VERSION_NOT_FOUND',
  'APPROVAL_PENDING',
  'APPROVAL_REJECTED',
  'MODULE_ARCHIVED',
  'MODULE_QUARANTINED',
  'MODULE_SUSPENDED',
  'SIGNATURE_INVALID',
  'DEPENDENCY_UNMET',
  'DEPENDENCY_MISSING',
  'UNSUPPORTED',
]);

/** Milliseconds before the next attempt: 100, 400, 1600, ..., at most 10 s. */
const pause = (attempt: number): number => Math.min(100 * 4 ** (attempt - 1), 10_000);

/** Hands a post over until it is worked on or parked; never rejects. */
export const createWork = (parts: WorkParts): ((post: Post) => Promise<void>) => {
  const park = createPark(parts);
  return async (post) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const reply = await handOver(parts, post);
        parts.counters.count(post.lane.id, post.waiter ? 'replied' : 'handled');
        return post.waiter?.resolve(reply);
      } catch (error) {
        const reason = BurgeonError.from(error);
        if (post.abandoned) return;
        if (post.waiter) {
          parts.counters.count(post.lane.id, 'failed');
          return post.waiter.reject(reason);
        }
        if (attempt >= post.lane.attempts || final.has(reason.code) || parts.closing.aborted) return park(post, reason, attempt);
        await parts.clock.sleep(pause(attempt), parts.closing).catch(() => {});
      }
    }
  };
};

/** One attempt. The module may have another version than when the message was sent: what counts is what it takes now. */
const handOver = async ({ deliver, directory }: WorkParts, post: Post): Promise<JsonValue> => {
  const { to, message, waiter } = post;
  const found = directory.receivers(message.topic);
  const receivers: readonly Receiver[] = 'then' in found ? await found : found;
  const lane = receivers.find(({ id }) => id === to)?.lane;
  if (!lane) {
    throw new BurgeonError('MODULE_NOT_FOUND', {
      message: `${to} does not take "${message.topic}".`,
      hint: 'It needs a channel for the topic and the capability to subscribe to it.',
    });
  }
  const body = bodyOf(message);
  const wrong = lane.issue(body);
  if (wrong) {
    throw new BurgeonError('INPUT_INVALID', {
      message: `The message is not what ${to} takes on "${message.topic}" at ${wrong.path || 'the top'}: ${wrong.message}.`,
      hint: `Its channel describes the message otherwise than that of ${message.source}: burgeon show ${to}`,
      data: { issues: [{ path: wrong.path, message: wrong.message }] },
    });
  }
  post.inHand = true;
  const given = await deliver(to, message.topic, body, waiter && message.from !== outside ? { from: message.from } : {}).finally(
    () => (post.inHand = false),
  );
  // A copy, too: what is replied crosses as JSON text like what is sent.
  const reply = JSON.parse(JSON.stringify(given ?? null)) as JsonValue;
  const odd = lane.replyIssue(reply);
  if (!odd) return reply;
  throw new BurgeonError('MODULE_FAILED', {
    message: `${to} replied to "${message.topic}" what it does not describe at ${odd.path || 'the top'}: ${odd.message}.`,
    hint: 'Its author has to correct it.',
    data: { module: to, issues: [{ path: odd.path, message: odd.message }] },
  });
};

/** Puts a post away, for people to look at. */
export type Park = (post: Pick<Post, 'to' | 'lane' | 'message'>, reason: BurgeonError, attempts: number) => Promise<void>;

/** Milliseconds in which equal events are recorded once: the audit outlives what a module can pour into it. */
const quietMs = 60_000;

/** Makes the way to park; never rejects. */
export const createPark = ({ parking, counters, audit, clock, log }: Omit<WorkParts, 'deliver' | 'directory'>): Park => {
  const recorded = new Map<string, { at: number; unrecorded: number }>();
  return async ({ to, lane, message }, reason, attempts) => {
    counters.count(lane.id, 'parked');
    await parking
      .put({ module: to, message, reason: reason.toJSON(), attempts })
      .catch((error: unknown) => log.warn(`A message for ${to} could not be parked: ${String(error)}`));
    const key = JSON.stringify([to, lane.id, reason.code]);
    const before = recorded.get(key);
    if (before && clock.now() - before.at < quietMs) {
      before.unrecorded += 1;
      return;
    }
    recorded.set(key, { at: clock.now(), unrecorded: 0 });
    const data = { topic: message.topic, message: message.id, source: message.source, code: reason.code, attempts };
    log.warn(`A message for ${to} was parked: ${reason.message}`, data);
    const more = before?.unrecorded ? { moreBefore: before.unrecorded } : {};
    await audit
      .commit([{ kind: 'message.parked', module: to, data: { ...data, ...more } }])
      .catch((error: unknown) => log.warn(`The record of a parked message was not written: ${String(error)}`));
  };
};
