import { lifeTable, type LifeState } from './life/states.ts';
import type { RunningModule } from './monitor.ts';

/** Counters of one process, in the Prometheus text format. */
export interface Metrics {
  /** Counts one finished call of a module. */
  count(module: string, operation: string, outcome: string, elapsedMs: number): void;
  /** Says where to read what the running modules take. */
  observe(modules: () => readonly RunningModule[]): void;
  /** All series. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): string;
}

interface Series {
  labels: string;
  count: number;
  elapsedMs: number;
}

const label = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Makes empty counters. Series are kept per module and operation; both are names from signed manifests, so their number is bounded. */
export const createMetrics = (): Metrics => {
  // One map in another: a key in one text would have to be put together at every call.
  const calls = new Map<string, Map<string, Map<string, Series>>>();
  let running: () => readonly RunningModule[] = () => [];
  return {
    count: (module, operation, outcome, elapsedMs) => {
      const series = calls.get(module)?.get(operation)?.get(outcome) ?? addSeries(calls, module, operation, outcome);
      series.count += 1;
      series.elapsedMs += elapsedMs;
    },
    observe: (modules) => {
      running = modules;
    },
    text: () => {
      const { rss, heapUsed } = process.memoryUsage();
      const series = [...calls.values()].flatMap((each) => [...each.values()].flatMap((one) => [...one.values()]));
      const lines = [
        '# TYPE burgeon_calls_total counter',
        ...series.map(({ labels, count }) => `burgeon_calls_total{${labels}} ${count}`),
        '# TYPE burgeon_call_seconds_total counter',
        ...series.map(({ labels, elapsedMs }) => `burgeon_call_seconds_total{${labels}} ${elapsedMs / 1_000}`),
        ...moduleLines(running()),
        '# TYPE process_resident_memory_bytes gauge',
        `process_resident_memory_bytes ${rss}`,
        '# TYPE burgeon_heap_used_bytes gauge',
        `burgeon_heap_used_bytes ${heapUsed}`,
      ];
      return `${lines.join('\n')}\n`;
    },
  };
};

const addSeries = (
  calls: Map<string, Map<string, Map<string, Series>>>,
  module: string,
  operation: string,
  outcome: string,
): Series => {
  const operations = calls.get(module) ?? new Map<string, Map<string, Series>>();
  const outcomes = operations.get(operation) ?? new Map<string, Series>();
  const labels = `module="${label(module)}",operation="${label(operation)}",outcome="${label(outcome)}"`;
  const series = { labels, count: 0, elapsedMs: 0 };
  calls.set(module, operations.set(operation, outcomes.set(outcome, series)));
  return series;
};

/** Numbers of one module, by the name of their series. @see https://prometheus.io/docs/practices/naming/ */
const moduleSeries: readonly [name: string, type: 'counter' | 'gauge', help: string, value: (of: RunningModule) => number][] = [
  ['burgeon_module_cpu_seconds_total', 'counter', 'Processor time of a module.', ({ cpuMs }) => cpuMs / 1_000],
  ['burgeon_module_memory_bytes', 'gauge', 'Memory of a module.', ({ memoryBytes }) => memoryBytes],
  ['burgeon_module_calls_total', 'counter', 'Finished calls and messages.', ({ calls }) => calls],
  ['burgeon_module_in_flight', 'gauge', 'Calls and messages that run.', ({ inFlight }) => inFlight],
  ['burgeon_module_replicas', 'gauge', 'Instances that run.', ({ replicas }) => replicas],
  ['burgeon_module_denials_total', 'counter', 'Host calls that were denied.', ({ denials }) => denials],
  ['burgeon_module_restarts_total', 'counter', 'Starts after it had fallen over.', ({ restarts }) => restarts],
];

const moduleLines = (modules: readonly RunningModule[]): string[] => {
  if (modules.length === 0) return [];
  const named = modules.map((each) => ({ each, name: `module="${label(each.module)}"` }));
  return [
    ...moduleSeries.flatMap(([series, type, help, value]) => [
      ...head(series, type, help),
      ...named.map(({ each, name }) => `${series}{${name}} ${value(each)}`),
    ]),
    ...head('burgeon_module_errors_total', 'counter', 'Failed calls by code.'),
    ...named.flatMap(({ each, name }) =>
      Object.entries(each.errors).map(([code, count]) => `burgeon_module_errors_total{${name},code="${label(code)}"} ${count}`),
    ),
    ...head('burgeon_module_state', 'gauge', '1 for the state a module is in.'),
    ...named.flatMap(({ each, name }) =>
      (Object.keys(lifeTable) as LifeState[]).map(
        (state) => `burgeon_module_state{${name},state="${state}"} ${state === each.state ? 1 : 0}`,
      ),
    ),
    ...head('burgeon_module_info', 'gauge', 'Version and host of a module.'),
    ...named.map(
      ({ each, name }) => `burgeon_module_info{${name},version="${label(each.version)}",host="${label(each.host)}"} 1`,
    ),
  ];
};

const head = (series: string, type: string, help: string): string[] => [`# HELP ${series} ${help}`, `# TYPE ${series} ${type}`];
