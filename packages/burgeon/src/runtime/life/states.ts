import { BurgeonError } from '@burgeon/kit';

/** What a state means to a call: it runs, waits, starts the module, or is refused. */
export type Admission = 'run' | 'wait' | 'start' | 'refuse';

interface StateRow {
  calls: Admission;
  meaning: string;
  /** States that may follow. */
  next: readonly LifeState[];
}

/** Where a running module stands. */
export type LifeState =
  'unloaded' | 'loading' | 'ready' | 'reloading' | 'handing-over' | 'draining' | 'failed' | 'quarantined' | 'suspended';

/** The one table of states and of what may follow each. `docs/modules.md` shows the same rows; a test compares both. */
export const lifeTable: Readonly<Record<LifeState, StateRow>> = {
  unloaded: {
    calls: 'start',
    meaning: 'Nothing runs; the next call starts it.',
    next: ['loading', 'quarantined', 'suspended'],
  },
  loading: {
    calls: 'wait',
    meaning: 'It is verified, started and given its state back.',
    next: ['ready', 'unloaded', 'failed', 'quarantined'],
  },
  ready: {
    calls: 'run',
    meaning: 'It answers.',
    next: ['reloading', 'draining', 'failed', 'quarantined', 'suspended'],
  },
  reloading: {
    calls: 'run',
    meaning: 'A new instance starts beside the one that answers.',
    next: ['handing-over', 'ready', 'failed'],
  },
  'handing-over': {
    calls: 'wait',
    meaning: 'What still runs ends, then the state goes over to the new instance.',
    next: ['ready', 'failed'],
  },
  draining: {
    calls: 'wait',
    meaning: 'What still runs ends, then the state is kept and the instance is gone.',
    next: ['unloaded'],
  },
  failed: {
    calls: 'start',
    meaning: 'It fell over; the next call starts it with its last state, after a delay.',
    next: ['loading', 'unloaded'],
  },
  quarantined: {
    calls: 'refuse',
    meaning: 'It fell over three times within a minute, or something it brings along is known to be vulnerable.',
    next: ['unloaded'],
  },
  suspended: {
    calls: 'refuse',
    meaning: 'It asked for forbidden things ten times within ten seconds.',
    next: ['unloaded'],
  },
};

/** Something that has a state. */
export interface Living {
  readonly key: string;
  state: LifeState;
  /** Told at the next step, once. */
  waiting: (() => void)[];
}

/** Takes one step of a life, and tells those who wait for it. @throws {BurgeonError} INTERNAL when the table has no such step */
export const step = (living: Living, next: LifeState): void => {
  const { key, state, waiting } = living;
  if (!lifeTable[state].next.includes(next)) {
    throw new BurgeonError('INTERNAL', {
      message: `${key} cannot go from ${state} to ${next}.`,
      hint: 'Run the command again with --verbose and report what it prints.',
      data: { module: key, from: state, to: next },
    });
  }
  living.state = next;
  living.waiting = [];
  for (const tell of waiting) tell();
};

/** Resolves at the next step. */
export const nextStep = (living: Living): Promise<void> => new Promise((resolve) => living.waiting.push(resolve));
