import type { BurgeonError } from '@burgeon/kit';
import { createSerial, type Serial } from '../../security/serial.ts';
import type { CallRecord } from '../call-record.ts';
import { newFigures, type Figures } from '../monitor.ts';
import type { RuntimeParts } from '../parts.ts';
import { bounded } from './bounded.ts';
import type { Hold, Holds } from './holds.ts';
import type { KeptStates } from './kept-state.ts';
import type { PreparedModule } from './prepared.ts';
import type { Replica, Ties } from './replica.ts';
import { createStateKeeper, type StateKeeper } from './state-keeper.ts';
import { lifeTable, type Living } from './states.ts';

/**
 * One running place of a module. The line `namespace/name` follows the active version over releases and rollbacks; a line
 * `namespace/name@version` is bound to one version beside it.
 */
export interface Line extends Living {
  readonly id: string;
  /** The one version it is bound to; absent where it follows the active one. */
  readonly pinned: string | undefined;
  /** What its calls are checked against; absent until it was verified. */
  prepared: PreparedModule | undefined;
  /** Grows with each change of the registry: what was verified before one is not kept after it. */
  epoch: number;
  /** Instances that take calls. */
  replicas: Replica[];
  /** Instances that are on their way out. */
  readonly retiring: Set<Replica>;
  /** How many there are to be. */
  wanted: number;
  /** True while a state is taken from it: then not even a call that others wait for may change it. */
  sealed: boolean;
  /** Lines whose calls this one is carrying out just now, also through others, and how many. */
  readonly callers: Map<Line, number>;
  /** Which version of each dependency its code reaches. */
  picks: ReadonlyMap<string, string>;
  /** When it fell over lately, and when it may be started again; milliseconds since the epoch. */
  ends: number[];
  notBefore: number;
  /** Why it is refused, while it is. */
  hold: Hold | undefined;
  /** The start that goes on now. */
  starting: Promise<void> | undefined;
  /** True while a lost replica is being replaced. */
  refilling: boolean;
  readonly inTurn: Serial;
  readonly keeper: StateKeeper;
  readonly figures: Figures;
  /** When its use was last noted, milliseconds since the epoch. */
  touchedAt: number;
}

/** What the changes of a life work with. */
export interface LifeContext {
  parts: RuntimeParts;
  states: KeptStates;
  holds: Holds;
  record: CallRecord;
  /** How an instance of a line is tied to it. */
  ties(line: Line): Ties;
  /** The line of a reference. @throws {BurgeonError} MODULE_NOT_FOUND, VERSION_NOT_FOUND, NAME_AMBIGUOUS */
  find(reference: string): Promise<Line>;
  /** Every line there is, also those where nothing runs. */
  all(): Iterable<Line>;
  /** References may mean something else from now on. */
  forget(): void;
  /** Work that nobody waits for, but the end of the runtime does. It must not fail. */
  background(work: Promise<unknown>): void;
  /** Aborted when everything ends. */
  closing: AbortSignal;
}

/** Makes a line where nothing runs yet. */
export const createLine = (
  parts: Pick<RuntimeParts, 'clock' | 'log'> & { states: KeptStates },
  id: string,
  pinned: string | undefined,
): Line => {
  const key = pinned === undefined ? id : `${id}@${pinned}`;
  const line: Line = {
    key,
    id,
    pinned,
    state: 'unloaded',
    waiting: [],
    prepared: undefined,
    epoch: 0,
    replicas: [],
    retiring: new Set(),
    wanted: 1,
    sealed: false,
    callers: new Map(),
    picks: new Map(),
    ends: [],
    notBefore: 0,
    hold: undefined,
    starting: undefined,
    refilling: false,
    inTurn: createSerial(),
    keeper: createStateKeeper({ ...parts, key, source: () => line.replicas[0] }),
    figures: newFigures(),
    touchedAt: 0,
  };
  return line;
};

/** Changes the life of a line, one change after another. */
export const operate = <T>(line: Line, work: () => Promise<T>): Promise<T> => line.inTurn(work);

/** Whether something runs there. */
export const isRunning = ({ state }: Line): boolean => state !== 'unloaded' && lifeTable[state].calls !== 'refuse';

/** The lines that run and need this one. */
export const dependentsOf = (context: Pick<LifeContext, 'all'>, line: Line): Line[] => {
  const version = line.pinned ?? line.prepared?.version;
  if (version === undefined) return [];
  return [...context.all()].filter((other) => other !== line && isRunning(other) && other.picks.get(line.id) === version);
};

/** Whether a line is waiting for its calls to end. */
const isEmptying = ({ state }: Line): boolean => state === 'handing-over' || state === 'draining';

/**
 * Whether a call may run now. While calls are waited for, those that they themselves wait for still may: `chain` holds the lines on whose
 * behalf a call is made.
 */
export const isOpen = (line: Line, chain: ReadonlySet<Line> | undefined): boolean => {
  if (line.replicas.length === 0) return false;
  if (line.state === 'ready' || line.state === 'reloading') return true;
  return isEmptying(line) && !line.sealed && chain !== undefined && [...chain].some(isEmptying);
};

/** The lines on whose behalf the code of a line may be calling: itself, and whoever waits for it. */
export const chainOf = (line: Line): ReadonlySet<Line> => new Set([line, ...line.callers.keys()]);

/** The replica with the fewest calls. */
export const freest = (line: Line): Replica | undefined => {
  const [first, ...others] = line.replicas;
  return others.reduce((best, each) => (best && each.inFlight < best.inFlight ? each : best), first);
};

/** Waits until no call runs on a line, then seals it. @throws {BurgeonError} CANCELLED when `closing` says so meanwhile */
export const drain = async (line: Line, closing?: AbortSignal): Promise<void> => {
  // Looked at again each time: a call that others wait for may have come in meanwhile.
  for (let at = busiest(line); at; at = busiest(line)) await bounded(at.idle(), closing ? { signal: closing } : {});
  line.sealed = true;
};

const busiest = ({ replicas }: Line): Replica | undefined => replicas.find(({ inFlight }) => inFlight > 0);

/** Lets replicas go: each is disposed when nothing runs on it, or after the wall clock of a call. */
export const retire = (context: Pick<LifeContext, 'background'>, line: Line, replicas: readonly Replica[]): void => {
  for (const replica of replicas) {
    line.retiring.add(replica);
    context.background(replica.quiet().then(() => end(line, replica)));
  }
};

/** Ends replicas now; what still runs on them ends with CANCELLED. */
export const endAll = async (line: Line, replicas: readonly Replica[]): Promise<void> => {
  await Promise.all(replicas.map((replica) => end(line, replica)));
};

const end = async (line: Line, replica: Replica): Promise<void> => {
  line.retiring.add(replica);
  await replica.dispose();
  if (line.retiring.delete(replica)) line.figures.pastCpuMs += replica.usage().cpuMs;
};

/** What a module does wrong by itself, as against what its surroundings do. */
export const isOwnFault = ({ code }: BurgeonError): boolean =>
  code === 'MODULE_FAILED' || code === 'MODULE_CRASHED' || code === 'LIMIT_EXCEEDED';
