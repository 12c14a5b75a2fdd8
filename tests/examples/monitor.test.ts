import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposition } from '../../examples/monitor/exposition.ts';
import { memoryOf } from '../../examples/monitor/memory.ts';
import { samplesIn } from '../../examples/monitor/messages.ts';
import { checkRules, evaluate, type Rule, type RuleState } from '../../examples/monitor/rules.ts';
import { mostSamples, mostSeries, type Sample, SeriesTable } from '../../examples/monitor/series.ts';
import { quantile, statistic, statisticsOf } from '../../examples/monitor/statistics.ts';

const tableOf = (...samples: Sample[]): SeriesTable => {
  const table = new SeriesTable();
  table.record(samples);
  return table;
};
const at = (atMs: number, value: number, more: Partial<Sample> = {}): Sample => ({ metric: 'm', value, atMs, ...more });
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { data: { code: unknown } }).data.code;
  }
  return expect.unreachable();
};
const statisticsIn = (table: SeriesTable, toMs: number, windowMs = 10_000): unknown =>
  table.find('m').map((series) => statisticsOf(series, { toMs, windowMs }));

describe('series', () => {
  it('are told apart by metric and labels, in whatever order these come', () => {
    const table = tableOf(at(1, 1, { labels: { a: '1', b: '2' } }), at(2, 2, { labels: { b: '2', a: '1' } }), at(3, 3));
    expect(table.all.map(({ labels, count }) => [labels, count])).toEqual([
      [{ a: '1', b: '2' }, 2],
      [{}, 1],
    ]);
    expect(table.find('m', { a: '1' })).toHaveLength(1);
    expect(table.find('m', { a: '2' })).toEqual([]);
  });

  it('put late samples where they belong', () => {
    expect(tableOf(at(3, 3), at(1, 1), at(2, 2), at(2, 22)).all[0]?.samples).toEqual([
      [1, 1],
      [2, 2],
      [2, 22],
      [3, 3],
    ]);
  });

  it('keep the newest samples, and the sum of all', () => {
    const table = tableOf(...Array.from({ length: mostSamples + 10 }, (_, index) => at(index, 1, { kind: 'counter' })));
    expect(table.all[0]).toMatchObject({ count: mostSamples + 10, sum: mostSamples + 10 });
    expect(table.all[0]?.samples).toHaveLength(mostSamples);
    expect(table.all[0]?.samples[0]).toEqual([10, 1]);
  });

  it.each<[string, Sample[], string]>([
    ['a counter that counts down', [at(1, 1), at(1, -1, { metric: 'requests_total' })], 'value'],
    ['two kinds of one metric', [at(1, 1, { kind: 'gauge' }), at(1, 1, { kind: 'summary', labels: { a: '1' } })], 'kind'],
    ['a gauge with the name of a counter', [at(1, 1, { metric: 'x_total', kind: 'gauge' })], 'kind'],
    ['a gauge that was a counter', [at(1, 1, { metric: 'x_total' }), at(1, 1, { metric: 'x', kind: 'gauge' })], 'kind'],
    ['too many', Array.from({ length: mostSeries + 1 }, (_, index) => at(1, 1, { labels: { a: String(index) } })), 'full'],
  ])('refuse %s, and then take nothing', (_name, samples, code) => {
    const table = new SeriesTable();
    expect(codeOf(() => table.record(samples))).toBe(code);
    expect(table.all).toEqual([]);
  });
});

describe('statistics', () => {
  it('are exact', () => {
    const all = tableOf(...[4, 1, 3, 2, 5].map((value, index) => at(index * 1_000, value)));
    expect(statisticsIn(all, 4_000)).toEqual([
      {
        count: 5,
        last: 5,
        min: 1,
        max: 5,
        mean: 3,
        p50: 3,
        p90: 4.6,
        p99: 4.96,
        ratePerSecond: 0.5,
        changePerSecond: 0.25,
      },
    ]);
  });

  it('see the window and nothing beside it', () => {
    const table = tableOf(at(1_000, 1), at(2_000, 2), at(3_000, 3));
    expect(statisticsIn(table, 2_500, 1_000)).toMatchObject([{ count: 1, last: 2, changePerSecond: null }]);
    expect(statisticsIn(table, 2_000, 1_000)).toMatchObject([{ count: 1, last: 2 }]);
    expect(statisticsIn(table, 999)).toMatchObject([{ count: 0, last: null, p50: null, ratePerSecond: null }]);
  });

  it('rate counters by what they count, over the time that is known', () => {
    expect(statisticsIn(tableOf(at(1_000, 30, { kind: 'counter' }), at(2_000, 20)), 10_000)).toMatchObject([
      { ratePerSecond: 5 },
    ]);
    const long = tableOf(...Array.from({ length: 2 * mostSamples }, (_, index) => at(index * 10, 1, { kind: 'counter' })));
    const [{ ratePerSecond }] = statisticsIn(long, 20 * mostSamples, 3_600_000) as [{ ratePerSecond: number }];
    expect(ratePerSecond).toBeCloseTo(100, 5);
  });

  it('are told by name', () => {
    const [all] = tableOf(at(0, 1), at(1_000, 3)).find('m');
    const told = all && statisticsOf(all, { toMs: 1_000, windowMs: 2_000 });
    expect(told && [statistic(told, 'rate'), statistic(told, 'change'), statistic(told, 'p50')]).toEqual([1, 2, 2]);
  });

  it('have quantiles between the least and the greatest, and no less for a greater share', () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(
        numbers,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, a, b) => {
          const sorted = values.toSorted((one, other) => one - other);
          const [low, high] = [quantile(sorted, Math.min(a, b)), quantile(sorted, Math.max(a, b))];
          expect(low).toBeLessThanOrEqual(high);
          expect(quantile(sorted, 0) === sorted[0]).toBe(true);
          expect(quantile(sorted, 1) === sorted.at(-1)).toBe(true);
        },
      ),
    );
  });
});

