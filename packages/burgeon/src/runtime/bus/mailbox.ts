import type { DeliveryOutcome } from '@burgeon/kit';
import { createQueue, type Delivery, type Queue, type QueueBounds } from './queue.ts';

/** What is sent to one module: worked on in the order it came, as many at once as its channels allow. */
export interface Mailbox<D extends Delivery> extends Pick<Queue<D>, 'clear' | 'remove' | 'size'> {
  /** Takes a delivery in or not; work on it may begin before this returns. */
  offer(delivery: D): DeliveryOutcome;
  /** What is worked on. */
  readonly running: readonly D[];
}

/**
 * Makes an empty mailbox. `work` never rejects; when it is over, the module is free again. A delivery begins when fewer are worked on than
 * its channel, and the channel of each that is worked on, allows at once: with the default of 1 nothing runs beside it.
 */
export const createMailbox = <D extends Delivery>(bounds: QueueBounds, work: (delivery: D) => Promise<void>): Mailbox<D> => {
  const queue = createQueue<D>(bounds);
  const running: D[] = [];

  const mayBegin = ({ lane }: D): boolean =>
    running.every((one) => running.length < one.lane.atOnce) && running.length < lane.atOnce;
  const begin = (delivery: D): void => {
    running.push(delivery);
    void work(delivery).then(() => {
      running.splice(running.indexOf(delivery), 1);
      next();
    });
  };
  const next = (): void => {
    for (let head = queue.head(); head !== undefined && mayBegin(head); head = queue.head()) {
      queue.remove(head);
      begin(head);
    }
  };
  return {
    offer: (delivery) => {
      if (queue.size > 0 || !mayBegin(delivery)) return queue.add(delivery);
      begin(delivery);
      return 'delivered';
    },
    remove: queue.remove,
    clear: queue.clear,
    running,
    get size() {
      return queue.size;
    },
  };
};
