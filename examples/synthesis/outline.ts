import { makers, type Material } from './families.ts';
import type { InterfaceSummary, Need } from './need.ts';
import type { Outline, Question } from './proposal.ts';
import { families, type Family } from './vocabulary.ts';

/** How a need was answered. Without an outline there are questions that would lead to one. */
export interface Answer {
  outline: Outline | null;
  /** The share of all that speaks for any family which speaks for this one; 0 without an outline. */
  confidence: number;
  evidence: string[];
  /** Other families that something speaks for, the loudest first. */
  alternatives: Family[];
  questions: Question[];
}

const labelOf = ({ subject, locale }: Need): string =>
  locale === 'pl' ? (subject?.label.pl ?? 'cokolwiek') : (subject?.label.en ?? 'anything');

const unclear = ({ locale, evidence }: Need): Answer => ({
  outline: null,
  confidence: 0,
  evidence,
  alternatives: [],
  questions: [
    {
      id: 'family',
      text: locale === 'pl' ? 'Co ma robić ten moduł?' : 'What should the module do?',
      choices: [...families],
    },
  ],
});

const outlineOf = (family: Family, need: Need, from: InterfaceSummary | undefined): Outline | undefined => {
  const { locale, subject } = need;
  const unit = subject?.unit ?? '';
  const material: Material = { locale, label: labelOf(need), unit: unit.slice(0, 1).toUpperCase() + unit.slice(1), need };
  const parts = makers.get(family)?.(material);
  if (!parts) return undefined;
  const reason = locale === 'pl' ? 'Żeby korzystać z interfejsu' : 'To use the interface';
  const called = from === undefined ? [] : [{ kind: 'module.call', scope: { ids: [`api/${from.name}`] }, reason }];
  return {
    family,
    id: `skill/${subject === undefined ? family : `${subject.name}-${family}`}`,
    title: parts.title,
    summary: parts.summary,
    ...(subject === undefined
      ? {}
      : { subject: { name: subject.name, label: labelOf(need), ...(subject.unit === undefined ? {} : { unit: subject.unit }) } }),
    state: { version: 1 },
    operations: parts.operations,
    capabilities: [...parts.capabilities, ...called],
    questions: [
      ...(subject === undefined ? [{ id: 'subject', text: locale === 'pl' ? 'Czego to dotyczy?' : 'What is it about?' }] : []),
      ...parts.questions,
    ],
  };
};

/**
 * The outline of a module for a need. `accepted`: how often people took each family; where two are equally loud, the one they took more
 * often wins, and then the order of {@link families}. Otherwise the same need always gives the same answer.
 */
export const answerTo = (need: Need, accepted: (family: Family) => number, from?: InterfaceSummary): Answer => {
  const ranked = need.scores.toSorted((a, b) => b.score - a.score || accepted(b.family) - accepted(a.family));
  const [first, ...others] = ranked;
  const outline = first && outlineOf(first.family, need, from);
  if (!first || !outline) return unclear(need);
  const all = ranked.reduce((sum, { score }) => sum + score, 0);
  return {
    outline,
    confidence: Math.round((first.score / all) * 100) / 100,
    evidence: need.evidence,
    alternatives: others.map(({ family }) => family),
    questions: [],
  };
};