const rule = (more: Partial<Rule>): Rule => ({ name: 'r', metric: 'm', when: 'above', bound: 10, windowMs: 10_000, ...more });

/** How a rule stands at each time, one look after the other. */
const looks = (one: Rule, table: SeriesTable, times: number[]): string[] => {
  let states: RuleState[] = [];
  return times.map((time) => {
    const looked = evaluate([one], states, table, time);
    states = looked.states;
    return `${looked.alerts[0]?.state}${looked.changes.length > 0 ? '!' : ''}`;
  });
};

describe('alerts', () => {
  it.each<[string, Rule, Sample[], boolean]>([
    ['a value above', rule({}), [at(1_000, 11)], true],
    ['the value at the bound', rule({}), [at(1_000, 10)], false],
    ['a value below', rule({ when: 'below' }), [at(1_000, 9)], true],
    ['a percentile', rule({ statistic: 'p90', bound: 1 }), [at(1_000, 1), at(1_001, 2)], true],
    ['a fall that is too fast', rule({ when: 'changing', bound: 1 }), [at(1_000, 10), at(2_000, 8)], true],
    ['a change that is slow', rule({ when: 'changing', bound: 3 }), [at(1_000, 10), at(2_000, 8)], false],
    ['silence', rule({ when: 'absent', metric: 'other' }), [at(1_000, 1)], true],
    ['no silence', rule({ when: 'absent' }), [at(1_000, 1)], false],
    ['no value at all', rule({}), [], false],
    ['another label', rule({ labels: { a: '2' } }), [at(1_000, 11, { labels: { a: '1' } })], false],
  ])('look at %s', (_name, one, samples, fires) => {
    expect(looks(one, tableOf(...samples), [5_000])).toEqual([fires ? 'firing!' : 'fine']);
  });

  it('are raised once, and once they are over', () => {
    expect(looks(rule({}), tableOf(at(1_000, 11)), [500, 1_000, 2_000, 10_999, 11_000, 12_000])).toEqual([
      'fine',
      'firing!',
      'firing',
      'firing',
      'fine!',
      'fine',
    ]);
  });

  it('wait as long as the rule says, anew after each time it was fine', () => {
    const table = tableOf(at(1_000, 11), at(4_000, 1), at(5_000, 11));
    const one = rule({ forMs: 2_000, windowMs: 60_000 });
    const step = (time: number): SeriesTable =>
      tableOf(...(table.all[0]?.samples ?? []).flatMap(([t, v]) => (t <= time ? [at(t, v)] : [])));
    let states: RuleState[] = [];
    const seen = [1_000, 2_000, 4_000, 5_000, 6_000, 7_000].map((time) => {
      const looked = evaluate([one], states, step(time), time);
      states = looked.states;
      return looked.alerts[0]?.state;
    });
    expect(seen).toEqual(['pending', 'pending', 'fine', 'pending', 'pending', 'firing']);
  });

  it('tell the value that is farthest out', () => {
    const table = tableOf(at(1, 11, { labels: { a: '1' } }), at(1, 99, { labels: { a: '2' } }));
    expect(evaluate([rule({})], [], table, 2).alerts).toEqual([
      { name: 'r', state: 'firing', metric: 'm', value: 99, sinceMs: 2 },
    ]);
  });

  it('have rules with bounds and names of their own', () => {
    const { bound: _, ...boundless } = rule({});
    expect(codeOf(() => checkRules([boundless]))).toBe('rule');
    expect(codeOf(() => checkRules([rule({}), rule({ bound: 2 })]))).toBe('rule');
    expect(checkRules([{ ...boundless, when: 'absent' }])).toBeUndefined();
  });
});

