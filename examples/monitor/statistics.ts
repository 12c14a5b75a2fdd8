import type { Series } from './series.ts';

/** What the samples of a window say. Without samples everything but `count` is null. */
export interface Statistics {
  count: number;
  last: number | null;
  min: number | null;
  max: number | null;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  /** Of a counter what it counts in a second, of others the samples in a second. */
  ratePerSecond: number | null;
  /** How much the value changes in a second, from the first sample to the last; null for fewer than two. */
  changePerSecond: number | null;
}

/** A stretch of time: behind `toMs - windowMs`, up to `toMs`. */
export interface Window {
  toMs: number;
  windowMs: number;
}

/**
 * The value below which a share of all values lies, between two of them by a straight line (method 7 of Hyndman and Fan, 1996).
 * `sorted`: at least one value, in ascending order.
 */
export const quantile = (sorted: readonly number[], share: number): number => {
  const place = share * (sorted.length - 1);
  const [low = 0, high = low] = [sorted.at(Math.floor(place)), sorted.at(Math.ceil(place))];
  // Rounding may lead beyond the greater of the two.
  return Math.min(low + (high - low) * (place - Math.floor(place)), high);
};

const empty: Statistics = {
  count: 0,
  last: null,
  min: null,
  max: null,
  mean: null,
  p50: null,
  p90: null,
  p99: null,
  ratePerSecond: null,
  changePerSecond: null,
};

/** Seconds that the samples cover: less than the window where older samples had to give way. */
const coveredSeconds = ({ samples, count }: Series, { toMs, windowMs }: Window): number => {
  const [oldest = toMs] = samples.at(0) ?? [];
  const from = count > samples.length ? Math.max(toMs - windowMs, oldest) : toMs - windowMs;
  return Math.max(toMs - from, 1) / 1_000;
};

/** The samples of one series in a window, told in a few numbers. */
export const statisticsOf = (series: Series, window: Window): Statistics => {
  const { toMs, windowMs } = window;
  const samples = series.samples.filter(([atMs]) => atMs > toMs - windowMs && atMs <= toMs);
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (!first || !last) return empty;
  const sorted = samples.map(([, value]) => value).toSorted((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  const rated = series.kind === 'counter' ? sum : samples.length;
  const elapsed = (last[0] - first[0]) / 1_000;
  return {
    count: samples.length,
    last: last[1],
    min: sorted.at(0) ?? null,
    max: sorted.at(-1) ?? null,
    mean: sum / samples.length,
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    ratePerSecond: rated / coveredSeconds(series, window),
    changePerSecond: elapsed > 0 ? (last[1] - first[1]) / elapsed : null,
  };
};

/** Names of the numbers that rules may look at. */
export const statisticNames = ['count', 'last', 'min', 'max', 'mean', 'p50', 'p90', 'p99', 'rate', 'change'] as const;

/** One of {@link statisticNames}. */
export type StatisticName = (typeof statisticNames)[number];

/** One of the numbers by its name. */
export const statistic = (all: Statistics, name: StatisticName): number | null => {
  if (name === 'rate') return all.ratePerSecond;
  if (name === 'change') return all.changePerSecond;
  return new Map(Object.entries(all)).get(name) ?? null;
};
