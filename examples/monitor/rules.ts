import { failure } from './failure.ts';
import type { Labels, SeriesTable } from './series.ts';
import { statistic, type StatisticName, statisticsOf } from './statistics.ts';

/** When to raise an alert. */
export interface Rule {
  name: string;
  metric: string;
  /** Series that have all of these are looked at, each by itself. */
  labels?: Labels;
  /** `above`, `below`: a number of the window against `bound`; `changing`: it changes faster in either direction; `absent`: no sample. */
  when: 'above' | 'below' | 'changing' | 'absent';
  /** Default: `last`. */
  statistic?: StatisticName;
  bound?: number;
  /** Default: five minutes. */
  windowMs?: number;
  /** How long it must be so before the alert is raised. Default: 0. */
  forMs?: number;
}

/** What is known of a rule between two looks. */
export interface RuleState {
  name: string;
  isFiring: boolean;
  /** Since when the rule is broken; null while it is not. */
  sinceMs: number | null;
}

/** How a rule stands. */
export interface Alert {
  name: string;
  state: 'fine' | 'pending' | 'firing';
  metric: string;
  /** The value that breaks the rule; null when nothing does, or no value can. */
  value: number | null;
  sinceMs: number | null;
}

/** Rules that can be set. */
export const mostRules = 100;

const usualWindowMs = 300_000;

/** @throws what `failure` makes: rule */
export const checkRules = (rules: readonly Rule[]): void => {
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw failure('rule', `There are two rules "${twice}".`);
  const boundless = rules.find(({ when, bound }) => when !== 'absent' && bound === undefined);
  if (boundless) throw failure('rule', `The rule "${boundless.name}" has no bound.`);
};

/** The value that breaks a rule: of several series the one that is farthest out. `null`: broken without a value; undefined: not broken. */
const breach = (rule: Rule, table: SeriesTable, nowMs: number): number | null | undefined => {
  const { when, bound = 0, windowMs = usualWindowMs } = rule;
  const all = table.find(rule.metric, rule.labels).map((series) => statisticsOf(series, { toMs: nowMs, windowMs }));
  if (when === 'absent') return all.some(({ count }) => count > 0) ? undefined : null;
  const name = when === 'changing' ? 'change' : (rule.statistic ?? 'last');
  const values = all.map((each) => statistic(each, name)).filter((value) => value !== null);
  const out = (value: number): number =>
    when === 'below' ? bound - value : (when === 'changing' ? Math.abs(value) : value) - bound;
  return values.filter((value) => out(value) > 0).toSorted((a, b) => out(b) - out(a))[0];
};

/** Looks at all rules. `changes`: alerts that were raised or are over since the look before. */
export const evaluate = (
  rules: readonly Rule[],
  before: readonly RuleState[],
  table: SeriesTable,
  nowMs: number,
): { alerts: Alert[]; changes: Alert[]; states: RuleState[] } => {
  const looked = rules.map((rule) => {
    const { isFiring = false, sinceMs: begun = null } = before.find(({ name }) => name === rule.name) ?? {};
    const value = breach(rule, table, nowMs);
    const sinceMs = value === undefined ? null : (begun ?? nowMs);
    const fires = sinceMs !== null && nowMs - sinceMs >= (rule.forMs ?? 0);
    const state = fires ? 'firing' : sinceMs === null ? 'fine' : 'pending';
    const alert: Alert = { name: rule.name, state, metric: rule.metric, value: value ?? null, sinceMs };
    return { alert, changed: fires !== isFiring, state: { name: rule.name, isFiring: fires, sinceMs } };
  });
  return {
    alerts: looked.map(({ alert }) => alert),
    changes: looked.filter(({ changed }) => changed).map(({ alert }) => alert),
    states: looked.map(({ state }) => state),
  };
};
