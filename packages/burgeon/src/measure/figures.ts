/** One figure: a number with its unit, and what it should reach where somebody promised that. */
export interface Figure {
  /** Which measurement: `load`, `call`, ... */
  name: string;
  /** What was measured: `isolate`, `isolate, not approved`, `worker_threads`, ... */
  contender: string;
  /** In words; the same for all contenders of a measurement. */
  what: string;
  value: number;
  unit: 'us' | 'ms' | '/s' | 'MB' | 'x' | '';
  /** At most, or for rates at least. */
  reach?: number;
}

/** The value below which the given share (0..1) of the numbers lies; 0 of none. */
export const quantile = (numbers: readonly number[], share: number): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

/** Milliseconds that each of `times` runs took. */
export const timed = async (times: number, run: (at: number) => Promise<unknown>): Promise<number[]> => {
  const taken: number[] = [];
  for (let at = 0; at < times; at += 1) {
    const begun = performance.now();
    await run(at);
    taken.push(performance.now() - begun);
  }
  return taken;
};

/** Rounds of runs, each in milliseconds. What else the machine does makes a round slower, never faster: the best of them counts. */
export const bestOf = (rounds: readonly (readonly number[])[], share: number): number =>
  rounds.length === 0 ? 0 : Math.min(...rounds.map((taken) => quantile(taken, share)));

/** True when a figure reaches what was promised; undefined when nothing was. */
export const reached = ({ value, reach, unit }: Figure): boolean | undefined =>
  reach === undefined ? undefined : unit === '/s' ? value >= reach : value <= reach;

const digits: Readonly<Record<Figure['unit'], number>> = { us: 1, ms: 1, '/s': 0, MB: 2, x: 2, '': 0 };

/** A number of a unit for people: `18.2 us`, `121,000 /s`. */
export const withUnit = (value: number, unit: Figure['unit']): string => {
  const text = value.toLocaleString('en', { minimumFractionDigits: digits[unit], maximumFractionDigits: digits[unit] });
  return unit === '' ? text : `${text} ${unit}`;
};

/** What a figure should reach, for people: `<= 20 us`; empty when nothing was promised. */
export const reachText = ({ reach, unit }: Figure): string => {
  if (reach === undefined) return '';
  const amount = `${reach.toLocaleString('en')}${unit === '' ? '' : ` ${unit}`}`;
  return `${unit === '/s' ? '>=' : '<='} ${amount}`;
};
