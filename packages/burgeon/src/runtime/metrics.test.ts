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
