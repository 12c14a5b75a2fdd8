import { families, type Family } from './vocabulary.ts';

/** A proposal that somebody may accept. */
export interface Proposal {
  serial: number;
  family: Family;
  id: string;
}

/** How often a family was proposed, and how often accepted. */
export interface Tally {
  family: Family;
  proposed: number;
  accepted: number;
}

/** What the module remembers; version 1 of its state. */
export interface Memory {
  /** The number drawn last. */
  serial: number;
  /** In the order of {@link families}. */
  tallies: Tally[];
  /** Proposals that can still be accepted, oldest first. */
  open: Proposal[];
  /** What was accepted, oldest first. */
  accepted: Proposal[];
}

/** Proposals that are remembered; the oldest give way. */
export const mostRemembered = 100;

/** A memory of nothing. */
export const emptyMemory = (): Memory => ({
  serial: 0,
  tallies: families.map((family) => ({ family, proposed: 0, accepted: 0 })),
  open: [],
  accepted: [],
});

const refuse = (what: string): Error =>
  Object.assign(new Error(`This is no state of the module: ${what}.`), { data: { code: 'state', message: what } });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const countIn = (value: unknown, what: string): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw refuse(`${what} is no count`);
};

const familyIn = (value: unknown): Family => {
  const known = families.find((family) => family === value);
  if (known) return known;
  throw refuse(`there is no family ${String(value).slice(0, 40)}`);
};

const recordsIn = (value: unknown, what: string): Record<string, unknown>[] => {
  if (Array.isArray(value) && value.length <= mostRemembered && value.every(isRecord)) return value;
  throw refuse(`${what} is no list`);
};

const proposalsIn = (value: unknown, what: string): Proposal[] =>
  recordsIn(value, what).map(({ serial, family, id }) => ({
    serial: countIn(serial, 'a serial number'),
    family: familyIn(family),
    id: typeof id === 'string' ? id.slice(0, 200) : '',
  }));

/** Reads a state that was kept. @throws an error with `data.code` "state" when it is none */
export const memoryOf = (state: unknown): Memory => {
  if (!isRecord(state)) throw refuse('it is no object');
  const tallies = recordsIn(state['tallies'], 'tallies');
  return {
    serial: countIn(state['serial'], 'serial'),
    tallies: emptyMemory().tallies.map((empty) => {
      const kept = tallies.find(({ family }) => family === empty.family);
      if (!kept) return empty;
      return { ...empty, proposed: countIn(kept['proposed'], 'proposed'), accepted: countIn(kept['accepted'], 'accepted') };
    }),
    open: proposalsIn(state['open'], 'open'),
    accepted: proposalsIn(state['accepted'], 'accepted'),
  };
};

/** State of version 0 was the serial number alone. @throws an error with `data.code` "state" for any other version */
export const migrated = (state: unknown, version: number): Memory => {
  if (version === 0) return { ...emptyMemory(), serial: countIn(state, 'serial') };
  throw refuse(`version ${version} is not known`);
};
