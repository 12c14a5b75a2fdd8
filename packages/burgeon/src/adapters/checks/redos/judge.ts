import { createRequire } from 'node:module';
import type * as Recheck from 'recheck';
import { isPlainlyQuick } from './plain.ts';
import { relax } from './relaxed.ts';

/** A regular expression to be judged. */
export interface Expression {
  source: string;
  flags: string;
}

/** What is asked: expressions, and the time for one and for all of them, milliseconds. */
export interface JudgeRequest {
  expressions: Expression[];
  eachMs: number;
  allMs: number;
}

/** How long an expression can take. `unjudged`: the time for all of them was over before its turn. */
export type ExpressionVerdict =
  | { state: 'safe' }
  | { state: 'unjudged' }
  | { state: 'unknown'; why: string }
  | { state: 'vulnerable'; growth: 'exponential' | number; attack: string };

let recheck: typeof Recheck | undefined;

// The whole library in JavaScript: the other entry starts Java or a program of its own.
const loaded = (): typeof Recheck => (recheck ??= createRequire(import.meta.url)('recheck/lib/browser.js') as typeof Recheck);

/** Judges expressions one after another. It works without a pause, so it is only called in a process that may be lost. */
export const judgeExpressions = ({ expressions, eachMs, allMs }: JudgeRequest): ExpressionVerdict[] => {
  const end = performance.now() + allMs;
  return expressions.map((each) => (performance.now() >= end ? { state: 'unjudged' } : judge(each, eachMs)));
};

const judge = ({ source, flags }: Expression, timeout: number): ExpressionVerdict => {
  if (isPlainlyQuick(source, flags)) return { state: 'safe' };
  return isQuickWhenRelaxed(source, flags, timeout) ? { state: 'safe' } : ask({ source, flags }, timeout);
};

/** Most that looks around or counts is safe also without: that is found out sooner, and in the same time on every machine. */
const isQuickWhenRelaxed = (source: string, flags: string, timeout: number): boolean => {
  const relaxed = relax(source);
  if (!relaxed) return false;
  return [relaxed.source, ...relaxed.inner].every(
    (each) => isPlainlyQuick(each, flags) || ask({ source: each, flags }, timeout).state === 'safe',
  );
};

const ask = ({ source, flags }: Expression, timeout: number): ExpressionVerdict => {
  const found = loaded().checkSync(source, flags.replaceAll(/[dgv]/g, ''), { timeout, attackTimeout: timeout / 2 });
  if (found.status === 'safe') return { state: 'safe' };
  if (found.status === 'unknown') return { state: 'unknown', why: found.error.kind };
  const { complexity, attack } = found;
  return {
    state: 'vulnerable',
    growth: complexity.type === 'exponential' ? 'exponential' : complexity.degree,
    attack: attack.pattern.slice(0, 200),
  };
};
