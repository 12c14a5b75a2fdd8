import type { BurgeonError } from '@burgeon/kit';
import { canKeepAwake } from './awake.ts';
import type { Contender } from './contender.ts';
import { type Figure, reachText, reached, withUnit } from './figures.ts';
import { type Machine, loadNow, thisMachine } from './machine.ts';
import { type Measurement, measure, ordinaryEffort, quickEffort } from './measure.ts';

export { measurements } from './measure.ts';

/** Figures with what must be known to judge them. */
export interface Taken {
  figures: Figure[];
  /** What could not be measured. */
  failures: { what: string; code: string; message: string }[];
  machine: Machine;
  /** Load averages. */
  load: { before: number; after: number };
}

/** What to take. */
export interface TakeRequest {
  names: readonly Measurement[];
  contenders: readonly Contender[];
  quick: boolean;
  /** Before each step. What it throws ends everything. */
  progress(what: string): void;
  figure(figure: Figure): void;
  failed(what: string, reason: BurgeonError): void;
}

/** Takes figures one after the other and tells of each. @throws whatever `progress` throws */
export const take = async ({ names, contenders, quick, ...listener }: TakeRequest): Promise<Taken> => {
  const before = loadNow();
  const [figures, failures]: [Figure[], Taken['failures']] = [[], []];
  const request = {
    names,
    contenders,
    effort: quick ? quickEffort : ordinaryEffort,
    progress: listener.progress,
    failed: (what: string, reason: BurgeonError): void => {
      listener.failed(what, reason);
      failures.push({ what, code: reason.code, message: reason.message });
    },
  };
  for await (const figure of measure(request)) {
    figures.push(figure);
    listener.figure(figure);
  }
  return { figures, failures, machine: thisMachine(), load: { before, after: loadNow() } };
};

/** A figure in a row for people: its words, its number, what it should be, and whether it is. */
export const rowOf = (figure: Figure): { cells: [string, string, string, string, string]; reached: boolean | undefined } => ({
  cells: [figure.name, figure.contender, figure.what, withUnit(figure.value, figure.unit), reachText(figure)],
  reached: reached(figure),
});

/** In one line: on what, and how busy it was. */
export const conditionsOf = ({ machine: { node, processors, memoryGb }, load }: Taken): string =>
  `Node ${node}, ${processors}, ${memoryGb} GB; load average ${load.before} before, ${load.after} after${canKeepAwake() ? '; one processor kept awake for call and bus' : ''}.`;
