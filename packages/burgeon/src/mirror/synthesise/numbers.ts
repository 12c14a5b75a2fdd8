import type { Random } from './random.ts';

/** What is asked of a number. Bounds are inclusive unless marked; `steps` are the `multipleOf`s. */
export interface NumberRule {
  low: number;
  high: number;
  lowExclusive: boolean;
  highExclusive: boolean;
  steps: readonly number[];
  whole: boolean;
}

/** True when the number obeys the rule. */
export const numberFits = (rule: NumberRule, value: number): boolean =>
  (rule.lowExclusive ? value > rule.low : value >= rule.low) &&
  (rule.highExclusive ? value < rule.high : value <= rule.high) &&
  (!rule.whole || Number.isInteger(value)) &&
  rule.steps.every((step) => isMultiple(value, step));

const isMultiple = (value: number, step: number): boolean => step <= 0 || Number.isInteger(value / step);

const decimalsOf = (step: number): number => {
  const [mantissa = '', exponent = '0'] = String(step).split('e');
  return Math.max(0, Math.min(100, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent)));
};

const gcd = (a: number, b: number): number => {
  let [large, small] = [a, b];
  while (small > 0) [large, small] = [small, large % small];
  return large;
};

/** The step that all steps divide, as far as whole multiples of their decimals can say. */
const commonStep = (steps: readonly number[], whole: boolean): number => {
  const positive = steps.filter((step) => step > 0 && Number.isFinite(step));
  const all = whole || positive.length === 0 ? [...positive, ...(whole ? [1] : [])] : positive;
  const scale = 10 ** Math.min(15, Math.max(0, ...all.map(decimalsOf)));
  const scaled = all.map((step) => Math.round(step * scale));
  if (scaled.some((step) => step < 1 || !Number.isSafeInteger(step))) return all[0] ?? 1;
  return scaled.reduce((least, step) => (least / gcd(least, step)) * step, 1) / scale;
};

/** Usual size of a number nobody bounded: small enough to read, large enough to differ. */
const usual = 1_000;

const span = ({ low, high }: NumberRule): [number, number] => {
  if (Number.isFinite(low) && Number.isFinite(high)) return [low, high];
  if (Number.isFinite(low))
    return [low, low >= 0 && low < usual ? Math.max(usual, low + 1) : low + Math.max(usual, Math.abs(low) * 1e-3)];
  if (Number.isFinite(high)) return [high > 1 ? Math.min(1, high - 1) : high - Math.max(usual, Math.abs(high) * 1e-3), high];
  return [1, usual];
};

/** A number that obeys the rule; the nearest bound when none was found. */
export const writeNumber = (rule: NumberRule, random: Random): number => {
  if (rule.steps.length > 0 || rule.whole) return writeMultiple(rule, random);
  const [low, high] = span(rule);
  for (let attempt = 0; attempt < 4; attempt++) {
    const value = low + random.next() * (high - low);
    for (const decimals of [2, 6]) {
      const rounded = Number(value.toFixed(decimals));
      if (numberFits(rule, rounded)) return rounded;
    }
    if (numberFits(rule, value)) return value;
  }
  const middle = low + (high - low) / 2;
  return numberFits(rule, middle) ? middle : numberFits(rule, low) ? low : high;
};

const writeMultiple = (rule: NumberRule, random: Random): number => {
  const step = commonStep(rule.steps, rule.whole);
  const decimals = decimalsOf(step);
  const at = (count: number): number => Number((count * step).toFixed(decimals));
  const [low, high] = span(rule);
  // Quotients of fractions miss whole numbers by a hair: 0.07 / 0.01 is 7.000000000000001.
  const least = Math.ceil(low / step - 1e-9);
  const most = Math.max(least, Math.floor(Math.min(high, Math.max(low, 0) + usual * Math.max(step, 1)) / step));
  for (let attempt = 0; attempt < 8; attempt++) {
    const value = at(least + Math.floor(random.next() * (most - least + 1)));
    if (numberFits(rule, value)) return value;
  }
  for (let count = least; count <= least + 64; count++) if (numberFits(rule, at(count))) return at(count);
  const outermost = at(Math.floor(high / step + 1e-9));
  return numberFits(rule, outermost) ? outermost : at(least);
};
