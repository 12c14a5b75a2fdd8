/** Counters of one process, in the Prometheus text format. */
export interface Metrics {
  /** Counts one finished call of a module. */
  count(module: string, operation: string, outcome: string, elapsedMs: number): void;
  /** All series. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): string;
}

const label = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Makes empty counters. Series are kept per module and operation; both are names from signed manifests, so their number is bounded. */
export const createMetrics = (): Metrics => {
  const calls = new Map<string, { count: number; elapsedMs: number }>();
  return {
    count: (module, operation, outcome, elapsedMs) => {
      const key = `module="${label(module)}",operation="${label(operation)}",outcome="${label(outcome)}"`;
      const series = calls.get(key) ?? { count: 0, elapsedMs: 0 };
      series.count += 1;
      series.elapsedMs += elapsedMs;
      calls.set(key, series);
    },
    text: () => {
      const { rss, heapUsed } = process.memoryUsage();
      const lines = ['# TYPE burgeon_calls_total counter'];
      for (const [key, { count }] of calls) lines.push(`burgeon_calls_total{${key}} ${count}`);
      lines.push('# TYPE burgeon_call_seconds_total counter');
      for (const [key, { elapsedMs }] of calls) lines.push(`burgeon_call_seconds_total{${key}} ${elapsedMs / 1_000}`);
      lines.push('# TYPE process_resident_memory_bytes gauge', `process_resident_memory_bytes ${rss}`);
      lines.push('# TYPE burgeon_heap_used_bytes gauge', `burgeon_heap_used_bytes ${heapUsed}`);
      return `${lines.join('\n')}\n`;
    },
  };
};
