import { BurgeonError } from '@burgeon/kit';
import type { Contender, LoadedModule, Stage } from './contender.ts';

/** Told what goes on. */
export interface Listener {
  /** Before each step. */
  progress(what: string): void;
  /** A contender that cannot go on is left out of the measurement. */
  failed(what: string, reason: BurgeonError): void;
}

/** A contender on its stage, with what was prepared for its turns. */
interface Entrant<T> {
  contender: Contender;
  stage: Stage;
  prepared: T;
}

/** How turns are taken. */
export interface Turns<T> {
  /** For the listener. */
  name: string;
  contenders: readonly Contender[];
  rounds: number;
  prepare(stage: Stage, contender: Contender): Promise<T>;
  turn(prepared: T, contender: Contender): Promise<void>;
}

/**
 * All contenders stand at once and take turns, so that each meets the same machine. Gives what was prepared, for those that got to the end.
 */
export const takeTurns = async <T>(
  { name, contenders, rounds, prepare, turn }: Turns<T>,
  listener: Listener,
): Promise<{ contender: Contender; prepared: T }[]> => {
  let entrants: Entrant<T>[] = [];
  const stages: Stage[] = [];
  const attempt = async (contender: Contender, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      listener.failed(`${name}: ${contender.name}`, BurgeonError.from(error));
      return false;
    }
  };
  try {
    for (const contender of contenders) {
      listener.progress(`${name}: ${contender.name} starts`);
      await attempt(contender, async () => {
        const stage = await contender.open();
        stages.push(stage);
        entrants.push({ contender, stage, prepared: await prepare(stage, contender) });
      });
    }
    for (let round = 1; round <= rounds; round += 1)
      for (const entrant of entrants) {
        const { contender, prepared } = entrant;
        listener.progress(`${name}: ${contender.name}, round ${round} of ${rounds}`);
        const stays = await attempt(contender, () => turn(prepared, contender));
        if (!stays) entrants = entrants.filter((each) => each !== entrant);
      }
    return entrants;
  } finally {
    for (const stage of stages) await stage.close().catch(() => {});
  }
};

/** The first call of a module: it is loaded, and answers. */
export const loadAndAsk = async (stage: Stage, id: string): Promise<LoadedModule> => {
  const module = await stage.load(id);
  await module.call('tiny', { a: 1 });
  return module;
};
