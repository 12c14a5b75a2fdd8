import { BurgeonError, type Clock } from '@burgeon/kit';

/** How an attempt ended. `unknown`: it says nothing of the other side, since it was cancelled or refused by us. */
export type Outcome = 'ok' | 'failed' | 'unknown';

/** When a place is left alone, and for how long. */
export interface CircuitRules {
  /** Failures one after another. */
  failures: number;
  /** First pause, doubled each time the one attempt after it fails too, milliseconds. */
  pauseMs: number;
  /** Milliseconds. */
  longestPauseMs: number;
  /** Places that are remembered at once. */
  places: number;
}

/** The rules when nobody says otherwise. One call of a generated client is up to three attempts. */
const defaultRules: CircuitRules = { failures: 10, pauseMs: 5_000, longestPauseMs: 60_000, places: 1_000 };

/** Leaves places alone that fail one time after another: whoever asks learns it at once, and they are not hammered while they get well. */
export interface Circuits {
  /**
   * Lets one attempt through; its owner tells how it ended, exactly once.
   * @throws {BurgeonError} CIRCUIT_OPEN (data.retryAfterMs) while the place is left alone
   */
  enter(place: string): (outcome: Outcome) => void;
}

/** Only places that fail have one. */
interface Circuit {
  /** One after another. */
  failures: number;
  /** How often it opened since the place last did well. */
  openings: number;
  /** Nothing passes before this time; then one attempt does, and all others wait for how it ends. */
  until: number;
}

/** Makes the circuits of one gate. */
export const createCircuits = (
  options: { clock: Pick<Clock, 'now'>; opened?: (place: string, pauseMs: number) => void } & Partial<CircuitRules>,
): Circuits => {
  const { clock, opened } = options;
  const rules = { ...defaultRules, ...options };
  const circuits = new Map<string, Circuit>();

  const open = (place: string, circuit: Circuit): void => {
    const pauseMs = Math.min(rules.pauseMs * 2 ** circuit.openings, rules.longestPauseMs);
    circuit.openings += 1;
    circuit.until = clock.now() + pauseMs;
    opened?.(place, pauseMs);
  };
  const failed = (place: string, isProbe: boolean): void => {
    const circuit = circuits.get(place) ?? { failures: 0, openings: 0, until: 0 };
    circuit.failures += 1;
    if (!circuits.has(place)) remember(place, circuit);
    // Attempts that were under way when it opened do not open it again.
    if (isProbe || circuit.failures === rules.failures) open(place, circuit);
  };
  const remember = (place: string, circuit: Circuit): void => {
    const [oldest] = circuits.keys();
    if (circuits.size >= rules.places && oldest !== undefined) circuits.delete(oldest);
    circuits.set(place, circuit);
  };
  return {
    enter: (place) => {
      const circuit = circuits.get(place);
      const isProbe = circuit !== undefined && circuit.failures >= rules.failures;
      if (isProbe) {
        const waitMs = circuit.until - clock.now();
        // A clock that was set back does not make the pause longer.
        if (waitMs > 0 && waitMs <= rules.longestPauseMs) throw isOpen(place, waitMs);
        circuit.until = clock.now() + rules.longestPauseMs;
      }
      return (outcome) => {
        if (outcome === 'ok') circuits.delete(place);
        else if (outcome === 'failed') failed(place, isProbe);
        else if (isProbe) circuit.until = clock.now();
      };
    },
  };
};

const isOpen = (place: string, retryAfterMs: number): BurgeonError =>
  new BurgeonError('CIRCUIT_OPEN', {
    message: `${place} failed one time after another and is left alone for ${Math.ceil(retryAfterMs / 1_000)} s.`,
    hint: 'Try again then; one attempt will show whether it is well again.',
    data: { host: place, retryAfterMs },
    retryable: true,
  });
