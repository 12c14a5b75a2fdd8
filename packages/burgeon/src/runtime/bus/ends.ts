import { BurgeonError, type BusBinding, type Capability, type Channel, type JsonSchema, type JsonValue } from '@burgeon/kit';
import { isObject } from '../../base/json.ts';
import type { Issue } from '../../interface/issue.ts';
import { createValidator } from '../../interface/validate.ts';
import { type busVerbs, covers, patternIncludes } from '../../security/capabilities.ts';
import { remember } from './remember.ts';

/** One version of a module, as far as the bus is concerned. */
export interface Member {
  /** `namespace/name`. */
  id: string;
  version: string;
  channels: readonly Channel[];
  /** Named types that the channels refer to. */
  types: Record<string, JsonSchema>;
  grants: readonly Capability[];
}

/** What a module may do with a topic. */
export type BusVerb = (typeof busVerbs)[number];

/** A channel made ready for use: its schemas are compiled at the first message. */
export interface Lane extends Required<Pick<BusBinding, 'overflow' | 'atOnce' | 'attempts'>> {
  /** Id of the channel; a pattern where it stands for several topics. */
  id: string;
  version: string | undefined;
  /** True when the channel says what is answered. */
  answers: boolean;
  /** The first thing wrong with a message. */
  issue(body: JsonValue): Issue | undefined;
  /** The first thing wrong with a reply. */
  replyIssue(reply: JsonValue): Issue | undefined;
}

/** Both ends of a module on the bus. */
export interface Ends {
  id: string;
  version: string;
  may(verb: BusVerb, topic: string): boolean;
  /** The channel on which it sends the topic. */
  sending(topic: string): Lane | undefined;
  /** The channel on which it takes the topic: it must have one, and be granted to subscribe. */
  receiving(topic: string): Lane | undefined;
}

/**
 * What a module sends and takes. An interface is described as those see it who use it: on an `in` channel the module sends, on an `out`
 * channel it is sent to. A channel whose id is a pattern (`orders.*`) stands for many topics; the exact one wins, then the longest.
 */
export const endsOf = (member: Member): Ends => {
  const { id, version, channels, grants } = member;
  const lanes = new Map(channels.map((channel) => [channel, laneOf(channel, member.types)]));
  const laneFor = (topic: string, excluded: Channel['direction']): Lane | undefined => {
    const best = bestChannel(
      channels.filter(({ direction }) => direction !== excluded),
      topic,
    );
    return best && lanes.get(best);
  };
  const may = remember((question) => {
    const [verb = '', topic = ''] = question.split(' ', 2);
    return covers(grants, { kind: 'bus', scope: { topics: [topic], verbs: [verb] } });
  });
  const mayDo = (verb: BusVerb, topic: string): boolean => may(`${verb} ${topic}`);
  const sending = remember((topic) => ({ lane: laneFor(topic, 'out') }));
  const receiving = remember((topic) => ({ lane: mayDo('subscribe', topic) ? laneFor(topic, 'in') : undefined }));
  return { id, version, may: mayDo, sending: (topic) => sending(topic).lane, receiving: (topic) => receiving(topic).lane };
};

const bestChannel = (channels: readonly Channel[], topic: string): Channel | undefined =>
  channels.find(({ id }) => id === topic) ??
  channels.filter(({ id }) => patternIncludes(id, topic)).toSorted((a, b) => b.id.length - a.id.length)[0];

const laneOf = ({ id, message, reply, bindings }: Channel, types: Record<string, JsonSchema>): Lane => {
  const validator = createValidator(types);
  const said = isObject(bindings['bus']) ? (bindings['bus'] as BusBinding) : {};
  return {
    id,
    answers: reply !== undefined,
    version: typeof said.version === 'string' ? said.version.slice(0, 64) : undefined,
    overflow: said.overflow === 'drop-oldest' || said.overflow === 'drop-newest' ? said.overflow : 'refuse',
    atOnce: within(said.atOnce, 1, 64, 1),
    attempts: within(said.attempts, 1, 10, 3),
    issue: (body) => validator.check(message, body)[0],
    replyIssue: (answer) => (reply === undefined ? undefined : validator.check(reply, answer)[0]),
  };
};

const within = (value: number | undefined, least: number, most: number, otherwise: number): number =>
  typeof value === 'number' && Number.isInteger(value) ? Math.min(Math.max(value, least), most) : otherwise;

/** Refuses what is no topic: a text of 1 to 256 printable characters without blanks and stars. @throws {BurgeonError} INPUT_INVALID */
export function requireTopic(topic: unknown): asserts topic is string {
  if (typeof topic === 'string' && topic.length <= 256 && /^[^\s*\p{C}]+$/u.test(topic)) return;
  throw new BurgeonError('INPUT_INVALID', {
    message: `${(JSON.stringify(topic) ?? 'Nothing').slice(0, 100)} is no topic.`,
    hint: 'A topic is a text like orders.created, without blanks and stars.',
  });
}
