import { BurgeonError, type JsonValue, type ModuleBus } from '@burgeon/kit';
import type { Receiver } from './directory.ts';
import { type Ends, type Lane, requireTopic } from './ends.ts';
import { type Exchange, ask, distribute } from './exchange.ts';
import type { Message } from './message.ts';
import { type Doing, traceOf, waiting, wayTo } from './way.ts';

const usualRequestMs = 5_000;
const longestRequestMs = 300_000;

/** The bus as one module sees it: what it sends is judged by its own grants and channels first. */
export const openFor = (exchange: Exchange, ends: Ends): ModuleBus => ({
  publish: async (topic, body, { version } = {}) => {
    const lane = laneFor(exchange, { ends, verb: 'publish' }, topic, body);
    const doing = exchange.doing(ends.id);
    const message = compose(exchange, { ends, lane, doing, version }, topic, body);
    const found = exchange.directory.receivers(topic);
    return distribute(exchange, message, 'then' in found ? await found : found, lane.id);
  },
  request: async (topic, body, { version, timeoutMs = usualRequestMs, signal } = {}) => {
    const lane = laneFor(exchange, { ends, verb: 'request' }, topic, body);
    const doing = exchange.doing(ends.id);
    const found = exchange.directory.receivers(topic);
    const target = answering(ends.id, topic, 'then' in found ? await found : found);
    const via = wayTo(target.id, ends.id, waiting(doing));
    const message = { ...compose(exchange, { ends, lane, doing, version }, topic, body), via };
    const limit = Math.min(Math.max(Number(timeoutMs) || usualRequestMs, 1), longestRequestMs);
    const reply = await ask(exchange, { to: target.id, lane: target.lane, message }, { timeoutMs: limit, signal });
    const odd = lane.replyIssue(reply);
    if (!odd) return reply;
    throw new BurgeonError('REMOTE_INVALID', {
      message: `${target.id} replied to "${topic}" what ${ends.id} does not expect at ${odd.path || 'the top'}: ${odd.message}.`,
      hint: 'The two describe the reply otherwise.',
      data: { issues: [{ path: odd.path, message: odd.message }] },
    });
  },
});

/** The sender's own channel, once everything that depends on the sender alone is in order. */
const laneFor = (
  { closed }: Exchange,
  { ends, verb }: { ends: Ends; verb: 'publish' | 'request' },
  topic: string,
  body: JsonValue,
): Lane => {
  if (closed) throw new BurgeonError('CANCELLED', { message: 'The bus is closed.' });
  requireTopic(topic);
  if (!ends.may(verb, topic)) {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `${ends.id} may not ${verb} "${topic}"; no grant covers it.`,
      hint: 'Declare the capability in plugin.json and have the new version approved.',
    });
  }
  const lane = ends.sending(topic);
  if (!lane) {
    throw new BurgeonError('INPUT_INVALID', {
      message: `${ends.id} has no channel on which it sends "${topic}".`,
      hint: 'Describe it in plugin.json: "channels": { "orders.created": { "direction": "out", "message": { ... } } }',
    });
  }
  const issue = lane.issue(body);
  if (!issue) return lane;
  throw new BurgeonError('INPUT_INVALID', {
    message: `The message is not what ${ends.id} sends on "${topic}" at ${issue.path || 'the top'}: ${issue.message}.`,
    hint: `Its channel "${lane.id}" says what it sends.`,
    data: { issues: [{ path: issue.path, message: issue.message }] },
  });
};

const compose = (
  exchange: Exchange,
  { ends, lane, doing, version }: { ends: Ends; lane: Lane; doing: Doing; version: string | undefined },
  topic: string,
  body: JsonValue,
): Message => {
  const text = JSON.stringify(body) ?? 'null';
  const { id, sequence } = exchange.nextId();
  return {
    id,
    from: ends.id,
    source: `${ends.id}@${ends.version}`,
    topic,
    sentAt: exchange.clock.now(),
    traceparent: traceOf(doing, sequence, exchange.newTrace),
    version: version ?? lane.version,
    via: [],
    text,
    bytes: Buffer.byteLength(text),
  };
};

/** The one module that answers: the only one that takes the topic, or the only one whose channel describes a reply. */
const answering = (from: string, topic: string, receivers: readonly Receiver[]): Receiver => {
  const others = receivers.filter(({ id }) => id !== from);
  const answers = others.filter(({ lane }) => lane.answers);
  const [one, ...more] = answers.length > 0 ? answers : others;
  if (!one) {
    throw new BurgeonError('MODULE_NOT_FOUND', {
      message: `Nobody${receivers.length > 0 ? ' else' : ''} takes "${topic}".`,
      hint: 'A module that answers has a channel for the topic and may subscribe to it.',
      data: { topic },
    });
  }
  if (more.length === 0) return one;
  const names = [one, ...more].map(({ id }) => id);
  throw new BurgeonError('NAME_AMBIGUOUS', {
    message: `"${topic}" is answered by ${names.join(' and ')}.`,
    hint: 'Ask on a topic that only one of them takes.',
    data: { topic, modules: names },
  });
};
