import { failure } from './failure.ts';
import { checkRules, mostRules, type Rule, type RuleState } from './rules.ts';
import { type Labels, mostSamples, mostSeries, type Series, SeriesTable } from './series.ts';
import { statisticNames } from './statistics.ts';

/** State of the module, version 1. */
export interface Memory {
  series: Series[];
  rules: Rule[];
  states: RuleState[];
}

type Fields = Record<string, unknown>;

const refuse = (what: string): Error => failure('state', `This is no state of the module: ${what}.`);

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldsIn = (value: unknown, what: string): Fields => {
  if (isFields(value)) return value;
  throw refuse(`${what} is no object`);
};

const listIn = (value: unknown, what: string, most: number): unknown[] => {
  if (Array.isArray(value) && value.length <= most) return value;
  throw refuse(`${what} is no list of at most ${most}`);
};

const numberIn = (value: unknown, what: string): number => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw refuse(`${what} is no number`);
};

const textIn = (value: unknown, what: string): string => {
  if (typeof value === 'string' && value.length <= 1_000) return value;
  throw refuse(`${what} is no text`);
};

const wordIn = <Word extends string>(value: unknown, what: string, words: readonly Word[]): Word => {
  const known = words.find((word) => word === value);
  if (known !== undefined) return known;
  throw refuse(`${what} is none of ${words.join(', ')}`);
};

const labelsIn = (value: unknown): Labels =>
  Object.fromEntries(Object.entries(fieldsIn(value, 'labels')).map(([name, text]) => [name, textIn(text, name)]));

const seriesIn = (value: unknown): Series => {
  const { metric, kind, labels, samples, count, sum } = fieldsIn(value, 'a series');
  return {
    metric: textIn(metric, 'metric'),
    kind: wordIn(kind, 'kind', ['counter', 'gauge', 'summary']),
    labels: labelsIn(labels),
    samples: listIn(samples, 'samples', mostSamples).map((sample) => {
      const [atMs, measured] = listIn(sample, 'a sample', 2);
      return [numberIn(atMs, 'a time'), numberIn(measured, 'a value')];
    }),
    count: numberIn(count, 'count'),
    sum: numberIn(sum, 'sum'),
  };
};

const ruleIn = (value: unknown): Rule => {
  const { name, metric, when, labels, statistic, bound, windowMs, forMs } = fieldsIn(value, 'a rule');
  return {
    name: textIn(name, 'name'),
    metric: textIn(metric, 'metric'),
    when: wordIn(when, 'when', ['above', 'below', 'changing', 'absent']),
    ...(labels === undefined ? {} : { labels: labelsIn(labels) }),
    ...(statistic === undefined ? {} : { statistic: wordIn(statistic, 'statistic', statisticNames) }),
    ...(bound === undefined ? {} : { bound: numberIn(bound, 'bound') }),
    ...(windowMs === undefined ? {} : { windowMs: numberIn(windowMs, 'windowMs') }),
    ...(forMs === undefined ? {} : { forMs: numberIn(forMs, 'forMs') }),
  };
};

const ruleStateIn = (value: unknown): RuleState => {
  const { name, isFiring, sinceMs } = fieldsIn(value, 'the state of a rule');
  return {
    name: textIn(name, 'name'),
    isFiring: isFiring === true,
    sinceMs: sinceMs === null ? null : numberIn(sinceMs, 'sinceMs'),
  };
};

/** Reads a state that was kept. @throws what `failure` makes: state, rule */
export const memoryOf = (state: unknown): { table: SeriesTable; rules: Rule[]; states: RuleState[] } => {
  const { series, rules, states } = fieldsIn(state, 'it');
  const table = new SeriesTable();
  for (const each of listIn(series, 'series', mostSeries)) table.add(seriesIn(each));
  const kept = listIn(rules, 'rules', mostRules).map(ruleIn);
  checkRules(kept);
  return { table, rules: kept, states: listIn(states, 'states', mostRules).map(ruleStateIn) };
};
