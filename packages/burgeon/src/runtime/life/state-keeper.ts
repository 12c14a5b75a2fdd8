import type { Clock, JsonValue, Logger } from '@burgeon/kit';
import { BurgeonError } from '@burgeon/kit';
import { isoNow } from '../../base/clock.ts';
import { limitExceeded } from '../../base/limit-exceeded.ts';
import type { KeptStates } from './kept-state.ts';
import type { Replica } from './replica.ts';

/** Between the starts of two checkpoints, milliseconds: at most so much of what was told done is lost in a crash. */
const pauseMs = 50;

/** Keeps the state of one line: one checkpoint at a time, and one more when something changed meanwhile. */
export interface StateKeeper {
  /** Something changed: a checkpoint follows soon. */
  changed(): void;
  /**
   * Takes the state of a replica and stores it, unless it is what is stored.
   * @throws {BurgeonError} LIMIT_EXCEEDED (`resultBytes`) when it is too large, and whatever the module throws
   */
  take(replica: Replica): Promise<JsonValue>;
  /** Resolves when no checkpoint runs; none follows until something changes. */
  settle(): Promise<void>;
}

/** What a keeper works with. `source`: the instance whose state counts now. */
export interface StateKeeperParts {
  key: string;
  states: KeptStates;
  clock: Clock;
  log: Logger;
  source(): Replica | undefined;
}

/** Makes a keeper. */
export const createStateKeeper = ({ key, states, clock, log, source }: StateKeeperParts): StateKeeper => {
  let due = false;
  let running: Promise<void> | undefined;
  let pause = new AbortController();
  let stored: string | undefined;

  const take = async (replica: Replica): Promise<JsonValue> => {
    const state = await replica.snapshot();
    const text = checkedText(replica, state);
    const { card, version } = replica.prepared;
    const print = `${version} ${card.state?.version} ${text}`;
    if (card.state === undefined || print === stored) return state;
    await states.put(key, { version: card.state.version, state, module: version, takenAt: isoNow(clock) });
    stored = print;
    return state;
  };
  const once = async (): Promise<void> => {
    const replica = source();
    if (!replica || replica.lost) return;
    await take(replica).catch((error: unknown) => {
      const { code, message } = BurgeonError.from(error);
      if (!replica.lost) log.warn(`The state of ${key} could not be kept.`, { module: key, code, message });
    });
  };
  const follow = async (): Promise<void> => {
    while (due) {
      due = false;
      await once();
      if (due) await clock.sleep(pauseMs, pause.signal).catch(() => {});
    }
    running = undefined;
  };
  return {
    take,
    changed: () => {
      due = true;
      running ??= follow();
    },
    settle: async () => {
      while (running) {
        due = false;
        pause.abort();
        await running;
        pause = new AbortController();
      }
    },
  };
};

const checkedText = (replica: Replica, state: JsonValue): string => {
  const { id: name, limits, card } = replica.prepared;
  const text = JSON.stringify(state);
  if (text.length * 3 <= limits.resultBytes || Buffer.byteLength(text) <= limits.resultBytes) return text;
  throw limitExceeded({ name, limits, limit: 'resultBytes', own: card.limits, operation: 'snapshot' });
};
