import type { RuleState } from './rules.ts';
import type { Kind, Labels, Series } from './series.ts';
import { quantile } from './statistics.ts';

/** What goes before the text where it is served. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const line = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
};

const shares = [0.5, 0.9, 0.99];

const linesOf = (name: string, { kind, labels, samples, count, sum }: Series): string[] => {
  if (kind === 'counter') return [line(name, labels, sum)];
  if (kind === 'gauge') return [line(name, labels, samples.at(-1)?.[1] ?? 0)];
  const sorted = samples.map(([, value]) => value).toSorted((a, b) => a - b);
  return [
    ...shares.map((share) => line(name, { ...labels, quantile: String(share) }, quantile(sorted, share))),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
};

/**
 * All series in the text format of Prometheus, and for each rule whether its alert is raised. Quantiles are those of the samples that are kept.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const exposition = (all: readonly Series[], rules: readonly RuleState[]): string => {
  const families = new Map<string, { kind: Kind; lines: string[] }>();
  for (const series of all) {
    const name = series.kind === 'counter' ? `${series.metric}_total` : series.metric;
    const family = families.get(name) ?? { kind: series.kind, lines: [] };
    family.lines.push(...linesOf(name, series));
    families.set(name, family);
  }
  const alerts = rules.map(({ name, isFiring }) => line('monitor_alert_firing', { rule: name }, isFiring ? 1 : 0));
  if (alerts.length > 0) families.set('monitor_alert_firing', { kind: 'gauge', lines: alerts });
  return [...families].map(([name, { kind, lines }]) => [`# TYPE ${name} ${kind}`, ...lines, ''].join('\n')).join('');
};
