import { expect, it } from 'vitest';
import { createTraceIds } from './trace-ids.ts';

it('gives ids of one form, none of them twice', () => {
  const next = createTraceIds();
  const ids = Array.from({ length: 2_000 }, next);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^trace_[a-hjkmnp-tv-z0-9]{20}$/);
});
