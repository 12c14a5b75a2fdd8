import type { Lane } from './ends.ts';
import type { Message } from './message.ts';

/** How much may wait for one module. */
export interface QueueBounds {
  messages: number;
  bytes: number;
}

/** A message for one module, on the channel that takes it. */
export interface Delivery {
  message: Message;
  lane: Pick<Lane, 'id' | 'overflow' | 'atOnce'>;
  /** Told when it gave way to others. Absent for messages that somebody waits for: they never do. */
  dropped?(): void;
}

/** What waits, first in, first out, within bounds. */
export interface Queue<D extends Delivery> {
  /** Takes a delivery in, as its channel says of the case that there is no room. */
  add(delivery: D): 'queued' | 'refused' | 'dropped';
  /** The one that waits longest, still in the queue. */
  head(): D | undefined;
  /** Takes one out; false when it does not wait. */
  remove(delivery: D): boolean;
  /** Takes all out, the oldest first. */
  clear(): D[];
  readonly size: number;
}

/** Makes an empty queue. */
export const createQueue = <D extends Delivery>(bounds: QueueBounds): Queue<D> => {
  const waiting: D[] = [];
  let bytes = 0;

  const remove = (delivery: D): boolean => {
    // The first is by far the most frequent.
    const index = waiting[0] === delivery ? 0 : waiting.indexOf(delivery);
    if (index === -1) return false;
    waiting.splice(index, 1);
    bytes -= delivery.message.bytes;
    return true;
  };
  const fits = (size: number): boolean => waiting.length < bounds.messages && bytes + size <= bounds.bytes;
  /** Drops the oldest of the channel until the new one fits; drops none where that would not be enough. */
  const makeRoom = ({ message, lane }: D): boolean => {
    const old = waiting.filter((one) => one.lane.id === lane.id && one.dropped);
    const room = old.reduce((sum, one) => sum + one.message.bytes, bounds.bytes - bytes);
    if (old.length === 0 || room < message.bytes) return false;
    for (const one of old) {
      if (fits(message.bytes)) break;
      remove(one);
      one.dropped?.();
    }
    return true;
  };

  return {
    add: (delivery) => {
      const { lane, message } = delivery;
      if (!fits(message.bytes)) {
        if (lane.overflow === 'drop-newest' && delivery.dropped) return 'dropped';
        if (lane.overflow !== 'drop-oldest' || !makeRoom(delivery)) return 'refused';
      }
      waiting.push(delivery);
      bytes += message.bytes;
      return 'queued';
    },
    head: () => waiting[0],
    remove,
    clear: () => {
      bytes = 0;
      return waiting.splice(0);
    },
    get size() {
      return waiting.length;
    },
  };
};
