import { failure } from './failure.ts';
import type { Kind, Labels } from './series.ts';

/** A sample as callers give it; without a time it is of now. */
export interface GivenSample {
  metric: string;
  value: number;
  atMs?: number;
  kind?: Kind;
  labels?: Labels;
}

/** What comes on a topic `metrics.NAME`: a value, a sample, or a list of both; the channel in plugin.json checks its form. */
export type MetricsMessage = number | Omit<GivenSample, 'metric'> | (number | Omit<GivenSample, 'metric'>)[];

/** The samples of a message. @throws what `failure` makes: metric */
export const samplesIn = (topic: string, body: MetricsMessage): GivenSample[] => {
  const [, metric] = /^metrics\.(.+)$/.exec(topic) ?? [];
  if (metric === undefined) throw failure('metric', `"${topic.slice(0, 100)}" is no topic of a metric.`);
  return (Array.isArray(body) ? body : [body]).map((each) => ({
    metric,
    ...(typeof each === 'number' ? { value: each } : each),
  }));
};
