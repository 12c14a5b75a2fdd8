import { failure } from './failure.ts';

/** `counter`: values are increments; `gauge`: each value stands until the next; `summary`: values are measured one by one. */
export type Kind = 'counter' | 'gauge' | 'summary';

/** Names and values by which series of one metric differ. */
export type Labels = Record<string, string>;

/** One measured value. */
export interface Sample {
  metric: string;
  value: number;
  /** Milliseconds since 1970. */
  atMs: number;
  kind?: Kind;
  labels?: Labels;
}

/** All values of one metric with the same labels. */
export interface Series {
  metric: string;
  kind: Kind;
  /** In the order of their names. */
  labels: Labels;
  /** Time and value, in the order of time; the newest {@link mostSamples}. */
  samples: [atMs: number, value: number][];
  /** Samples ever taken, and their sum. */
  count: number;
  sum: number;
}

/** Series that are kept. */
export const mostSeries = 200;

/** Samples of one series that are kept; the oldest give way. */
export const mostSamples = 512;

/**
 * A name as Prometheus takes it: everything else becomes `_`, and `_total`, with which only names of counters end, is left out.
 * @see https://prometheus.io/docs/concepts/data_model/
 */
export const metricName = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9_:]/g, '_')
    .replace(/^(?=\d)/, '_')
    .replace(/(?<=.)_total$/, '');

const labelName = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');

/** Labels in one order, with names as Prometheus takes them. */
export const labelsOf = (labels: Labels = {}): Labels =>
  Object.fromEntries(
    Object.entries(labels)
      .map(([name, value]): [string, string] => [labelName(name), value])
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );

const keyOf = (metric: string, labels: Labels): string => JSON.stringify([metric, Object.entries(labels)]);

/** True when a series has all the labels that are asked for. */
export const hasLabels = ({ labels }: Series, wanted: Labels): boolean => {
  const own = new Map(Object.entries(labels));
  return Object.entries(wanted).every(([name, value]) => own.get(name) === value);
};

/** Everything that was measured. */
export class SeriesTable {
  private readonly table = new Map<string, Series>();

  /** In the order of metric and labels. */
  get all(): Series[] {
    return [...this.table].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, series]) => series);
  }

  /** Series of a metric that have all the labels. */
  find(metric: string, labels: Labels = {}): Series[] {
    const [name, wanted] = [metricName(metric), labelsOf(labels)];
    return this.all.filter((series) => series.metric === name && hasLabels(series, wanted));
  }

  /** Takes samples in: all, or none when one of them cannot be taken. @throws what `failure` makes: value, kind, full */
  record(samples: readonly Sample[]): void {
    const fresh = new Map<string, Series>();
    const places = samples.map((sample) => {
      const series = this.seriesFor(sample, fresh);
      if (series.kind === 'counter' && sample.value < 0)
        throw failure('value', `${series.metric} counts up; ${sample.value} is no increment.`);
      return { series, sample };
    });
    if (this.table.size + fresh.size > mostSeries)
      throw failure('full', `There would be ${this.table.size + fresh.size} series; ${mostSeries} are kept.`);
    for (const [key, series] of fresh) this.table.set(key, series);
    for (const { series, sample } of places) insert(series, sample);
  }

  /** Puts a series in as it is. */
  add(series: Series): void {
    this.table.set(keyOf(series.metric, series.labels), series);
  }

  private seriesFor({ metric, kind: said, labels }: Sample, fresh: Map<string, Series>): Series {
    const [name, own] = [metricName(metric), labelsOf(labels)];
    const kind = said ?? (metric.endsWith('_total') ? 'counter' : undefined);
    const key = keyOf(name, own);
    const same = [...this.table.values(), ...fresh.values()].find((series) => series.metric === name);
    if (kind !== undefined && same && same.kind !== kind) throw failure('kind', `${name} is a ${same.kind}, not a ${kind}.`);
    if (kind !== 'counter' && !same && metric.endsWith('_total')) throw failure('kind', `${metric} can only be a counter.`);
    const known = this.table.get(key) ?? fresh.get(key);
    if (known) return known;
    const made: Series = { metric: name, kind: kind ?? same?.kind ?? 'gauge', labels: own, samples: [], count: 0, sum: 0 };
    fresh.set(key, made);
    return made;
  }
}

const insert = (series: Series, { atMs, value }: Sample): void => {
  const { samples } = series;
  // Samples mostly come in order; one that is late goes where it belongs.
  const at = samples.findLastIndex(([time]) => time <= atMs) + 1;
  samples.splice(at, 0, [atMs, value]);
  if (samples.length > mostSamples) samples.shift();
  series.count += 1;
  series.sum += value;
};