describe('the text for Prometheus', () => {
  it('has one family a metric, with its kind', () => {
    const table = tableOf(
      at(1, 2, { metric: 'requests_total', labels: { code: '200', path: 'a"b\\c\nd' } }),
      at(2, 3, { metric: 'requests_total', labels: { code: '500' } }),
      at(1, 21.5, { metric: 'room.temperature' }),
      at(2, 22.5, { metric: 'room.temperature' }),
      at(1, 1, { metric: 'answer_seconds', kind: 'summary' }),
      at(2, 3, { metric: 'answer_seconds' }),
    );
    expect(exposition(table.all, [{ name: 'slow', isFiring: true, sinceMs: 1 }])).toBe(
      `# TYPE answer_seconds summary
answer_seconds{quantile="0.5"} 2
answer_seconds{quantile="0.9"} 2.8
answer_seconds{quantile="0.99"} 2.98
answer_seconds_sum 4
answer_seconds_count 2
# TYPE requests_total counter
requests_total{code="200",path="a\\"b\\\\c\\nd"} 2
requests_total{code="500"} 3
# TYPE room_temperature gauge
room_temperature 22.5
# TYPE monitor_alert_firing gauge
monitor_alert_firing{rule="slow"} 1
`,
    );
    expect(exposition([], [])).toBe('');
  });

  it('is always of its grammar', () => {
    const line =
      /^[A-Za-z_:][\w:]*(?:\{[A-Za-z_]\w*="(?:[^"\\\n]|\\["\\n])*"(?:,[A-Za-z_]\w*="(?:[^"\\\n]|\\["\\n])*")*\})? -?\d[\d.e+-]*$/;
    const sample = fc.record({
      metric: fc.oneof(
        fc.constantFrom('a', 'b_total', '1.c'),
        fc.string({ maxLength: 8 }).map((name) => `d${name}e`),
      ),
      value: fc.double({ min: 0, max: 1e300, noNaN: true }),
      atMs: fc.nat(),
      labels: fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.string({ unit: 'grapheme', maxLength: 8 }), {
        maxKeys: 3,
      }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 10 }), (samples) => {
        const text = exposition(tableOf(...samples).all, []);
        const lines = text.split('\n').slice(0, -1);
        for (const each of lines.filter((one) => !one.startsWith('# TYPE '))) expect(each).toMatch(line);
        const families = lines.filter((one) => one.startsWith('# TYPE ')).map((one) => one.split(' ')[2]);
        expect(new Set(families).size).toBe(families.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('messages', () => {
  it('are values, samples, or lists of both', () => {
    expect(samplesIn('metrics.a.b', 1)).toEqual([{ metric: 'a.b', value: 1 }]);
    expect(samplesIn('metrics.a', [1, { value: 2, labels: { b: 'c' } }])).toEqual([
      { metric: 'a', value: 1 },
      { metric: 'a', value: 2, labels: { b: 'c' } },
    ]);
    expect(codeOf(() => samplesIn('metrics.', 1))).toBe('metric');
    expect(codeOf(() => samplesIn('other.a', 1))).toBe('metric');
  });
});

describe('the state', () => {
  it('goes on where it was kept', () => {
    const table = tableOf(at(1, 2, { kind: 'counter' }), at(2, 3, { metric: 'x', labels: { a: 'b' } }));
    const rules = [rule({ labels: { a: 'b' }, statistic: 'p99', forMs: 5 }), rule({ name: 's', when: 'absent' })];
    const { states } = evaluate(rules, [], table, 5);
    const kept = memoryOf(JSON.parse(JSON.stringify({ series: table.all, rules, states })));
    expect(kept.table.all).toEqual(table.all);
    expect(kept.rules).toEqual(rules);
    expect(kept.states).toEqual(states);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'x'],
    ['no rules', { series: [], states: [] }],
    ['a series that is none', { series: [1], rules: [], states: [] }],
    [
      'a kind that is none',
      { series: [{ metric: 'm', kind: 'x', labels: {}, samples: [], count: 0, sum: 0 }], rules: [], states: [] },
    ],
    [
      'a sample that is none',
      { series: [{ metric: 'm', kind: 'gauge', labels: {}, samples: [['1', 2]], count: 0, sum: 0 }], rules: [], states: [] },
    ],
    [
      'a label that is none',
      { series: [{ metric: 'm', kind: 'gauge', labels: { a: 1 }, samples: [], count: 0, sum: 0 }], rules: [], states: [] },
    ],
    ['too many series', { series: Array.from({ length: mostSeries + 1 }), rules: [], states: [] }],
  ])('is not taken from %s', (_name, state) => {
    expect(codeOf(() => memoryOf(state))).toBe('state');
  });
});
