import { BurgeonError } from '@burgeon/kit';
import type { Message } from './message.ts';

/** Modules that may wait for one another in a row. */
const longest = 16;

/** What a module does while it sends: the messages it works on, and how many calls of operations run beside them. */
export interface Doing {
  messages: readonly Pick<Message, 'via' | 'traceparent'>[];
  calls: number;
}

/**
 * Who waits for what a module sends now. A wall does not tell for which of several works a module sends, so where it has more than one
 * only those count who wait whichever it was; a circle that is missed in this way ends at the deadline of the one who asked.
 */
export const waiting = ({ messages, calls }: Doing): readonly string[] => {
  const [first, ...others] = messages;
  if (first === undefined || calls > 0) return [];
  return others.length === 0 ? first.via : first.via.filter((id) => others.every(({ via }) => via.includes(id)));
};

/**
 * The modules that wait once `from` has asked `to`.
 * @throws {BurgeonError} LIMIT_EXCEEDED when `to` is among them, so that nobody could ever answer, or when they are too many
 */
export const wayTo = (to: string, from: string, before: readonly string[]): readonly string[] => {
  const via = [...before, from];
  if (via.includes(to)) {
    const circle = [...via.slice(via.indexOf(to)), to];
    throw new BurgeonError('LIMIT_EXCEEDED', {
      message: `${from} asks ${to}, which waits for the answer itself: ${circle.join(' > ')}.`,
      hint: 'Hand over what the other side needs with the question, or publish instead of asking.',
      data: { limit: 'circle', modules: circle },
    });
  }
  if (via.length <= longest) return via;
  throw new BurgeonError('LIMIT_EXCEEDED', {
    message: `${via.length} modules wait for one another: ${via.join(' > ')}.`,
    hint: `At most ${longest} may ask in a row.`,
    data: { limit: 'depth', value: longest, modules: [...via] },
  });
};

const pattern = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The trace of what a module sends now: that of the one message it works on, else a new one. `span` counts messages.
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export const traceOf = ({ messages, calls }: Doing, span: number, newTrace: () => string): string => {
  const [first] = messages;
  const known = first !== undefined && messages.length === 1 && calls === 0 ? pattern.exec(first.traceparent)?.[1] : undefined;
  return `00-${known ?? newTrace()}-${span.toString(16).padStart(16, '0')}-01`;
};
