import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

it('counts calls per module, operation and outcome', () => {
  const metrics = createMetrics();
  metrics.count('api/x', 'op', 'ok', 500);
  metrics.count('api/x', 'op', 'ok', 1_500);
  metrics.count('api/x', 'o"p\\\n', 'TIMEOUT', 1);
  const text = metrics.text();
  expect(text).toContain('burgeon_calls_total{module="api/x",operation="op",outcome="ok"} 2\n');
  expect(text).toContain('burgeon_call_seconds_total{module="api/x",operation="op",outcome="ok"} 2\n');
  expect(text).toContain('operation="o\\"p\\\\\\n",outcome="TIMEOUT"} 1\n');
  expect(text).toMatch(/process_resident_memory_bytes \d+\n/);
});

it('tells what running modules take, under conventional names', () => {
  const metrics = createMetrics();
  expect(metrics.text()).not.toContain('burgeon_module_');
  metrics.observe(() => [
    {
      module: 'skill/a',
      version: '1.0.0',
      state: 'ready',
      host: 'isolate',
      replicas: 2,
      calls: 7,
      callsPerSecond: 0.7,
      errors: { MODULE_CRASHED: 1 },
      inFlight: 3,
      denials: 4,
      restarts: 1,
      cpuMs: 1_500,
      memoryBytes: 2_048,
      needs: [],
    },
  ]);
  const series = [
    'burgeon_module_cpu_seconds_total{module="skill/a"} 1.5',
    'burgeon_module_memory_bytes{module="skill/a"} 2048',
    'burgeon_module_calls_total{module="skill/a"} 7',
    'burgeon_module_in_flight{module="skill/a"} 3',
    'burgeon_module_replicas{module="skill/a"} 2',
    'burgeon_module_denials_total{module="skill/a"} 4',
    'burgeon_module_restarts_total{module="skill/a"} 1',
    'burgeon_module_errors_total{module="skill/a",code="MODULE_CRASHED"} 1',
    'burgeon_module_state{module="skill/a",state="ready"} 1',
    'burgeon_module_state{module="skill/a",state="quarantined"} 0',
    'burgeon_module_info{module="skill/a",version="1.0.0",host="isolate"} 1',
  ];
  const lines = metrics.text().split('\n');
  for (const each of series) expect(lines).toContain(each);
  // The form that scrapers read: every series has its type once, before its values.
  const types = lines.filter((each) => each.startsWith('# TYPE')).map((each) => each.split(' ')[2]);
  expect(new Set(types).size).toBe(types.length);
});
